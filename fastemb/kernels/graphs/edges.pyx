"""Lists of edges, as text."""

import numpy as np

from fastemb.kernels.checks cimport check_range
from fastemb.kernels.text.wordtable cimport WordTable, bytes_t, checked
from libc.stdint cimport INT64_MAX, int32_t, int64_t

cdef extern from *:
    """
    #include "decimal.h"
    static inline const void *not_used(void) { return (const void *)print_float; }
    """

cdef extern from "decimal.h":
    const unsigned char *parse_number(const unsigned char *p, double *value, int *certain) noexcept nogil
    bint is_digit(unsigned char c) noexcept nogil
    double powers_of_ten[309]

cdef extern from "float.h":
    float FLT_MAX

cdef enum:
    PADDING = 8         # bytes behind the text that may be read

cdef enum Status:
    GOOD = 0
    TOO_FEW = 1
    TOO_MANY = 2
    NO_NUMBER = 3
    NO_WEIGHT = 4
    NOT_FINITE = 5
    NEGATIVE = 6
    OPEN_QUOTE = 7
    EMPTY = 8
    TOO_SMALL = 9

cdef int power
for power in range(309):
    powers_of_ten[power] = float(f"1e{power}")


cdef struct Field:
    bytes_t begin
    bytes_t end


cdef struct Format:
    unsigned char separator     # of fields; 0: blanks, or a comma or semicolon and blanks
    int columns                 # that an edge has: two nodes, and perhaps a weight
    bint exact                  # a line has no more


def parse(
        const unsigned char[::1] text, Py_ssize_t size, WordTable table or None, int separator, int columns,
        bint exact):
    """Read lines of edges; see edges.pyi."""
    check_range("size", size, 0, text.shape[0] - PADDING)
    check_range("separator", separator, 0, 127)
    check_range("columns", columns, 2, 3)
    if size and text[size - 1] != 10 or separator in (10, 13, 34):
        raise ValueError("a text must end with a line, and no separator be its end or a quote")
    cdef Format form = Format(<unsigned char>separator, columns, exact)
    cdef Py_ssize_t most = 0, k, done = 0
    cdef int64_t edges = 0
    cdef int32_t status = 0
    with nogil:
        for k in range(size):
            most += text[k] == 10
    sources, targets = np.empty(most, np.int64), np.empty(most, np.int64)
    weights = np.empty(most if columns == 3 else 0, np.float32)
    cdef int64_t[::1] source = sources, target = targets
    cdef float[::1] weight = weights
    if most:
        with nogil:
            status = parse_lines(&text[0], size, table, &form, &source[0], &target[0],
                                 &weight[0] if columns == 3 else NULL, &edges, &done)
    if status < 0:
        checked(status)
    return sources[:edges], targets[:edges], weights[:edges] if columns == 3 else None, status, done


cdef int32_t parse_lines(
        bytes_t text, Py_ssize_t size, WordTable table, const Format *form, int64_t *sources, int64_t *targets,
        float *weights, int64_t *edges, Py_ssize_t *done) noexcept nogil:
    """Read lines up to the first that is wrong; `done` is where that begins."""
    cdef bytes_t p = text, end = text + size, line_end
    cdef int32_t status
    cdef Field[3] fields
    while p < end:
        done[0] = p - text
        line_end = p
        while line_end[0] != 10:
            line_end += 1
        while p < line_end and is_blank(p[0]):
            p += 1
        if p < line_end and p[0] != 35 and p[0] != 37:      # no comment
            status = split(p, line_end, form, fields)
            if status == GOOD:
                status = number(table, &fields[0], end, &sources[edges[0]])
            if status == GOOD:
                status = number(table, &fields[1], end, &targets[edges[0]])
            if status == GOOD and form.columns == 3:
                status = weigh(&fields[2], &weights[edges[0]])
            if status != GOOD:
                return status
            edges[0] += 1
        p = line_end + 1
    done[0] = size
    return GOOD


cdef inline bint is_blank(unsigned char c) noexcept nogil:
    return c == 32 or c == 9 or c == 13


cdef inline bint is_separator(unsigned char c, unsigned char separator) noexcept nogil:
    return c == separator if separator else c == 44 or c == 59


cdef int32_t split(bytes_t p, bytes_t end, const Format *form, Field *fields) noexcept nogil:
    """The first fields of a line, between quotes or not."""
    cdef int k
    cdef bytes_t begin
    for k in range(form.columns):
        if k and p == end:
            return TOO_FEW
        begin = p
        if p < end and p[0] == 34:
            p += 1
            while p < end and p[0] != 34:
                p += 1
            if p == end:
                return OPEN_QUOTE
            fields[k] = Field(begin + 1, p)
            p += 1
            if p < end and not is_blank(p[0]) and not is_separator(p[0], form.separator):
                return OPEN_QUOTE
        else:
            while p < end and not is_separator(p[0], form.separator) and (form.separator or not is_blank(p[0])):
                p += 1
            fields[k] = Field(begin, p)
            while form.separator and fields[k].end > begin and is_blank((fields[k].end - 1)[0]):
                fields[k].end -= 1
        if fields[k].begin == fields[k].end:
            return EMPTY
        while p < end and is_blank(p[0]) and p[0] != form.separator:
            p += 1
        if p < end and is_separator(p[0], form.separator):
            p += 1
            while p < end and is_blank(p[0]) and p[0] != form.separator:
                p += 1
            if p == end and k + 1 < form.columns:
                return EMPTY
    return TOO_MANY if form.exact and p < end else GOOD


cdef inline int32_t number(WordTable table, const Field *field, bytes_t end, int64_t *to) noexcept nogil:
    """The number of a node: what it is called, or what the table says of that."""
    cdef int32_t found
    cdef bytes_t p = field.begin
    cdef bint negative
    cdef int64_t value = 0
    if table is not None:
        found = table.number(p, field.end - p, end, True)
        to[0] = found
        return found if found < 0 else GOOD
    negative = p[0] == 45
    p += negative
    if p == field.end or p[0] == 48 and (negative or p + 1 < field.end):
        return NO_NUMBER
    while p < field.end:
        if not is_digit(p[0]) or value > (INT64_MAX - 9) // 10:
            return NO_NUMBER
        value = 10 * value + (p[0] - 48)
        p += 1
    to[0] = -value if negative else value
    return GOOD


cdef inline int32_t weigh(const Field *field, float *to) noexcept nogil:
    cdef double value = 0
    cdef int certain
    if parse_number(field.begin, &value, &certain) != field.end:
        return NO_WEIGHT
    to[0] = <float>value
    if not (-FLT_MAX <= value <= FLT_MAX):
        return NOT_FINITE
    if value < 0:
        return NEGATIVE
    return TOO_SMALL if value > 0 and to[0] == 0 else GOOD
