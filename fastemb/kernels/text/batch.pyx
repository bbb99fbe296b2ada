"""From the numbers of words of many texts to one row for each text."""

import numpy as np

from fastemb.kernels.checks cimport check_apart
from fastemb.kernels.ragged cimport Ragged, ragged
from fastemb.kernels.text.sums cimport Sum, add_row, begin_sum, end_sum

from cpython.unicode cimport PyUnicode_GET_LENGTH
from libc.math cimport fabs
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

cdef enum:
    SPAN = 4096         # rows that are added up in single precision


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
        float[:, ::1] means, const double[::1] values=None):
    """Means of rows that are multiplied by their weights already; see batch.pyi."""
    cdef Py_ssize_t k, d = rows.shape[1]
    cdef const double *value = NULL
    if weights.shape[0] != rows.shape[0] or means.shape[1] != d:
        raise ValueError("the rows, their weights and the means differ in size")
    cdef Ragged texts = ragged(starts, ids, -1, rows.shape[0], "texts")
    if texts.n != means.shape[0]:
        raise ValueError(f"{texts.n} texts have {means.shape[0]} means")
    check_apart(rows, means, "rows and means")
    if values is not None and values.shape[0] != ids.shape[0]:
        raise ValueError(f"{ids.shape[0]} ids have {values.shape[0]} values")
    if not d or not texts.n:
        return
    if values is not None and values.shape[0]:
        value = &values[0]
    cdef const float *first = &rows[0, 0] if rows.shape[0] else NULL
    cdef const double *weight = &weights[0] if rows.shape[0] else NULL
    cdef double *sum = <double *>malloc(d * sizeof(double))
    if sum == NULL:
        raise MemoryError(f"no memory for {d} numbers")
    with nogil:
        for k in range(texts.n):
            weighted_mean(first, weight, texts.ids + starts[k], value + starts[k] if value != NULL else NULL,
                          starts[k + 1] - starts[k], d, sum, &means[k, 0])
    free(sum)


cdef void weighted_mean(
        const float *rows, const double *weights, const int32_t *ids, const double *values, int64_t n, Py_ssize_t d,
        double *sum, float *mean) noexcept nogil:
    """mean = Σ values[k] rows[i] / Σ |values[k] weights[i]| over the ids i = ids[k] ≥ 0; the sum, if the latter is 0

    Sums of SPAN rows are added up in double precision.
    """
    cdef double total = add_rows(rows, weights, ids, values, min(n, SPAN), d, mean)
    cdef int64_t begin = SPAN
    cdef Py_ssize_t j
    if n > SPAN:
        for j in range(d):
            sum[j] = mean[j]
        while begin < n:
            total += add_rows(rows, weights, ids + begin, values + begin if values != NULL else NULL,
                              min(n - begin, SPAN), d, mean)
            for j in range(d):
                sum[j] += mean[j]
            begin += SPAN
        for j in range(d):
            mean[j] = <float>(sum[j] / total if total != 0 else sum[j])
    elif total != 0:
        for j in range(d):
            mean[j] /= <float>total


cdef double add_rows(
        const float *rows, const double *weights, const int32_t *ids, const double *values, int64_t n, Py_ssize_t d,
        float *to) noexcept nogil:
    """to = Σ values[k] rows[i], one after another; returns Σ |values[k] weights[i]|. Without values they are 1."""
    cdef Sum sum
    cdef double total = 0
    cdef float value
    cdef const float *row
    cdef int64_t k
    cdef Py_ssize_t j
    begin_sum(&sum, to, d)
    for k in range(n):
        if ids[k] < 0:
            continue
        row = rows + ids[k] * d
        if values == NULL:
            add_row(&sum, row)
            total += fabs(weights[ids[k]])
        else:
            value = <float>values[k]
            for j in range(d):
                to[j] += value * row[j]
            total += fabs(values[k] * weights[ids[k]])
    end_sum(&sum)
    return total


def extremes(
        const float[:, ::1] rows, const int32_t[::1] ids, const int64_t[::1] starts, float[:, ::1] found,
        bint highest=True):
    """The highest or lowest number of each column among the rows of a text; see batch.pyi."""
    cdef Py_ssize_t k, d = rows.shape[1]
    if found.shape[1] != d:
        raise ValueError("the rows and what is found differ in size")
    cdef Ragged texts = ragged(starts, ids, -1, rows.shape[0], "texts")
    if texts.n != found.shape[0]:
        raise ValueError(f"{texts.n} texts have {found.shape[0]} rows")
    check_apart(rows, found, "rows and what is found")
    if not d or not texts.n:
        return
    cdef const float *first = &rows[0, 0] if rows.shape[0] else NULL
    with nogil:
        for k in range(texts.n):
            extreme(first, texts.ids + starts[k], starts[k + 1] - starts[k], d, highest, &found[k, 0])


cdef void extreme(
        const float *rows, const int32_t *ids, int64_t n, Py_ssize_t d, bint highest, float *found) noexcept nogil:
    """found = max rows[i], or min, over the ids i ≥ 0; 0 without any"""
    cdef const float *row
    cdef bint any_yet = False
    cdef int64_t k
    cdef Py_ssize_t j
    memset(found, 0, d * sizeof(float))
    for k in range(n):
        if ids[k] < 0:
            continue
        row = rows + ids[k] * d
        if not any_yet:
            memcpy(found, row, d * sizeof(float))
            any_yet = True
        elif highest:
            for j in range(d):
                found[j] = max(found[j], row[j])
        else:
            for j in range(d):
                found[j] = min(found[j], row[j])
