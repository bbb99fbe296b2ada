/* For instruction sets with vectors of one width: of four floats, which are narrow as they are. Included where `Vector`
   and its operations stand. */
#ifndef FASTEMB_ONE_WIDTH_H
#define FASTEMB_ONE_WIDTH_H

INLINE Vector load_narrow(const float *p) { return load(p); }
INLINE void store_narrow(float *p, Vector v) { store(p, v); }
INLINE Vector add_narrow(Vector a, Vector b) { return add(a, b); }
INLINE Vector subtract_narrow(Vector a, Vector b) { return subtract(a, b); }
INLINE Vector multiply_narrow(Vector a, Vector b) { return multiply(a, b); }
INLINE Vector multiply_add_narrow(Vector a, Vector b, Vector c) { return multiply_add(a, b, c); }
INLINE Vector clear_beyond_narrow(Vector v) { return v; }
INLINE Vector in_register(Vector v) { return v; }

#endif
