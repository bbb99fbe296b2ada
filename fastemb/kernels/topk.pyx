"""Products of rows, the best of many scores, and numbers of half precision."""

from cython cimport floating
from libc.math cimport INFINITY, sqrt
from libc.stdint cimport int32_t, int64_t, uint16_t
from libc.string cimport memcpy

from fastemb.kernels.blas cimport rows_dot_rows

cdef extern from "half.h":
    void singles_of_halves(const uint16_t *halves, float *singles, Py_ssize_t count) noexcept nogil

cdef enum:
    STRIDE = 64  # scores that are compared with the worst kept one at once
    LANES = 8    # sums that a sum is made of, side by side


cdef inline bint worse(floating a, int64_t row_a, floating b, int64_t row_b) noexcept nogil:
    """a < b, or a = b in a later row"""
    return a < b or (a == b and row_a > row_b)


cdef void sink(floating *best, int64_t *rows, Py_ssize_t size, floating score, int64_t row) noexcept nogil:
    """Put (score, row) at the top of a heap whose top is the worst, in place of what is there."""
    cdef Py_ssize_t place = 0, child = 1
    while child < size:
        if child + 1 < size and worse(best[child + 1], rows[child + 1], best[child], rows[child]):
            child += 1
        if not worse(best[child], rows[child], score, row):
            break
        best[place] = best[child]
        rows[place] = rows[child]
        place = child
        child = 2 * place + 1
    best[place] = score
    rows[place] = row


cdef void rise(floating *best, int64_t *rows, Py_ssize_t place, floating score, int64_t row) noexcept nogil:
    """Add (score, row) to a heap of `place` entries."""
    cdef Py_ssize_t parent
    while place > 0:
        parent = (place - 1) // 2
        if not worse(score, row, best[parent], rows[parent]):
            break
        best[place] = best[parent]
        rows[place] = rows[parent]
        place = parent
    best[place] = score
    rows[place] = row


cdef void keep(
        const floating *scores, Py_ssize_t count, int64_t first, floating *best, int64_t *rows, Py_ssize_t k,
        Py_ssize_t filled) noexcept nogil:
    """best ← the k largest of best ∪ scores; NaN counts as -∞"""
    cdef Py_ssize_t place = 0, end, j
    cdef floating score, threshold
    cdef int above
    while filled < k and place < count:
        score = scores[place]
        rise(best, rows, filled, score if score == score else <floating>-INFINITY, first + place)
        filled += 1
        place += 1
    threshold = best[0]
    while place < count:
        # Most strides hold nothing better: find that out without a branch for each score.
        end = min(place + STRIDE, count)
        above = 0
        for j in range(place, end):
            above |= scores[j] > threshold
        if above:
            for j in range(place, end):
                if scores[j] > threshold:
                    sink(best, rows, k, scores[j], first + j)
                    threshold = best[0]
        place = end


def update(
        const floating[:, ::1] scores, Py_ssize_t count, int64_t first, floating[:, ::1] best, int64_t[:, ::1] rows,
        Py_ssize_t filled):
    """Keep the best of a tile of scores; see topk.pyi."""
    cdef Py_ssize_t query, k = best.shape[1]
    if k == 0 or count == 0 or best.shape[0] == 0:
        return filled
    with nogil:
        for query in range(best.shape[0]):
            keep(&scores[query, 0], count, first, &best[query, 0], &rows[query, 0], k, filled)
    return min(k, filled + count)


def products(const float[:, ::1] queries, const float[:, ::1] vectors, float[:, ::1] scores):
    """Dot products of rows; see topk.pyi."""
    cdef Py_ssize_t n = queries.shape[0], m = vectors.shape[0], d = queries.shape[1]
    if d == 0:
        scores[:] = 0
    elif n and m:
        with nogil:
            rows_dot_rows(n, m, d, &queries[0, 0], &vectors[0, 0], &scores[0, 0], scores.shape[1])


def span_products(
        const float[:, ::1] queries, const int64_t[:, ::1] spans, const float[:, ::1] vectors,
        const int32_t[::1] chosen, const int64_t[::1] starts, float[:, ::1] copies, float[::1] scores):
    """Dot products of spans of queries with some rows each; see topk.pyi."""
    cdef Py_ssize_t k, j, n, m, d = queries.shape[1], place = 0
    with nogil:
        for k in range(spans.shape[0]):
            n, m = spans[k, 1] - spans[k, 0], starts[k + 1] - starts[k]
            for j in range(m):
                memcpy(&copies[j, 0], &vectors[chosen[starts[k] + j], 0], d * sizeof(float))
            if n and m:
                rows_dot_rows(m, n, d, &copies[0, 0], &queries[spans[k, 0], 0], &scores[place], n)
            place += n * m


def span_sums(const float[:, ::1] rows, const int64_t[:, ::1] spans, double[::1] total, float[:, ::1] sums):
    """Sums of spans of rows; see topk.pyi."""
    cdef Py_ssize_t k, i, d = rows.shape[1], begin = 0, end = 0
    with nogil:
        for k in range(spans.shape[0]):
            while end < spans[k, 1]:
                for i in range(d):
                    total[i] += rows[end, i]
                end += 1
            while begin < spans[k, 0]:
                for i in range(d):
                    total[i] -= rows[begin, i]
                begin += 1
            for i in range(d):
                sums[k, i] = <float>total[i]


def widen(const uint16_t[:, ::1] halves, float[:, ::1] singles):
    """Half precision to single; see topk.pyi."""
    if halves.shape[0] and halves.shape[1]:
        with nogil:
            singles_of_halves(&halves[0, 0], &singles[0, 0], halves.shape[0] * halves.shape[1])


cdef float length(const float *row, Py_ssize_t d) noexcept nogil:
    """√(Σ row²)"""
    cdef float[LANES] sums
    cdef Py_ssize_t i, j
    for j in range(LANES):
        sums[j] = 0
    for i in range(d // LANES):
        for j in range(LANES):
            sums[j] += row[i * LANES + j] * row[i * LANES + j]
    for i in range(d // LANES * LANES, d):
        sums[0] += row[i] * row[i]
    for j in range(1, LANES):
        sums[0] += sums[j]
    return <float>sqrt(sums[0])


def lengths(const float[:, ::1] rows, float[::1] norms):
    """Euclidean length of each row; see topk.pyi."""
    cdef Py_ssize_t k, d = rows.shape[1]
    if d:
        with nogil:
            for k in range(rows.shape[0]):
                norms[k] = length(&rows[k, 0], d)
    else:
        norms[:] = 0


def normalize(float[:, ::1] rows):
    """Divide each row by its length, and count those that have one; see topk.pyi."""
    cdef Py_ssize_t k, i, d = rows.shape[1], count = 0
    cdef float norm
    if d:
        with nogil:
            for k in range(rows.shape[0]):
                norm = length(&rows[k, 0], d)
                if norm != 0:
                    count += 1
                    for i in range(d):
                        rows[k, i] /= norm
    return count
