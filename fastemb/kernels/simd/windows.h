/* Sums of windows that have most of their rows in common, and changes added to all rows of each: a row is read once, and
   written once, for all windows. Edges are at random places, which no processor can predict: as many columns as there
   are registers for go from edge to edge together. Where no window is open, what was summed is forgotten. */
#ifndef FASTEMB_WINDOWS_H
#define FASTEMB_WINDOWS_H

#include "columns.h"
#include "kernels.h"

INLINE void clear(int count, Vector *v)
{
    for (int c = 0; c <= count; c++)
        v[c] = all(0);
}

INLINE void sum_windows_some(ptrdiff_t k, int count, ptrdiff_t tail, float *const *to, const Windows *w,
                             const float *scales)
{
    Vector sum[TOGETHER + 1];
    const ptrdiff_t last = k + count * WIDTH;
    ptrdiff_t i = 0, open = 0;
    clear(count, sum);
    for (const Edge *edge = w->edges; edge < w->edges + 2 * w->n; edge++) {
        float *pool = to[edge->window];
        if (!open) {
            clear(count, sum);
            i = edge->at;
        }
        open += edge->begins ? 1 : -1;
        for (; i < edge->at; i++) {
            const float *row = w->rows[i];
            for (int c = 0; c < count; c++)
                sum[c] = add(sum[c], load(row + k + c * WIDTH));
            if (tail)
                sum[count] = add_some(sum[count], load_some(row + last, tail), tail);
        }
        if (edge->begins) {
            for (int c = 0; c < count; c++)
                store(pool + k + c * WIDTH, sum[c]);
            if (tail)
                store_some(pool + last, sum[count], tail);
        } else {
            const float *centre = w->rows[w->centres[edge->window]];
            const Vector scale = all(scales[edge->window]);
            for (int c = 0; c < count; c++) {
                const ptrdiff_t at = k + c * WIDTH;
                store(pool + at, multiply(scale, subtract(sum[c], add(load(pool + at), load(centre + at)))));
            }
            if (tail) {
                Vector others = add_some(load_some(pool + last, tail), load_some(centre + last, tail), tail);
                store_some(pool + last, multiply_some(scale, subtract_some(sum[count], others, tail), tail), tail);
            }
        }
    }
}

/* row += scale · change */
INLINE void add_to_row(ptrdiff_t k, int count, ptrdiff_t tail, float *row, const Vector *change, float scale)
{
    const ptrdiff_t last = k + count * WIDTH;
    for (int c = 0; c < count; c++) {
        float *to = row + k + c * WIDTH;
        store(to, multiply_add(change[c], all(scale), load(to)));
    }
    if (tail)
        store_some(row + last, multiply_add_some(change[count], all(scale), load_some(row + last, tail), tail), tail);
}

/* change += sign · row */
INLINE void add_row(ptrdiff_t k, int count, ptrdiff_t tail, Vector *change, const float *row, float sign)
{
    const ptrdiff_t last = k + count * WIDTH;
    for (int c = 0; c < count; c++)
        change[c] = multiply_add(load(row + k + c * WIDTH), all(sign), change[c]);
    if (tail)
        change[count] = multiply_add_some(load_some(row + last, tail), all(sign), change[count], tail);
}

INLINE void add_to_windows_some(ptrdiff_t k, int count, ptrdiff_t tail, const Windows *w, float *const *from)
{
    Vector change[TOGETHER + 1];
    ptrdiff_t i = 0, open = 0;
    clear(count, change);
    for (const Edge *edge = w->edges; edge < w->edges + 2 * w->n; edge++) {
        if (!open) {
            clear(count, change);
            i = edge->at;
        }
        open += edge->begins ? 1 : -1;
        for (; i < edge->at; i++)
            add_to_row(k, count, tail, w->rows[i], change, w->weights ? w->weights[i] : 1);
        add_row(k, count, tail, change, from[edge->window], edge->begins ? 1 : -1);
    }
    for (ptrdiff_t window = 0; window < w->n; window++) {
        const ptrdiff_t centre = w->centres[window];
        clear(count, change);
        add_row(k, count, tail, change, from[window], 1);
        add_to_row(k, count, tail, w->rows[centre], change, w->weights ? -w->weights[centre] : -1);
    }
}

static void sum_windows(float *const *to, const Windows *w, ptrdiff_t d, const float *scales)
{
    FOR_VECTORS(d, sum_windows_some, to, w, scales);
}

static void add_to_windows(const Windows *w, ptrdiff_t d, float *const *from)
{
    FOR_VECTORS(d, add_to_windows_some, w, from);
}

#endif
