"""What the two ends of each edge have in common, as walks with large q need it.

It is counted for an edge where the row of one end is marked and the shorter row of the other is gone through, so that
all edges together take as many looks as their shorter rows are long, and hubs are not gone through again and again.
"""

from fastemb.kernels.graphs.adjacency cimport WILL_READ, Graph, degree_of, weight_at
from fastemb.kernels.graphs.exact cimport Common, gallop, meet
from libc.float cimport FLT_MAX
from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t, uint64_t

cdef enum:
    AHEAD = 8           # rows that are asked for before they are gone through


cdef inline void flip_row(const Graph *g, int64_t v, uint64_t *marks) noexcept nogil:
    """Mark the neighbours of a node, or unmark them."""
    cdef int64_t k
    for k in range(g.starts[v], g.starts[v + 1]):
        marks[g.targets[k] >> 6] ^= <uint64_t>1 << (g.targets[k] & 63)


cdef inline bint is_longer(const Graph *g, int64_t t, int64_t v) noexcept nogil:
    """Whether the row of t is longer than that of v; of rows as long, one is."""
    cdef int64_t first = degree_of(g, t), second = degree_of(g, v)
    return first > second or first == second and t >= v


cdef inline void weigh_common(
        const Graph *g, int64_t t, int64_t edge, const uint64_t *marks, float *common) noexcept nogil:
    """Of the edge at an entry of the row of t, which is marked, and in an undirected graph of the way back."""
    cdef int64_t v = g.targets[edge], n = degree_of(g, t), begin = g.starts[t], at = 0, turned = -1, k
    cdef double there = 0, back = 0
    cdef int32_t x
    for k in range(g.starts[v], g.starts[v + 1]):
        x = g.targets[k]
        if x == t:
            turned = k
        if not marks[x >> 6] >> (x & 63) & 1:
            continue
        if x != t:
            there += weight_at(g, k)
        if g.weights != NULL:
            at = gallop(g.targets + begin, at, n, x)
        if x != v:
            back += weight_at(g, begin + at)
    common[edge] = <float>min(there, FLT_MAX)
    if not g.directed and turned >= 0:
        common[turned] = <float>min(back, FLT_MAX)


cdef inline void weigh_all_common(
        const Graph *g, int64_t first, int64_t last, uint64_t *marks, float *common) noexcept nogil:
    """Of edges of which the longer row is one of these; in a directed graph, of edges from these nodes."""
    cdef Common found
    cdef int64_t t, k, end
    for t in range(first, last):
        flip_row(g, t, marks)
        end = g.starts[t + 1]
        for k in range(g.starts[t], end):
            if k + 2 * AHEAD < end:
                WILL_READ(&g.starts[g.targets[k + 2 * AHEAD]])
            if k + AHEAD < end:
                WILL_READ(&g.targets[g.starts[g.targets[k + AHEAD]]])
            if is_longer(g, t, g.targets[k]):
                weigh_common(g, t, k, marks, common)
            elif g.directed:
                meet(g, <int32_t>t, g.targets[k], INFINITY, &found)
                common[k] = <float>min(found.weight, FLT_MAX)
        flip_row(g, t, marks)
