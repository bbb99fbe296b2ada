/* Dot products of many rows with many. */
#ifndef FASTEMB_DOTS_H
#define FASTEMB_DOTS_H

#include "columns.h"
#include "kernels.h"

/* Sums begin with this column: sum[i · outputs + j] = x[i]·o[j], element by element. */
INLINE void begin_dots(int rows, int outputs, float *const *x, float *const *o, ptrdiff_t k, ptrdiff_t floats,
                       Vector *sum)
{
    Vector input[DOT_SUMS / 4];
    for (int i = 0; i < rows; i++)
        input[i] = load_some(x[i] + k, floats);
    for (int j = 0; j < outputs; j++) {
        Vector output = load_some(o[j] + k, floats);
        for (int i = 0; i < rows; i++) {
            Vector product = multiply_some(input[i], output, floats);
            sum[i * outputs + j] = floats == NARROW ? clear_beyond_narrow(product) : product;
        }
    }
}

/* G = X·Oᵀ for `rows` rows of X and `outputs` rows of O, 8 or 4, beginning with the last column. With 4 outputs two
   rows are summed at once, so there must be an even number of them. */
INLINE void dots_tile(int rows, int outputs, float *const *x, float *const *o, ptrdiff_t d, float *g, ptrdiff_t stride)
{
    Vector sum[DOT_SUMS];
    ptrdiff_t last = (d - 1) / WIDTH * WIDTH;
    if (d - last == WIDTH)
        begin_dots(rows, outputs, x, o, last, WIDTH, sum);
    else if (d - last == NARROW)
        begin_dots(rows, outputs, x, o, last, NARROW, sum);
    else
        begin_dots(rows, outputs, x, o, last, d - last, sum);
    for (ptrdiff_t k = 0; k < last; k += WIDTH) {
        Vector input[DOT_SUMS / 4];
        for (int i = 0; i < rows; i++)
            input[i] = load(x[i] + k);
        for (int j = 0; j < outputs; j++) {
            Vector output = in_register(load(o[j] + k));
            for (int i = 0; i < rows; i++)
                sum[i * outputs + j] = multiply_add(input[i], output, sum[i * outputs + j]);
        }
    }
    for (int i = 0; i < rows; i += SUMS / outputs) {
        if (outputs == SUMS) {
            sums(sum + i * outputs, g + i * stride);
        } else {
            float two[SUMS];
            sums(sum + i * outputs, two);
            memcpy(g + i * stride, two, sizeof two / 2);
            memcpy(g + (i + 1) * stride, two + 4, sizeof two / 2);
        }
    }
}

/* The dot products of 4 outputs, and of as many inputs as there are pairs of */
INLINE void dots_of_four(const Step *s, float *const *o, float *g)
{
    const ptrdiff_t n = s->n, d = s->d, columns = s->columns;
    ptrdiff_t i = 0;
    for (; DOT_SUMS >= 24 && i + 6 <= n; i += 6)
        dots_tile(6, 4, s->inputs + i, o, d, g + i * columns, columns);
    for (; DOT_SUMS >= 16 && i + 4 <= n; i += 4)
        dots_tile(4, 4, s->inputs + i, o, d, g + i * columns, columns);
    for (; i + 2 <= n; i += 2)
        dots_tile(2, 4, s->inputs + i, o, d, g + i * columns, columns);
}

/* The dot products of 8 outputs and the inputs from i on */
INLINE void dots_of_eight(const Step *s, ptrdiff_t i, float *const *o, float *g)
{
    const ptrdiff_t n = s->n, d = s->d, columns = s->columns;
    for (; DOT_SUMS >= 24 && (n - i == 3 || n - i > 4); i += 3)
        dots_tile(3, 8, s->inputs + i, o, d, g + i * columns, columns);
    for (; DOT_SUMS >= 16 && n - i >= 2; i += 2)
        dots_tile(2, 8, s->inputs + i, o, d, g + i * columns, columns);
    for (; i < n; i++)
        dots_tile(1, 8, s->inputs + i, o, d, g + i * columns, columns);
}

/* G = X·Oᵀ */
static void dots(const Step *s)
{
    for (ptrdiff_t j = 0; j < s->m; j += SUMS) {
        float *o[SUMS], *g = s->gradient + j;
        ptrdiff_t left = s->m - j;
        for (int k = 0; k < SUMS; k++) /* what stands beyond column m has no weight */
            o[k] = s->outputs[k < left ? j + k : j];
        if (left > 4 && !DOT_BY_FOURS) {
            dots_of_eight(s, 0, o, g);
            continue;
        }
        dots_of_four(s, o, g);
        if (left > 4)
            dots_of_four(s, o + 4, g + 4);
        else
            for (ptrdiff_t i = 0; i < s->n; i++)
                memset(g + i * s->columns + 4, 0, 4 * sizeof *g);
        dots_of_eight(s, s->n / 2 * 2, o, g);
    }
}

#endif
