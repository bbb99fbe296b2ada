/* Plain C, for every processor. */
#define DOT_ROWS 1
#define UPDATE_ROWS 4
#define NAME "portable"
#define KERNELS kernels_portable
#include "step.inc"
