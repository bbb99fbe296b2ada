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

/* How many bits of a word are set. */
static inline int set_bits(uint64_t word)
{
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    return (int)(word * UINT64_C(0x0101010101010101) >> 56);
}

/* A number below bound from 32 random bits, without division. */
static inline uint32_t below(uint32_t bits, uint32_t bound) { return (uint32_t)(((uint64_t)bits * bound) >> 32); }

/* x % bound without division, by the inverse of bound (Lemire, Kaser and Kurz 2019). */
static inline uint64_t inverse_of(uint32_t bound) { return UINT64_MAX / bound + 1; }
static inline uint32_t remainder_by(uint32_t x, uint64_t inverse, uint32_t bound)
{
#if defined(__SIZEOF_INT128__)
    return (uint32_t)(((unsigned __int128)(inverse * x) * bound) >> 64);
#else
    (void)inverse;
    return x % bound;
#endif
}

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

/* Both halves of a product, one xor the other. */
static inline uint64_t folded(uint64_t a, uint64_t b)
{
#if defined(__SIZEOF_INT128__)
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    uint64_t low = (uint32_t)a * (uint64_t)(uint32_t)b, high = (a >> 32) * (b >> 32);
    uint64_t one = (a >> 32) * (uint32_t)b, other = (uint32_t)a * (b >> 32);
    uint64_t middle = (low >> 32) + (uint32_t)one + (uint32_t)other;
    return ((middle << 32) | (uint32_t)low) ^ (high + (one >> 32) + (other >> 32) + (middle >> 32));
#endif
}

/* Hash of the n bytes at s, by an odd secret; memory up to `end` may be read.

   A product alone would not do: of it the high bits of a difference change nothing but high bits, whatever the secret,
   so that the next bytes could undo them. */
static inline uint64_t hash_bytes(const unsigned char *s, size_t n, const unsigned char *end, uint64_t secret)
{
    uint64_t h = secret ^ n * UINT64_C(0x9E3779B97F4A7C15), word;
    for (; n > 8; s += 8, n -= 8) {
        memcpy(&word, s, 8);
        h = folded(h ^ word, secret);
    }
    return mix(h ^ first_bytes(s, n, end));
}

/* The first byte from p on that is not a visible ASCII character, or `end`. */
static inline const unsigned char *skip_visible(const unsigned char *p, const unsigned char *end)
{
#if defined(__GNUC__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t bytes, others;
    for (; end - p >= 8; p += 8) {
        memcpy(&bytes, p, 8);
        /* The top bit of each byte that is above 0x7f or below 0x21; the first of them is never wrong. */
        others = (bytes | ((bytes - 0x21 * each) & ~bytes)) & 0x80 * each;
        if (others)
            return p + (__builtin_ctzll(others) >> 3);
    }
#endif
    while (p < end && *p > 0x20 && *p < 0x80)
        p++;
    return p;
}

/* Number of the lowest bit that is 1, of which there must be one. */
static inline int lowest_bit(uint64_t bits)
{
#if defined(__GNUC__)
    return __builtin_ctzll(bits);
#else
    int k = 0;
    for (; !(bits & 1); bits >>= 1)
        k++;
    return k;
#endif
}

/* The empty assembly is an effect to GCC, which else takes functions that do nothing else for ones that do nothing. */
#if defined(__GNUC__)
#define WILL_READ(address)            \
    do {                              \
        __builtin_prefetch(address);  \
        __asm__ volatile("");         \
    } while (0)
#else
#define WILL_READ(address) (void)(address)
#endif

#endif
