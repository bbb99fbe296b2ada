/* The step of training: see `Step`. */
#ifndef FASTEMB_STEP_H
#define FASTEMB_STEP_H

#include "dots.h"
#include "elementary.h"
#include "softmax.h"
#include "update.h"

static void logistic(Step *s)
{
    ptrdiff_t size = s->n * s->columns;
    Vector alpha = all(s->alpha);
    Vector loss = all(0);
    for (ptrdiff_t k = 0; k < size; k += WIDTH) {
        ptrdiff_t floats = size - k < WIDTH ? size - k : WIDTH;
        Vector x = load_up_to(s->gradient + k, floats);
        Vector weights = load_up_to(s->weights + k, floats), positives = load_up_to(s->positives + k, floats);
        if (s->measure)
            loss = add(loss, subtract(multiply(weights, softplus(x)), multiply(positives, x)));
        x = multiply(alpha, subtract(positives, multiply(weights, sigmoid(x))));
        store_up_to(s->gradient + k, x, floats);
    }
    if (s->measure) {
        float lanes[WIDTH];
        store(lanes, loss);
        for (int k = 0; k < WIDTH; k++)
            s->loss += lanes[k];
    }
}

static void train(Step *s)
{
    dots(s);
    logistic(s);
    update(s);
}

static void train_softmax(Step *s)
{
    dots(s);
    softmax(s);
    update(s);
}

#endif
