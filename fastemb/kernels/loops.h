/* Loops over rows of floats, compiled for several instruction sets; their formulas stand in loops.inc. */
#ifndef FASTEMB_LOOPS_H
#define FASTEMB_LOOPS_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    void (*gather_rows)(const float *from, const int32_t *ids, ptrdiff_t n, ptrdiff_t d, float *to);
    void (*add_to_rows)(float *to, const int32_t *ids, ptrdiff_t n, ptrdiff_t d, const float *from);
    void (*add_row)(float *to, const float *from, ptrdiff_t d);
    void (*scale_row)(float *row, float scale, ptrdiff_t d);
    void (*logistic_gradient)(float *g, const float *weights, const float *labels, ptrdiff_t n, ptrdiff_t m);
} Loops;

/* The fastest loops that this processor and operating system can run. */
const Loops *best_loops(void);

/* Σ -W·log σ(±x), with plus where the label is 1   (x, W: n × m; labels: m) */
double logistic_loss(const float *x, const float *weights, const float *labels, ptrdiff_t n, ptrdiff_t m);

#ifdef _MSC_VER
#include <intrin.h>
#define PREFETCH(address) _mm_prefetch((const char *)(address), _MM_HINT_T0)
#else
#define PREFETCH(address) __builtin_prefetch((address), 1)
#endif

/* Ask for rows that will be needed soon. */
static inline void prefetch_rows(const float *rows, const int32_t *ids, ptrdiff_t n, ptrdiff_t d)
{
    for (ptrdiff_t i = 0; i < n; i++)
        for (ptrdiff_t k = 0; k < d; k += 16)
            PREFETCH(rows + ids[i] * d + k);
}

#endif
