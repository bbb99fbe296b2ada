/* AVX2 with FMA: 16 registers of 8 floats. */
#if defined(__x86_64__) || defined(_M_X64)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,prfchw"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC target("avx2,fma,prfchw")
#endif
#define VECTORS_AVX2
#define DOT_SUMS 8
#define DOT_BY_FOURS 1
#define UPDATE_ROWS 6
#define NAME "avx2"
#define KERNELS kernels_avx2
#include "step.inc"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
