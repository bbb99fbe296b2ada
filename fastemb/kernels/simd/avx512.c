#if defined(__x86_64__) || defined(_M_X64)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,fma,prfchw"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC target("avx512f,avx512dq,avx512vl,fma,prfchw")
#endif
#include "avx512.h"

#include "table.h"

const Kernels kernels_avx512 = {"avx512", ALL_KERNELS};
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
