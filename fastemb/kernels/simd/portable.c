#include "portable.h"

#include "table.h"

const Kernels kernels_portable = {"portable", ALL_KERNELS};
