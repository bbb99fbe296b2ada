"""Counts of pairs of words, in 8 bytes each; see tally.pyx."""

cimport cython
from fastemb.kernels.text.pairtable cimport Pair, PairTable
from fastemb.kernels.text.phrases cimport PhraseTable
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t


@cython.final
cdef class Tally(PairTable):
    cdef uint64_t *entries          # by hashes: the key of a pair, and in the lower `bits` its count; 0 if it is empty
    cdef uint64_t slots
    cdef int width, bits            # of a number, and of a count
    cdef uint64_t most              # in the place of a count: it is in `more`
    cdef PhraseTable more

    cdef uint64_t key_of(self, uint64_t pair) noexcept nogil
    cdef uint64_t unpacked(self, uint64_t entry) noexcept nogil
    cdef Pair as_large(self, uint64_t entry) noexcept nogil
    cdef uint64_t slot(self, uint64_t key) noexcept nogil
    cdef uint32_t count_of(self, uint64_t entry) noexcept nogil
    cdef int32_t bump(self, uint64_t key, uint64_t at) noexcept nogil
    cdef bint rebuild(self, uint64_t slots) noexcept nogil
