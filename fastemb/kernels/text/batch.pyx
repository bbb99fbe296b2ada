"""From the numbers of words of many texts to one row for each text."""

import numpy as np

from fastemb.kernels.checks cimport check_apart
from fastemb.kernels.ragged cimport Ragged, ragged
from fastemb.kernels.text.sums cimport Sum, add_row, begin_sum, end_sum

from cpython.unicode cimport PyUnicode_GET_LENGTH
from libc.math cimport fabs
from libc.stdint cimport int32_t, int64_t


def ends_of(list texts):
    """Where each text ends if they stand one behind the other; see batch.pyi."""
    cdef Py_ssize_t n = len(texts), k = 0
    cdef int64_t size = 0
    ends = np.empty(n, np.int64)
    cdef int64_t[::1] end = ends
    for text in texts:
        if k == n or not isinstance(text, str):     # another thread may have changed the list
            return None
        size += 1 + PyUnicode_GET_LENGTH(text)
        end[k] = size
        k += 1
    return ends[:k]


def weighted_means(
        const float[:, ::1] rows, const double[::1] weights, const int32_t[::1] ids, const int64_t[::1] starts,
        float[:, ::1] means):
    """Means of rows that are multiplied by their weights already; see batch.pyi."""
    cdef Py_ssize_t k, d = rows.shape[1]
    if weights.shape[0] != rows.shape[0] or means.shape[1] != d:
        raise ValueError("the rows, their weights and the means differ in size")
    cdef Ragged texts = ragged(starts, ids, -1, rows.shape[0], "texts")
    if texts.n != means.shape[0]:
        raise ValueError(f"{texts.n} texts have {means.shape[0]} means")
    check_apart(rows, means, "rows and means")
    if not d or not texts.n:
        return
    cdef const float *first = &rows[0, 0] if rows.shape[0] else NULL
    cdef const double *weight = &weights[0] if rows.shape[0] else NULL
    with nogil:
        for k in range(texts.n):
            weighted_mean(first, weight, texts.ids + starts[k], starts[k + 1] - starts[k], d, &means[k, 0])


cdef void weighted_mean(
        const float *rows, const double *weights, const int32_t *ids, int64_t n, Py_ssize_t d,
        float *mean) noexcept nogil:
    """mean = Σ rows[i] / Σ |weights[i]| over the ids i ≥ 0, one after another; the sum, where the weights are all 0"""
    cdef Sum sum
    cdef double total = 0
    cdef int64_t k
    cdef Py_ssize_t j
    begin_sum(&sum, mean, d)
    for k in range(n):
        if ids[k] >= 0:
            add_row(&sum, rows + ids[k] * d)
            total += fabs(weights[ids[k]])
    end_sum(&sum)
    if total != 0:
        for j in range(d):
            mean[j] /= <float>total
