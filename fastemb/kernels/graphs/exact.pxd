"""A step of a second-order walk drawn from its exact probabilities, where rejection has failed too often.

What the rows of both nodes have in common is found by going through the shorter row, so that a hub costs no more than
the neighbour that it is met from.
"""

from fastemb.kernels.graphs.adjacency cimport (
    WILL_READ, Graph, degree_of, find, find_edge, may_have, mix, sum_of, weight_at, window_of,
)
from fastemb.kernels.graphs.bias cimport Bias, bias_of_edge
from fastemb.kernels.graphs.first cimport draw_entry
from fastemb.kernels.graphs.stream cimport random_at, unit
from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

cdef enum:
    DRAWS = 32          # of neighbours that are not common, before all are looked at
    BLOCK = 32          # neighbours whose bits in the filter are waited for together
    KEPT = 32           # common neighbours that are kept for the draw among them


cdef struct Common:
    double weight       # of the edges from v to the common neighbours of t and v
    int64_t n
    int64_t[KEPT] entries       # of the first of them, in the row of v


cdef inline int64_t gallop(const int32_t *row, int64_t k, int64_t n, int32_t x) noexcept nogil:
    """The first place from k on in an ascending row where a number is x or more; n if there is none."""
    cdef int64_t width = 1, middle
    if k >= n or row[k] >= x:
        return k
    while k + width < n and row[k + width] < x:
        k += width
        width *= 2
    width = min(width, n - k)       # row[k] < x, and row[k + width] is not, or there is none
    while width > 1:
        middle = width >> 1
        if row[k + middle] < x:
            k += middle
            width -= middle
        else:
            width = middle
    return k + 1


cdef inline int64_t meet(const Graph *g, int32_t t, int32_t v, double stop, Common *c) noexcept nogil:
    """Add up the common neighbours of t and v, but t; where the sum exceeds `stop`, the entry in the row of v, else -1.

    The filter is asked about those in the shorter row, and only where it says yes they are searched in the other.
    """
    cdef bint turned = degree_of(g, t) < degree_of(g, v)
    cdef int32_t short = t if turned else v, long = v if turned else t, x
    cdef const int32_t *row = g.targets + g.starts[long]
    cdef uint64_t[BLOCK] hashes
    cdef int64_t n = degree_of(g, long), at = 0, entry, k = g.starts[short], end = g.starts[short + 1]
    cdef int size, j
    c.weight, c.n = 0, 0
    while k < end and at < n:
        size = <int>min(end - k, BLOCK)
        for j in range(size):
            hashes[j] = mix(<uint32_t>g.targets[k + j])
            WILL_READ(&g.filter[window_of(g, long, hashes[j])])
        for j in range(size):
            x = g.targets[k + j]
            if not may_have(g, long, hashes[j]):
                continue
            at = gallop(row, at, n, x)
            if at < n and row[at] == x and x != t:
                entry = g.starts[v] + at if turned else k + j
                c.weight += weight_at(g, entry)
                if c.weight > stop:
                    return entry
                if c.n < KEPT:
                    c.entries[c.n] = entry
                c.n += 1
        k += size
    return -1


cdef inline int64_t draw_common(const Graph *g, int32_t t, int32_t v, double stop, Common *c) noexcept nogil:
    """The entry at which the sum of the weights of the common neighbours exceeds `stop`."""
    cdef double sum = 0
    cdef int64_t k
    if c.n > KEPT:
        return meet(g, t, v, stop, c)
    for k in range(c.n):
        sum += weight_at(g, c.entries[k])
        if sum > stop:
            return c.entries[k]
    return -1


cdef inline int64_t scan(
        const Graph *g, const Bias *b, int32_t t, int32_t v, bint others, double stop, double *mass) noexcept nogil:
    """Add up weight · bias of the neighbours of v, or of those not common with t; as `meet`."""
    cdef const int32_t *row = g.targets + g.starts[t]
    cdef int64_t n = degree_of(g, t), at = 0, k, common, last = -1
    mass[0] = 0
    for k in range(g.starts[v], g.starts[v + 1]):
        at = gallop(row, at, n, g.targets[k])
        common = g.starts[t] + at if at < n and row[at] == g.targets[k] else -1
        if others and (common >= 0 or g.targets[k] == t):
            continue
        mass[0] += weight_at(g, k) * (b.back if g.targets[k] == t else bias_of_edge(g, b, v, k, common))
        last = k
        if mass[0] > stop:
            return k
    return last


cdef inline int64_t draw_scanned(
        const Graph *g, const Bias *b, int32_t t, int32_t v, bint others, double u) noexcept nogil:
    cdef double mass
    scan(g, b, t, v, others, INFINITY, &mass)
    return scan(g, b, t, v, others, u * mass, &mass)


cdef inline int64_t draw_other(
        const Graph *g, const Bias *b, int32_t t, int32_t v, uint64_t key) noexcept nogil:
    """The entry of a neighbour of v that is neither t nor one of its neighbours, in proportion to its weight."""
    cdef int64_t entry
    cdef int k
    for k in range(DRAWS):
        entry = draw_entry(g, g.starts[v], degree_of(g, v), random_at(key, k))
        if g.targets[entry] != t and find_edge(g, t, g.targets[entry]) < 0:
            return entry
    return draw_scanned(g, b, t, v, True, unit(random_at(key, DRAWS)))


cdef inline int32_t draw_exactly(const Graph *g, const Bias *b, int32_t t, int32_t v, uint64_t key) noexcept nogil:
    """The next node of a walk that came from t to v; `key` begins a stream of random numbers."""
    cdef Common c
    cdef double u = unit(random_at(key, 0)), back = 1, others, r
    cdef int64_t entry
    if g.thresholds != NULL:
        return g.targets[draw_scanned(g, b, t, v, False, u)]
    if g.directed or g.weights != NULL:
        entry = find(g, v, t)
        back = weight_at(g, entry) if entry >= 0 else 0
    meet(g, t, v, INFINITY, &c)
    others = 0
    if degree_of(g, v) > c.n + (back > 0):
        others = sum_of(g, v) - c.weight - back
        if others <= 1e-9 * sum_of(g, v):   # so little that it may be a rounding error
            return g.targets[draw_scanned(g, b, t, v, False, u)]
    r = u * (b.back * back + c.weight + b.far * others)
    if r < b.back * back:
        return t
    entry = draw_common(g, t, v, r - b.back * back, &c)
    if entry < 0 and others > 0:
        entry = draw_other(g, b, t, v, random_at(key, 1))
    if entry < 0:       # the sums were rounded
        entry = draw_scanned(g, b, t, v, False, unit(random_at(key, 2)))
    return g.targets[entry]
