/* What avx2.h and avx512.h have in common, by their `low`, `from_low` and `with_zeros`: first, operations on the first
   NARROW floats of a vector, by instructions for these alone. What else its register holds is anything, but for
   `clear_beyond_narrow`. */
#ifndef FASTEMB_X86_H
#define FASTEMB_X86_H

INLINE Vector load_narrow(const float *p) { return from_low(_mm_loadu_ps(p)); }
INLINE void store_narrow(float *p, Vector v) { _mm_storeu_ps(p, low(v)); }
INLINE Vector add_narrow(Vector a, Vector b) { return from_low(_mm_add_ps(low(a), low(b))); }
INLINE Vector subtract_narrow(Vector a, Vector b) { return from_low(_mm_sub_ps(low(a), low(b))); }
INLINE Vector multiply_narrow(Vector a, Vector b) { return from_low(_mm_mul_ps(low(a), low(b))); }
INLINE Vector multiply_add_narrow(Vector a, Vector b, Vector c)
{
    return from_low(_mm_fmadd_ps(low(a), low(b), low(c)));
}
INLINE Vector clear_beyond_narrow(Vector v) { return with_zeros(low(v)); }

/* A vector of which the compiler knows no more than that it is in a register. Else GCC loads it anew for each of its
   uses, and loads are what limits the dot products; and it fuses a product with a sum. */
INLINE Vector in_register(Vector v)
{
#if defined(__GNUC__)
    __asm__("" : "+v"(v));
#endif
    return v;
}
INLINE Vector rounded(Vector product) { return in_register(product); }

#endif
