"""Rows of neighbours as walks see them."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

cdef extern from "hash.h":
    uint32_t below(uint32_t bits, uint32_t bound) noexcept nogil
    uint64_t mix(uint64_t x) noexcept nogil
    int set_bits(uint64_t word) noexcept nogil
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
    const uint8_t *filter       # starts[n] + 8: four bits are set for each neighbour in a row; or NULL
    const float *common         # starts[n]: of an edge from t to v, the weight of v's edges to neighbours of t; or NULL
    const uint64_t *some        # starts[n] bits: where `common` is not 0; they are few, and stay in the cache
    const uint64_t *table       # n · words bits: whether there is an edge; or NULL where they are too many
    const uint32_t *ranks       # n · words: neighbours in a row before each word of the table; or NULL
    int64_t words
    const uint64_t *looped      # n bits: nodes with an edge to themselves; or NULL, as `filter`
    bint directed


cdef class Adjacency:
    cdef Graph graph
    cdef object references      # to the arrays whose addresses are in it
    cdef readonly int64_t nodes
    cdef int fill_filter(self) except -1
    cdef int fill_table(self) except -1
    cdef int fill_ranks(self) except -1


cdef inline int64_t degree_of(const Graph *g, int64_t v) noexcept nogil:
    return g.starts[v + 1] - g.starts[v]


cdef inline double weight_at(const Graph *g, int64_t entry) noexcept nogil:
    return g.weights[entry] if g.weights != NULL else 1


cdef inline double sum_of(const Graph *g, int64_t v) noexcept nogil:
    """The weights of a row together."""
    return g.sums[v] if g.sums != NULL else <double>degree_of(g, v)


cdef inline bint has_loop(const Graph *g, int64_t v) noexcept nogil:
    return g.looped[v >> 6] >> (v & 63) & 1


cdef inline bint has_common(const Graph *g, int64_t entry) noexcept nogil:
    return g.some[entry >> 6] >> (entry & 63) & 1


cdef inline double common_of(const Graph *g, int64_t entry) noexcept nogil:
    return g.common[entry] if has_common(g, entry) else 0


cdef inline uint64_t window_of(const Graph *g, int64_t v, uint64_t hash) noexcept nogil:
    """Where in the filter the bits of a neighbour of v are: eight bytes from here on."""
    return g.starts[v] + below(<uint32_t>(hash >> 32), <uint32_t>degree_of(g, v))


cdef inline uint64_t bits_of(uint64_t hash) noexcept nogil:
    cdef uint64_t bits = <uint64_t>1 << (hash & 63) | <uint64_t>1 << (hash >> 6 & 63)
    return bits | <uint64_t>1 << (hash >> 12 & 63) | <uint64_t>1 << (hash >> 18 & 63)


cdef inline bint may_have(const Graph *g, int64_t v, uint64_t hash) noexcept nogil:
    """Whether the filter has the bits of a neighbour of v: if not, there is none of that hash."""
    cdef uint64_t bits = bits_of(hash), word
    memcpy(&word, &g.filter[window_of(g, v, hash)], 8)
    return word & bits == bits


cdef inline void expect_edge(const Graph *g, int32_t v, int32_t x) noexcept nogil:
    """Prefetch what says whether there is an edge from v to x."""
    if g.table != NULL:
        WILL_READ(&g.table[v * g.words + (x >> 6)])
    else:
        WILL_READ(&g.filter[window_of(g, v, mix(<uint32_t>x))])


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
    return find(g, v, x) if may_have(g, v, mix(<uint32_t>x)) else -1


cdef inline bint is_edge(const Graph *g, int64_t v, int32_t x) noexcept nogil:
    """Whether there is an edge from v to x."""
    if g.table != NULL:
        return g.table[v * g.words + (x >> 6)] >> (x & 63) & 1
    return find_edge(g, v, x) >= 0


cdef inline void expect_entry(const Graph *g, int64_t v, int32_t x) noexcept nogil:
    """Prefetch what `entry_of` needs beside the bit of the edge."""
    if g.ranks != NULL:
        WILL_READ(&g.ranks[v * g.words + (x >> 6)])


cdef inline int64_t entry_of(const Graph *g, int64_t v, int32_t x) noexcept nogil:
    """The entry of a neighbour x in the row of v, or -1 if it takes a search."""
    cdef int64_t place = v * g.words + (x >> 6)
    if g.ranks == NULL:
        return -1
    return g.starts[v] + g.ranks[place] + set_bits(g.table[place] & ((<uint64_t>1 << (x & 63)) - 1))
