#if defined(__x86_64__) || defined(_M_X64)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,prfchw"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC target("avx2,fma,prfchw")
#endif
#include "avx2.h"

#include "table.h"

const Kernels kernels_avx2 = {"avx2", ALL_KERNELS};
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
