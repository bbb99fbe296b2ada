from fastemb.kernels.noise cimport NoiseTable
from fastemb.kernels.ragged cimport Ragged
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t


cdef unwritable(array)


cdef class Rows:
    cdef readonly object matrix
    cdef float[:, ::1] vectors
    cdef const float[::1] locks


cdef class Ngrams:
    cdef const int64_t[::1] starts
    cdef const int32_t[::1] ids
    cdef Ragged lists
    cdef readonly int64_t rows


cdef class Bags(Rows):
    cdef float[:, ::1] ngram_vectors
    cdef const float[::1] ngram_locks
    cdef Ngrams ngrams
    cdef bint lasting


cdef class Inputs:
    cdef readonly Rows words
    cdef int64_t rows
    cdef const float[::1] distances


cdef class SkipGram(Inputs):
    pass


cdef class Cbow(Inputs):
    cdef bint mean, divide_gradient
    cdef float[:, ::1] offsets, nearness


cdef class Texts(Inputs):
    cdef readonly int64_t labels
    cdef const int64_t[::1] starts
    cdef const int32_t[::1] ids
    cdef Ragged targets
    cdef const float[::1] text_weights
    cdef const float[::1] label_weights


cdef class Objective:
    cdef readonly object matrix
    cdef float[:, ::1] vectors


cdef class Negatives(Objective):
    cdef NoiseTable noise
    cdef int64_t negative, noise_words, centres


cdef class Paths:
    cdef const int64_t[::1] starts
    cdef const int32_t[::1] labelled
    cdef Ragged lists


cdef class Tree(Objective):
    cdef Paths paths


cdef class Labels(Objective):
    cdef bint softmax
    cdef int64_t centres


cdef class Sampling:
    cdef const uint32_t[::1] keep
    cdef int64_t window, first_position
    cdef bint shrink_windows, before, after
    cdef uint64_t seed
    cdef const float[::1] importance


cdef class Team:
    cdef readonly int64_t workers
    cdef readonly bint rounds, patient
