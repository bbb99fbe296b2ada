/* The arithmetic of training, compiled for several instruction sets. `n × d` behind a pointer is what it points to, row
   by row; `n of d`, that it points to n pointers to so many floats. */
#ifndef FASTEMB_KERNELS_H
#define FASTEMB_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* What one step trains: n inputs X meet m outputs O, all of them rows of d floats, none of them twice. */
typedef struct {
    ptrdiff_t n, m, d;
    ptrdiff_t columns;      /* m rounded up to a multiple of 8: the length of the rows of the n × m matrices */
    float **inputs;         /* n of d */
    float **outputs;        /* m of d */
    float *positives;       /* n × columns: how often each pair is a positive example; 0 beyond column m, */
    float *weights;         /* n × columns: how much it counts, as positive or negative example; as is this */
    float *scales;          /* n: changes of inputs are multiplied by these; NULL for 1 */
    int replace;            /* the changes of inputs take their places, and are not added to them */
    int in_turn;            /* each input is changed by the outputs as those before it left them */
    float alpha;
    int measure;            /* add to the loss */
    double loss;
    float *gradient;        /* n × columns; scratch */
    float *change;          /* n × LANES; scratch */
    float *copies;          /* 2 (n + m) × d + n × n: scratch of the implementation by BLAS */
    ptrdiff_t coming;
    float **ahead;          /* coming of d: rows that the next step will want, */
    int far;                /* and whether they are many */
} Step;

enum { LANES = 16 };        /* at most so many floats in a vector */

/* How often two words occur near each other. */
typedef struct {
    int32_t row, column;
    float log_count;
} Cell;

/* Cells, and what they train. A word has `stride` floats of its vector and as many of the sums of its squared
   gradients, all filled up with zeros and ones from d to `stride`, a multiple of LANES; and two floats for its bias. */
typedef struct {
    const Cell *cells;                      /* n */
    ptrdiff_t n, stride;
    float *words, *contexts;                /* words × 2 × stride: of the rows and of the columns of cells */
    float *word_biases, *context_biases;    /* words × 2 */
    float eta, alpha, log_x_max, clip;
} Cells;

/* Windows over a list of rows, each of which may be in many. What is of a window is all of its rows but its centre. */
typedef struct {
    ptrdiff_t at;               /* rows: before this one a window begins or ends */
    ptrdiff_t window;
    int begins;
} Edge;
typedef struct {
    ptrdiff_t n;
    const Edge *edges;          /* 2 n, by their places; a window begins before it ends */
    const int64_t *centres;     /* n: which of the rows it is */
    float *const *rows;         /* any number of d */
    const float *weights;       /* as many: changes of rows are multiplied by these; NULL for 1 */
} Windows;

/* What one vector x learns from rows that stay as they are. Pair j is of s[j]·x, added to its context, which stays, too;
   or, where there are no contexts, to something whose product with the row is c[j]. */
typedef struct {
    ptrdiff_t m, d;
    float *x;                               /* d */
    float **rows;                           /* m of d */
    float *const *contexts;                 /* m of d, those of a centre's pairs one after the other; or NULL */
    const float *shares, *constants;        /* m: s and c */
    const float *positives, *weights;       /* m: P and W, as of a step */
    float alpha;
    float *gradient;                        /* m, rounded up to a multiple of 8; scratch */
} Telling;

/* In all of them, to and from: n of d, weights: n of d, scales: n, or one row where the formula has no i. */
typedef struct {
    const char *name;
    /* X += G·O and O += Gᵀ·X, with both as they were and G by `logistic` from X·Oᵀ; X: the inputs, O: the outputs.
       With `in_turn` X[i] += G[i]·(O + Σ G[l]ᵀ·X[l] for l < i), and G as without */
    void (*train)(Step *s);
    /* x += α Σ (P[j] - W[j] σ((s[j] x + contexts[j])·rows[j])) rows[j], or σ(s[j] x·rows[j] + c[j]) */
    void (*infer)(const Telling *t);
    /* to[i] = x[i]·rows[i]; x and rows: n of d, to: n, rounded up to a multiple of 8 */
    void (*dot_pairs)(float *to, float *const *x, float *const *rows, ptrdiff_t n, ptrdiff_t d);
    /* As `train`, with G by `softmax` */
    void (*train_softmax)(Step *s);
    /* W = P + (uses - P) ∘ noise: each use of an input meets the noise, but no positive pair is noise; uses: n,
       noise: columns, 0 beyond m */
    void (*weigh)(const Step *s, const float *uses, const float *noise);
    /* P = uses · labels; labels: columns, 0 beyond m */
    void (*label)(const Step *s, const float *uses, const float *labels);
    /* G = α (P - W ∘ σ(G)); loss += Σ -P·log σ(G) - (W - P)·log σ(-G); G, P, W: n × columns of the step */
    void (*logistic)(Step *s);
    /* G = α (P - W ∘ softmax(G)), row by row over the m outputs; loss += Σ -P·log softmax(G); each row of P sums up to
       what stands in all columns of that of W */
    void (*softmax)(Step *s);
    /* x = exp(x - shift), as exp(-40) where it is smaller; their sum; x: m, none above shift */
    float (*exponentials)(float *x, ptrdiff_t m, float shift);
    /* to = scale · Σ scales[i] · from[i]; NULL for scales of 1 */
    void (*sum_rows)(float *to, float *const *from, ptrdiff_t n, ptrdiff_t d, const float *scales, float scale);
    /* to[i] += scales[i] · from, one after the other: a repeated row accumulates; NULL for scales of 1 */
    void (*add_to_rows)(float *const *to, ptrdiff_t n, ptrdiff_t d, const float *from, const float *scales);
    /* to = scale · Σ from[i] ∘ weights[i] */
    void (*sum_weighted)(float *to, float *const *from, float *const *weights, ptrdiff_t n, ptrdiff_t d, float scale);
    /* to[i] += scales[i] · from ∘ weights[i]; weights[i] += scale · from ∘ to[i], as it was. No weights are there twice */
    void (*add_weighted)(float *const *to, float *const *weights, ptrdiff_t n, ptrdiff_t d, const float *from,
                         const float *scales, float scale);
    /* rows[i] = scale · (rows[i] - from[ids[i]]); rows: n × d, from: any number × d, ids: n, NULL for 0, 1, … */
    void (*take_deltas)(float *rows, ptrdiff_t n, ptrdiff_t d, const float *from, const int32_t *ids, float scale);
    /* to += share · delta; both d */
    void (*add_delta)(float *to, ptrdiff_t d, const float *delta, float share);
    /* shared[i] += shares[i] · (copies[i] - origins[i]), which both become; all n × d, shares: n */
    void (*merge)(float *shared, float *copies, float *origins, ptrdiff_t n, ptrdiff_t d, const float *shares);
    /* one step of GloVe for each cell, one after the other; the cost before each, summed */
    double (*train_cells)(const Cells *c);
    /* to[i] = scales[i] · Σ rows of window i: differences of one running sum; to: n of d */
    void (*sum_windows)(float *const *to, const Windows *w, ptrdiff_t d, const float *scales);
    /* rows += weights · Σ from[i] of the windows that they are in; each is written once. from: n of d */
    void (*add_to_windows)(const Windows *w, ptrdiff_t d, float *const *from);
} Kernels;

/* By name; NULL if this processor or operating system cannot run them. */
const Kernels *find_kernels(const char *name);

#endif
