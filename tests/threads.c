/* Threads that claim blocks from one counter and train rows of shared matrices without locks, as workers
   do; for ThreadSanitizer. The races on the rows are meant (Hogwild!, Recht et al. 2011) and stand in
   hogwild.supp; there may be no others. The exit status is 1 if a block was lost or a row spoiled. */
#include "platform.h"
#include "kernels.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>

enum { WORKERS = 4, BLOCKS = 400, ROWS = 40, D = 21, N = 6, M = 9, COLUMNS = 16 };

static float inputs[ROWS][D], outputs[ROWS][D];
static float vectors[2][ROWS][2][LANES], biases[2][ROWS][2]; /* of GloVe */
static int64_t claimed, stopped;
static const Kernels *kernels;

typedef struct {
    pthread_t thread;
    int64_t blocks;
    double loss;
    float copies[M][D], origins[M][D]; /* of the first outputs */
} Worker;

/* Every block has its own rows, which it shares with others'. */
static void train_block(Worker *worker, int64_t block)
{
    float *x[N], *o[M], positives[N * COLUMNS] = {0}, weights[N * COLUMNS] = {0}, gradient[N * COLUMNS];
    float change[N * LANES], hidden[D], *mean = hidden;
    Step step = {
        .n = N, .m = M, .d = D, .columns = COLUMNS, .inputs = x, .outputs = o, .positives = positives,
        .weights = weights, .alpha = 0.05f, .measure = 1, .gradient = gradient, .change = change,
        .coming = M, .ahead = o,
    };
    for (int i = 0; i < N; i++)
        x[i] = inputs[(block + i * 5) % ROWS];
    for (int j = 0; j < M; j++)
        o[j] = outputs[(block * 3 + j) % ROWS];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++) {
            positives[i * COLUMNS + j] = j == 0;
            weights[i * COLUMNS + j] = 1;
        }
    if (block % 2) { /* as CBOW: the mean of the inputs is trained, and its change added to each */
        kernels->sum_rows(hidden, x, N, D, NULL, 1.0f / N);
        step.n = 1, step.inputs = &mean, step.replace = 1;
        kernels->train(&step);
        kernels->add_to_rows(x, N, D, hidden, NULL);
    } else if (block % 4)
        kernels->train(&step);
    else
        kernels->train_softmax(&step);
    float shares[M];
    for (int j = 0; j < M; j++) {
        shares[j] = 0.5f;
        worker->copies[j][block % D] += 0.01f;
    }
    kernels->merge(outputs[0], worker->copies[0], worker->origins[0], M, D, shares);
    Cell cells[N];
    for (int i = 0; i < N; i++)
        cells[i] = (Cell){(int32_t)((block + i) % ROWS), (int32_t)((block * 3 + i) % ROWS), 1};
    Cells glove = {
        .cells = cells, .n = N, .stride = LANES, .words = vectors[0][0][0], .contexts = vectors[1][0][0],
        .word_biases = biases[0][0], .context_biases = biases[1][0], .eta = 0.05f, .alpha = 1, .log_x_max = 2, .clip = 1,
    };
    worker->loss += step.loss + kernels->train_cells(&glove);
    worker->blocks++;
}

static void *work(void *argument)
{
    int64_t block;
    while (!load(&stopped) && (block = fetch_add(&claimed, 1)) < BLOCKS)
        train_block(argument, block);
    return NULL;
}

static int train_all(void)
{
    Worker workers[WORKERS] = {{0}};
    int64_t blocks = 0;
    double loss = 0;
    for (int row = 0; row < ROWS; row++)
        for (int k = 0; k < D; k++) {
            inputs[row][k] = sinf((float)(row * D + k));
            outputs[row][k] = 0;
        }
    for (int side = 0; side < 2; side++)
        for (int row = 0; row < ROWS; row++) {
            biases[side][row][0] = 0;
            biases[side][row][1] = 1;
            for (int k = 0; k < LANES; k++) {
                vectors[side][row][0][k] = sinf((float)(row * LANES + k));
                vectors[side][row][1][k] = 1;
            }
        }
    store(&claimed, 0);
    store(&stopped, 0);
    for (int k = 0; k < WORKERS; k++)
        if (pthread_create(&workers[k].thread, NULL, work, &workers[k]))
            return 1;
    while (load(&claimed) < BLOCKS / 2) /* the calling thread watches the counter */
        ;
    store(&stopped, load(&claimed) < 0); /* and may write the flag */
    for (int k = 0; k < WORKERS; k++) {
        pthread_join(workers[k].thread, NULL);
        blocks += workers[k].blocks;
        loss += workers[k].loss;
    }
    for (int row = 0; row < ROWS; row++)
        for (int k = 0; k < D; k++)
            loss += 0 * (inputs[row][k] + outputs[row][k]);
    return blocks != BLOCKS || !isfinite(loss);
}

int main(void)
{
    const char *names[] = {"avx512", "avx2", "neon", "portable"};
    int wrong = 0;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if ((kernels = find_kernels(names[k]))) {
            printf("%s\n", kernels->name);
            wrong += train_all();
        }
    return wrong != 0;
}
