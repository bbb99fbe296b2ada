/* A step of inference: see `Telling`. */
#ifndef FASTEMB_INFER_H
#define FASTEMB_INFER_H

#include "dots.h"
#include "elementary.h"

enum { COLUMNS = 8 }; /* that are updated together, in as many registers */

/* to[i] = x[i]·rows[i]; room for n, rounded up to a multiple of SUMS */
static void dot_pairs(float *to, float *const *x, float *const *rows, ptrdiff_t n, ptrdiff_t d)
{
    for (ptrdiff_t i = 0; i < n; i += SUMS) {
        Vector sum[SUMS];
        ptrdiff_t place[SUMS], k = 0;
        for (int j = 0; j < SUMS; j++) {
            place[j] = i + j < n ? i + j : i;
            sum[j] = all(0);
        }
        for (; k + WIDTH <= d; k += WIDTH)
            for (int j = 0; j < SUMS; j++)
                sum[j] = multiply_add(load(x[place[j]] + k), load(rows[place[j]] + k), sum[j]);
        if (k < d)
            for (int j = 0; j < SUMS; j++)
                sum[j] = multiply_add(load_first(x[place[j]] + k, d - k), load_first(rows[place[j]] + k, d - k), sum[j]);
        sums(sum, to + i);
    }
}

static void tell(const Telling *t)
{
    for (ptrdiff_t j = 0; j < t->m; j += WIDTH) {
        ptrdiff_t floats = t->m - j < WIDTH ? t->m - j : WIDTH;
        Vector product = load_up_to(t->gradient + j, floats);
        Vector x = multiply_add(product, load_up_to(t->shares + j, floats), load_up_to(t->constants + j, floats));
        Vector told = multiply(load_up_to(t->weights + j, floats), sigmoid(x));
        x = multiply(all(t->alpha), subtract(load_up_to(t->positives + j, floats), told));
        store_up_to(t->gradient + j, x, floats);
    }
}

/* Of x, beginning with its k-th number, so many columns; the last of them has so many `floats` */
INLINE void add_weighted_rows(const Telling *t, int columns, ptrdiff_t k, ptrdiff_t floats)
{
    Vector sum[COLUMNS];
    for (int c = 0; c < columns; c++)
        sum[c] = load_some(t->x + k + c * WIDTH, c == columns - 1 ? floats : WIDTH);
    for (ptrdiff_t j = 0; j < t->m; j++) {
        const float *row = t->rows[j] + k;
        Vector weight = all(t->gradient[j]);
        for (int c = 0; c < columns; c++) {
            ptrdiff_t some = c == columns - 1 ? floats : WIDTH;
            sum[c] = multiply_add_some(weight, load_some(row + c * WIDTH, some), sum[c], some);
        }
    }
    for (int c = 0; c < columns; c++)
        store_some(t->x + k + c * WIDTH, sum[c], c == columns - 1 ? floats : WIDTH);
}

_Static_assert(COLUMNS == 8, "add_columns ends with 8");
#define ADD(columns)                                  \
    case columns:                                     \
        add_weighted_rows(t, columns, k, floats);     \
        break;

/* Each number of columns has its own code, since only arrays whose size the compiler knows stay in registers. */
INLINE void add_columns(const Telling *t, ptrdiff_t columns, ptrdiff_t k, ptrdiff_t floats)
{
    switch (columns) {
        ADD(1) ADD(2) ADD(3) ADD(4) ADD(5) ADD(6) ADD(7) ADD(8)
    }
}

static void infer(const Telling *t)
{
    const ptrdiff_t d = t->d;
    float *x = t->x;
    Step s = {0};
    ptrdiff_t k = 0;
    s.n = 1, s.m = t->m, s.d = d, s.inputs = &x, s.outputs = t->rows, s.gradient = t->gradient;
    dots(&s);
    tell(t);
    for (; k < d; k += COLUMNS * WIDTH) {
        ptrdiff_t columns = (d - k + WIDTH - 1) / WIDTH < COLUMNS ? (d - k + WIDTH - 1) / WIDTH : COLUMNS;
        ptrdiff_t floats = d - k - (columns - 1) * WIDTH;
        if (floats >= WIDTH)
            add_columns(t, columns, k, WIDTH);
        else if (floats == NARROW)
            add_columns(t, columns, k, NARROW);
        else
            add_columns(t, columns, k, floats);
    }
}

#endif
