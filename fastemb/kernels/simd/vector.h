/* What the headers of all instruction sets begin with. Each of them defines

       Vector, WIDTH       and how many floats it holds
       DOT_SUMS            so many sums of dot products stay in registers; 8 of them are summed at once, by `sums`
       DOT_BY_FOURS        the products are taken of 4 outputs at a time, and not of 8
       UPDATE_ROWS         of so many outputs two copies stay in registers
       ROOTS_ARE_EXACT     `root_estimate` needs no further step

   and the operations on vectors that all else is written in. Loads may be of any address. `smaller` and `larger` are NaN if b is. `load_first` and
   `store_first` take the first n floats, less than WIDTH. What ends in `_narrow` counts for the first NARROW floats
   alone, and is there for what is left of rows of 100 floats, say, beyond whole vectors: a part of a wide vector costs
   as much as all of it, and more if it is masked. `rounded` is a product that the compiler must not fuse with a sum. */
#ifndef FASTEMB_VECTOR_H
#define FASTEMB_VECTOR_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(_MSC_VER) && !defined(__clang__)
#define INLINE static __forceinline
#else
#define INLINE static inline __attribute__((always_inline))
#endif

enum { SUMS = 8, NARROW = 4 };

#endif
