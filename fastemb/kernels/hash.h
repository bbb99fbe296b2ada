/* Mixing of 64-bit numbers, used for hashing words and for random numbers that belong to a place in the corpus. */
#ifndef FASTEMB_HASH_H
#define FASTEMB_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The finaliser of SplitMix64 (Steele, Lea and Flood 2014). */
static inline uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

/* The k-th number of the stream that begins at key. */
static inline uint64_t random_at(uint64_t key, uint64_t k) { return mix(key + k * UINT64_C(0x9E3779B97F4A7C15)); }

/* A number below bound from 32 random bits, without division. */
static inline uint32_t below(uint32_t bits, uint32_t bound) { return (uint32_t)(((uint64_t)bits * bound) >> 32); }

/* The first n <= 8 bytes at s as one number; memory up to `end` may be read. */
static inline uint64_t first_bytes(const unsigned char *s, size_t n, const unsigned char *end)
{
    uint64_t word = 0;
    if (end - s < 8) {
        memcpy(&word, s, n);
        return word;
    }
    memcpy(&word, s, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return n == 8 ? word : word & ~(UINT64_MAX >> 8 * n);
#else
    return n == 8 ? word : word & ~(UINT64_MAX << 8 * n);
#endif
}

/* Hash of the n bytes at s; memory up to `end` may be read. */
static inline uint64_t hash_bytes(const unsigned char *s, size_t n, const unsigned char *end)
{
    uint64_t h = n * UINT64_C(0x9E3779B97F4A7C15), word;
    for (; n > 8; s += 8, n -= 8) {
        memcpy(&word, s, 8);
        h = (h ^ word) * UINT64_C(0xBF58476D1CE4E5B9);
        h ^= h >> 32;
    }
    return mix(h ^ first_bytes(s, n, end));
}

/* Whether the n bytes at a and at b are the same; memory up to the ends may be read. */
static inline int same_bytes(const unsigned char *a, const unsigned char *a_end, const unsigned char *b,
                             const unsigned char *b_end, size_t n)
{
    return n > 8 ? memcmp(a, b, n) == 0 : first_bytes(a, n, a_end) == first_bytes(b, n, b_end);
}

#endif
