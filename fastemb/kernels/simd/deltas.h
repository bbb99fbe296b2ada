/* What copies of rows have changed by, and how it is added to the rows. Products are rounded before they are added, so
   that all implementations have the same bits. */
#ifndef FASTEMB_DELTAS_H
#define FASTEMB_DELTAS_H

#include "columns.h"

INLINE void take_column(ptrdiff_t k, ptrdiff_t floats, float *row, const float *from, float scale)
{
    Vector delta = subtract_some(load_some(row + k, floats), load_some(from + k, floats), floats);
    store_some(row + k, multiply_some(all(scale), delta, floats), floats);
}

INLINE void add_delta_column(ptrdiff_t k, ptrdiff_t floats, float *to, const float *delta, float share)
{
    Vector change = rounded(multiply_some(all(share), load_some(delta + k, floats), floats));
    store_some(to + k, add_some(load_some(to + k, floats), change, floats), floats);
}

INLINE void merge_column(ptrdiff_t k, ptrdiff_t floats, float *shared, float *copy, float *origin, float share)
{
    Vector delta = subtract_some(load_some(copy + k, floats), load_some(origin + k, floats), floats);
    Vector change = rounded(multiply_some(all(share), delta, floats));
    Vector merged = add_some(load_some(shared + k, floats), change, floats);
    store_some(shared + k, merged, floats);
    store_some(copy + k, merged, floats);
    store_some(origin + k, merged, floats);
}

static void take_deltas(float *rows, ptrdiff_t n, ptrdiff_t d, const float *from, const int32_t *ids, float scale)
{
    for (ptrdiff_t i = 0; i < n; i++)
        FOR_COLUMNS(d, take_column, rows + i * d, from + (ids ? ids[i] : i) * d, scale);
}

static void add_delta(float *to, ptrdiff_t d, const float *delta, float share)
{
    FOR_COLUMNS(d, add_delta_column, to, delta, share);
}

static void merge(float *shared, float *copies, float *origins, ptrdiff_t n, ptrdiff_t d, const float *shares)
{
    for (ptrdiff_t i = 0; i < n; i++)
        FOR_COLUMNS(d, merge_column, shared + i * d, copies + i * d, origins + i * d, shares[i]);
}

#endif
