"""Files of words and vectors: what is slow in Python, on blocks of bytes.

Reading goes in two steps, so that several threads can share a file: `cut_lines` and `cut_records`
say how many rows a block holds, `fill_lines` and `fill_records` put them into a matrix. A block has
8 bytes behind its end that may be written and read.
"""

import numpy as np

from fastemb.kernels.checks cimport check_range, times

from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_Resize
from cpython.unicode cimport PyUnicode_Decode, PyUnicode_DecodeUTF8
from libc.stdint cimport INT64_MAX, int64_t, uint64_t
from libc.string cimport memchr, memcpy

cdef extern from "decimal.h":
    double powers_of_ten[309]
    enum:
        LONGEST_NUMBER
    const unsigned char *parse_number(const unsigned char *p, double *value, int *certain) noexcept nogil
    int same_float(double value) noexcept nogil
    char *print_float(char *out, float x) noexcept nogil

cdef extern from *:
    """
    #if defined(__linux__)
    #include <errno.h>
    #include <fcntl.h>
    #include <linux/falloc.h>
    static int reserve_blocks(int file, long long size) {
        return fallocate(file, FALLOC_FL_KEEP_SIZE, 0, (off_t)size) ? errno : 0;
    }
    #else
    static int reserve_blocks(int file, long long size) { (void)file; (void)size; return 0; }
    #endif
    """
    int reserve_blocks(int file, long long size) noexcept nogil

ctypedef const unsigned char *bytes_t

cdef fused real:
    float
    double

cdef enum:
    MARGIN = 8      # bytes behind a block

for _power in range(309):
    powers_of_ten[_power] = float(f"1e{_power}")


def cut_lines(const unsigned char[::1] block, int64_t end, int64_t limit):
    """How many lines the first `end` bytes hold, `limit` at most, and how many bytes these are."""
    cdef bytes_t begin = &block[0], p = begin, found
    cdef int64_t lines = 0
    checked(block, end)
    with nogil:
        while lines < limit:
            found = <bytes_t>memchr(p, 10, begin + end - p)
            if found == NULL:
                break
            lines += 1
            p = found + 1
    return lines, p - begin


def cut_records(const unsigned char[::1] block, int64_t end, int64_t width, int64_t limit):
    """How many records, a word, a space and `width` bytes, the first `end` bytes hold; and how many bytes these are."""
    cdef bytes_t begin = &block[0], p = begin, space
    cdef int64_t records = 0
    checked(block, end)
    check_range("width", width, 0, INT64_MAX)
    with nogil:
        while records < limit:
            space = <bytes_t>memchr(p, 32, begin + end - p)
            if space == NULL or begin + end - space - 1 < width:
                break
            records += 1
            p = space + 1 + width
    return records, p - begin


def fill_lines(const unsigned char[::1] block, int64_t begin, real[:, ::1] rows, int64_t[:, ::1] words):
    """Parse lines, from byte `begin` on, of a word and numbers with a space before each, or several, or tabs.

    Row k gets the numbers of line k, and words[k] where its word begins and ends. Return how many lines
    were parsed, and where the next begins: one that is not of that form, has a word that holds tabs or what may be
    numbers, or has a number so near to the middle between two that only all of its digits can tell.
    """
    cdef bytes_t text = &block[0], line, end, stop, after
    cdef int64_t k = 0, n = rows.shape[0], size = rows.shape[1]
    checked(block, begin)
    check_places(words, n)
    if not size:
        raise ValueError("there must be rows of at least one number")
    line = text + begin
    cdef bytes_t last = text + block.shape[0] - MARGIN
    with nogil:
        while k < n:
            end = stop = <bytes_t>memchr(line, 10, last + 1 - line)
            if end == NULL:
                break
            while stop > line and (is_blank((stop - 1)[0]) or (stop - 1)[0] == 13):
                stop -= 1
            after = first_blank(line, stop)
            if not fill_row(after, stop, &rows[k, 0], size):
                after = word_end(line, stop, size)  # the word holds spaces, or there are other blanks than one space
                if not is_plain(line, after) or not fill_spread(after, stop, &rows[k, 0], size):
                    break
            words[k, 0] = line - text
            words[k, 1] = after - text
            line = end + 1
            k += 1
    return k, line - text


cdef inline bint is_blank(unsigned char c) noexcept nogil:
    return c == 32 or c == 9


