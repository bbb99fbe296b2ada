"""What tables of pairs share; see pairtable.pyx."""

from fastemb.kernels.ragged cimport Ragged
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

cdef extern from "hash.h":
    uint64_t folded(uint64_t a, uint64_t b) noexcept nogil
    void WILL_READ(const void *address) noexcept nogil

cdef extern from "platform.h":
    void *allocate_table(size_t size) noexcept nogil
    void free_pages(void *memory, size_t size) noexcept nogil


cdef struct Entry:
    uint64_t pair           # the first word, and in the lower half the last
    uint32_t middle
    uint32_t value          # 0 where the slot is empty


cdef struct Pair:
    uint64_t pair, hash
    uint32_t middle


cdef enum:
    BATCH = 512             # pairs that are counted, or listed, together
    AHEAD = 24              # pairs from prefetching to counting
    OUT_OF_MEMORY = -2
    TOO_MANY = -3


cdef class PairTable:
    cdef int64_t size
    cdef int64_t words              # pairs are of numbers below this
    cdef bint with_middles          # pairs may have one

    cdef uint32_t value_of(self, int32_t first, uint32_t middle, int32_t last) noexcept nogil
    cdef int32_t bump_each(self, Pair *pairs, int n) noexcept nogil
    cdef int list_some(self, uint64_t *at, int64_t least, Entry *found) noexcept nogil
    cdef int32_t count_pairs(
        self, const Ragged *sentences, const int32_t *middles, uint64_t part, uint64_t parts) noexcept nogil
    cdef int64_t select(
        self, int64_t least, const uint8_t *marked, int64_t words, int32_t *firsts, int32_t *middles,
        int32_t *lasts, int64_t *values) noexcept nogil


cdef int checked(int64_t status) except -1
cdef int check_pairs(const int32_t[::1] firsts, const int32_t[::1] middles, const int32_t[::1] lasts) except -1
