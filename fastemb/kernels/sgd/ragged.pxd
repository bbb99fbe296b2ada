"""Rows of different lengths, end to end: sentences, bags of n-grams, paths through a tree."""

from libc.stdint cimport int32_t, int64_t


cdef struct Ragged:
    const int64_t *starts       # n + 1: where each row begins, and the last one ends
    const int32_t *ids          # starts[n]
    int64_t n
    int64_t longest             # row


cdef inline int64_t length_of(const Ragged *r, int64_t row) noexcept nogil:
    return r.starts[row + 1] - r.starts[row]


cdef inline Ragged ragged(
        const int64_t[::1] starts, const int32_t[::1] ids, int64_t least, int64_t end, str what) except *:
    """The rows ids[starts[k]:starts[k + 1]], whose ids are from `least` to below `end`; else ValueError."""
    cdef Ragged r = Ragged(NULL, NULL, starts.shape[0] - 1, 0)
    cdef int64_t k, size = ids.shape[0]
    if r.n < 0 or starts[0] != 0 or starts[r.n] != size:
        raise ValueError(f"the starts of {what} must go from 0 to the number of ids, {size}")
    for k in range(r.n):
        if starts[k + 1] < starts[k]:
            raise ValueError(f"the starts of {what} must not fall")
        r.longest = max(r.longest, starts[k + 1] - starts[k])
    for k in range(size):
        if not least <= ids[k] < end:
            raise ValueError(f"an id of {what} is {ids[k]}, outside {least} … {end - 1}")
    r.starts = &starts[0]
    r.ids = &ids[0] if size else NULL
    return r