cdef inline bytes_t first_blank(bytes_t p, bytes_t end) noexcept nogil:
    while p < end and not is_blank(p[0]):
        p += 1
    return p


cdef bytes_t word_end(bytes_t begin, bytes_t end, int64_t n) noexcept nogil:
    """Where the word before the last n fields ends; `begin` if there is none."""
    while n > 0 and end > begin:
        while end > begin and not is_blank((end - 1)[0]):
            end -= 1
        while end > begin and is_blank((end - 1)[0]):
            end -= 1
        n -= 1
    return end


cdef bint is_plain(bytes_t begin, bytes_t end) noexcept nogil:
    """Whether there is a word without tabs or a blank before it, of which no part but the first may be a number."""
    cdef bytes_t p = begin, part
    if p < end and p[0] == 32:
        return False
    while p < end:
        part = p + 1
        if p[0] == 9:
            return False
        while p[0] == 32 and part < end and (part[0] == 43 or part[0] == 45 or part[0] == 46):      # + - .
            part += 1
        if p[0] == 32 and part < end and (48 <= part[0] <= 57 or (part[0] | 32) == 105 or (part[0] | 32) == 110):
            return False    # a digit, or i and n, with which infinity and NaN begin
        p += 1
    return begin < end


cdef inline bytes_t fill_number(bytes_t p, real *number) noexcept nogil:
    """Parse the number at p: where it ends, or NULL if there is none, or it is not certain."""
    cdef double value
    cdef int certain
    p = parse_number(p, &value, &certain)
    if p == NULL:
        return NULL
    number[0] = <real>value
    if not certain and (real is double or not same_float(value)):
        return NULL
    return p


cdef inline bint fill_row(bytes_t p, bytes_t end, real *row, int64_t size) noexcept nogil:
    """Parse `size` numbers, a space before each, up to `end`; whether that is all there is, and certain."""
    cdef int64_t k
    for k in range(size):
        if p >= end or p[0] != 32:
            return False
        p = fill_number(p + 1, &row[k])
        if p == NULL:
            return False
    return p == end


cdef bint fill_spread(bytes_t p, bytes_t end, real *row, int64_t size) noexcept nogil:
    """As `fill_row`, with blanks of any kind and number before each."""
    cdef int64_t k
    for k in range(size):
        if p >= end or not is_blank(p[0]):
            return False
        while is_blank(p[0]):       # at `end` there is none
            p += 1
        p = fill_number(p, &row[k])
        if p == NULL:
            return False
    return p == end


def fill_records(const unsigned char[::1] block, float[:, ::1] rows, int64_t[:, ::1] words, bint first=True):
    """Copy records, as counted by `cut_records`, to rows; words[k] says where the k-th word begins and ends.

    Return the number of the first record whose word shows that those before it do not end where they should: it
    holds a newline, or other control characters and does not come after a newline. The first may, where `first`.
    """
    cdef bytes_t text = &block[0], p = text, begin, space, last = text + block.shape[0]
    cdef int64_t k, n = rows.shape[0], width = rows.shape[1] * sizeof(float), stray = n
    cdef bint apart
    check_places(words, n)
    with nogil:
        for k in range(n):
            space = <bytes_t>memchr(p, 32, last - p)
            if space == NULL or last - space - 1 < width:
                break
            begin = p
            while p[0] == 10:       # word2vec.c writes a newline after each vector
                p += 1
            words[k, 0] = p - text
            words[k, 1] = space - text
            memcpy(&rows[k, 0], space + 1, width)
            apart = p > begin or (first and k == 0)
            while p < space:
                if stray == n and (p[0] == 10 or (p[0] < 32 and not apart and not 9 <= p[0] <= 13)):
                    stray = k
                p += 1
            p = space + 1 + width
    return stray


def decode_words(const unsigned char[::1] text, const int64_t[:, ::1] places, list words, str encoding=None,
                 str errors=None):
    """Append the words that stand at these places (begin, end) of a text to a list.

    By default the encoding is UTF-8. If one cannot be decoded, the list holds those before it.
    """
    cdef int64_t k, begin, end
    check_places(places, places.shape[0])
    cdef const char *address = <const char *>&text[0] if text.shape[0] else NULL
    cdef bytes encoding_name = b"utf-8" if encoding is None else encoding.encode()
    cdef bytes errors_name = b"strict" if errors is None else errors.encode()
    for k in range(places.shape[0]):
        begin, end = places[k, 0], places[k, 1]
        if not 0 <= begin <= end <= text.shape[0]:
            raise ValueError("offsets out of order")
        if encoding is None:
            words.append(PyUnicode_DecodeUTF8(address + begin, end - begin, <char *>errors_name))
        else:
            words.append(PyUnicode_Decode(address + begin, end - begin, <char *>encoding_name, <char *>errors_name))


