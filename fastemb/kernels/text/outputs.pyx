"""From the mean of a text to its most probable labels, as fastText finds them.

Softmax, and the logistic functions of 'ns' and 'ova', are over all labels: a product of matrices for a tile of texts.
Hierarchical softmax is a search in the tree, which is cut where a path is less probable than the k-th best label.
"""

import numpy as np

from fastemb.kernels.blas cimport rows_dot_rows
from fastemb.kernels.step cimport kernels
from fastemb.kernels.topk cimport dot, keep, rise, sink

cimport cython
from libc.math cimport exp
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc

cdef enum:
    SOFTMAX, TREE, LOGISTIC
    SCORES = 1 << 18        # of a tile
    TEXTS = 64              # of a tile, at most,
    FEW = 8                 # and at least
    STEPS = 512             # of fastText's table of the logistic function,
    LARGEST = 8             # from -8 to 8

cdef float ADDED = 1e-5     # to each probability, as fastText does before it takes its logarithm
cdef double MOST = 1e15     # what nodes that are not joined yet weigh in fastText's tree


def label_tree(const int64_t[::1] counts):
    """The tree of hierarchical softmax over labels, as fastText builds it; see outputs.pyi."""
    cdef int64_t labels = counts.shape[0], leaf = labels - 1, node = labels, i, j
    cdef double total = 0
    for i in range(labels):
        if counts[i] < 0 or i and counts[i] > counts[i - 1]:
            raise ValueError("the counts of labels must not be negative, and must descend")
        total += counts[i]
    if total >= MOST:
        raise ValueError(f"the counts of labels must be less than {MOST:.0e} in all")
    children = np.empty((max(labels - 1, 0), 2), np.int32)
    cdef int32_t[:, ::1] child = children
    cdef int64_t[::1] sums = np.concatenate([counts, np.full(max(labels - 1, 0), <int64_t>MOST, np.int64)])
    with nogil:
        for i in range(labels - 1):
            for j in range(2):
                if leaf >= 0 and sums[leaf] < sums[node]:
                    child[i, j] = <int32_t>leaf
                    leaf -= 1
                else:
                    child[i, j] = <int32_t>node
                    node += 1
            sums[labels + i] = sums[child[i, 0]] + sums[child[i, 1]]
    return children


