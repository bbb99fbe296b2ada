/* AVX-512: 32 registers of 16 floats. */
#ifndef FASTEMB_AVX512_H
#define FASTEMB_AVX512_H

#include "vector.h"

#include <immintrin.h>

enum { WIDTH = 16, DOT_SUMS = 24, DOT_BY_FOURS = 0, UPDATE_ROWS = 14, ROOTS_ARE_EXACT = 0 };
typedef __m512 Vector;

INLINE Vector load(const float *p) { return _mm512_loadu_ps(p); }
INLINE void store(float *p, Vector v) { _mm512_storeu_ps(p, v); }
INLINE Vector load_first(const float *p, ptrdiff_t n) { return _mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p); }
INLINE void store_first(float *p, Vector v, ptrdiff_t n)
{
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), v);
}
INLINE Vector all(float x) { return _mm512_set1_ps(x); }
INLINE Vector add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
INLINE Vector subtract(Vector a, Vector b) { return _mm512_sub_ps(a, b); }
INLINE Vector multiply(Vector a, Vector b) { return _mm512_mul_ps(a, b); }
INLINE Vector divide(Vector a, Vector b) { return _mm512_div_ps(a, b); }
INLINE Vector multiply_add(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
INLINE Vector smaller(Vector a, Vector b) { return _mm512_min_ps(a, b); }
INLINE Vector larger(Vector a, Vector b) { return _mm512_max_ps(a, b); }
INLINE Vector shift_to_exponent(Vector v)
{
    __m512i bits = _mm512_add_epi32(_mm512_castps_si512(v), _mm512_set1_epi32(127));
    return _mm512_castsi512_ps(_mm512_slli_epi32(bits, 23));
}
INLINE Vector root_estimate(Vector v) { return _mm512_rsqrt14_ps(v); }
INLINE float sum(Vector v) { return _mm512_reduce_add_ps(v); }
INLINE void sums(const Vector *v, float *to)
{
    /* Halves, then lanes of two vectors are added: a blend and a shuffle, where two shuffles would take turns. */
    const __m512i crossed = _mm512_setr_epi32(4, 5, 6, 7, 16, 17, 18, 19, 12, 13, 14, 15, 24, 25, 26, 27);
    Vector quarter[4], half[2], whole;
    for (int k = 0; k < 4; k++)
        quarter[k] = add(_mm512_mask_blend_ps(0xff00, v[k], v[k + 4]), _mm512_shuffle_f32x4(v[k], v[k + 4], 0x4e));
    for (int k = 0; k < 2; k++)
        half[k] = add(_mm512_mask_blend_ps(0xf0f0, quarter[k], quarter[k + 2]),
                      _mm512_permutex2var_ps(quarter[k], crossed, quarter[k + 2]));
    /* half[k] is four parts of v[k], v[k + 2], v[k + 4], v[k + 6] */
    whole = add(_mm512_unpacklo_ps(half[0], half[1]), _mm512_unpackhi_ps(half[0], half[1]));
    whole = add(whole, _mm512_permute_ps(whole, 0x4e));
    /* 0 1 . . | 2 3 . . | 4 5 . . | 6 7 . . */
    const __m512i order = _mm512_setr_epi32(0, 1, 4, 5, 8, 9, 12, 13, 0, 0, 0, 0, 0, 0, 0, 0);
    _mm256_storeu_ps(to, _mm512_castps512_ps256(_mm512_permutexvar_ps(order, whole)));
}

INLINE __m128 low(Vector v) { return _mm512_castps512_ps128(v); }
INLINE Vector from_low(__m128 v) { return _mm512_castps128_ps512(v); }
INLINE Vector with_zeros(__m128 v) { return _mm512_zextps128_ps512(v); }

#include "x86.h"

#endif
