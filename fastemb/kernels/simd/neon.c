#if defined(__aarch64__) || defined(_M_ARM64)
#include "neon.h"

#include "table.h"

const Kernels kernels_neon = {"neon", ALL_KERNELS};
#endif
