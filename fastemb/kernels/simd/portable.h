/* Plain C, for every processor. */
#ifndef FASTEMB_PORTABLE_H
#define FASTEMB_PORTABLE_H

#include "vector.h"

enum { WIDTH = 4, DOT_SUMS = 8, DOT_BY_FOURS = 0, UPDATE_ROWS = 4, ROOTS_ARE_EXACT = 1 };
typedef struct { float lane[WIDTH]; } Vector;

#define EACH(expression)                  \
    Vector result;                        \
    for (int k = 0; k < WIDTH; k++)       \
        result.lane[k] = (expression);    \
    return result

INLINE Vector load(const float *p)
{
    Vector v;
    memcpy(v.lane, p, sizeof v);
    return v;
}
INLINE void store(float *p, Vector v) { memcpy(p, v.lane, sizeof v); }
INLINE Vector load_first(const float *p, ptrdiff_t n)
{
    Vector v = {{0}};
    for (int k = 0; k < WIDTH; k++)
        if (k < n)
            memcpy(v.lane + k, p + k, sizeof *p);
    return v;
}
INLINE void store_first(float *p, Vector v, ptrdiff_t n) { memcpy(p, v.lane, n * sizeof *p); }
INLINE Vector all(float x) { EACH(x); }
INLINE Vector add(Vector a, Vector b) { EACH(a.lane[k] + b.lane[k]); }
INLINE Vector subtract(Vector a, Vector b) { EACH(a.lane[k] - b.lane[k]); }
INLINE Vector multiply(Vector a, Vector b) { EACH(a.lane[k] * b.lane[k]); }
INLINE Vector divide(Vector a, Vector b) { EACH(a.lane[k] / b.lane[k]); }
INLINE Vector multiply_add(Vector a, Vector b, Vector c) { EACH(a.lane[k] * b.lane[k] + c.lane[k]); }
INLINE Vector smaller(Vector a, Vector b) { EACH(a.lane[k] < b.lane[k] ? a.lane[k] : b.lane[k]); }
INLINE Vector larger(Vector a, Vector b) { EACH(a.lane[k] > b.lane[k] ? a.lane[k] : b.lane[k]); }
INLINE Vector shift_to_exponent(Vector v)
{
    uint32_t bits[WIDTH];
    memcpy(bits, v.lane, sizeof bits);
    for (int k = 0; k < WIDTH; k++)
        bits[k] = (bits[k] + 127) << 23;
    memcpy(v.lane, bits, sizeof bits);
    return v;
}
INLINE Vector root_estimate(Vector v) { EACH(1 / sqrtf(v.lane[k])); }
INLINE float sum(Vector v) { return (v.lane[0] + v.lane[1]) + (v.lane[2] + v.lane[3]); }
INLINE void sums(const Vector *v, float *to)
{
    for (int k = 0; k < SUMS; k++)
        to[k] = (v[k].lane[0] + v[k].lane[1]) + (v[k].lane[2] + v[k].lane[3]);
}

#include "one_width.h"
INLINE Vector rounded(Vector product) { return product; }

#endif
