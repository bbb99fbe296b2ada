"""Row-major single-precision matrix products, each on the calling thread alone."""

cdef void rows_dot_rows(
    Py_ssize_t n, Py_ssize_t m, Py_ssize_t d, const float *x, const float *y, float *g,
    Py_ssize_t columns) noexcept nogil
cdef void matrix_times_rows(
    Py_ssize_t n, Py_ssize_t m, Py_ssize_t d, const float *g, Py_ssize_t columns, const float *y, float *x,
    float share) noexcept nogil
cdef void transpose_times_rows(
    Py_ssize_t n, Py_ssize_t m, Py_ssize_t d, const float *g, Py_ssize_t columns, const float *x,
    float *y) noexcept nogil
