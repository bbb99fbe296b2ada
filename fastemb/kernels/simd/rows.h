/* Sums of rows, and changes added to rows. */
#ifndef FASTEMB_ROWS_H
#define FASTEMB_ROWS_H

#include "columns.h"

INLINE void sum_vectors(ptrdiff_t k, int count, ptrdiff_t tail, float *to, float *const *from, ptrdiff_t n,
                        const float *scales, float scale)
{
    Vector sum[TOGETHER + 1];
    const ptrdiff_t last = k + count * WIDTH;
    for (int c = 0; c <= count; c++)
        sum[c] = all(0);
    for (ptrdiff_t i = 0; i < n; i++) {
        for (int c = 0; c < count; c++) {
            const Vector row = load(from[i] + k + c * WIDTH);
            sum[c] = scales ? multiply_add(row, all(scales[i]), sum[c]) : add(sum[c], row);
        }
        if (tail) {
            const Vector row = load_some(from[i] + last, tail);
            const Vector before = sum[count];
            sum[count] = scales ? multiply_add_some(row, all(scales[i]), before, tail) : add_some(before, row, tail);
        }
    }
    for (int c = 0; c < count; c++)
        store(to + k + c * WIDTH, multiply(sum[c], all(scale)));
    if (tail)
        store_some(to + last, multiply_some(sum[count], all(scale), tail), tail);
}

INLINE void add_column(ptrdiff_t k, ptrdiff_t floats, float *const *to, ptrdiff_t n, const float *from,
                       const float *scales)
{
    Vector row = load_some(from + k, floats);
    for (ptrdiff_t i = 0; i < n; i++) {
        Vector before = load_some(to[i] + k, floats);
        Vector after = scales ? multiply_add_some(row, all(scales[i]), before, floats) : add_some(before, row, floats);
        store_some(to[i] + k, after, floats);
    }
}

INLINE void sum_weighted_column(ptrdiff_t k, ptrdiff_t floats, float *to, float *const *from, float *const *weights,
                                ptrdiff_t n, float scale)
{
    Vector sum = all(0);
    for (ptrdiff_t i = 0; i < n; i++)
        sum = multiply_add_some(load_some(from[i] + k, floats), load_some(weights[i] + k, floats), sum, floats);
    store_some(to + k, multiply_some(sum, all(scale), floats), floats);
}

INLINE void add_weighted_column(ptrdiff_t k, ptrdiff_t floats, float *const *to, float *const *weights, ptrdiff_t n,
                                const float *from, const float *scales, float scale)
{
    Vector delta = load_some(from + k, floats), scaled = multiply_some(delta, all(scale), floats);
    for (ptrdiff_t i = 0; i < n; i++) {
        Vector row = load_some(to[i] + k, floats), weight = load_some(weights[i] + k, floats);
        Vector change = scales ? multiply_some(delta, all(scales[i]), floats) : delta;
        store_some(to[i] + k, multiply_add_some(change, weight, row, floats), floats);
        store_some(weights[i] + k, multiply_add_some(scaled, row, weight, floats), floats);
    }
}

static void sum_rows(float *to, float *const *from, ptrdiff_t n, ptrdiff_t d, const float *scales, float scale)
{
    FOR_VECTORS(d, sum_vectors, to, from, n, scales, scale);
}

static void add_to_rows(float *const *to, ptrdiff_t n, ptrdiff_t d, const float *from, const float *scales)
{
    FOR_COLUMNS(d, add_column, to, n, from, scales);
}

static void sum_weighted(float *to, float *const *from, float *const *weights, ptrdiff_t n, ptrdiff_t d, float scale)
{
    FOR_COLUMNS(d, sum_weighted_column, to, from, weights, n, scale);
}

static void add_weighted(float *const *to, float *const *weights, ptrdiff_t n, ptrdiff_t d, const float *from,
                         const float *scales, float scale)
{
    FOR_COLUMNS(d, add_weighted_column, to, weights, n, from, scales, scale);
}

#endif
