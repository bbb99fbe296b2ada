/* The loops of loops.inc for each instruction set, and the choice among them. */
#include "loops.h"

#include <math.h>
#include <string.h>

/* σ(x) = 1 / (1 + exp(-x)), to about 1e-7; x is clamped to ±40, where σ is 0 or 1 in single precision. */
static inline float sigmoid(float x)
{
    const float round = 12582912.0f;            /* 1.5 · 2²³: adding it rounds to a whole number */
    float t = (x < -40.0f ? -40.0f : x > 40.0f ? 40.0f : x) * -1.44269504f; /* exp(-x) = 2^t = 2^whole · 2^part */
    float shifted = t + round;
    float part = (t - (shifted - round)) * 0.693147181f;
    float power = 1.0f + part * (1.0f + part * (0.5f + part * (0.166666667f + part * (0.0416666667f +
                  part * (0.00833333333f + part * 0.00138888889f)))));
    uint32_t bits;
    float scale;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 127) << 23; /* the low bits of `shifted` hold the whole part; the rest is shifted out */
    memcpy(&scale, &bits, sizeof scale);
    return 1.0f / (1.0f + scale * power);
}

double logistic_loss(const float *x, const float *weights, const float *labels, ptrdiff_t n, ptrdiff_t m)
{
    double sum = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        for (ptrdiff_t j = 0; j < m; j++) {
            double wrong = labels[j] > 0.5f ? -x[i * m + j] : x[i * m + j];
            /* log(1 + exp(wrong)) without overflow; a weight of 0 hides even what is not finite */
            if (weights[i * m + j] != 0)
                sum += weights[i * m + j] * ((wrong > 0 ? wrong : 0) + log1p(exp(-fabs(wrong))));
        }
    return sum;
}

#define NAME(function) function##_portable
#define TARGET
#include "loops.inc"

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#define NAME(function) function##_avx2
#define TARGET __attribute__((target("avx2,fma")))
#include "loops.inc"

const Loops *best_loops(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &loops_avx2 : &loops_portable;
}
#else
const Loops *best_loops(void) { return &loops_portable; }
#endif
