/* NEON, which every 64-bit ARM processor has: 32 registers of 4 floats. */
#if defined(__aarch64__) || defined(_M_ARM64)
#define VECTORS_NEON
#define DOT_SUMS 16
#define DOT_BY_FOURS 0
#define UPDATE_ROWS 8
#define NAME "neon"
#define KERNELS kernels_neon
#include "step.inc"
#endif
