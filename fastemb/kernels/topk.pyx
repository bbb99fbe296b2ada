"""Products of rows, the best of many scores, and numbers of half precision."""

from cython cimport floating
from libc.float cimport FLT_MAX, FLT_MIN
from libc.math cimport INFINITY, sqrt
from libc.stdint cimport INT32_MAX, INT64_MAX, int32_t, int64_t, uint16_t
from libc.string cimport memcpy

from fastemb.kernels.blas cimport rows_dot_rows
from fastemb.kernels.checks cimport check_apart, check_range
from fastemb.kernels.ragged cimport Ragged, length_of, ragged

cdef extern from "half.h":
    void singles_of_halves(const uint16_t *halves, float *singles, Py_ssize_t count) noexcept nogil

cdef enum:
    STRIDE = 64  # scores that are compared with the worst kept one at once


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
    if scores.shape[0] != best.shape[0] or rows.shape[0] != best.shape[0] or rows.shape[1] != k:
        raise ValueError("scores, best and rows must be of as many queries, and best and rows of one shape")
    check_range("count", count, 0, scores.shape[1])
    check_range("first", first, 0, INT64_MAX - count)
    check_range("filled", filled, 0, k)
    if k == 0 or count == 0 or best.shape[0] == 0:
        return filled
    with nogil:
        for query in range(best.shape[0]):
            keep(&scores[query, 0], count, first, &best[query, 0], &rows[query, 0], k, filled)
    return min(k, filled + count)


def products(const float[:, ::1] queries, const float[:, ::1] vectors, float[:, ::1] scores):
    """Dot products of rows; see topk.pyi."""
    cdef Py_ssize_t n = queries.shape[0], m = vectors.shape[0], d = queries.shape[1]
    if vectors.shape[1] != d or scores.shape[0] < n or scores.shape[1] < m:
        raise ValueError(
            f"{n} queries of {d} numbers do not fit {m} vectors of {vectors.shape[1]}, or "
            f"scores of shape ({scores.shape[0]}, {scores.shape[1]})")
    if max(n, m, d, scores.shape[1]) > INT32_MAX:
        raise ValueError(f"a side of a matrix must be at most {INT32_MAX}")
    check_apart(queries, scores, "queries and scores")
    check_apart(vectors, scores, "vectors and scores")
    if d == 0:
        scores[:n, :m] = 0
    elif n and m:
        with nogil:
            rows_dot_rows(n, m, d, &queries[0, 0], &vectors[0, 0], &scores[0, 0], scores.shape[1])


def span_products(
        const float[:, ::1] queries, const int64_t[:, ::1] spans, const float[:, ::1] vectors,
        const int32_t[::1] chosen, const int64_t[::1] starts, float[:, ::1] copies, float[::1] scores):
    """Dot products of spans of queries with some rows each; see topk.pyi."""
    cdef Py_ssize_t k, j, n, m, d = queries.shape[1], place = 0
    cdef Ragged lists = ragged(starts, chosen, 0, vectors.shape[0], "chosen vectors")
    if not 0 < d <= INT32_MAX or vectors.shape[1] != d or copies.shape[1] != d or copies.shape[0] < lists.longest:
        raise ValueError(
            f"queries of {d} numbers, vectors of {vectors.shape[1]} and ({copies.shape[0]}, {copies.shape[1]}) copies "
            f"for {lists.longest} of them at a time do not fit")
    if lists.n != spans.shape[0] or size_of_products(spans, queries.shape[0], &lists) != scores.shape[0]:
        raise ValueError("the spans, what each meets, and the number of scores do not fit")
    with nogil:
        for k in range(spans.shape[0]):
            n, m = spans[k, 1] - spans[k, 0], starts[k + 1] - starts[k]
            for j in range(m):
                memcpy(&copies[j, 0], &vectors[chosen[starts[k] + j], 0], d * sizeof(float))
            if n and m:
                rows_dot_rows(m, n, d, &copies[0, 0], &queries[spans[k, 0], 0], &scores[place], n)
            place += n * m


cdef int check_spans(const int64_t[:, ::1] spans, Py_ssize_t rows) except -1:
    """Raise ValueError if not each span begins and ends among so many rows."""
    cdef Py_ssize_t k
    if spans.shape[1] != 2:
        raise ValueError(f"spans must have a beginning and an end, not {spans.shape[1]} numbers")
    for k in range(spans.shape[0]):
        if not 0 <= spans[k, 0] <= spans[k, 1] <= rows:
            raise ValueError(f"span {k} is from {spans[k, 0]} to {spans[k, 1]}, of {rows} rows")
    return 0


cdef Py_ssize_t size_of_products(const int64_t[:, ::1] spans, Py_ssize_t queries, const Ragged *lists) except -1:
    """How many products spans make, each with the vectors of one of the lists."""
    cdef Py_ssize_t k, n, size = 0
    check_spans(spans, queries)
    for k in range(spans.shape[0]):
        n = spans[k, 1] - spans[k, 0]
        if max(n, lists.longest) > INT32_MAX or n * length_of(lists, k) > INT64_MAX - size:
            raise ValueError("the products of the spans are too many")
        size += n * length_of(lists, k)
    return size


def span_sums(const float[:, ::1] rows, const int64_t[:, ::1] spans, double[::1] total, float[:, ::1] sums):
    """Sums of spans of rows; see topk.pyi."""
    cdef Py_ssize_t k, i, d = rows.shape[1], begin = 0, end = 0
    check_spans(spans, rows.shape[0])
    for k in range(1, spans.shape[0]):
        if spans[k, 0] < spans[k - 1, 0] or spans[k, 1] < spans[k - 1, 1]:
            raise ValueError(f"span {k} begins or ends before the one before it")
    if total.shape[0] != d or sums.shape[0] != spans.shape[0] or sums.shape[1] != d:
        raise ValueError(f"the total must be of {d} numbers, and the sums of shape ({spans.shape[0]}, {d})")
    check_apart(rows, sums, "rows and sums")
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
    if singles.shape[0] != halves.shape[0] or singles.shape[1] != halves.shape[1]:
        raise ValueError("halves and singles must be of one shape")
    if halves.shape[0] and halves.shape[1]:
        with nogil:
            singles_of_halves(&halves[0, 0], &singles[0, 0], halves.shape[0] * halves.shape[1])


cdef inline float length(const float *row, Py_ssize_t d) noexcept nogil:
    """√(Σ row²)"""
    cdef double squares = dot(row, row, d)
    cdef Py_ssize_t i
    if not FLT_MIN <= squares <= FLT_MAX:   # very long or short rows
        squares = 0
        for i in range(d):
            squares += <double>row[i] * row[i]
    return <float>sqrt(squares)


def lengths(const float[:, ::1] rows, float[::1] norms):
    """Euclidean length of each row; see topk.pyi."""
    cdef Py_ssize_t k, d = rows.shape[1]
    if norms.shape[0] != rows.shape[0]:
        raise ValueError(f"{rows.shape[0]} rows do not have {norms.shape[0]} lengths")
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
