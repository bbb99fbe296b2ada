"""A heap of the best scores, whose top is the worst of them, and the rows that they belong to; and products of rows."""

from cython cimport floating
from libc.stdint cimport int64_t

cdef void sink(floating *best, int64_t *rows, Py_ssize_t size, floating score, int64_t row) noexcept nogil
cdef void rise(floating *best, int64_t *rows, Py_ssize_t place, floating score, int64_t row) noexcept nogil
cdef void keep(
    const floating *scores, Py_ssize_t count, int64_t first, floating *best, int64_t *rows, Py_ssize_t k,
    Py_ssize_t filled) noexcept nogil

cdef enum:
    LANES = 8    # sums that a sum is made of, side by side


cdef inline float dot(const float *x, const float *y, Py_ssize_t d) noexcept nogil:
    """Σ x · y"""
    cdef float[LANES] sums
    cdef Py_ssize_t i, j
    for j in range(LANES):
        sums[j] = 0
    for i in range(d // LANES):
        for j in range(LANES):
            sums[j] += x[i * LANES + j] * y[i * LANES + j]
    for i in range(d // LANES * LANES, d):
        sums[0] += x[i] * y[i]
    for j in range(1, LANES):
        sums[0] += sums[j]
    return sums[0]
