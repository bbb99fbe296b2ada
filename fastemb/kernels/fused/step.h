/* The step of training and what goes with it, compiled from step.inc for several instruction sets. */
#ifndef FASTEMB_STEP_H
#define FASTEMB_STEP_H

#include "glove.h"

#include <stddef.h>
#include <stdint.h>

/* What one step trains: n inputs X meet m outputs O, all of them rows of d floats, none of them twice. */
typedef struct {
    ptrdiff_t n, m, d;
    ptrdiff_t columns;      /* m rounded up to a multiple of 8: the length of the rows of the n × m matrices */
    float **inputs;         /* n */
    float **outputs;        /* m */
    float *positives;       /* n × m: how often each pair is a positive example; 0 beyond column m, */
    float *weights;         /* n × m: how much it counts, as positive or negative example; as is this. */
    float *scales;          /* n: changes of inputs are multiplied by these; NULL for 1 */
    int replace;            /* the changes of inputs take their places, and are not added to them */
    float alpha;
    int measure;            /* add to the loss */
    double loss;
    float *gradient;        /* n × m; scratch */
    float *change;          /* n × LANES; scratch */
    float *copies;          /* 2 (n + m) × d: scratch of the implementation by BLAS */
    ptrdiff_t coming;       /* rows that the next step will want, */
    float **ahead;
    int far;                /* and whether they are many */
} Step;

enum { LANES = 16 };        /* at most so many floats in a vector */

typedef struct {
    const char *name;
    void (*train)(Step *s);
    /* G = α (P - W ∘ σ(G)); loss += Σ -P·log σ(G) - (W - P)·log σ(-G) */
    void (*logistic)(Step *s);
    /* to = scale · Σ from[i] */
    void (*sum_rows)(float *to, float *const *from, ptrdiff_t n, ptrdiff_t d, float scale);
    /* to[i] += scales[i] · from, one after the other: a repeated row accumulates; NULL for scales of 1 */
    void (*add_to_rows)(float *const *to, ptrdiff_t n, ptrdiff_t d, const float *from, const float *scales);
    /* to = scale · Σ from[i] ∘ weights[i] */
    void (*sum_weighted)(float *to, float *const *from, float *const *weights, ptrdiff_t n, ptrdiff_t d, float scale);
    /* to[i] += scales[i] · from ∘ weights[i]; weights[i] += scale · from ∘ to[i], as it was. No weights are there twice */
    void (*add_weighted)(float *const *to, float *const *weights, ptrdiff_t n, ptrdiff_t d, const float *from,
                         const float *scales, float scale);
    /* one step of GloVe for each cell, one after the other; the cost before each, summed */
    double (*train_cells)(const Cells *c);
} Kernels;

/* By name; NULL if this processor or operating system cannot run them. */
const Kernels *find_kernels(const char *name);

#endif
