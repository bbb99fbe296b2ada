from fastemb.kernels.sgd.corpus cimport Corpus
from libc.stdint cimport int32_t, int64_t


cdef class Chunks:
    cdef Corpus corpus
    cdef int64_t owners     # of rows, if there are any
    cdef bint ordered       # whether the tokens of each owner stand together in each text,
    cdef int32_t[::1] ends  # where they end then
    cdef tuple limits       # what the corpus was cut for
    cdef list ids           # the arrays of chunks that have words,
    cdef list references    # and others whose addresses are in the corpus
    cdef int add(self, ids, starts, int64_t end, int64_t texts) except -1
    cdef int add_tags(self, starts, ids, int64_t tags) except -1
    cdef int check(self, tuple limits) except -1
    cdef int prepare_order(self, int64_t workers) except -1
