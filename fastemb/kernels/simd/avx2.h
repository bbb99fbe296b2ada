/* AVX2 with FMA: 16 registers of 8 floats. */
#ifndef FASTEMB_AVX2_H
#define FASTEMB_AVX2_H

#include "vector.h"

#include <immintrin.h>

enum { WIDTH = 8, DOT_SUMS = 8, DOT_BY_FOURS = 1, UPDATE_ROWS = 6, ROOTS_ARE_EXACT = 0 };
typedef __m256 Vector;

INLINE __m256i first(ptrdiff_t n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
INLINE Vector load(const float *p) { return _mm256_loadu_ps(p); }
INLINE void store(float *p, Vector v) { _mm256_storeu_ps(p, v); }
INLINE Vector load_first(const float *p, ptrdiff_t n) { return _mm256_maskload_ps(p, first(n)); }
INLINE void store_first(float *p, Vector v, ptrdiff_t n) /* AMD's processors take long for a masked store */
{
    __m128 part = _mm256_castps256_ps128(v);
    if (n & 4) {
        _mm_storeu_ps(p, part);
        part = _mm256_extractf128_ps(v, 1);
        p += 4;
    }
    if (n & 2) {
        _mm_storel_pi((__m64 *)p, part);
        part = _mm_movehl_ps(part, part);
        p += 2;
    }
    if (n & 1)
        _mm_store_ss(p, part);
}
INLINE Vector all(float x) { return _mm256_set1_ps(x); }
INLINE Vector add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
INLINE Vector subtract(Vector a, Vector b) { return _mm256_sub_ps(a, b); }
INLINE Vector multiply(Vector a, Vector b) { return _mm256_mul_ps(a, b); }
INLINE Vector divide(Vector a, Vector b) { return _mm256_div_ps(a, b); }
INLINE Vector multiply_add(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
INLINE Vector smaller(Vector a, Vector b) { return _mm256_min_ps(a, b); }
INLINE Vector larger(Vector a, Vector b) { return _mm256_max_ps(a, b); }
INLINE Vector shift_to_exponent(Vector v)
{
    __m256i bits = _mm256_add_epi32(_mm256_castps_si256(v), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(bits, 23));
}
INLINE Vector root_estimate(Vector v) { return _mm256_rsqrt_ps(v); }
INLINE float sum(Vector v)
{
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}
INLINE void sums(const Vector *v, float *to)
{
    Vector low = _mm256_hadd_ps(_mm256_hadd_ps(v[0], v[1]), _mm256_hadd_ps(v[2], v[3]));
    Vector high = _mm256_hadd_ps(_mm256_hadd_ps(v[4], v[5]), _mm256_hadd_ps(v[6], v[7]));
    store(to, add(_mm256_permute2f128_ps(low, high, 0x20), _mm256_permute2f128_ps(low, high, 0x31)));
}

INLINE __m128 low(Vector v) { return _mm256_castps256_ps128(v); }
INLINE Vector from_low(__m128 v) { return _mm256_castps128_ps256(v); }
INLINE Vector with_zeros(__m128 v) { return _mm256_zextps128_ps256(v); }

#include "x86.h"

#endif
