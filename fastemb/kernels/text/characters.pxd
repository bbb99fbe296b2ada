"""What characters are and become: cleaned, without accents, in lower case, and where a word ends at them.

    code point ─ clean ─ Chinese apart ─ strip accents (NFD, sorted, without Mn) ─ lower case ─ kind

The steps and their order are those of BertNormalizer of the `tokenizers` library; unicode.py has its tables.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t

cdef enum:
    DROPPED = 1
    BLANK = 2
    CHINESE = 4
    SPACE = 8
    PUNCTUATION = 16
    WORD = 32
    MOVES = 64
    PARTS = 128


cdef enum:          # how a character stands in a text:
    LEFT_OUT        # as if it were not there
    PART            # of a word
    OTHER           # of a run of others, which is a word of its own
    ALONE           # a word of its own
    BETWEEN         # words


cdef enum:          # where words end:
    BERT            # at blanks, and at punctuation, of which each is a word
    RUNS            # \w+|[^\w\s]+
    BLANKS          # at blanks


cdef struct Characters:
    const uint16_t *numbers     # 4,352: of pages
    const uint32_t *pages       # 256 records each
    const uint16_t *starts      # of sequences
    const uint32_t *codes
    bint clean, chinese, strip, lower
    int cut                     # BERT, RUNS or BLANKS
    uint8_t[128] kind           # of ASCII, once it has become
    uint8_t[128] becomes        # this


cdef inline uint32_t record_of(const Characters *c, uint32_t code) noexcept nogil:
    return c.pages[256 * <uint32_t>c.numbers[code >> 8] + (code & 255)]


cdef inline int kind_of(const Characters *c, uint32_t record) noexcept nogil:
    if record & SPACE:
        return BETWEEN
    if c.cut == BERT:
        return ALONE if record & PUNCTUATION else PART
    return OTHER if c.cut == RUNS and not record & WORD else PART


cdef inline void set_ascii(Characters *c) noexcept nogil:
    """Fill the tables of ASCII, whose characters become one of them, or nothing."""
    cdef uint32_t code, record
    for code in range(128):
        record = record_of(c, code)
        c.becomes[code], c.kind[code] = code, kind_of(c, record)
        if c.clean and record & (DROPPED | BLANK):
            c.kind[code] = BETWEEN if record & BLANK else LEFT_OUT
        elif c.lower and c"A" <= code <= c"Z":
            c.becomes[code] = code + 32


cdef inline int hangul_parts(uint32_t code, uint32_t *parts) noexcept nogil:
    """The two or three letters of a syllable; 0 if it is none."""
    cdef uint32_t k = code - 0xAC00
    if k >= 11172:
        return 0
    parts[0], parts[1], parts[2] = 0x1100 + k // 588, 0x1161 + k % 588 // 28, 0x11A7 + k % 28
    return 3 if k % 28 else 2


cdef inline int read_code(const unsigned char *p, uint32_t *code) noexcept nogil:
    """The code point of the UTF-8 at p, and how many bytes it has."""
    if p[0] < 0x80:
        code[0] = p[0]
        return 1
    if p[0] < 0xE0:
        code[0] = (p[0] & 0x1F) << 6 | (p[1] & 0x3F)
        return 2
    if p[0] < 0xF0:
        code[0] = (p[0] & 0x0F) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F)
        return 3
    code[0] = (p[0] & 0x07) << 18 | (p[1] & 0x3F) << 12 | (p[2] & 0x3F) << 6 | (p[3] & 0x3F)
    return 4


cdef inline int write_code(uint32_t code, unsigned char *p) noexcept nogil:
    """The UTF-8 of a code point; how many bytes it has, 4 at most."""
    if code < 0x80:
        p[0] = code
        return 1
    if code < 0x800:
        p[0], p[1] = 0xC0 | code >> 6, 0x80 | (code & 0x3F)
        return 2
    if code < 0x10000:
        p[0], p[1], p[2] = 0xE0 | code >> 12, 0x80 | (code >> 6 & 0x3F), 0x80 | (code & 0x3F)
        return 3
    p[0], p[1], p[2] = 0xF0 | code >> 18, 0x80 | (code >> 12 & 0x3F), 0x80 | (code >> 6 & 0x3F)
    p[3] = 0x80 | (code & 0x3F)
    return 4
