"""Rows of numbers, plain, random or product-quantised, and means of them."""

cimport cython
from fastemb.kernels.pcg64 cimport Generator
from libc.stdint cimport int32_t, int64_t, uint8_t


cdef struct Rows:
    const float *plain      # n × d; or those that differ from the random ones of a generator, if there are
    const int32_t *places   # n: where each of these is, and -1 for the others; or else, decoded when they are added up:
    const uint8_t *codes    # n × groups
    const float *centroids  # groups × 256 × width
    const float *norms      # n
    int64_t n, d, groups, width


@cython.final
cdef class Inputs:
    cdef Rows words, ngrams
    cdef Generator random               # of the rows of n-grams
    cdef readonly int64_t n_rows, size
    cdef object held        # the arrays behind the rows

    cdef void mean(self, const int32_t *ids, int64_t n, float *to, float *scratch) noexcept nogil
