"""Any rows of a random matrix."""

from libc.stdint cimport int64_t, uint64_t

cdef extern from "pcg64.h":
    ctypedef struct Wide:
        uint64_t high, low
    ctypedef struct Jump:
        Wide factor, term

cdef enum:
    BITS = 64


cdef struct Generator:
    Wide begin          # its state before it has made anything
    Jump[BITS] jumps    # over 1, 2, 4, … states


cdef Generator generator_of(state, increment)
cdef void make_row(const Generator *g, int64_t row, int64_t d, float *to) noexcept nogil
