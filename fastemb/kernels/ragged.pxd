"""Rows of different lengths, end to end: sentences, bags of n-grams, paths through a tree, cells of a matrix."""

from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint32_t


cdef struct Ragged:
    const int64_t *starts       # n + 1: where each row begins, and the last one ends
    const int32_t *ids          # starts[n]
    int64_t n
    int64_t longest             # row


cdef inline int64_t length_of(const Ragged *r, int64_t row) noexcept nogil:
    return r.starts[row + 1] - r.starts[row]


cdef inline int64_t longest_row(const int64_t[::1] starts, int64_t size, str what) except -1:
    """The length of the longest of the rows that `starts` cut `size` items into, end to end; else ValueError."""
    cdef int64_t n = starts.shape[0] - 1, longest = 0, k
    cdef bint falls = False
    if n < 0 or starts[0] != 0 or starts[n] != size:
        raise ValueError(f"{what} must go from 0 to the number of items, {size}")
    with nogil:
        for k in range(n):
            falls |= starts[k + 1] < starts[k]
            longest = max(longest, starts[k + 1] - starts[k])
    if falls:
        raise ValueError(f"{what} must not fall")
    return longest


cdef inline Ragged ragged(
        const int64_t[::1] starts, const int32_t[::1] ids, int64_t least, int64_t end, str what) except *:
    """The rows ids[starts[k]:starts[k + 1]], whose ids are from `least` to below `end`; else ValueError."""
    cdef Ragged r = Ragged(NULL, NULL, starts.shape[0] - 1, 0)
    cdef int64_t k, size = ids.shape[0]
    cdef uint32_t outside = not -1 <= least <= 0 <= end
    cdef uint32_t first = <uint32_t>least, last = <uint32_t>(min(end, INT32_MAX) - 1)
    r.longest = longest_row(starts, size, f"the starts of {what}")
    with nogil:
        for k in range(size):       # without a comparison, which would keep compilers from taking several at a time
            outside |= ((<uint32_t>ids[k] - first) | (last - <uint32_t>ids[k])) >> 31
    if outside:     # or so it seems
        for k in range(size):
            if not least <= ids[k] < end:
                raise ValueError(f"an id of {what} is {ids[k]}, outside {least} … {end - 1}")
    r.starts = &starts[0]
    r.ids = &ids[0] if size else NULL
    return r
