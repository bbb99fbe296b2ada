/* Which kernels there are, and which of them this processor can run. */
#include "kernels.h"

#include <string.h>

extern const Kernels kernels_portable;

#if defined(__x86_64__) || defined(_M_X64)
extern const Kernels kernels_avx512, kernels_avx2;

#if defined(_MSC_VER) && !defined(__clang__)
#include <immintrin.h>
#include <intrin.h>

/* Whether the processor has all these bits of leaf 7 of cpuid, and the system saves those registers. */
static int supports(unsigned ebx, unsigned long long registers)
{
    int leaf[4];
    __cpuidex(leaf, 1, 0);
    if (!(leaf[2] & 1 << 27) || !(leaf[2] & 1 << 12)) /* OSXSAVE, FMA */
        return 0;
    __cpuidex(leaf, 7, 0);
    return ((unsigned)leaf[1] & ebx) == ebx && (_xgetbv(0) & registers) == registers;
}
static int has_avx2(void) { return supports(1u << 5, 0x6); }
static int has_avx512(void) { return supports(1u << 16 | 1u << 17 | 1u << 31, 0xe6); }
#else
static int has_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
static int has_avx512(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
}
#endif
#elif defined(__aarch64__) || defined(_M_ARM64)
extern const Kernels kernels_neon;
#endif

const Kernels *find_kernels(const char *name)
{
#if defined(__x86_64__) || defined(_M_X64)
    if (strcmp(name, "avx512") == 0)
        return has_avx512() ? &kernels_avx512 : NULL;
    if (strcmp(name, "avx2") == 0)
        return has_avx2() ? &kernels_avx2 : NULL;
#elif defined(__aarch64__) || defined(_M_ARM64)
    if (strcmp(name, "neon") == 0)
        return &kernels_neon;
#endif
    return strcmp(name, "portable") == 0 ? &kernels_portable : NULL;
}
