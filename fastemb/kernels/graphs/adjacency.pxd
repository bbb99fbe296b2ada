"""Rows of neighbours as walks see them."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

cdef extern from "hash.h":
    uint64_t mix(uint64_t x) noexcept nogil
    void WILL_READ(const void *address) noexcept nogil


cdef struct Alias:
    uint32_t keep               # of 2³² draws of this entry so many are its own
    int32_t other               # and the others are this entry's, counted in the row


cdef struct Graph:
    int64_t n
    const int64_t *starts       # n + 1: where the row of each node begins, and the last one ends
    const int32_t *targets      # starts[n]: neighbours, ascending in each row
    const float *weights        # starts[n], or NULL where all are 1
    const Alias *aliases        # starts[n], or NULL without weights
    const double *sums          # n: of the weights of each row, or NULL
    const float *thresholds     # n: above which an edge is no noise for node2vec+, or NULL
    const uint64_t *filter      # filter_mask + 1 bits: one is set for each pair of neighbours; or NULL
    uint64_t filter_mask
    int32_t *common             # starts[n]: neighbours that both ends of an edge have, -1 not counted yet; or NULL
    bint directed


cdef class Adjacency:
    cdef Graph graph
    cdef object references      # to the arrays whose addresses are in it
    cdef readonly int64_t nodes
    cdef int fill_filter(self) except -1


cdef extern from *:
    """
    #if defined(__GNUC__)
    #define LOAD_COUNT(place) __atomic_load_n(place, __ATOMIC_RELAXED)
    #define STORE_COUNT(place, n) __atomic_store_n(place, n, __ATOMIC_RELAXED)
    #else
    #define LOAD_COUNT(place) (*(volatile int32_t *)(place))
    #define STORE_COUNT(place, n) (*(volatile int32_t *)(place) = (n))
    #endif
    """
    int32_t LOAD_COUNT(const int32_t *place) noexcept nogil
    void STORE_COUNT(int32_t *place, int32_t n) noexcept nogil     # threads that store there store the same


cdef inline int64_t degree_of(const Graph *g, int64_t v) noexcept nogil:
    return g.starts[v + 1] - g.starts[v]


cdef inline double weight_at(const Graph *g, int64_t entry) noexcept nogil:
    return g.weights[entry] if g.weights != NULL else 1


cdef inline double sum_of(const Graph *g, int64_t v) noexcept nogil:
    """The weights of a row together."""
    return g.sums[v] if g.sums != NULL else <double>degree_of(g, v)


cdef inline uint64_t bit_of(const Graph *g, int32_t v, int32_t x) noexcept nogil:
    """The bit of the filter for the edge from v to x."""
    cdef uint64_t first = <uint32_t>v, second = <uint32_t>x
    if not g.directed and first > second:
        first, second = second, first
    return mix(first << 32 | second) & g.filter_mask


cdef inline void expect_edge(const Graph *g, int32_t v, int32_t x) noexcept nogil:
    """Prefetch what says whether there is an edge from v to x."""
    WILL_READ(&g.filter[bit_of(g, v, x) >> 6])


cdef inline int64_t find(const Graph *g, int64_t v, int32_t x) noexcept nogil:
    """The entry of x in the row of v, or -1."""
    cdef const int32_t *base = g.targets + g.starts[v]
    cdef int64_t n = degree_of(g, v), half
    if n == 0:
        return -1
    while n > 1:
        half = n >> 1
        base += half * (base[half] <= x)
        n -= half
    return base - g.targets if base[0] == x else -1


cdef inline int64_t find_edge(const Graph *g, int32_t v, int32_t x) noexcept nogil:
    """As `find`; first the filter is asked."""
    cdef uint64_t bit = bit_of(g, v, x)
    return find(g, v, x) if g.filter[bit >> 6] >> (bit & 63) & 1 else -1
