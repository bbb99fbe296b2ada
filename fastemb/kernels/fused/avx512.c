/* AVX-512: 32 registers of 16 floats. */
#if defined(__x86_64__) || defined(_M_X64)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,fma,prfchw"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC target("avx512f,avx512dq,avx512vl,fma,prfchw")
#endif
#define VECTORS_AVX512
#define DOT_SUMS 24
#define DOT_BY_FOURS 0
#define UPDATE_ROWS 14
#define NAME "avx512"
#define KERNELS kernels_avx512
#include "step.inc"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
