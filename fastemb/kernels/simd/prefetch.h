#ifndef FASTEMB_PREFETCH_H
#define FASTEMB_PREFETCH_H

/* Prefetch the cache line of a float that will be written; where there are many lines, into L2: L1 can fetch few at a
   time, and then everything else waits for it. */
#if defined(_MSC_VER) && !defined(__clang__) && (defined(_M_X64) || defined(_M_IX86))
#include <intrin.h>
#define PREFETCH(address) _m_prefetchw(address)
#define PREFETCH_FAR(address) _mm_prefetch((const char *)(address), _MM_HINT_T1)
#elif defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch((address), 1)
#define PREFETCH_FAR(address) __builtin_prefetch((address), 0, 2)
#else
#define PREFETCH(address) (void)(address)
#define PREFETCH_FAR(address) (void)(address)
#endif

INLINE void prefetch(const float *address, int far)
{
    if (far)
        PREFETCH_FAR(address);
    else
        PREFETCH(address);
}

enum { LINE = 16 }; /* floats in a cache line */

#endif
