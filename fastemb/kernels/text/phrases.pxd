"""Phrases over numbers of words; see phrases.pyx."""

cimport cython
from fastemb.kernels.text.pairtable cimport Entry, Pair, PairTable
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t


cdef Pair pair_of(int32_t first, uint32_t middle, int32_t last) noexcept nogil


@cython.final
cdef class PhraseTable(PairTable):
    cdef Entry *entries             # mask + 1
    cdef uint64_t mask
    cdef int shift                  # of a hash, which then is the slot where a pair begins to be looked up

    cdef Entry *slot(self, Pair pair) noexcept nogil
    cdef uint32_t find(self, Pair pair) noexcept nogil
    cdef int32_t bump(self, Pair pair, uint32_t by) noexcept nogil
    cdef bint rebuild(self, uint64_t mask) noexcept nogil


@cython.final
cdef class Middles:
    cdef PhraseTable next           # of a sequence, and one connector more: the number of the longer one

    cdef int64_t longer(self, int64_t middle, int32_t connector) noexcept nogil
