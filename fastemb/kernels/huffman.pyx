"""The binary tree of hierarchical softmax."""

import numpy as np

from fastemb.kernels.checks cimport check_range
from fastemb.kernels.ragged import starts_of
from libc.stdint cimport INT32_MAX, INT64_MAX, int8_t, int32_t, int64_t


def huffman_paths(const int64_t[::1] counts):
    """The paths from the root to words in the tree that joins the two rarest nodes until one is left (Huffman 1952).

    Equal counts are joined in the order in which the binary heap of Python's `heapq` gives them, as in
    gensim, so that the lengths of all codes are the same.

    Returns
    -------
    starts : ndarray of int64, shape (words + 1,)
        The path to word k is nodes[starts[k]:starts[k + 1]].
    nodes : ndarray of int32
        Inner nodes, numbered from 0 in the order in which they were joined; the root comes first.
    codes : ndarray of int8, the same shape
        At each node, 0 if the path goes on to the rarer of the two that it joins, 1 if to the other.

    Raises
    ------
    ValueError
        If a count is negative, or their sum is above 2**63 - 1.
    """
    check_counts(counts)
    cdef int64_t words = counts.shape[0], n = words, k, at, low, high, place
    cdef int64_t inner = max(words - 1, 0)
    cdef int64_t[::1] sums = np.concatenate([counts, np.zeros(inner, np.int64)])
    cdef int64_t[::1] heap = np.arange(words, dtype=np.int64)
    cdef int64_t[::1] parent = np.zeros(words + inner, np.int64)
    cdef int8_t[::1] bit = np.zeros(words + inner, np.int8)
    cdef int64_t[::1] depth = np.zeros(words + inner, np.int64)
    with nogil:
        for k in range(words // 2 - 1, -1, -1):
            sift_up(&heap[0], words, k, &sums[0])
        for k in range(words, words + inner):
            low = pop_least(&heap[0], &n, &sums[0])
            high = pop_least(&heap[0], &n, &sums[0])
            sums[k] = sums[low] + sums[high]
            parent[low] = parent[high] = k
            bit[high] = 1
            heap[n] = k
            n += 1
            sift_down(&heap[0], 0, n - 1, &sums[0])
        for k in range(words + inner - 2, -1, -1):
            depth[k] = depth[parent[k]] + 1
    starts = starts_of(depth[:words])
    nodes, codes = np.empty(starts[words], np.int32), np.empty(starts[words], np.int8)
    cdef int64_t[::1] start = starts
    cdef int32_t[::1] node = nodes
    cdef int8_t[::1] code = codes
    with nogil:
        for k in range(words):
            at = k
            for place in range(start[k + 1] - 1, start[k] - 1, -1):
                code[place] = bit[at]
                at = parent[at]
                node[place] = <int32_t>(at - words)
    return starts, nodes, codes


cdef int check_counts(const int64_t[::1] counts) except -1:
    cdef int64_t total = 0, k
    check_range("the number of words", counts.shape[0], 0, INT32_MAX)
    for k in range(counts.shape[0]):
        if not 0 <= counts[k] <= INT64_MAX - total:
            raise ValueError(
                f"the count of word {k} is {counts[k]}: counts must not be negative, nor their sum above {INT64_MAX}")
        total += counts[k]
    return 0


cdef int64_t pop_least(int64_t *heap, int64_t *n, const int64_t *sums) noexcept nogil:
    cdef int64_t least = heap[0]
    n[0] -= 1
    if n[0]:
        heap[0] = heap[n[0]]
        sift_up(heap, n[0], 0, sums)
    return least


cdef void sift_up(int64_t *heap, int64_t n, int64_t start, const int64_t *sums) noexcept nogil:
    """Fill the hole at `start` with lesser children down to a leaf, and bring its item back up from there."""
    cdef int64_t item = heap[start], hole = start, child = 2 * start + 1
    while child < n:
        if child + 1 < n and not sums[heap[child]] < sums[heap[child + 1]]:
            child += 1
        heap[hole] = heap[child]
        hole = child
        child = 2 * hole + 1
    heap[hole] = item
    sift_down(heap, start, hole, sums)


cdef void sift_down(int64_t *heap, int64_t start, int64_t hole, const int64_t *sums) noexcept nogil:
    """Bring the item at `hole` up to where its parent is no greater."""
    cdef int64_t item = heap[hole], parent
    while hole > start:
        parent = (hole - 1) // 2
        if not sums[item] < sums[heap[parent]]:
            break
        heap[hole] = heap[parent]
        hole = parent
    heap[hole] = item
