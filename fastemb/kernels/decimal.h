/* Decimal text to floating-point numbers and back. All text has 8 readable bytes behind its end, and a newline there. */
#ifndef FASTEMB_DECIMAL_H
#define FASTEMB_DECIMAL_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef _MSC_VER
#include <intrin.h>
static inline int trailing_zeros(uint64_t v)
{
    unsigned long place;
    _BitScanForward64(&place, v);
    return (int)place;
}
#else
#define trailing_zeros __builtin_ctzll
#endif

enum { LARGEST_POWER = 308, EXACT_POWER = 22, LONGEST_NUMBER = 24 };

static double powers_of_ten[LARGEST_POWER + 1]; /* filled when the module is imported */
static const uint32_t small_powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};

/* The next 8 characters, the first in the lowest byte; '0' to '9' become 0 to 9, everything else is more. */
static inline uint64_t eight_characters(const unsigned char *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v ^ 0x3030303030303030u;
}

/* How many of them are digits before the first that is none. A carry only spoils characters after that one. */
static inline int leading_digits(uint64_t v)
{
    uint64_t others = (v | (v + 0x7676767676767676u)) & 0x8080808080808080u;
    return others ? trailing_zeros(others) >> 3 : 8;
}

/* The number that the first n ≥ 1 of them make: neighbours join to pairs, pairs to fours, fours to eight. */
static inline uint64_t joined_digits(uint64_t v, int n)
{
    v <<= 8 * (8 - n);
    v = (v * (10u << 8 | 1) >> 8) & 0x00ff00ff00ff00ffu;
    v = (v * (100u << 16 | 1) >> 16) & 0x0000ffff0000ffffu;
    return v * ((uint64_t)10000 << 32 | 1) >> 32;
}

/* digits · 10^exponent, exactly rounded where `certain`, else wrong by less than 2⁻⁵⁰ of it (or beyond any float). */
static inline double scaled(uint64_t digits, int64_t exponent, int *certain)
{
    double value = (double)digits;
    *certain = digits >> 53 == 0 && -EXACT_POWER <= exponent && exponent <= EXACT_POWER;
    if (exponent < 0)
        return exponent < -LARGEST_POWER ? value / powers_of_ten[LARGEST_POWER] / powers_of_ten[60] : value / powers_of_ten[-exponent];
    return value * powers_of_ten[exponent > LARGEST_POWER ? LARGEST_POWER : exponent];
}

/* Whether all numbers so near to a value are the same float. */
static inline int same_float(double value)
{
    const double slack = 1.0 / ((int64_t)1 << 50);
    return (float)(value * (1 - slack)) == (float)(value * (1 + slack));
}

static inline int is_digit(unsigned char c) { return (unsigned char)(c - '0') < 10; }

/* The first 19 digits of a number that has more, from its first that is not 0; `exponent` counts those left out. */
static uint64_t first_digits(const unsigned char *p, const unsigned char *end, int64_t *exponent)
{
    uint64_t digits = 0;
    int taken = 0, fraction = 0;
    *exponent = 0;
    for (; p < end; p++) {
        if (*p == '.') {
            fraction = 1;
        } else if (taken < 19) {
            digits = 10 * digits + (*p - '0');
            taken += digits != 0;
            *exponent -= fraction;
        } else {
            *exponent += !fraction;
        }
    }
    return digits;
}

static const unsigned char *parse_name(const unsigned char *p, const char *name)
{
    for (; *name; name++, p++)
        if ((*p | 0x20) != *name)
            return NULL;
    return p;
}

static const unsigned char *parse_not_finite(const unsigned char *p, double *value)
{
    const unsigned char *after;
    if ((after = parse_name(p, "nan")) != NULL) {
        *value = NAN;
        return after;
    }
    *value = INFINITY;
    if ((after = parse_name(p, "infinity")) != NULL)
        return after;
    return parse_name(p, "inf");
}

/* Parse the number at p: where it ends, or NULL if there is none. `certain`: the double is exactly that of
   strtod; if not, it is within 2⁻⁵⁰ of it. */
