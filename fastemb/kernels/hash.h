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

/* Hash of n bytes, eight at a time. */
static inline uint64_t hash_bytes(const unsigned char *s, size_t n)
{
    uint64_t h = (n + 1) * UINT64_C(0x9E3779B97F4A7C15), word;
    for (; n >= 8; s += 8, n -= 8) {
        memcpy(&word, s, 8);
        h = (h ^ word) * UINT64_C(0xBF58476D1CE4E5B9);
        h ^= h >> 32;
    }
    word = 0;
    if (n >= 4) { /* two overlapping halves hold the last 4 to 7 bytes */
        uint32_t head, tail;
        memcpy(&head, s, 4);
        memcpy(&tail, s + n - 4, 4);
        word = (uint64_t)head << 32 | tail;
    } else if (n) { /* first, middle and last hold the last 1 to 3 */
        word = (uint64_t)s[0] << 16 | (uint64_t)s[n / 2] << 8 | s[n - 1];
    }
    return mix(h ^ word);
}

#endif
