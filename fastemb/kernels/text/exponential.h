/* The exponential function of many floats at once: a loop without branches or calls, which compilers vectorise. */
#ifndef FASTEMB_EXPONENTIAL_H
#define FASTEMB_EXPONENTIAL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* exp(x) to 2 units in the last place for -87 <= x <= 88; 0 below, and for NaN.
   x = n ln 2 + r with |r| <= ln 2 / 2; exp(r) by its Taylor series, times 2^n by the bits of the exponent. */
static inline float exponential(float x)
{
    float kept = x > -87.0f ? (x < 88.0f ? x : 88.0f) : -87.0f;
    float n = (kept * 1.44269504f + 12582912.0f) - 12582912.0f; /* rounded, since 1.5 · 2^23 leaves no fraction */
    float r = (kept - n * 0.693359375f) + n * 2.12194440e-4f;   /* ln 2 in two parts, the first without error */
    float sum = 1.0f + r * (1.0f + r * (1.0f / 2 + r * (1.0f / 6 + r * (1.0f / 24 + r * (1.0f / 120 + r * (1.0f / 720))))));
    int32_t bits = ((int32_t)n + 127) * (1 << 23);
    float power;
    memcpy(&power, &bits, sizeof power);
    return x > -87.0f ? sum * power : 0.0f;
}

/* x[i] = exp(x[i] - largest); returns the sum of them */
static inline float exponentials(float *x, ptrdiff_t n, float largest)
{
    float sums[8] = {0, 0, 0, 0, 0, 0, 0, 0}, total = 0;
    ptrdiff_t i = 0;
    for (; i < n; i++)
        x[i] = exponential(x[i] - largest);
    for (i = 0; i + 8 <= n; i += 8)
        for (int j = 0; j < 8; j++)
            sums[j] += x[i + j];
    for (; i < n; i++)
        total += x[i];
    for (int j = 0; j < 8; j++)
        total += sums[j];
    return total;
}

#endif
