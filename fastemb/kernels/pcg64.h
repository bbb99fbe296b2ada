/* The generator PCG64 (O'Neill 2014, with the output function XSL-RR), which is NumPy's default. Its states are
   s ← M s + c in 128 bits, so that of n steps later is made in as many steps as n has bits. */
#ifndef FASTEMB_PCG64_H
#define FASTEMB_PCG64_H

#include <stdint.h>

typedef struct {
    uint64_t high, low;
} Wide;

/* s ← factor s + term */
typedef struct {
    Wide factor, term;
} Jump;

static inline Wide multiply_add(Wide a, Wide b, Wide c)
{
    Wide sum;
#ifdef __SIZEOF_INT128__
    unsigned __int128 low = (unsigned __int128)a.low * b.low;
    sum.low = (uint64_t)low;
    sum.high = (uint64_t)(low >> 64);
#else
    uint64_t a0 = a.low & UINT32_MAX, a1 = a.low >> 32, b0 = b.low & UINT32_MAX, b1 = b.low >> 32;
    uint64_t middle = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (middle & UINT32_MAX);
    sum.low = a.low * b.low;
    sum.high = a1 * b1 + (middle >> 32) + (other >> 32);
#endif
    sum.high += a.high * b.low + a.low * b.high + c.high;
    sum.low += c.low;
    sum.high += sum.low < c.low;
    return sum;
}

static inline Wide step(Jump jump, Wide state) { return multiply_add(jump.factor, state, jump.term); }

/* One step of NumPy's generator. */
static inline Jump one_step(Wide increment)
{
    Jump jump = {{UINT64_C(2549297995355413924), UINT64_C(4865540595714422341)}, increment};
    return jump;
}

/* The same jump twice. */
static inline Jump twice(Jump jump)
{
    Wide none = {0, 0};
    Jump both = {multiply_add(jump.factor, jump.factor, none), step(jump, jump.term)};
    return both;
}

/* The 64 random bits of a state. */
static inline uint64_t output(Wide state)
{
    uint64_t bits = state.high ^ state.low, turn = state.high >> 58;
    return bits >> turn | bits << (64 - turn) % 64;
}

/* A number from [0, 1) with 24 random bits. */
static inline float unit(uint32_t bits) { return (float)(bits >> 8) * (1.0f / 16777216.0f); }

#endif