def cut_entries(const unsigned char[::1] text, int64_t begin, int64_t first, int64_t[:, ::1] places,
                int64_t[::1] counts, signed char[::1] kinds):
    """Find entries of a dictionary of fastText's, from byte `begin` on: a word, a zero byte, a count and a kind.

    Entry k, from `first` on, gets places[k], where its word begins and ends, counts[k] and kinds[k]. Return the number
    of the first entry that is not whole, or of those that there is room for, and where it begins.
    """
    cdef int64_t k = first, n = places.shape[0]
    check_places(places, n)
    check_range("begin", begin, 0, text.shape[0])
    check_range("first", first, 0, n)
    if counts.shape[0] != n or kinds.shape[0] != n:
        raise ValueError(f"{n} places, {counts.shape[0]} counts and {kinds.shape[0]} kinds")
    if begin == text.shape[0]:
        return first, begin
    cdef bytes_t start = &text[0], p = start + begin, last = start + text.shape[0], zero
    with nogil:
        while k < n:
            zero = <bytes_t>memchr(p, 0, last - p)
            if zero == NULL or last - zero < 10:
                break
            places[k, 0] = p - start
            places[k, 1] = zero - start
            counts[k] = read_count(zero + 1)
            kinds[k] = <signed char>zero[9]
            p = zero + 10
            k += 1
    return k, p - start


cdef inline int64_t read_count(bytes_t p) noexcept nogil:
    """The number that 8 bytes hold, the least significant first."""
    cdef uint64_t number = 0
    cdef int k
    for k in range(8):
        number |= <uint64_t>p[k] << (8 * k)
    return <int64_t>number


def format_rows(const unsigned char[::1] text, const int64_t[::1] offsets, const float[:, ::1] rows, bint binary):
    """Word k, the text from offsets[k] to offsets[k + 1], with row k: lines of text, or binary records, in a bytearray.

    Numbers are printed as NumPy prints a float32.
    """
    cdef int64_t n = rows.shape[0], size = rows.shape[1], k, j, length
    cdef int64_t width = times(size, sizeof(float) if binary else LONGEST_NUMBER + 1)
    if offsets.shape[0] != n + 1 or offsets[0] < 0 or offsets[n] > text.shape[0] or np.any(np.diff(offsets) < 0):
        raise ValueError("offsets out of order")
    out = bytearray(offsets[n] - offsets[0] + n * (width + 2) if n else 0)
    cdef char *begin = PyByteArray_AS_STRING(out)
    cdef char *p = begin
    with nogil:
        for k in range(n):
            length = offsets[k + 1] - offsets[k]
            if length:
                memcpy(p, &text[offsets[k]], length)
            p += length
            if binary:
                p[0] = 32
                memcpy(p + 1, &rows[k, 0], size * sizeof(float))
                p += 1 + size * sizeof(float)
            else:
                for j in range(size):
                    p[0] = 32
                    p = print_float(p + 1, rows[k, j])
            p[0] = 10
            p += 1
    PyByteArray_Resize(out, p - begin)
    return out


def reserve(int file, int64_t size):
    """Let the system find room for so many bytes of an open file, whose size stays: they are then written faster.

    Return 0, or an error number: not every file system can, and elsewhere than in Linux nothing is done.
    """
    cdef int error
    with nogil:
        error = reserve_blocks(file, size)
    return error


cdef int check_places(const int64_t[:, ::1] words, int64_t n) except -1:
    """Raise ValueError if there is no room for, or no, n places where words begin and end."""
    if words.shape[0] != n or words.shape[1] != 2:
        raise ValueError(f"the places of {n} words must have the shape ({n}, 2), "
                         f"not ({words.shape[0]}, {words.shape[1]})")
    return 0


cdef int checked(const unsigned char[::1] block, int64_t end) except -1:
    if not 0 <= end <= block.shape[0] - MARGIN:
        raise ValueError("a block must have a margin")
    return 0
