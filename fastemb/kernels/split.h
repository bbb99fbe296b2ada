/* Where str.split() splits, and where fastText does, in UTF-8. */
#ifndef FASTEMB_SPLIT_H
#define FASTEMB_SPLIT_H

#include <stdint.h>

/* What a byte is. Only for those of spaces is SPACE set. NUL goes with what has to be looked at closely. */
enum {
    LETTER = 0,
    WIDE = 1,    /* part of a character beyond ASCII */
    SPACE = 2,   /* the ASCII characters at which str.split() splits: tab to CR, FS to US, and the blank */
    NEWLINE = 3,
};

#define SIXTEEN(kind) kind, kind, kind, kind, kind, kind, kind, kind, kind, kind, kind, kind, kind, kind, kind, kind

static const unsigned char kinds[256] = {
    WIDE, 0, 0, 0, 0, 0, 0, 0, 0, SPACE, NEWLINE, SPACE, SPACE, SPACE, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, SPACE, SPACE, SPACE, SPACE,
    SPACE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    SIXTEEN(LETTER), SIXTEEN(LETTER), SIXTEEN(LETTER), SIXTEEN(LETTER), SIXTEEN(LETTER),
    SIXTEEN(WIDE), SIXTEEN(WIDE), SIXTEEN(WIDE), SIXTEEN(WIDE),
    SIXTEEN(WIDE), SIXTEEN(WIDE), SIXTEEN(WIDE), SIXTEEN(WIDE),
};

/* fastText splits at blanks of ASCII alone, and at NUL. */
static const unsigned char fasttext_kinds[256] = {
    SPACE, 0, 0, 0, 0, 0, 0, 0, 0, SPACE, NEWLINE, SPACE, SPACE, SPACE, 0, 0,
    SIXTEEN(LETTER),
    SPACE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    SIXTEEN(LETTER), SIXTEEN(LETTER), SIXTEEN(LETTER), SIXTEEN(LETTER), SIXTEEN(LETTER),
    SIXTEEN(WIDE), SIXTEEN(WIDE), SIXTEEN(WIDE), SIXTEEN(WIDE),
    SIXTEEN(WIDE), SIXTEEN(WIDE), SIXTEEN(WIDE), SIXTEEN(WIDE),
};

/* The other characters at which str.split() splits. */
static inline int is_wide_space(uint32_t c)
{
    return c == 0x85 || c == 0xa0 || c == 0x1680 || (0x2000 <= c && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f || c == 0x3000;
}

/* Length in bytes of the UTF-8 character at p, which goes to `value`; 0 if it is not valid, or NUL. */
static inline int code_point(const unsigned char *p, const unsigned char *end, uint32_t *value)
{
    unsigned char first = p[0];
    int length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    uint32_t c = length == 1 ? first : first & (0x7fu >> length);
    if (end - p < length || first == 0)
        return 0;
    for (int k = 1; k < length; k++) {
        if ((p[k] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[k] & 0x3f);
    }
    /* Overlong forms, surrogates, and what lies beyond Unicode. */
    if ((length == 3 && (c < 0x800 || (0xd800 <= c && c < 0xe000))) || (length == 4 && (c < 0x10000 || c > 0x10ffff)))
        return 0;
    *value = c;
    return length;
}

#endif
