"""First-order walks: each step is to a neighbour, whatever was before."""

from fastemb.kernels.graphs.adjacency cimport WILL_READ, Alias, Graph, degree_of
from fastemb.kernels.graphs.stream cimport random_at
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

cdef extern from "hash.h":
    uint32_t below(uint32_t bits, uint32_t bound) noexcept nogil

cdef enum:
    LANES = 64          # walks that are made together, so that they wait for memory together


cdef inline int64_t draw_entry(const Graph *g, int64_t begin, int64_t degree, uint64_t bits) noexcept nogil:
    """An entry of a row that begins there, in proportion to its weight."""
    cdef int64_t k = below(<uint32_t>(bits >> 32), <uint32_t>degree)
    cdef const Alias *alias
    if g.aliases == NULL:
        return begin + k
    alias = &g.aliases[begin + k]
    return begin + k if <uint32_t>bits < alias.keep else begin + alias.other


cdef inline void first_order(const Graph *g, uint64_t *keys, int n, int64_t length, int32_t *out) noexcept nogil:
    """Go on with n walks of which the first nodes are in out[k · length]; behind a dead end -1 follows."""
    cdef int64_t[LANES] entry
    cdef uint64_t[LANES] bits
    cdef int64_t step, begin, degree
    cdef int32_t node
    cdef int k
    for step in range(1, length):
        for k in range(n):
            node = out[k * length + step - 1]
            degree = degree_of(g, node) if node >= 0 else 0
            entry[k] = -1
            if degree:
                begin, bits[k] = g.starts[node], random_at(keys[k], step)
                entry[k] = begin + below(<uint32_t>(bits[k] >> 32), <uint32_t>degree)
                if g.aliases != NULL:
                    WILL_READ(&g.aliases[entry[k]])
                else:
                    WILL_READ(&g.targets[entry[k]])
        if g.aliases != NULL:
            for k in range(n):
                if entry[k] >= 0 and <uint32_t>bits[k] >= g.aliases[entry[k]].keep:
                    entry[k] = g.starts[out[k * length + step - 1]] + g.aliases[entry[k]].other
                if entry[k] >= 0:
                    WILL_READ(&g.targets[entry[k]])
        for k in range(n):
            node = g.targets[entry[k]] if entry[k] >= 0 else -1
            out[k * length + step] = node
            if node >= 0:
                WILL_READ(&g.starts[node])
