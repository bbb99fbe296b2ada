"""Second-order walks, by rejection: a neighbour is drawn as in a first-order walk, and taken with a probability that
is in proportion to its bias.

A way back whose bias is above all others (small p) is drawn apart, so that it does not make the others rare. Each walk
is a lane that stands at one of a few stages, after each of which it waits for memory while the other lanes go on.
"""

from fastemb.kernels.graphs.adjacency cimport (
    WILL_READ, Alias, Graph, degree_of, expect_edge, find, find_edge, sum_of, weight_at,
)
from fastemb.kernels.graphs.bias cimport Bias, bias_of_edge
from fastemb.kernels.graphs.exact cimport draw_exactly
from fastemb.kernels.graphs.stream cimport random_at, short_unit, unit
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

cdef extern from "hash.h":
    uint32_t below(uint32_t bits, uint32_t bound) noexcept nogil

cdef enum:
    FEW = 32            # neighbours: if q is large, no try is worth more than looking at them
    A_TRY = 8           # and a try takes as long as looking at so many
    TRIES = 12          # if q is not large
    MANY = 16           # q that is large
    LINES = 4           # of memory that are prefetched of a row

cdef enum Stage:
    PROPOSE = 0         # the row of the node is known soon
    CHOOSE = 1          # and so its alias
    READ = 2            # and so the neighbour that was drawn
    DECIDE = 3          # and so whether it is one of the node before
    COMPUTE = 4         # the probabilities are computed


cdef struct Lane:
    int32_t *out        # length
    int64_t length
    int64_t done        # nodes of the walk so far
    uint64_t key
    uint64_t draws      # random numbers used
    int64_t entry       # that was drawn
    int32_t before      # the node before, or -1
    int32_t node
    int32_t candidate
    int64_t tries
    int64_t most        # tries before that
    bint sure           # the candidate is taken
    double u            # else, if this is below its share of the largest bias
    Stage stage


cdef inline uint64_t next_bits(Lane *l) noexcept nogil:
    l.draws += 1
    return random_at(l.key, l.draws)


cdef inline bint goes_back(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    """Whether the way back is taken for its bias above that of all others."""
    cdef int64_t entry
    cdef double extra = b.extra
    if g.directed or g.weights != NULL:
        entry = find(g, l.node, l.before)
        if entry < 0:
            return False
        extra *= weight_at(g, entry)
    return unit(next_bits(l)) * (extra + b.most * sum_of(g, l.node)) < extra


cdef inline int64_t most_tries(const Graph *g, const Bias *b, const Lane *l) noexcept nogil:
    """Tries that together take about as long as computing the probabilities."""
    cdef int64_t degree = degree_of(g, l.node)
    if g.thresholds == NULL:
        degree = min(degree, degree_of(g, l.before))
    if MANY * b.far > 1:
        return TRIES + degree // A_TRY
    return max(degree - FEW, 0) // A_TRY + (b.extra > 0)


cdef inline void expect_row(const Graph *g, Lane *l) noexcept nogil:
    """Prefetch the beginning of the row that is gone through."""
    cdef int32_t node = l.before if degree_of(g, l.before) < degree_of(g, l.node) else l.node
    cdef int64_t k
    for k in range(LINES):
        WILL_READ(&g.targets[min(g.starts[node] + 16 * k, g.starts[node + 1] - 1)])
    l.stage = COMPUTE


cdef inline bint propose(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    """Draw an entry of the row of the node; True at a dead end, where the walk ends."""
    cdef int64_t degree = degree_of(g, l.node), k
    cdef uint64_t bits
    if degree == 0:
        for k in range(l.done, l.length):
            l.out[k] = -1
        return True
    l.sure = l.before < 0 or degree == 1
    if not l.sure:
        if l.tries == 0:
            l.most = most_tries(g, b, l)
        if l.tries >= l.most and degree_of(g, l.before):
            expect_row(g, l)
            return False
    if b.extra > 0 and not l.sure and goes_back(g, b, l):
        l.sure, l.candidate, l.stage = True, l.before, DECIDE
        return False
    bits = next_bits(l)
    l.u = short_unit(bits)
    l.entry = g.starts[l.node] + below(<uint32_t>(bits >> 32), <uint32_t>degree)
    if g.aliases != NULL:
        WILL_READ(&g.aliases[l.entry])
        l.stage = CHOOSE
    else:
        WILL_READ(&g.targets[l.entry])
        l.stage = READ
    return False


cdef inline void choose(const Graph *g, Lane *l) noexcept nogil:
    cdef uint64_t bits = next_bits(l)
    if <uint32_t>(bits >> 32) >= g.aliases[l.entry].keep:
        l.entry = g.starts[l.node] + g.aliases[l.entry].other
    WILL_READ(&g.targets[l.entry])
    l.stage = READ


cdef inline void read(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    l.candidate = g.targets[l.entry]
    l.stage = DECIDE
    WILL_READ(&g.starts[l.candidate])
    if not l.sure and l.candidate != l.before:
        if l.u * b.most < b.least:      # whatever it is
            l.sure = True
        else:
            expect_edge(g, l.before, l.candidate)


cdef inline bint is_taken(const Graph *g, const Bias *b, const Lane *l) noexcept nogil:
    cdef double bias
    if l.candidate == l.before:
        bias = min(b.back, b.most)
    else:
        bias = bias_of_edge(g, b, l.node, l.entry, find_edge(g, l.before, l.candidate))
    return l.u * b.most < bias


cdef inline bint decide(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    """Take the candidate, or draw another; True where the walk ends."""
    if not l.sure and not is_taken(g, b, l):
        l.tries += 1
        return propose(g, b, l)
    return take(g, b, l)


cdef inline bint compute(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    l.candidate = draw_exactly(g, b, l.before, l.node, next_bits(l))
    return take(g, b, l)


cdef inline bint take(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    l.tries = 0
    l.out[l.done] = l.candidate
    l.done += 1
    l.before, l.node = l.node, l.candidate
    return l.done == l.length or propose(g, b, l)


cdef inline bint go_on(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    """Whether the walk has ended."""
    if l.stage == READ:
        read(g, b, l)
    elif l.stage == DECIDE:
        return decide(g, b, l)
    elif l.stage == CHOOSE:
        choose(g, l)
    elif l.stage == COMPUTE:
        return compute(g, b, l)
    else:
        return l.length < 2 or propose(g, b, l)
    return False
