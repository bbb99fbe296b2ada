/* Trains steps of random shapes, and cells of GloVe, with every implementation of the kernels in C that this processor
   can run, beside plain loops in double precision. Prints their names; the exit status is 1 if any differs.
   All arrays have just the size that they must have, so that a sanitizer notices what reaches beyond. */
#include "kernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 1;

static double uniform(void)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(state >> 11) / 9007199254740992.0;
}

static float *floats(ptrdiff_t n, double scale)
{
    float *made = malloc((n ? n : 1) * sizeof(float));
    for (ptrdiff_t k = 0; k < n; k++)
        made[k] = (float)(scale * (2 * uniform() - 1));
    return made;
}

static int differs(float found, double wanted) { return !(fabs(found - wanted) <= 2e-5 * (1 + fabs(wanted))); }

/* One step of n inputs and m outputs of d floats; the number of floats that came out wrong. */
static int try_step(const Kernels *kernels, ptrdiff_t n, ptrdiff_t m, ptrdiff_t d, int scaled, int replace,
                    int far, int in_turn)
{
    ptrdiff_t columns = (m + 7) / 8 * 8;
    float **inputs = malloc(n * sizeof *inputs), **outputs = malloc(m * sizeof *outputs);
    double *x = malloc(n * d * sizeof *x), *o = malloc(m * d * sizeof *o), loss = 0;
    float *positives = floats(n * columns, 0), *weights = floats(n * columns, 0);
    int wrong = 0;
    Step step = {
        .n = n, .m = m, .d = d, .columns = columns, .inputs = inputs, .outputs = outputs, .positives = positives,
        .weights = weights, .scales = scaled ? floats(n, 1) : NULL, .replace = replace, .alpha = 0.1f, .measure = 1,
        .gradient = floats(n * columns, 1e30), .change = floats(n * LANES, 1e30), .coming = m, .ahead = outputs,
        .far = far, .in_turn = in_turn,
    };
    for (ptrdiff_t i = 0; i < n; i++) {
        inputs[i] = floats(d, 1);
        for (ptrdiff_t k = 0; k < d; k++)
            x[i * d + k] = inputs[i][k];
        for (ptrdiff_t j = 0; j < m; j++) {
            positives[i * columns + j] = (float)(uniform() < 0.3);
            weights[i * columns + j] = positives[i * columns + j] + (float)(int)(3 * uniform());
        }
    }
    for (ptrdiff_t j = 0; j < m; j++) {
        outputs[j] = floats(d, 1);
        for (ptrdiff_t k = 0; k < d; k++)
            o[j * d + k] = outputs[j][k];
    }
    double *dx = calloc(n * d, sizeof *dx), *dO = calloc(m * d, sizeof *dO);
    for (ptrdiff_t i = 0; i < n; i++)
        for (ptrdiff_t j = 0; j < m; j++) {
            double dot = 0, p = positives[i * columns + j], w = weights[i * columns + j];
            for (ptrdiff_t k = 0; k < d; k++)
                dot += x[i * d + k] * o[j * d + k];
            double g = 0.1 * (p - w / (1 + exp(-dot)));
            loss += p * log1p(exp(-dot)) + (w - p) * log1p(exp(dot));
            for (ptrdiff_t k = 0; k < d; k++) {
                dx[i * d + k] += g * (o[j * d + k] + (in_turn ? dO[j * d + k] : 0));
                dO[j * d + k] += g * x[i * d + k];
            }
        }
    kernels->train(&step);
    for (ptrdiff_t i = 0; i < n; i++)
        for (ptrdiff_t k = 0; k < d; k++)
            wrong += differs(inputs[i][k], (replace ? 0 : x[i * d + k]) + (scaled ? step.scales[i] : 1) * dx[i * d + k]);
    for (ptrdiff_t j = 0; j < m; j++)
        for (ptrdiff_t k = 0; k < d; k++)
            wrong += differs(outputs[j][k], o[j * d + k] + dO[j * d + k]);
    wrong += fabs(step.loss - loss) > 1e-4 * (1 + loss);

    /* The sum of rows, also of some more than others, and a change added to them; the first row is there twice. */
    float *sum = floats(d, 1), *scales = floats(n + 1, 1), **bag = malloc((n + 1) * sizeof *bag);
    memcpy(bag, inputs, n * sizeof *bag);
    bag[n] = inputs[0];
    for (ptrdiff_t k = 0; k < d; k++) {
        o[k] = dO[k] = 0;
        for (ptrdiff_t i = 0; i <= n; i++) {
            o[k] += 0.5 * bag[i][k];
            dO[k] += 0.5 * scales[i] * bag[i][k];
        }
        x[k] = inputs[0][k];
    }
    kernels->sum_rows(sum, bag, n + 1, d, scales, 0.5f);
    for (ptrdiff_t k = 0; k < d; k++)
        wrong += differs(sum[k], dO[k]);
    kernels->sum_rows(sum, bag, n + 1, d, NULL, 0.5f);
    for (ptrdiff_t k = 0; k < d; k++)
        wrong += differs(sum[k], o[k]);
    kernels->add_to_rows(bag, n + 1, d, sum, NULL);
    for (ptrdiff_t k = 0; k < d; k++)
        wrong += differs(inputs[0][k], x[k] + 2 * o[k]);

    for (ptrdiff_t i = 0; i < n; i++)
        free(inputs[i]);
    for (ptrdiff_t j = 0; j < m; j++)
        free(outputs[j]);
    free(inputs), free(outputs), free(x), free(o), free(dx), free(dO), free(positives), free(weights), free(sum);
    free(bag), free(scales), free(step.scales), free(step.gradient), free(step.change);
    return wrong;
}

