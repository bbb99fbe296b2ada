"""Phrases over numbers of words; see phrases.pyx."""

cimport cython
from fastemb.kernels.ragged cimport Ragged
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t


cdef struct Entry:
    uint64_t pair           # the first word, and in the lower half the last
    uint32_t middle
    uint32_t value          # 0 where the slot is empty


cdef struct Pair:
    uint64_t pair, hash
    uint32_t middle


cdef Pair pair_of(int32_t first, uint32_t middle, int32_t last) noexcept nogil


@cython.final
cdef class PhraseTable:
    cdef Entry *entries             # mask + 1
    cdef uint64_t mask
    cdef int shift                  # of a hash, which then is the slot where a pair begins to be looked up
    cdef int64_t size

    cdef int64_t select(
        self, int64_t least, const uint8_t *marked, int64_t words, int32_t *firsts, int32_t *middles,
        int32_t *lasts, int64_t *values) noexcept nogil
    cdef Entry *slot(self, Pair pair) noexcept nogil
    cdef uint32_t find(self, Pair pair) noexcept nogil
    cdef int32_t bump(self, Pair pair, uint32_t by) noexcept nogil
    cdef int32_t bump_each(self, Pair *pairs, int n) noexcept nogil
    cdef int32_t count_pairs(
        self, const Ragged *sentences, const int32_t *middles, uint64_t part, uint64_t parts) noexcept nogil
    cdef bint rebuild(self, uint64_t mask) noexcept nogil


@cython.final
cdef class Middles:
    cdef PhraseTable next           # of a sequence, and one connector more: the number of the longer one

    cdef int64_t longer(self, int64_t middle, int32_t connector) noexcept nogil