static inline const unsigned char *parse_number(const unsigned char *p, double *value, int *certain)
{
    const int negative = *p == '-';
    const unsigned char *begin, *end;
    uint64_t digits = 0, next;
    int64_t count, exponent = 0, power = 0;
    int n, sign;
    p += negative | (*p == '+');
    for (begin = p; is_digit(*p); p++)
        digits = 10 * digits + (*p - '0');
    count = p - begin;
    if (*p == '.') {
        const unsigned char *point = p++;
        do {
            next = eight_characters(p);
            n = leading_digits(next);
            if (n)
                digits = digits * small_powers[n] + joined_digits(next, n);
            p += n;
        } while (n == 8);
        exponent = point + 1 - p;
        count -= exponent;
    }
    end = p;
    *certain = 1;
    if (count == 0) {
        p = begin == end ? parse_not_finite(p, value) : NULL;
        if (p != NULL && negative)
            *value = -*value;
        return p;
    }
    if (count > 19)
        digits = first_digits(begin, end, &exponent);
    if ((*p | 0x20) == 'e') {
        sign = *++p == '-';
        p += sign | (*p == '+');
        if (!is_digit(*p))
            return NULL;
        for (; is_digit(*p); p++)
            power = power > 999999 ? power : 10 * power + (*p - '0');
        exponent += sign ? -power : power;
    }
    *value = 0;
    if (digits) {
        *value = scaled(digits, exponent, certain);
        *certain &= count <= 19;
    }
    if (negative)
        *value = -*value;
    return p;
}

/* The n digits nearest to value / 10^(exponent + 1 - n), if they give back x; else 0. */
static inline uint32_t digits_of(float x, int exponent, int n)
{
    const int power = exponent + 1 - n;
    double value = x, back;
    int certain;
    uint32_t digits;
    value = power < 0 ? value * powers_of_ten[-power] : value / powers_of_ten[power];
    digits = (uint32_t)llrint(value);
    back = scaled(digits, power, &certain);
    return n == 9 || ((float)back == x && (certain || same_float(back))) ? digits : 0;
}

/* The fewest digits, without zeros at their end, that give back x > 0; x is about digits · 10^power. */
static inline uint32_t shortest_digits(float x, int *power)
{
    int exponent, n = 8;
    uint32_t digits, fewer;
    frexp(x, &exponent);
    exponent = (int)floor((exponent - 1) * 0.30102999566398120); /* log₁₀ 2; perhaps one too small */
    if (exponent >= 0 ? x >= powers_of_ten[exponent + 1] : x * powers_of_ten[-exponent] >= 10)
        exponent++;
    digits = digits_of(x, exponent, n);
    if (digits == 0)
        digits = digits_of(x, exponent, n = 9);
    else
        while (n > 1 && (fewer = digits_of(x, exponent, n - 1)) != 0) {
            digits = fewer;
            n--;
        }
    for (*power = exponent + 1 - n; digits % 10 == 0; digits /= 10)
        ++*power;
    return digits;
}

static inline char *print_digits(char *out, uint32_t digits, int n)
{
    int k;
    for (k = n - 1; k >= 0; k--, digits /= 10)
        out[k] = (char)('0' + digits % 10);
    return out + n;
}

static inline char *print_name(char *out, const char *name)
{
    size_t length = strlen(name);
    memcpy(out, name, length);
    return out + length;
}

/* Print x as NumPy does: the fewest digits that give it back; LONGEST_NUMBER bytes at most. Where it ends. */
static char *print_float(char *out, float x)
{
    int power, n = 1, point;
    uint32_t digits;
    if (x != x)
        return print_name(out, "nan");
    if (signbit(x)) {
        *out++ = '-';
        x = -x;
    }
    if (isinf(x))
        return print_name(out, "inf");
    if (x == 0)
        return print_name(out, "0.0");
    digits = shortest_digits(x, &power);
    while (n < 9 && digits >= small_powers[n])
        n++;
    point = n + power; /* where the point stands, counted from the first digit */
    if (x < 1e16 && x >= 1e-4) {
        if (point <= 0) {
            out = print_name(out, "0.");
            memset(out, '0', (size_t)-point);
            return print_digits(out - point, digits, n);
        }
        if (power >= 0) {
            out = print_digits(out, digits, n);
            memset(out, '0', (size_t)power);
            return print_name(out + power, ".0");
        }
        print_digits(out + 1, digits, n);
        memmove(out, out + 1, (size_t)point);
        out[point] = '.';
        return out + n + 1;
    }
    print_digits(out + 1, digits, n);
    out[0] = out[1];
    out[1] = '.';
    out += n == 1 ? 1 : n + 1;
    *out++ = 'e';
    power = point - 1;
    *out++ = power < 0 ? '-' : '+';
    return print_digits(out, (uint32_t)(power < 0 ? -power : power), 2);
}

#endif