@cython.final
cdef class Outputs:
    """What makes labels of the means of texts; see outputs.pyi."""

    def __cinit__(self, const float[:, ::1] matrix, str loss, const int64_t[::1] counts):
        cdef const int32_t[:, ::1] children
        if not matrix.shape[0] or counts.shape[0] != matrix.shape[0]:
            raise ValueError("there must be as many rows as counts of labels, at least one")
        self.matrix, self.labels, self.size = matrix, matrix.shape[0], matrix.shape[1]
        self.loss = {"softmax": SOFTMAX, "hs": TREE, "ns": LOGISTIC, "ova": LOGISTIC}[loss]
        if self.loss == TREE:
            self.children = label_tree(counts)
            children = self.children
            self.child = &children[0, 0] if self.labels > 1 else NULL
        places = np.arange(STEPS + 1, dtype=np.float32) * np.float32(2 * LARGEST) / np.float32(STEPS)
        self.table = (1 / (1 + np.exp(-(places - np.float32(LARGEST)).astype(np.float64)))).astype(np.float32)

    cdef int64_t tile(self) noexcept nogil:
        """Texts that are worked on together."""
        return TEXTS if self.loss == TREE else max(FEW, min(TEXTS, SCORES // self.labels))

    cdef bint take(self, Best *best) noexcept nogil:
        """Allocate the scratch; False if there is no memory."""
        best.scores, best.nodes, best.products = NULL, NULL, NULL
        if self.loss == TREE:
            best.nodes = <int32_t *>malloc((self.labels + 1) * sizeof(int32_t))
            best.products = <double *>malloc((self.labels + 1) * sizeof(double))
            return best.nodes != NULL and best.products != NULL
        best.scores = <float *>malloc(self.tile() * self.labels * sizeof(float))
        return best.scores != NULL

    cdef void give_back(self, Best *best) noexcept nogil:
        free(best.scores)
        free(best.nodes)
        free(best.products)

    cdef void of_texts(
            self, const float *hidden, const char *empty, int64_t n, const Best *best, float *probabilities,
            int64_t *numbers, int32_t *counts) noexcept nogil:
        """The best labels of the n texts of a tile, the best first, and how many they are; -1 for empty texts."""
        cdef int64_t i, k = best.k, d = self.size
        cdef float *scores
        if self.loss != TREE and d:
            rows_dot_rows(n, self.labels, d, hidden, &self.matrix[0, 0], best.scores, self.labels)
        for i in range(n):
            if empty[i]:
                counts[i] = -1
                continue
            if self.loss == TREE:
                counts[i] = self.search(hidden + i * d, best, probabilities + i * k, numbers + i * k)
            else:
                scores = best.scores + i * self.labels
                counts[i] = self.choose(scores, best, probabilities + i * k, numbers + i * k)

    cdef int32_t choose(self, float *scores, const Best *best, float *found, int64_t *numbers) noexcept nogil:
        """The k best scores as probabilities that are not below the least, and how many they are.

        They are chosen by their scores: the table of the logistic function has the same value for many.
        """
        cdef int64_t j
        cdef float total = 0, p
        cdef int32_t n = <int32_t>min(best.k, self.labels)
        keep(scores, self.labels, 0, found, numbers, best.k, 0)
        descend(found, numbers, n)
        if self.loss == SOFTMAX:
            total = kernels.exponentials(scores, self.labels, found[0])
        for j in range(n):
            p = scores[numbers[j]] / total if self.loss == SOFTMAX else self.logistic(found[j])
            if p < best.least:
                return <int32_t>j
            found[j] = p + ADDED
        return n

    cdef inline float logistic(self, float x) noexcept nogil:
        """σ(x) at the next lower of the places in the table"""
        if -LARGEST <= x <= LARGEST:
            return self.table[<int64_t>((x + LARGEST) * STEPS / LARGEST / 2)]
        return 1 if x > LARGEST else 0

    cdef int32_t search(
            self, const float *hidden, const Best *best, float *found, int64_t *numbers) noexcept nogil:
        """The same in the tree: the product of p + 1e-5 along each path, the more probable side first."""
        cdef int64_t node = 2 * self.labels - 2, n = 0, inner, waiting = 0, k = best.k
        cdef double product = 1, p, least = <double>best.least + ADDED, left, right
        cdef const int32_t *child
        cdef bint to_left
        while True:
            if product >= least and not (n == k and <float>product <= found[0]):
                if node < self.labels:
                    if n < k:
                        rise(found, numbers, n, <float>product, node)
                        n += 1
                    else:
                        sink(found, numbers, k, <float>product, node)
                else:
                    inner = node - self.labels
                    p = 1 / (1 + exp(-dot(&self.matrix[inner, 0], hidden, self.size)))
                    left, right = product * (1 - p + ADDED), product * (p + ADDED)
                    child, to_left = self.child + 2 * inner, left > right
                    best.nodes[waiting], best.products[waiting] = child[to_left], right if to_left else left
                    waiting += 1
                    node, product = child[not to_left], left if to_left else right
                    continue
            if not waiting:
                descend(found, numbers, n)
                return <int32_t>n
            waiting -= 1
            node, product = best.nodes[waiting], best.products[waiting]


cdef void descend(float *scores, int64_t *numbers, int64_t n) noexcept nogil:
    """Sort a heap whose top is the worst: the best first."""
    cdef float score
    cdef int64_t number
    while n > 1:
        n -= 1
        score, number = scores[n], numbers[n]
        scores[n], numbers[n] = scores[0], numbers[0]
        sink(scores, numbers, n, score, number)