/* The gradients of a softmax of n rows of m numbers, what stands beyond which is anything; how many are wrong. */
static int try_softmax(const Kernels *kernels, ptrdiff_t n, ptrdiff_t m)
{
    ptrdiff_t columns = (m + 7) / 8 * 8;
    float *positives = floats(n * columns, 0), *weights = floats(n * columns, 0), *x = floats(n * columns, 9);
    double *wanted = malloc(n * m * sizeof *wanted), loss = 0;
    int wrong = 0;
    Step step = {
        .n = n, .m = m, .columns = columns, .positives = positives, .weights = weights, .alpha = 0.1f, .measure = 1,
        .gradient = x,
    };
    for (ptrdiff_t i = 0; i < n; i++) {
        double weight = 0.5 * (double)(int)(4 * uniform()), shift = 100 * (uniform() - 0.5), sum = 0;
        ptrdiff_t label = (ptrdiff_t)((double)m * uniform());
        positives[i * columns + label] = (float)weight;
        for (ptrdiff_t j = 0; j < columns; j++)
            x[i * columns + j] = j < m ? (float)(x[i * columns + j] + shift) : 1e30f;
        for (ptrdiff_t j = 0; j < m; j++) {
            weights[i * columns + j] = (float)weight;
            sum += exp(x[i * columns + j] - shift);
        }
        for (ptrdiff_t j = 0; j < m; j++) {
            double p = exp(x[i * columns + j] - shift) / sum;
            wanted[i * m + j] = 0.1 * (positives[i * columns + j] - weight * p);
            loss -= positives[i * columns + j] * log(p);
        }
    }
    kernels->softmax(&step);
    for (ptrdiff_t i = 0; i < n; i++)
        for (ptrdiff_t j = 0; j < columns; j++)
            wrong += differs(x[i * columns + j], j < m ? wanted[i * m + j] : 0);
    wrong += fabs(step.loss - loss) > 1e-4 * (1 + loss);
    free(positives), free(weights), free(x), free(wanted);
    return wrong;
}

/* The exponentials of m numbers and their sum; how many came out wrong. */
static int try_exponentials(const Kernels *kernels, ptrdiff_t m)
{
    float *x = floats(m, 50), shift = x[0];
    double *wanted = malloc(m * sizeof *wanted), sum = 0;
    int wrong = 0;
    for (ptrdiff_t j = 0; j < m; j++)
        shift = x[j] > shift ? x[j] : shift;
    for (ptrdiff_t j = 0; j < m; j++)
        sum += wanted[j] = exp(fmax(-40, (double)(x[j] - shift)));
    wrong += !(fabs(kernels->exponentials(x, m, shift) / sum - 1) <= 1e-6);
    for (ptrdiff_t j = 0; j < m; j++)
        wrong += !(fabs(x[j] / wanted[j] - 1) <= 1e-5); /* the error grows with x */
    free(x), free(wanted);
    return wrong;
}

/* Rows that are as each other, and get the same change by the same scale, are as each other thereafter, bit by bit, and
   begin like those of other sizes; how many are not. */
