from fastemb.kernels.sgd.specs cimport Inputs, Rows
from libc.stdint cimport int64_t


cdef class Documents(Inputs):
    cdef readonly Rows tags


cdef class Dbow(Documents):
    cdef bint with_words


cdef class Dm(Documents):
    cdef bint mean, divide_gradient


cdef class DmConcat(Documents):
    cdef int64_t slots, nobody
