from fastemb.kernels.sgd.corpus cimport Corpus
from libc.stdint cimport int64_t


cdef class Chunks:
    cdef Corpus corpus
    cdef list references    # to arrays whose addresses are in it
    cdef int add(self, ids, starts, int64_t end, int64_t texts) except -1
    cdef int add_tags(self, starts, ids, int64_t tags) except -1
