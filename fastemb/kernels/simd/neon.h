/* NEON, which every 64-bit ARM processor has: 32 registers of 4 floats. */
#ifndef FASTEMB_NEON_H
#define FASTEMB_NEON_H

#include "vector.h"

#include <arm_neon.h>

enum { WIDTH = 4, DOT_SUMS = 16, DOT_BY_FOURS = 0, UPDATE_ROWS = 8, ROOTS_ARE_EXACT = 0 };
typedef float32x4_t Vector;

INLINE Vector load(const float *p) { return vreinterpretq_f32_u8(vld1q_u8((const uint8_t *)p)); }
INLINE void store(float *p, Vector v) { vst1q_f32(p, v); }
INLINE Vector load_first(const float *p, ptrdiff_t n)
{
    float lanes[4] = {0, 0, 0, 0};
    memcpy(lanes, p, n * sizeof *p);
    return load(lanes);
}
INLINE void store_first(float *p, Vector v, ptrdiff_t n)
{
    float lanes[4];
    store(lanes, v);
    for (ptrdiff_t k = 0; k < n; k++)
        p[k] = lanes[k];
}
INLINE Vector all(float x) { return vdupq_n_f32(x); }
INLINE Vector add(Vector a, Vector b) { return vaddq_f32(a, b); }
INLINE Vector subtract(Vector a, Vector b) { return vsubq_f32(a, b); }
INLINE Vector multiply(Vector a, Vector b) { return vmulq_f32(a, b); }
INLINE Vector divide(Vector a, Vector b) { return vdivq_f32(a, b); }
INLINE Vector multiply_add(Vector a, Vector b, Vector c) { return vfmaq_f32(c, a, b); }
INLINE Vector smaller(Vector a, Vector b) { return vminq_f32(a, b); }
INLINE Vector larger(Vector a, Vector b) { return vmaxq_f32(a, b); }
INLINE Vector shift_to_exponent(Vector v)
{
    int32x4_t bits = vaddq_s32(vreinterpretq_s32_f32(v), vdupq_n_s32(127));
    return vreinterpretq_f32_s32(vshlq_n_s32(bits, 23));
}
INLINE Vector root_estimate(Vector v)
{
    Vector estimate = vrsqrteq_f32(v);
    return vmulq_f32(estimate, vrsqrtsq_f32(v, vmulq_f32(estimate, estimate)));
}
INLINE float sum(Vector v) { return vaddvq_f32(v); }
INLINE void sums(const Vector *v, float *to)
{
    store(to, vpaddq_f32(vpaddq_f32(v[0], v[1]), vpaddq_f32(v[2], v[3])));
    store(to + 4, vpaddq_f32(vpaddq_f32(v[4], v[5]), vpaddq_f32(v[6], v[7])));
}

#include "one_width.h"
INLINE Vector rounded(Vector product)
{
#if defined(__GNUC__)
    __asm__("" : "+w"(product));
#endif
    return product;
}

#endif
