/* Skip-gram in a few lines, to be taken apart: a step of several windows, whose parts are computed from rows as they are
   by then or as they were before the step. See noise.py, which compiles it. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SHARED = 1, OLD_INPUTS = 2, OLD_CENTRES = 4, OLD_NOISE = 8, CHANGE_BY_NEW = 16, MOST = 4096, WORDS = 64 };

static uint64_t state;

static uint64_t random_bits(void)
{
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state * 0x2545F4914F6CDD1DULL;
}

/* The rows of a matrix as they were before a step */
typedef struct {
    int32_t *slot, ids[MOST];
    float *rows, *old;
    int n, d;
} Matrix;

static void keep(Matrix *m, int32_t id)
{
    if (m->slot[id] >= 0)
        return;
    m->slot[id] = m->n;
    m->ids[m->n] = id;
    memcpy(m->old + (ptrdiff_t)m->n++ * m->d, m->rows + (ptrdiff_t)id * m->d, m->d * sizeof(float));
}

static void forget(Matrix *m)
{
    while (m->n)
        m->slot[m->ids[--m->n]] = -1;
}

static const float *row(const Matrix *m, int32_t id, int old)
{
    return old ? m->old + (ptrdiff_t)m->slot[id] * m->d : m->rows + (ptrdiff_t)id * m->d;
}

static void train_pair(Matrix *x, Matrix *o, int32_t input, const int32_t *outputs, int words, float alpha, int flags)
{
    int d = x->d;
    float before[1024], change[1024] = {0}, *live = x->rows + (ptrdiff_t)input * d;
    memcpy(before, row(x, input, flags & OLD_INPUTS), d * sizeof(float));
    for (int j = 0; j <= words; j++) {
        if (j && outputs[j] == outputs[0])
            continue;
        int old = flags & (j ? OLD_NOISE : OLD_CENTRES);
        const float *met = row(o, outputs[j], old), *by = row(o, outputs[j], old && !(flags & CHANGE_BY_NEW));
        float *output = o->rows + (ptrdiff_t)outputs[j] * d, dot = 0;
        for (int k = 0; k < d; k++)
            dot += before[k] * met[k];
        float g = alpha * (!j - 1 / (1 + expf(-dot)));
        for (int k = 0; k < d; k++)
            change[k] += g * by[k];
        for (int k = 0; k < d; k++)
            output[k] += g * before[k];
    }
    for (int k = 0; k < d; k++)
        live[k] += change[k];
}

/* One epoch over n_walks × length ids below n; noise: a table of ids to draw from; vectors, outputs: n × d, d ≤ 1024 */
void train(const int32_t *walks, int64_t n_walks, int64_t length, int n, int d, float *vectors, float *outputs,
           const int32_t *noise, int64_t n_noise, int window, int words, int centres, int flags, const float *alphas,
           uint64_t seed)
{
    Matrix m[2] = {{.rows = vectors, .d = d}, {.rows = outputs, .d = d}};
    int32_t shared[WORDS];
    int low[1024], high[1024];
    state = seed * 0x9E3779B97F4A7C15ULL + 1;
    for (int k = 0; k < 2; k++) {
        m[k].slot = malloc(n * sizeof(int32_t)), m[k].old = malloc((size_t)MOST * d * sizeof(float));
        memset(m[k].slot, 255, n * sizeof(int32_t));
    }
    for (int64_t s = 0; s < n_walks; s++) {
        const int32_t *walk = walks + s * length;
        for (int c = 0; c < length; c++) {
            int reach = 1 + (int)(random_bits() % window);
            low[c] = c < reach ? 0 : c - reach, high[c] = c + reach < length ? c + reach + 1 : (int)length;
        }
        for (int first = 0; first < length; first += centres) {
            int end = first + centres < length ? first + centres : (int)length, pairs = 0;
            static int32_t inputs[MOST], met[MOST][WORDS];
            for (int j = 0; j < words; j++)
                shared[j] = noise[random_bits() % n_noise];
            for (int i = 0; i < length; i++)
                for (int c = first; c < end; c++) {
                    if (i < low[c] || i >= high[c] || i == c)
                        continue;
                    inputs[pairs] = walk[i], met[pairs][0] = walk[c];
                    for (int j = 0; j < words; j++)
                        met[pairs][j + 1] = flags & SHARED ? shared[j] : noise[random_bits() % n_noise];
                    keep(&m[0], walk[i]);
                    for (int j = 0; j <= words; j++)
                        keep(&m[1], met[pairs][j]);
                    pairs++;
                }
            for (int p = 0; p < pairs; p++)
                train_pair(&m[0], &m[1], inputs[p], met[p], words, alphas[s], flags);
            forget(&m[0]), forget(&m[1]);
        }
    }
    for (int k = 0; k < 2; k++)
        free(m[k].slot), free(m[k].old);
}
