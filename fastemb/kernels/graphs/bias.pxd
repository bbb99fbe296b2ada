"""What second-order walks multiply the weight of an edge by, which depends on where they were before."""

from fastemb.kernels.graphs.adjacency cimport Graph, weight_at
from libc.stdint cimport int64_t


cdef struct Bias:
    double back         # 1/p: to the node before
    double far          # 1/q: to a node that is no neighbour of the one before
    double most         # max(1, far)
    double least        # min(1, far)
    double extra        # by how much `back` is more than `most`
    double[2] by_edge   # to another node, without and with an edge from the one before to it


cdef inline Bias bias_of(double p, double q) noexcept nogil:
    cdef Bias b
    b.back, b.far = 1 / p, 1 / q
    b.most, b.least = max(1.0, b.far), min(1.0, b.far)
    b.extra = max(0.0, b.back - b.most)
    b.by_edge[0], b.by_edge[1] = b.far, 1
    return b


cdef inline double bias_of_edge(const Graph *g, const Bias *b, int64_t v, int64_t entry, int64_t common) noexcept nogil:
    """Of the edge at an entry of the row of v to a node x other than the one before, t.

    `common` is the entry of x in the row of t, or -1. With thresholds d it is node2vec+ (Liu, Hirn and Krishnan 2023):
    1 where w(t, x) ≥ d(x), else min(1, 1/q) where w(v, x) < d(v), else 1/q + (1 - 1/q) w(t, x) / d(x).
    """
    cdef double weight, limit
    if g.thresholds == NULL:
        return 1 if common >= 0 else b.far
    weight, limit = g.weights[common] if common >= 0 else 0, g.thresholds[g.targets[entry]]
    if common >= 0 and weight >= limit:
        return 1
    if weight_at(g, entry) < g.thresholds[v]:
        return b.least
    return b.far + (1 - b.far) * weight / limit if limit > 0 else b.far
