/* How much each pair of a step counts. */
#ifndef FASTEMB_WEIGH_H
#define FASTEMB_WEIGH_H

#include "columns.h"
#include "kernels.h"

INLINE void weigh_some(float *weights, const float *positives, Vector uses, const float *noise, ptrdiff_t floats)
{
    Vector p = load_up_to(positives, floats);
    Vector negatives = rounded(multiply(subtract(uses, p), load_up_to(noise, floats)));
    store_up_to(weights, add(p, negatives), floats);
}

static void weigh(const Step *s, const float *uses, const float *noise)
{
    const ptrdiff_t columns = s->columns;
    for (ptrdiff_t i = 0; i < s->n; i++) {
        float *weights = s->weights + i * columns;
        const float *positives = s->positives + i * columns;
        Vector used = all(uses[i]);
        ptrdiff_t j = 0;
        for (; j + WIDTH <= columns; j += WIDTH)
            weigh_some(weights + j, positives + j, used, noise + j, WIDTH);
        if (j < columns)
            weigh_some(weights + j, positives + j, used, noise + j, columns - j);
    }
}

static void label(const Step *s, const float *uses, const float *labels)
{
    const ptrdiff_t columns = s->columns;
    for (ptrdiff_t i = 0; i < s->n; i++) {
        float *positives = s->positives + i * columns;
        Vector used = all(uses[i]);
        ptrdiff_t j = 0;
        for (; j + WIDTH <= columns; j += WIDTH)
            store(positives + j, multiply(used, load(labels + j)));
        if (j < columns)
            store_first(positives + j, multiply(used, load_first(labels + j, columns - j)), columns - j);
    }
}

#endif
