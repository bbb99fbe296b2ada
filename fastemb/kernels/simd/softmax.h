/* Gradients of the softmax of rows of dot products. */
#ifndef FASTEMB_SOFTMAX_H
#define FASTEMB_SOFTMAX_H

#include "columns.h"
#include "elementary.h"
#include "kernels.h"

static float largest(const float *x, ptrdiff_t m)
{
    float lanes[WIDTH], found = x[0];
    ptrdiff_t j = 0;
    if (m >= WIDTH) {
        Vector most = load(x);
        for (; j + WIDTH <= m; j += WIDTH)
            most = larger(most, load(x + j));
        store(lanes, most);
        for (int k = 0; k < WIDTH; k++)
            found = lanes[k] > found ? lanes[k] : found;
    }
    for (; j < m; j++)
        found = x[j] > found ? x[j] : found;
    return found;
}

static float exponentials(float *x, ptrdiff_t m, float shift)
{
    float lanes[WIDTH], total = 0;
    Vector sum = all(0);
    for (ptrdiff_t j = 0; j < m; j += WIDTH) {
        ptrdiff_t floats = m - j < WIDTH ? m - j : WIDTH;
        store_up_to(x + j, exponential(subtract(load_up_to(x + j, floats), all(shift))), floats);
        sum = add(sum, load_up_to(x + j, floats));
    }
    store(lanes, sum);
    for (int k = 0; k < WIDTH; k++)
        total += lanes[k];
    return total;
}

/* Σ P · (x - shift), before the exponentials take the place of x */
static double expected(const float *positives, const float *x, ptrdiff_t m, float shift)
{
    double sum = 0;
    for (ptrdiff_t j = 0; j < m; j++)
        sum += (double)positives[j] * (x[j] - shift);
    return sum;
}

static void softmax(Step *s)
{
    const ptrdiff_t columns = s->columns;
    for (ptrdiff_t i = 0; i < s->n; i++) {
        float *x = s->gradient + i * columns;
        const float *positives = s->positives + i * columns, *weights = s->weights + i * columns;
        float shift = largest(x, s->m);
        double target = s->measure ? expected(positives, x, s->m, shift) : 0;
        float total = exponentials(x, s->m, shift);
        for (ptrdiff_t j = s->m; j < columns; j++)
            x[j] = 0;
        Vector alpha = all(s->alpha), share = all(1 / total);
        if (s->measure)
            s->loss += weights[0] * log(total) - target;
        for (ptrdiff_t j = 0; j < columns; j += WIDTH) {
            ptrdiff_t floats = columns - j < WIDTH ? columns - j : WIDTH;
            Vector p = multiply(share, load_up_to(x + j, floats));
            Vector weighted = multiply(load_up_to(weights + j, floats), p);
            store_up_to(x + j, multiply(alpha, subtract(load_up_to(positives + j, floats), weighted)), floats);
        }
    }
}

#endif
