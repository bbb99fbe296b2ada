"""Walks, many at a time in each thread."""

cimport cython
from fastemb.kernels.checks cimport check_range, times
from fastemb.kernels.graphs.adjacency cimport WILL_READ, Adjacency, Graph
from fastemb.kernels.graphs.bias cimport Bias, bias_of
from fastemb.kernels.graphs.first cimport LANES, first_order
from fastemb.kernels.graphs.second cimport Lane, is_over, try_all
from fastemb.kernels.graphs.stream cimport key_of_walk, permuted, random_at
from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t
from libc.string cimport memset

LEAST = 1e-100      # p and q, at which no sum of weights overflows or vanishes that is multiplied by 1/p or 1/q


@cython.final
cdef class Walker:
    """Walks over a graph; see walker.pyi."""

    cdef Adjacency adjacency
    cdef Bias bias
    cdef bint second
    cdef uint64_t seed
    cdef const int32_t[::1] nodes
    cdef readonly int64_t begins        # nodes from which walks begin

    def __init__(self, Adjacency adjacency, double p, double q, uint64_t seed, const int32_t[::1] nodes=None):
        cdef Py_ssize_t k
        if not (LEAST <= p <= 1 / LEAST and LEAST <= q <= 1 / LEAST):
            raise ValueError(f"p and q must be from {LEAST:g} to {1 / LEAST:g}, not {p:g} and {q:g}")
        self.adjacency, self.seed, self.nodes = adjacency, seed, nodes
        self.bias = bias_of(p, q)
        self.second = p != 1 or q != 1
        self.begins = adjacency.nodes if nodes is None else nodes.shape[0]
        if adjacency.graph.common != NULL and q < 1:
            raise ValueError("common neighbours are weighed for q of 1 or more")
        if self.second and adjacency.graph.filter == NULL:
            raise ValueError("second-order walks need the filter of the graph")
        for k in range(0 if nodes is None else nodes.shape[0]):
            check_range("a node", nodes[k], 0, adjacency.nodes - 1)

    def walk(self, int64_t first, int32_t[:, ::1] walks):
        """Make walks; see walker.pyi."""
        cdef int64_t n = walks.shape[0], k = 0, length = walks.shape[1]
        check_range("first", first, 0, INT64_MAX - n)
        if n and not (length and self.begins):
            raise ValueError("walks have at least one node")
        if not n:
            return
        with nogil:
            if self.second:
                self.walk_second(first, n, length, &walks[0, 0])
                k = n
            while k < n:
                self.walk_first(first + k, <int>min(n - k, LANES), length, &walks[k, 0])
                k += LANES

    cdef int64_t begin(self, int64_t number, uint64_t *key) noexcept nogil:
        """Where a walk begins, and its stream of random numbers."""
        cdef int64_t time = number // self.begins
        cdef int64_t node = permuted(number % self.begins, self.begins, random_at(~self.seed, <uint64_t>time))
        if self.nodes is not None:
            node = self.nodes[node]
        key[0] = key_of_walk(self.seed, node, time)
        return node

    cdef void walk_first(self, int64_t first, int n, int64_t length, int32_t *out) noexcept nogil:
        cdef const Graph *g = &self.adjacency.graph
        cdef uint64_t[LANES] keys
        cdef int k
        for k in range(n):
            out[k * length] = <int32_t>self.begin(first + k, &keys[k])
            WILL_READ(&g.starts[out[k * length]])
        first_order(g, keys, n, length, out)

    cdef void start(self, Lane *lane, int64_t number, int64_t length, int32_t *out) noexcept nogil:
        memset(lane, 0, sizeof(Lane))
        lane.out, lane.length, lane.done, lane.before, lane.edge = out, length, 1, -1, -1
        lane.node = out[0] = <int32_t>self.begin(number, &lane.key)
        WILL_READ(&self.adjacency.graph.starts[lane.node])

    cdef void walk_second(self, int64_t first, int64_t n, int64_t length, int32_t *out) noexcept nogil:
        cdef const Graph *g = &self.adjacency.graph
        cdef Bias bias = self.bias
        cdef Lane[LANES] lanes
        cdef int64_t next = min(n, LANES)
        cdef int active = <int>next, k
        for k in range(active):
            self.start(&lanes[k], first + k, length, out + k * length)
        while active:
            k = 0
            while k < active:
                if not is_over(g, &lanes[k]):
                    k += 1
                elif next < n:
                    self.start(&lanes[k], first + next, length, out + next * length)
                    next += 1
                else:
                    active -= 1
                    lanes[k] = lanes[active]
            try_all(g, &bias, lanes, active)


def count(const int32_t[:, ::1] walks, int64_t[::1] counts):
    """Count the nodes of walks; see walker.pyi."""
    cdef int64_t k, size = times(walks.shape[0], walks.shape[1]), n = counts.shape[0]
    cdef const int32_t *node = &walks[0, 0] if size else NULL
    cdef bint fit = True
    with nogil:
        for k in range(size):
            fit &= -1 <= node[k] < n
            if fit and node[k] >= 0:
                counts[node[k]] += 1
    if not fit:
        raise ValueError(f"nodes must be from -1 to {n - 1}")
