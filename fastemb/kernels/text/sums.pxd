"""Sums of rows that lie anywhere, added up several at a time."""

from fastemb.kernels.step cimport kernels
from fastemb.kernels.text.wordtable cimport WILL_READ

from libc.string cimport memset

cdef enum:
    ROWS = 64       # that are added up together


cdef struct Sum:
    float *rows[ROWS]   # n: the sum so far, and what is to be added to it
    int n
    Py_ssize_t d        # of each


cdef inline void begin_sum(Sum *s, float *to, Py_ssize_t d) noexcept nogil:
    """to = 0"""
    memset(to, 0, d * sizeof(float))
    s.rows[0], s.n, s.d = to, 1, d


cdef inline void add_row(Sum *s, const float *row) noexcept nogil:
    """to += row, when there are many, or at the end"""
    cdef Py_ssize_t j
    for j in range(0, s.d, 16):
        WILL_READ(row + j)
    s.rows[s.n] = <float *>row
    s.n += 1
    if s.n == ROWS:
        end_sum(s)


cdef inline void end_sum(Sum *s) noexcept nogil:
    """Add what is left."""
    if s.n > 1:
        kernels.sum_rows(s.rows[0], s.rows, s.n, s.d, NULL, 1)
        s.n = 1
