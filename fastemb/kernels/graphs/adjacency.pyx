"""Rows of neighbours, checked, with what walks look up."""

import numpy as np

cimport cython
from fastemb.kernels.checks cimport check_range
from fastemb.kernels.graphs.common cimport weigh_all_common
from fastemb.kernels.ragged cimport Ragged, ragged
from libc.float cimport FLT_MAX
from libc.math cimport sqrt
from libc.stdint cimport UINT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t

cdef enum:
    WINDOW = 8          # bytes of the filter, in which the bits of a neighbour are
    CACHED = 1 << 20    # bytes of a table of edges that is asked sooner than a filter in any case;
    DENSE = 6           # else of a table that takes at most so many times what the rows take,
    TABLE = 1 << 24     # and no more than this, unless it takes less than the rows

ALIAS = np.dtype([("keep", np.uint32), ("other", np.int32)])


@cython.final
cdef class Adjacency:
    """Rows of neighbours, checked; see adjacency.pyi."""

    def __init__(
            self, const int64_t[::1] starts, const int32_t[::1] targets, const float[::1] weights=None,
            bint directed=False, bint filtered=True, thresholds=None):
        cdef Ragged rows = ragged(starts, targets, 0, max(starts.shape[0] - 1, 0), "neighbours")
        cdef Graph *g = &self.graph
        cdef const float[::1] limits = thresholds
        cdef Alias[::1] aliases
        cdef double[::1] sums
        check_rows(&rows)
        self.references = [starts, targets, weights, limits]
        g.n, g.starts, g.targets, g.directed = rows.n, rows.starts, rows.ids, directed
        self.nodes = rows.n
        if weights is not None:
            if weights.shape[0] != targets.shape[0]:
                raise ValueError(f"{targets.shape[0]} edges have {weights.shape[0]} weights")
            check_weights(weights)
        if weights is not None and weights.shape[0]:
            aliases, sums = np.empty(targets.shape[0], ALIAS), np.empty(rows.n)
            self.references += [aliases, sums]
            g.weights = &weights[0]
            fill_aliases(g, aliases, sums)
            g.aliases, g.sums = &aliases[0], &sums[0]
        if limits is not None:
            if limits.shape[0] != rows.n or weights is None:
                raise ValueError("there must be a threshold for each node, and weights")
            g.thresholds = &limits[0] if rows.n else NULL
        if filtered:
            self.fill_filter()
            self.fill_table()

    cdef int fill_filter(self) except -1:
        cdef Graph *g = &self.graph
        cdef uint8_t[::1] bits = np.zeros(g.starts[g.n] + WINDOW, np.uint8)
        cdef uint64_t[::1] looped = np.zeros(g.n // 64 + 1, np.uint64)
        cdef uint64_t hash, word, place
        cdef int64_t v, k
        self.references += [bits, looped]
        g.filter, g.looped = &bits[0], &looped[0]
        with nogil:
            for v in range(g.n):
                for k in range(g.starts[v], g.starts[v + 1]):
                    looped[v >> 6] |= <uint64_t>(g.targets[k] == v) << (v & 63)
                    hash = mix(<uint32_t>g.targets[k])
                    place = window_of(g, v, hash)
                    memcpy(&word, &bits[place], WINDOW)
                    word |= bits_of(hash)
                    memcpy(&bits[place], &word, WINDOW)
        return 0

    cdef int fill_table(self) except -1:
        """Keep all edges as bits where these are few, or many of them are set."""
        cdef Graph *g = &self.graph
        cdef int64_t words = (g.n + 63) // 64, rows = sizeof(int32_t) * g.starts[g.n], v, k
        cdef uint64_t[::1] table
        if g.n * words * 8 > max(rows, min(TABLE, max(CACHED, DENSE * rows))):
            return 0
        table = np.zeros(g.n * words, np.uint64)
        self.references.append(table)
        with nogil:
            for v in range(g.n):
                for k in range(g.starts[v], g.starts[v + 1]):
                    table[v * words + (g.targets[k] >> 6)] |= <uint64_t>1 << (g.targets[k] & 63)
        if g.n:
            g.table, g.words = &table[0], words
        return 0

    cdef int fill_ranks(self) except -1:
        """Count the neighbours before each word of the table."""
        cdef Graph *g = &self.graph
        cdef uint32_t[::1] ranks = np.zeros(g.n * g.words, np.uint32)
        cdef int64_t v, k
        self.references.append(ranks)
        with nogil:
            for v in range(g.n):
                for k in range(v * g.words + 1, (v + 1) * g.words):
                    ranks[k] = ranks[k - 1] + <uint32_t>set_bits(g.table[k - 1])
        g.ranks = &ranks[0]
        return 0

    def weigh_common(self, int64_t first, int64_t last, float[::1] common):
        """Weigh common neighbours, for edges of some nodes; see adjacency.pyi."""
        cdef Graph *g = &self.graph
        cdef uint64_t[::1] marks = np.zeros(self.nodes // 64 + 1, np.uint64)
        check_range("first", first, 0, self.nodes)
        check_range("last", last, first, self.nodes)
        check_common(g, common.shape[0])
        with nogil:
            weigh_all_common(g, first, last, &marks[0], &common[0] if common.shape[0] else NULL)

    def keep_common(self, const float[::1] common):
        """Let walks use what was weighed; see adjacency.pyi."""
        cdef uint64_t[::1] some = np.zeros(common.shape[0] // 64 + 1, np.uint64)
        cdef bint fit = True, cut = False
        cdef int64_t k
        check_common(&self.graph, common.shape[0])
        with nogil:
            for k in range(common.shape[0]):
                fit &= 0 <= common[k] <= FLT_MAX
                cut |= common[k] == FLT_MAX
                some[k >> 6] |= <uint64_t>(common[k] > 0) << (k & 63)
        if not fit:
            raise ValueError("what edges have in common is not weighed for all of them")
        self.references += [common, some]
        if common.shape[0] and not cut:     # sums beyond a float: walks do without
            if self.graph.table != NULL and self.graph.weights == NULL:
                self.fill_ranks()
            self.graph.common, self.graph.some = &common[0], &some[0]

    @property
    def tabled(self):
        """Whether there is a table of edges."""
        return self.graph.table != NULL

    def aliases(self):
        """The alias tables: `keep` and `other` of each entry; None without weights."""
        return np.asarray(self.references[4]).copy() if self.graph.aliases != NULL else None


def thresholds(const int64_t[::1] starts, const float[::1] weights, double gamma):
    """Mean + gamma · standard deviation of the weights of each row; see adjacency.pyi."""
    cdef int64_t v, k, n = max(starts.shape[0] - 1, 0), degree
    cdef Ragged rows = ragged(starts, np.zeros(weights.shape[0], np.int32), 0, 1, "weights")
    cdef double mean, square
    if gamma != gamma:
        raise ValueError("gamma must be a number")
    found = np.zeros(n, np.float32)
    cdef float[::1] limit = found
    with nogil:
        for v in range(rows.n):
            degree, mean, square = starts[v + 1] - starts[v], 0, 0
            for k in range(starts[v], starts[v + 1]):
                mean += weights[k]
            mean /= max(degree, 1)
            for k in range(starts[v], starts[v + 1]):
                square += (weights[k] - mean) * (weights[k] - mean)
            limit[v] = <float>max(mean + gamma * sqrt(square / max(degree, 1)), 0)
    return found


cdef int check_common(const Graph *g, int64_t size) except -1:
    if g.filter == NULL or g.thresholds != NULL:
        raise ValueError("common neighbours are weighed with the filter of the graph, and without thresholds")
    if size != g.starts[g.n]:
        raise ValueError(f"{g.starts[g.n]} edges have {size} weights of common neighbours")
    return 0


cdef int check_rows(const Ragged *rows) except -1:
    """Raise ValueError unless each row ascends."""
    cdef int64_t v, k, bad = -1
    with nogil:
        for v in range(rows.n):
            for k in range(rows.starts[v] + 1, rows.starts[v + 1]):
                if rows.ids[k] <= rows.ids[k - 1]:
                    bad = v
    if bad >= 0:
        raise ValueError(f"the neighbours of node {bad} do not ascend")
    return 0


cdef int check_weights(const float[::1] weights) except -1:
    cdef bint fit = True
    cdef Py_ssize_t k
    with nogil:
        for k in range(weights.shape[0]):
            fit &= 0 < weights[k] <= 3.4028235e38
    if not fit:
        raise ValueError("weights must be positive and finite")
    return 0


cdef int fill_aliases(const Graph *g, Alias[::1] aliases, double[::1] sums) except -1:
    cdef int64_t v, k, most = 1
    for v in range(g.n):
        most = max(most, degree_of(g, v))
    cdef double[::1] shares = np.empty(most)
    cdef int32_t[::1] stack = np.empty(most, np.int32)
    with nogil:
        for v in range(g.n):
            sums[v] = 0
            for k in range(g.starts[v], g.starts[v + 1]):
                sums[v] += g.weights[k]
            if g.starts[v + 1] > g.starts[v]:
                k = g.starts[v]
                fill_row(g.weights + k, degree_of(g, v), sums[v], &aliases[k], &shares[0], &stack[0])
    return 0


cdef void fill_row(
        const float *weights, int64_t n, double sum, Alias *aliases, double *shares, int32_t *stack) noexcept nogil:
    """An alias table (Vose 1991): what an entry lacks of the mean share is filled by one that has more.

    `stack` has those that lack some from its beginning on, and the others from its end on.
    """
    cdef int64_t small = 0, large = n, k
    cdef int32_t a, b
    for k in range(n):
        shares[k] = weights[k] * (n / sum)
        if shares[k] < 1:
            stack[small] = <int32_t>k
            small += 1
        else:
            large -= 1
            stack[large] = <int32_t>k
    while small > 0 and large < n:
        small -= 1
        a, b = stack[small], stack[large]
        aliases[a] = Alias(<uint32_t>min(shares[a] * 4294967296.0, <double>UINT32_MAX), b)
        shares[b] -= 1 - shares[a]
        if shares[b] < 1:
            large += 1
            stack[small] = b
            small += 1
    for k in range(small):
        aliases[stack[k]] = Alias(UINT32_MAX, stack[k])
    for k in range(large, n):
        aliases[stack[k]] = Alias(UINT32_MAX, stack[k])