static int try_equal_rows(const Kernels *kernels, ptrdiff_t d)
{
    enum { ROWS = 5 };
    float *rows[ROWS], *from = floats(d, 1), scales[ROWS];
    float *longer = floats(3 * 64, 0), *longer_from = floats(3 * 64, 0);
    int wrong = 0;
    for (int i = 0; i < ROWS; i++) {
        rows[i] = floats(d, 1);
        memcpy(rows[i], rows[0], d * sizeof(float));
        scales[i] = 0.3f;
    }
    memcpy(longer, rows[0], d * sizeof(float));
    memcpy(longer_from, from, d * sizeof(float));
    kernels->add_to_rows(rows, ROWS, d, from, scales);
    kernels->add_to_rows(&longer, 1, 3 * 64, longer_from, scales);
    for (int i = 0; i < ROWS; i++) {
        wrong += memcmp(rows[i], longer, d * sizeof(float)) != 0;
        free(rows[i]);
    }
    free(from), free(longer), free(longer_from);
    return wrong;
}

/* The weights of a step of n inputs and m outputs, and the positives of labels; how many came out wrong. */
static int try_weights(const Kernels *kernels, ptrdiff_t n, ptrdiff_t m)
{
    ptrdiff_t columns = (m + 7) / 8 * 8;
    float *uses = floats(n, 3), *noise = floats(columns, 1), *labels = floats(columns, 1);
    Step step = {
        .n = n, .m = m, .columns = columns, .positives = floats(n * columns, 2), .weights = floats(n * columns, 1e30),
    };
    int wrong = 0;
    kernels->weigh(&step, uses, noise);
    for (ptrdiff_t k = 0; k < n * columns; k++) {
        double p = step.positives[k];
        wrong += differs(step.weights[k], p + (uses[k / columns] - p) * noise[k % columns]);
    }
    kernels->label(&step, uses, labels);
    for (ptrdiff_t k = 0; k < n * columns; k++)
        wrong += step.positives[k] != uses[k / columns] * labels[k % columns];
    free(uses), free(noise), free(labels), free(step.positives), free(step.weights);
    return wrong;
}

/* Copies of n rows of d floats: their deltas, and how these are added and merged; how many floats came out wrong. */
static int try_deltas(const Kernels *kernels, ptrdiff_t n, ptrdiff_t d)
{
    float *shared = floats(n * d, 1), *copies = floats(n * d, 1), *origins = floats(n * d, 1), *shares = floats(n, 1);
    float *deltas = malloc(n * d * sizeof(float)), *sum = floats(d, 1);
    int32_t *ids = malloc(n * sizeof *ids);
    int wrong = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        ids[i] = (int32_t)(n * uniform());
    for (int given = 0; given < 2; given++) {
        memcpy(deltas, copies, n * d * sizeof(float));
        kernels->take_deltas(deltas, n, d, origins, given ? ids : NULL, 0.25f);
        for (ptrdiff_t k = 0; k < n * d; k++)
            wrong += deltas[k] != 0.25f * (copies[k] - origins[given ? ids[k / d] * d + k % d : k]);
    }
    memcpy(deltas, shared, n * d * sizeof(float));
    kernels->add_delta(deltas, d, sum, 0.3f);
    for (ptrdiff_t k = 0; k < d; k++)
        wrong += differs(deltas[k], shared[k] + 0.3 * sum[k]);
    for (ptrdiff_t k = 0; k < n * d; k++)
        deltas[k] = shares[k / d] * (copies[k] - origins[k]) + shared[k];
    kernels->merge(shared, copies, origins, n, d, shares);
    for (ptrdiff_t k = 0; k < n * d; k++)
        wrong += differs(shared[k], deltas[k]) + (copies[k] != shared[k]) + (origins[k] != shared[k]);
    free(shared), free(copies), free(origins), free(shares), free(deltas), free(sum), free(ids);
    return wrong;
}

/* A component of two vectors that meet, and its sum of squared gradients: the step of one of them. */
static void adagrad(double *value, double *squares, double gradient, double eta, double clip)
{
    double step = eta * fmax(-clip, fmin(clip, gradient));
    *value -= step / sqrt(*squares);
    *squares += step * step;
}

