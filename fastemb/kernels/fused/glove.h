/* The step of GloVe, compiled from glove.inc for several instruction sets. */
#ifndef FASTEMB_GLOVE_H
#define FASTEMB_GLOVE_H

#include <stddef.h>
#include <stdint.h>

/* How often two words occur near each other. */
typedef struct {
    int32_t row, column;
    float log_count;
} Cell;

/* Cells, and what they train. A word has `stride` floats of its vector and as many of the sums of its squared
   gradients, all filled up with zeros and ones from d to `stride`, a multiple of LANES; and two floats for its bias. */
typedef struct {
    const Cell *cells;
    ptrdiff_t n, stride;
    float *words, *contexts;            /* of the rows and of the columns */
    float *word_biases, *context_biases;
    float eta, alpha, log_x_max, clip;
} Cells;

#endif
