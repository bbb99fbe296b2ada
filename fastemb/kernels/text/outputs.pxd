"""From the mean of a text to its most probable labels."""

cimport cython
from libc.stdint cimport int32_t, int64_t


cdef struct Best:
    int64_t k           # labels that are asked for
    float least         # probability
    float *scores       # tile × labels; scratch
    int32_t *nodes      # labels; scratch
    double *products    # labels; scratch


@cython.final
cdef class Outputs:
    cdef readonly int64_t labels, size
    cdef const float[:, ::1] matrix     # labels × size
    cdef int loss
    cdef object children                # of the inner nodes of the tree; ndarray of int32, (labels - 1) × 2
    cdef const int32_t *child
    cdef float[::1] table               # σ at 513 places

    cdef int64_t tile(self) noexcept nogil
    cdef bint take(self, Best *best) noexcept nogil
    cdef void give_back(self, Best *best) noexcept nogil
    cdef void of_texts(
        self, const float *hidden, const char *empty, int64_t n, const Best *best, float *probabilities,
        int64_t *numbers, int32_t *counts) noexcept nogil
    cdef int32_t choose(self, float *scores, const Best *best, float *found, int64_t *numbers) noexcept nogil
    cdef float logistic(self, float x) noexcept nogil
    cdef int32_t search(self, const float *hidden, const Best *best, float *found, int64_t *numbers) noexcept nogil