/* GloVe's step on some cells of few words, in vectors of `stride` floats; how many came out wrong. */
static int try_cells(const Kernels *kernels, ptrdiff_t n, ptrdiff_t words, ptrdiff_t stride)
{
    ptrdiff_t size = 2 * words * stride;
    Cell *cells = malloc(n * sizeof *cells);
    float *rows[2], *biases[2];
    double *wanted[2], *wanted_biases[2], cost = 0;
    int wrong = 0;
    for (int side = 0; side < 2; side++) {
        rows[side] = floats(size, 1), biases[side] = floats(2 * words, 1);
        wanted[side] = malloc(size * sizeof(double)), wanted_biases[side] = malloc(2 * words * sizeof(double));
        for (ptrdiff_t k = 0; k < size; k++) {
            if (k / stride % 2) /* the squares */
                rows[side][k] = 1 + fabsf(rows[side][k]);
            wanted[side][k] = rows[side][k];
        }
        for (ptrdiff_t k = 0; k < 2 * words; k++) {
            if (k % 2)
                biases[side][k] = 1 + fabsf(biases[side][k]);
            wanted_biases[side][k] = biases[side][k];
        }
    }
    for (ptrdiff_t k = 0; k < n; k++) {
        cells[k].row = (int32_t)(words * uniform()), cells[k].column = (int32_t)(words * uniform());
        cells[k].log_count = (float)(4 * uniform());
        double *w = wanted[0] + 2 * stride * cells[k].row, *u = wanted[1] + 2 * stride * cells[k].column;
        double *b = wanted_biases[0] + 2 * cells[k].row, *c = wanted_biases[1] + 2 * cells[k].column;
        double error = b[0] + c[0] - cells[k].log_count;
        for (ptrdiff_t i = 0; i < stride; i++)
            error += w[i] * u[i];
        double gradient = error * fmin(1, exp(0.75 * (cells[k].log_count - 2.0)));
        cost += gradient * error / 2;
        for (ptrdiff_t i = 0; i < stride; i++) {
            double before = w[i];
            adagrad(w + i, w + stride + i, gradient * u[i], 0.05, 0.5);
            adagrad(u + i, u + stride + i, gradient * before, 0.05, 0.5);
        }
        adagrad(b, b + 1, gradient, 1, INFINITY);
        adagrad(c, c + 1, gradient, 1, INFINITY);
    }
    Cells all = {
        .cells = cells, .n = n, .stride = stride, .words = rows[0], .contexts = rows[1], .word_biases = biases[0],
        .context_biases = biases[1], .eta = 0.05f, .alpha = 0.75f, .log_x_max = 2, .clip = 0.5f,
    };
    wrong += !(fabs(kernels->train_cells(&all) - cost) <= 1e-4 * (1 + cost));
    for (int side = 0; side < 2; side++) {
        for (ptrdiff_t k = 0; k < size; k++)
            wrong += differs(rows[side][k], wanted[side][k]);
        for (ptrdiff_t k = 0; k < 2 * words; k++)
            wrong += differs(biases[side][k], wanted_biases[side][k]);
        free(rows[side]), free(biases[side]), free(wanted[side]), free(wanted_biases[side]);
    }
    free(cells);
    return wrong;
}

int main(void)
{
    const char *names[] = {"avx512", "avx2", "neon", "portable"};
    int wrong = 0;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        const Kernels *kernels = find_kernels(names[k]);
        if (!kernels)
            continue;
        printf("%s\n", kernels->name);
        for (int trial = 0; trial < 200; trial++) {
            ptrdiff_t n = 1 + (ptrdiff_t)(20 * uniform()), m = 1 + (ptrdiff_t)(40 * uniform());
            ptrdiff_t d = 1 + (ptrdiff_t)(70 * uniform());
            int found = try_step(kernels, n, m, d, trial & 1, trial >> 1 & 1, trial >> 2 & 1, trial >> 3 & 1);
            found += try_weights(kernels, n, m) + try_softmax(kernels, n, m) + try_deltas(kernels, n, d);
            found += try_exponentials(kernels, 1 + trial);
            if (found)
                fprintf(stderr, "%s: %d wrong with n=%d m=%d d=%d\n", names[k], found, (int)n, (int)m, (int)d);
            wrong += found;
        }
        for (ptrdiff_t d = 1; d < 3 * 64; d++) {
            int found = try_equal_rows(kernels, d);
            if (found)
                fprintf(stderr, "%s: %d of equal rows of %d floats differ\n", names[k], found, (int)d);
            wrong += found;
        }
        for (int trial = 0; trial < 50; trial++) { /* more than a batch of cells at times */
            ptrdiff_t n = 1 + (ptrdiff_t)(300 * uniform()), words = 10 + (ptrdiff_t)(300 * uniform());
            ptrdiff_t stride = LANES * (1 + (ptrdiff_t)(5 * uniform()));
            int found = try_cells(kernels, n, words, stride);
            if (found)
                fprintf(stderr, "%s: %d wrong in %d cells of %d words\n", names[k], found, (int)n, (int)words);
            wrong += found;
        }
    }
    return wrong != 0;
}
