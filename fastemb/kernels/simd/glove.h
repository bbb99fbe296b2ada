/* The step of GloVe: for each cell
       e = w·u + b + c - log x;   cost += f e² / 2 with f = min(1, (x / x_max)^α)
       g = η clip(f e u);   w ← w - g / √S;   S ← S + g ∘ g   and so on for u, with g = η clip(f e w)
       b ← b - f e / √s;   s ← s + (f e)²   and so on for c
   as in Stanford's program: the squares are those of gradients times η, and biases have neither η nor clip. */
#ifndef FASTEMB_GLOVE_H
#define FASTEMB_GLOVE_H

#include "elementary.h"
#include "kernels.h"
#include "prefetch.h"

enum { BATCH = 256, CELLS_AHEAD = 4 };

/* f of some cells */
INLINE void weigh_cells(const Cells *c, const Cell *cell, ptrdiff_t n, float *weights)
{
    for (ptrdiff_t k = 0; k < n; k++)
        weights[k] = cell[k].log_count;
    for (ptrdiff_t k = n; k < BATCH && k % LANES; k++)
        weights[k] = 0;
    for (ptrdiff_t k = 0; k < n; k += WIDTH) {
        Vector beyond = smaller(all(0), subtract(load(weights + k), all(c->log_x_max)));
        store(weights + k, exponential(multiply(all(c->alpha), beyond)));
    }
}

/* The step of one vector and its squares. `gradient` is η times that of the cost; neither is beyond ±`clip`. */
INLINE void adagrad(float *row, ptrdiff_t stride, Vector value, Vector gradient, Vector clip)
{
    Vector step = smaller(clip, larger(multiply(all(-1), clip), gradient));
    Vector squares = load(row + stride);
    store(row, subtract(value, multiply(step, reciprocal_root(squares))));
    store(row + stride, multiply_add(step, step, squares));
}

INLINE void train_bias(float *bias, float gradient)
{
    bias[0] -= gradient / sqrtf(bias[1]);
    bias[1] += gradient * gradient;
}

/* The step of one cell, during which the rows of another one to come are prefetched, a few lines at a time: prefetches
   that are all issued at once have to wait. */
INLINE double train_cell(const Cells *c, const Cell *cell, float weight, const Cell *coming)
{
    ptrdiff_t stride = c->stride;
    float *word = c->words + 2 * stride * cell->row, *context = c->contexts + 2 * stride * cell->column;
    float *next_word = c->words + 2 * stride * coming->row, *next_context = c->contexts + 2 * stride * coming->column;
    float *word_bias = c->word_biases + 2 * (ptrdiff_t)cell->row;
    float *context_bias = c->context_biases + 2 * (ptrdiff_t)cell->column;
    Vector dot = all(0), other = all(0), clip = all(c->eta * c->clip), gradient;
    ptrdiff_t k = 0;
    PREFETCH(c->word_biases + 2 * (ptrdiff_t)coming->row);
    PREFETCH(c->context_biases + 2 * (ptrdiff_t)coming->column);
    for (; k + 2 * WIDTH <= stride; k += 2 * WIDTH) {
        dot = multiply_add(load(word + k), load(context + k), dot);
        other = multiply_add(load(word + k + WIDTH), load(context + k + WIDTH), other);
    }
    if (k < stride)
        dot = multiply_add(load(word + k), load(context + k), dot);
    float error = sum(add(dot, other)) + word_bias[0] + context_bias[0] - cell->log_count;
    float weighted = weight * error;
    gradient = all(c->eta * weighted);
    for (k = 0; k < stride; k += WIDTH) {
        Vector w = load(word + k), u = load(context + k);
        if (k % LINE == 0) {
            PREFETCH(next_word + k);
            PREFETCH(next_word + stride + k);
            PREFETCH(next_context + k);
            PREFETCH(next_context + stride + k);
        }
        adagrad(word + k, stride, w, multiply(gradient, u), clip);
        adagrad(context + k, stride, u, multiply(gradient, w), clip);
    }
    train_bias(word_bias, weighted);
    train_bias(context_bias, weighted);
    return 0.5 * weighted * error;
}

static double train_cells(const Cells *c)
{
    double cost = 0;
    float weights[BATCH];
    for (ptrdiff_t first = 0; first < c->n; first += BATCH) {
        const Cell *cell = c->cells + first;
        ptrdiff_t n = c->n - first < BATCH ? c->n - first : BATCH;
        weigh_cells(c, cell, n, weights);
        for (ptrdiff_t k = 0; k < n; k++) {
            const Cell *coming = first + k + CELLS_AHEAD < c->n ? cell + k + CELLS_AHEAD : cell + k;
            cost += train_cell(c, cell + k, weights[k], coming);
        }
    }
    return cost;
}

#endif
