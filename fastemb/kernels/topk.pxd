"""A heap of the best scores, whose top is the worst of them, and the rows that they belong to."""

from cython cimport floating
from libc.stdint cimport int64_t

cdef void sink(floating *best, int64_t *rows, Py_ssize_t size, floating score, int64_t row) noexcept nogil
cdef void rise(floating *best, int64_t *rows, Py_ssize_t place, floating score, int64_t row) noexcept nogil
cdef void keep(
    const floating *scores, Py_ssize_t count, int64_t first, floating *best, int64_t *rows, Py_ssize_t k,
    Py_ssize_t filled) noexcept nogil
