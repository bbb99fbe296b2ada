/* A step of inference: see `Telling`. */
#ifndef FASTEMB_INFER_H
#define FASTEMB_INFER_H

#include "columns.h"
#include "dots.h"
#include "elementary.h"

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

/* The sums begin or go on with a column, of pairs of which `each` neighbours have the context in common. */
INLINE void add_contexts(const Telling *t, const ptrdiff_t *place, int each, ptrdiff_t k, ptrdiff_t floats, Vector *sum)
{
    const Vector x = load_some(t->x + k, floats);
    Vector beside = all(0);
    for (int j = 0; j < SUMS; j++) {
        const ptrdiff_t i = place[j];
        if (j % each == 0)
            beside = multiply_add_some(x, all(t->shares[i]), load_some(t->contexts[i] + k, floats), floats);
        if (floats == WIDTH) {
            sum[j] = multiply_add(beside, load(t->rows[i] + k), sum[j]);
        } else {
            Vector product = multiply_some(beside, load_some(t->rows[i] + k, floats), floats);
            sum[j] = floats == NARROW ? clear_beyond_narrow(product) : product;
        }
    }
}

INLINE void dot_some_contexts(const Telling *t, const ptrdiff_t *place, int each, float *to)
{
    Vector sum[SUMS];
    const ptrdiff_t whole = t->d / WIDTH * WIDTH;
    for (int j = 0; j < SUMS; j++)
        sum[j] = all(0);
    if (t->d - whole == NARROW)
        add_contexts(t, place, each, whole, NARROW, sum);
    else if (t->d > whole)
        add_contexts(t, place, each, whole, t->d - whole, sum);
    for (ptrdiff_t k = 0; k < whole; k += WIDTH)
        add_contexts(t, place, each, k, WIDTH, sum);
    sums(sum, to);
}

/* gradient[j] = rows[j]·(s[j] x + contexts[j]) */
static void dot_contexts(const Telling *t)
{
    for (ptrdiff_t i = 0; i < t->m; i += SUMS) {
        ptrdiff_t place[SUMS];
        int alike = 1;
        for (int j = 0; j < SUMS; j++) {
            place[j] = i + j < t->m ? i + j : i;
            alike &= t->contexts[place[j]] == t->contexts[place[j & 4]];
        }
        if (alike)
            dot_some_contexts(t, place, 4, t->gradient + i);
        else
            dot_some_contexts(t, place, 1, t->gradient + i);
    }
}

static void tell(const Telling *t)
{
    for (ptrdiff_t j = 0; j < t->m; j += WIDTH) {
        ptrdiff_t floats = t->m - j < WIDTH ? t->m - j : WIDTH;
        Vector product = load_up_to(t->gradient + j, floats);
        Vector x = t->contexts ? product
                               : multiply_add(product, load_up_to(t->shares + j, floats), load_up_to(t->constants + j, floats));
        Vector told = multiply(load_up_to(t->weights + j, floats), sigmoid(x));
        x = multiply(all(t->alpha), subtract(load_up_to(t->positives + j, floats), told));
        store_up_to(t->gradient + j, x, floats);
    }
}

/* x += Σ gradient[j] · row j */
INLINE void add_weighted_rows(ptrdiff_t k, int count, ptrdiff_t tail, const Telling *t)
{
    Vector sum[TOGETHER + 1];
    const ptrdiff_t last = k + count * WIDTH;
    for (int c = 0; c < count; c++)
        sum[c] = load(t->x + k + c * WIDTH);
    sum[count] = tail ? load_some(t->x + last, tail) : all(0);
    for (ptrdiff_t j = 0; j < t->m; j++) {
        const Vector weight = all(t->gradient[j]);
        for (int c = 0; c < count; c++)
            sum[c] = multiply_add(weight, load(t->rows[j] + k + c * WIDTH), sum[c]);
        if (tail)
            sum[count] = multiply_add_some(weight, load_some(t->rows[j] + last, tail), sum[count], tail);
    }
    for (int c = 0; c < count; c++)
        store(t->x + k + c * WIDTH, sum[c]);
    if (tail)
        store_some(t->x + last, sum[count], tail);
}

static void infer(const Telling *t)
{
    float *x = t->x;
    if (t->contexts) {
        dot_contexts(t);
    } else {
        Step s = {0};
        s.n = 1, s.m = t->m, s.d = t->d, s.inputs = &x, s.outputs = t->rows, s.gradient = t->gradient;
        dots(&s);
    }
    tell(t);
    FOR_VECTORS(t->d, add_weighted_rows, t);
}

#endif
