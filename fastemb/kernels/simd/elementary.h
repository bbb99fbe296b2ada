/* Elementary functions of vectors. */
#ifndef FASTEMB_ELEMENTARY_H
#define FASTEMB_ELEMENTARY_H

/* 1 / √x to about 1e-7, for positive x */
INLINE Vector reciprocal_root(Vector x)
{
    Vector estimate = root_estimate(x), half = multiply(all(0.5f), multiply(x, estimate));
    if (ROOTS_ARE_EXACT)
        return estimate;
    return multiply(estimate, subtract(all(1.5f), multiply(half, estimate))); /* a step of Newton's */
}

/* exp(x) to about 1e-7, for x in ±40; beyond, as at ±40; NaN stays */
INLINE Vector exponential(Vector x)
{
    const Vector round = all(12582912.0f); /* 1.5 · 2²³: adding it rounds to a whole number, in the low bits */
    Vector t = multiply(smaller(all(40.0f), larger(all(-40.0f), x)), all(1.44269504f)); /* exp(x) = 2^t */
    Vector shifted = add(t, round);
    Vector part = multiply(subtract(t, subtract(shifted, round)), all(0.693147181f));
    Vector power = all(0.00138888889f);
    power = multiply_add(power, part, all(0.00833333333f));
    power = multiply_add(power, part, all(0.0416666667f));
    power = multiply_add(power, part, all(0.166666667f));
    power = multiply_add(power, part, all(0.5f));
    power = multiply_add(power, part, all(1.0f));
    power = multiply_add(power, part, all(1.0f));
    return multiply(shift_to_exponent(shifted), power);
}

/* σ(x) = 1 / (1 + exp(-x)) */
INLINE Vector sigmoid(Vector x)
{
    return divide(all(1.0f), add(all(1.0f), exponential(multiply(x, all(-1.0f)))));
}

/* -log σ(-x) = log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), and log(1 + t) = 2 artanh(t / (2 + t)) */
INLINE Vector softplus(Vector x)
{
    Vector t = exponential(smaller(multiply(x, all(-1.0f)), x));
    Vector z = divide(t, add(all(2.0f), t)), square = multiply(z, z);
    Vector series = all(2.0f / 15);
    series = multiply_add(series, square, all(2.0f / 13));
    series = multiply_add(series, square, all(2.0f / 11));
    series = multiply_add(series, square, all(2.0f / 9));
    series = multiply_add(series, square, all(2.0f / 7));
    series = multiply_add(series, square, all(2.0f / 5));
    series = multiply_add(series, square, all(2.0f / 3));
    series = multiply_add(series, square, all(2.0f));
    return multiply_add(series, z, larger(all(0), x));
}

#endif
