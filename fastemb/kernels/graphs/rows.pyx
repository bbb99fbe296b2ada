"""Edges to compressed rows."""

import numpy as np

from fastemb.kernels.ragged cimport Ragged, ragged
from libc.stdint cimport INT32_MAX, int32_t, int64_t


def count(const int32_t[::1] sources, const int32_t[::1] targets, int64_t[::1] counts, bint both):
    """Count the edges of each row; see rows.pyi."""
    check_edges(sources, targets, counts.shape[0])
    cdef Py_ssize_t k
    with nogil:
        for k in range(sources.shape[0]):
            counts[targets[k]] += 1
            if both and sources[k] != targets[k]:
                counts[sources[k]] += 1


def scatter(
        const int32_t[::1] sources, const int32_t[::1] targets, const float[::1] weights or None, int64_t[::1] places,
        int32_t[::1] to, float[::1] to_weights or None, bint both):
    """Put edges into rows; see rows.pyi."""
    cdef Py_ssize_t k, n = sources.shape[0]
    cdef bint weighted = to_weights is not None, fit = True
    check_edges(sources, targets, places.shape[0])
    if weighted and (weights is None or weights.shape[0] != n or to_weights.shape[0] != to.shape[0]):
        raise ValueError("there must be a weight for each edge")
    with nogil:
        for k in range(n):
            fit &= put(sources[k], weights[k] if weighted else 1, &places[targets[k]], to, to_weights, weighted)
            if both and sources[k] != targets[k]:
                fit &= put(targets[k], weights[k] if weighted else 1, &places[sources[k]], to, to_weights, weighted)
    if not fit:
        raise ValueError("there is no place for an edge")


cdef inline bint put(
        int32_t node, float weight, int64_t *place, int32_t[::1] to, float[::1] to_weights,
        bint weighted) noexcept nogil:
    if not 0 <= place[0] < to.shape[0]:
        return False
    to[place[0]] = node
    if weighted:
        to_weights[place[0]] = weight
    place[0] += 1
    return True


cdef int check_edges(const int32_t[::1] sources, const int32_t[::1] targets, Py_ssize_t n) except -1:
    cdef bint fit = sources.shape[0] == targets.shape[0]
    cdef Py_ssize_t k
    with nogil:
        if fit:
            for k in range(sources.shape[0]):
                fit &= 0 <= sources[k] < n and 0 <= targets[k] < n
    if not fit:
        raise ValueError(f"edges must be pairs of nodes from 0 to {n - 1}")
    return 0


def transpose(const int64_t[::1] starts, const int32_t[::1] targets, const float[::1] weights or None):
    """The rows of the same edges turned round, each in ascending order; see rows.pyi."""
    cdef Ragged rows = ragged(starts, targets, 0, max(starts.shape[0] - 1, 0), "neighbours")
    cdef bint weighted = weights is not None
    if weighted and weights.shape[0] != targets.shape[0]:
        raise ValueError("there must be a weight for each edge")
    ends = np.zeros(rows.n + 1, np.int64)
    turned = np.empty(targets.shape[0], np.int32)
    turned_weights = np.empty(targets.shape[0] if weighted else 0, np.float32)
    cdef int64_t[::1] place = ends
    cdef int32_t[::1] to = turned
    cdef float[::1] to_weights = turned_weights
    cdef int64_t v, k, at, sum = 0, size
    with nogil:
        for k in range(targets.shape[0]):
            place[targets[k]] += 1
        for v in range(rows.n + 1):
            size = place[v]
            place[v] = sum
            sum += size
        for v in range(rows.n):
            for k in range(starts[v], starts[v + 1]):
                at = place[targets[k]]
                to[at] = <int32_t>v
                if weighted:
                    to_weights[at] = weights[k]
                place[targets[k]] = at + 1
        for v in range(rows.n, 0, -1):      # each has come to where the next one begins
            place[v] = place[v - 1]
        place[0] = 0
    return ends, turned, turned_weights if weighted else None


def merge(int64_t[::1] starts, int32_t[::1] targets, float[::1] weights or None, bint loops):
    """Let each neighbour be there once, in place; see rows.pyi."""
    cdef Ragged rows = ragged(starts, targets, 0, INT32_MAX, "neighbours")
    cdef int64_t v, begin, end, to = 0
    cdef bint weighted = weights is not None
    if weighted and weights.shape[0] != targets.shape[0]:
        raise ValueError("there must be a weight for each edge")
    with nogil:
        for v in range(rows.n):
            begin, end = starts[v], starts[v + 1]
            starts[v] = to
            to = merge_row(begin, end, to, targets, weights, weighted, -1 if loops else v)
        starts[rows.n] = to
    return to


cdef inline int64_t merge_row(
        int64_t begin, int64_t end, int64_t to, int32_t[::1] targets, float[::1] weights, bint weighted,
        int64_t left_out) noexcept nogil:
    """Write a row, whose equal neighbours are side by side, from `to` on; where it ends."""
    cdef int32_t node
    cdef double sum
    cdef int64_t k = begin
    while k < end:
        node, sum = targets[k], 0
        while k < end and targets[k] == node:
            if weighted:
                sum += weights[k]
            k += 1
        if node == left_out or weighted and not sum > 0:
            continue
        targets[to] = node
        if weighted:
            weights[to] = <float>sum
        to += 1
    return to
