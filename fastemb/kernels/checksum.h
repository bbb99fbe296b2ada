/* CRC-32 of zlib by products of polynomials over GF(2), sixteen bytes at a time (Gopal et al. 2009, "Fast CRC
   Computation for Generic Polynomials Using PCLMULQDQ Instruction"). */
#ifndef FASTEMB_CHECKSUM_H
#define FASTEMB_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#include <immintrin.h>

#define LEAST 64 /* bytes */

static int can_fold(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
}

#define FOLDS static inline __attribute__((always_inline, target("pclmul,sse4.1")))

/* What lies so many bits ahead of `next` as the two constants say, brought there and added to it. */
FOLDS __m128i brought(__m128i before, __m128i constants, __m128i next)
{
    __m128i low = _mm_clmulepi64_si128(before, constants, 0x00), high = _mm_clmulepi64_si128(before, constants, 0x11);
    return _mm_xor_si128(next, _mm_xor_si128(low, high));
}

FOLDS __m128i sixteen(const unsigned char *p) { return _mm_loadu_si128((const __m128i *)p); }

/* The remainder of 128 bits by the polynomial: to 96 bits, to 64, and by Barrett's reduction to 32. */
FOLDS uint32_t remainder_of(__m128i x, __m128i by_128)
{
    const __m128i low_halves = _mm_setr_epi32(-1, 0, -1, 0);
    const __m128i by_64 = _mm_set_epi64x(0, 0x0163cd6124), polynomial = _mm_set_epi64x(0x01f7011641, 0x01db710641);
    __m128i y;
    x = _mm_xor_si128(_mm_srli_si128(x, 8), _mm_clmulepi64_si128(x, by_128, 0x10));
    y = _mm_srli_si128(x, 4);
    x = _mm_xor_si128(_mm_clmulepi64_si128(_mm_and_si128(x, low_halves), by_64, 0x00), y);
    y = _mm_clmulepi64_si128(_mm_and_si128(x, low_halves), polynomial, 0x10);
    y = _mm_clmulepi64_si128(_mm_and_si128(y, low_halves), polynomial, 0x00);
    return (uint32_t)_mm_extract_epi32(_mm_xor_si128(x, y), 1);
}

/* The checksum of n bytes, a multiple of 16 and at least LEAST, that go on after `crc`. */
static __attribute__((target("pclmul,sse4.1"))) uint32_t folded_crc(const unsigned char *p, size_t n, uint32_t crc)
{
    const __m128i by_512 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4), by_128 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
    __m128i a = _mm_xor_si128(sixteen(p), _mm_cvtsi32_si128((int)~crc));
    __m128i b = sixteen(p + 16), c = sixteen(p + 32), d = sixteen(p + 48);
    for (p += 64, n -= 64; n >= 64; p += 64, n -= 64) {
        a = brought(a, by_512, sixteen(p));
        b = brought(b, by_512, sixteen(p + 16));
        c = brought(c, by_512, sixteen(p + 32));
        d = brought(d, by_512, sixteen(p + 48));
    }
    a = brought(brought(brought(a, by_128, b), by_128, c), by_128, d);
    for (; n >= 16; p += 16, n -= 16)
        a = brought(a, by_128, sixteen(p));
    return ~remainder_of(a, by_128);
}

#else

#define LEAST SIZE_MAX

static int can_fold(void) { return 0; }

static uint32_t folded_crc(const unsigned char *p, size_t n, uint32_t crc)
{
    (void)p, (void)n;
    return crc;
}

#endif
#endif
