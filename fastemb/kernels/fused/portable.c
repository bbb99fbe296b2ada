/* Plain C, for every processor. */
#define DOT_SUMS 8
#define DOT_BY_FOURS 0
#define UPDATE_ROWS 4
#define NAME "portable"
#define KERNELS kernels_portable
#include "step.inc"
