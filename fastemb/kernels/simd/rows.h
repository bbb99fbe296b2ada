/* Sums of rows, and changes added to rows. */
#ifndef FASTEMB_ROWS_H
#define FASTEMB_ROWS_H

#include "columns.h"

/* As many columns at once as there are in a few registers */
INLINE void sum_columns(int columns, ptrdiff_t k, float *to, float *const *from, ptrdiff_t n,
                        const float *scales, float scale)
{
    Vector sum[4];
    for (int c = 0; c < columns; c++)
        sum[c] = all(0);
    for (ptrdiff_t i = 0; i < n; i++)
        for (int c = 0; c < columns; c++) {
            Vector row = load(from[i] + k + c * WIDTH);
            sum[c] = scales ? multiply_add(row, all(scales[i]), sum[c]) : add(sum[c], row);
        }
    for (int c = 0; c < columns; c++)
        store(to + k + c * WIDTH, multiply(sum[c], all(scale)));
}

INLINE void sum_column(ptrdiff_t k, ptrdiff_t floats, float *to, float *const *from, ptrdiff_t n,
                       const float *scales, float scale)
{
    Vector sum = all(0);
    for (ptrdiff_t i = 0; i < n; i++) {
        Vector row = load_some(from[i] + k, floats);
        sum = scales ? multiply_add_some(row, all(scales[i]), sum, floats) : add_some(sum, row, floats);
    }
    store_some(to + k, multiply_some(sum, all(scale), floats), floats);
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
    ptrdiff_t k = 0;
    for (; k + 4 * WIDTH <= d; k += 4 * WIDTH)
        sum_columns(4, k, to, from, n, scales, scale);
    for (; k + 2 * WIDTH <= d; k += 2 * WIDTH)
        sum_columns(2, k, to, from, n, scales, scale);
    for (; k + WIDTH <= d; k += WIDTH)
        sum_columns(1, k, to, from, n, scales, scale);
    if (d - k == NARROW)
        sum_column(k, NARROW, to, from, n, scales, scale);
    else if (k < d)
        sum_column(k, d - k, to, from, n, scales, scale);
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
