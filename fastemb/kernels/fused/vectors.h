/* The few operations on vectors of floats that the step is written in, for one instruction set:
   the one that the including file was given with VECTORS_AVX512, VECTORS_AVX2 or VECTORS_NEON,
   else plain C. WIDTH floats are a Vector; SUMS of them are summed at once. */
#ifndef FASTEMB_VECTORS_H
#define FASTEMB_VECTORS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(_MSC_VER) && !defined(__clang__)
#define INLINE static __forceinline
#else
#define INLINE static inline __attribute__((always_inline))
#endif

#define SUMS 8

/* Else GCC loads a vector anew for each of its uses, and loads are what limits the dot products. */
#if defined(__GNUC__) && (defined(VECTORS_AVX512) || defined(VECTORS_AVX2))
#define IN_REGISTER(v) __asm__("" : "+v"(v))
#else
#define IN_REGISTER(v) (void)(v)
#endif

#if defined(VECTORS_AVX512)

#include <immintrin.h>

#define WIDTH 16
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
/* NaN if b is. */
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

#elif defined(VECTORS_AVX2)

#include <immintrin.h>

#define WIDTH 8
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

#elif defined(VECTORS_NEON)

#include <arm_neon.h>

#define WIDTH 4
typedef float32x4_t Vector;

INLINE Vector load(const float *p) { return vld1q_f32(p); }
INLINE void store(float *p, Vector v) { vst1q_f32(p, v); }
INLINE Vector load_first(const float *p, ptrdiff_t n)
{
    float lanes[4] = {0, 0, 0, 0};
    for (ptrdiff_t k = 0; k < n; k++)
        lanes[k] = p[k];
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

#else

#define WIDTH 4
typedef struct { float lane[WIDTH]; } Vector;

#define EACH(expression)                  \
    Vector result;                        \
    for (int k = 0; k < WIDTH; k++)       \
        result.lane[k] = (expression);    \
    return result

INLINE Vector load(const float *p) { EACH(p[k]); }
INLINE void store(float *p, Vector v) { memcpy(p, v.lane, sizeof v); }
INLINE Vector load_first(const float *p, ptrdiff_t n) { EACH(k < n ? p[k] : 0); }
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
INLINE float sum(Vector v) { return (v.lane[0] + v.lane[1]) + (v.lane[2] + v.lane[3]); }
INLINE void sums(const Vector *v, float *to)
{
    for (int k = 0; k < SUMS; k++)
        to[k] = (v[k].lane[0] + v[k].lane[1]) + (v[k].lane[2] + v[k].lane[3]);
}

#endif

/* 1 / √x to about 1e-7, for positive x */
INLINE Vector reciprocal_root(Vector x)
{
#if defined(VECTORS_AVX512) || defined(VECTORS_AVX2) || defined(VECTORS_NEON)
    Vector estimate = root_estimate(x), half = multiply(all(0.5f), multiply(x, estimate));
    return multiply(estimate, subtract(all(1.5f), multiply(half, estimate))); /* a step of Newton's */
#else
    EACH(1 / sqrtf(x.lane[k]));
#endif
}

/* exp(x) to about 1e-7, for x in ±40; beyond, as at ±40; NaN stays */
INLINE Vector exponential(Vector x)
{
    const Vector round = all(12582912.0f); /* 1.5 · 2²³: adding it rounds to a whole number, in the low bits */
    Vector t = multiply(smaller(all(40.0f), larger(all(-40.0f), x)), all(1.44269504f)); /* exp(x) = 2^t */
    Vector shifted = add(t, round);
    Vector part = multiply(subtract(t, subtract(shifted, round)), all(0.693147181f));
    Vector power = all(0.00138888889f);
    power = multiply_add(power, part, all(0.00833333333f));
    power = multiply_add(power, part, all(0.0416666667f));
    power = multiply_add(power, part, all(0.166666667f));
    power = multiply_add(power, part, all(0.5f));
    power = multiply_add(power, part, all(1.0f));
    power = multiply_add(power, part, all(1.0f));
    return multiply(shift_to_exponent(shifted), power);
}

/* σ(x) = 1 / (1 + exp(-x)) */
INLINE Vector sigmoid(Vector x)
{
    return divide(all(1.0f), add(all(1.0f), exponential(multiply(x, all(-1.0f)))));
}

/* -log σ(-x) = log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), and log(1 + t) = 2 artanh(t / (2 + t)) */
INLINE Vector softplus(Vector x)
{
    Vector t = exponential(smaller(multiply(x, all(-1.0f)), x));
    Vector z = divide(t, add(all(2.0f), t)), square = multiply(z, z);
    Vector series = all(2.0f / 15);
    series = multiply_add(series, square, all(2.0f / 13));
    series = multiply_add(series, square, all(2.0f / 11));
    series = multiply_add(series, square, all(2.0f / 9));
    series = multiply_add(series, square, all(2.0f / 7));
    series = multiply_add(series, square, all(2.0f / 5));
    series = multiply_add(series, square, all(2.0f / 3));
    series = multiply_add(series, square, all(2.0f));
    return multiply_add(series, z, larger(all(0), x));
}

#endif
