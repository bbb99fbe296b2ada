"""Second-order walks, by rejection: a neighbour is drawn as in a first-order walk, and taken with a probability that
is in proportion to its bias.

If q is large, so that most would be refused, the steps are of three kinds whose probabilities follow from the weight of
the edges to common neighbours of the last two nodes: back, to a common neighbour, to another one. That weight is known
for each edge.

A way back whose bias is above all others (small p) is drawn apart, so that it does not make the others rare. Each walk
is a lane that stands at one of a few stages, after each of which it waits for memory while the other lanes go on.
"""

from fastemb.kernels.graphs.adjacency cimport (
    WILL_READ, Graph, common_of, degree_of, expect_edge, find, find_edge, has_common, has_loop, sum_of,
    weight_at,
)
from fastemb.kernels.graphs.bias cimport Bias, bias_of_edge
from fastemb.kernels.graphs.exact cimport DRAWS, Common, draw_exactly, draw_scanned, meet
from fastemb.kernels.graphs.stream cimport random_at, short_unit, unit
from libc.math cimport INFINITY
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


cdef enum StepKind:
    ANY = 0
    OTHER = 1           # no common neighbour, nor back
    COMMON = 2
    NOT_BACK = 3        # as OTHER, where there is no common neighbour


cdef struct Lane:
    int32_t *out        # length
    int64_t length
    int64_t done        # nodes of the walk so far
    uint64_t key
    uint64_t draws      # random numbers used
    int64_t entry       # that was drawn
    int64_t edge        # the entry by which the walk came from the node before, or -1 if it is not known
    int32_t before      # the node before, or -1
    int32_t node
    int32_t candidate
    int64_t tries
    int64_t most        # tries before that
    bint sure           # the candidate is taken
    double u            # else, if this is below its share of the largest bias
    Stage stage
    StepKind kind


cdef inline uint64_t next_bits(Lane *l) noexcept nogil:
    l.draws += 1
    return random_at(l.key, l.draws)


cdef inline double weight_back(const Graph *g, Lane *l) noexcept nogil:
    """Of the edge to the node before, 0 if there is none."""
    cdef int64_t entry
    if g.directed:
        entry = find(g, l.node, l.before)
        return weight_at(g, entry) if entry >= 0 else 0
    return weight_at(g, edge_of(g, l)) if g.weights != NULL else 1


cdef inline int64_t edge_of(const Graph *g, Lane *l) noexcept nogil:
    """The entry by which the walk came."""
    if l.edge < 0:
        l.edge = find(g, l.before, l.node)
    return l.edge


cdef inline bint goes_back(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    """Whether the way back is taken for its bias above that of all others."""
    cdef double extra = b.extra * weight_back(g, l)
    return unit(next_bits(l)) * (extra + b.most * sum_of(g, l.node)) < extra


cdef inline int64_t most_tries(const Graph *g, const Bias *b, const Lane *l) noexcept nogil:
    """Tries that together take about as long as computing the probabilities."""
    cdef int64_t degree = degree_of(g, l.node)
    if g.thresholds == NULL:
        degree = min(degree, degree_of(g, l.before))
    if MANY * b.far > 1:
        return TRIES + degree // A_TRY
    return max(degree - FEW, 0) // A_TRY + (b.extra > 0)


cdef inline bint came_from_shorter(const Graph *g, const Lane *l) noexcept nogil:
    """Whether the row of the node is longer than that of the one before."""
    return degree_of(g, l.before) < degree_of(g, l.node)


cdef inline void expect_row(const Graph *g, Lane *l) noexcept nogil:
    """Prefetch the beginning of the row that is gone through, and of the filter of the longer one."""
    cdef bint longer = came_from_shorter(g, l)
    cdef int32_t node = l.before if longer else l.node, other = l.node if longer else l.before
    cdef int64_t k
    for k in range(LINES):
        WILL_READ(&g.targets[min(g.starts[node] + 16 * k, g.starts[node + 1] - 1)])
        WILL_READ(&g.filter[min(g.starts[other] + 64 * k, g.starts[other + 1])])
    l.stage = COMPUTE


cdef inline bint is_before_drawn(const Graph *g, const Lane *l) noexcept nogil:
    """Whether common neighbours are drawn from the row of the node before: the shorter, where they weigh the same."""
    return g.weights == NULL and came_from_shorter(g, l)


cdef inline bint is_alike(const Graph *g, const Lane *l) noexcept nogil:
    """Whether what is common weighs as much on the way back."""
    return not g.directed and g.weights == NULL and not has_loop(g, l.before) and not has_loop(g, l.node)


cdef inline bint choose_kind(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    """Draw of which kind the next step is; True where it needs no neighbour to be drawn."""
    cdef double back = weight_back(g, l), all = sum_of(g, l.node), common = common_of(g, edge_of(g, l)), r
    cdef int64_t least = min(degree_of(g, l.node), degree_of(g, l.before))
    r = unit(next_bits(l)) * (b.back * back + common + b.far * max(0.0, all - common - back))
    if r < b.back * back:
        l.sure, l.candidate, l.stage = True, l.before, DECIDE
        l.entry = l.edge if is_alike(g, l) else -1
        return True
    if r < b.back * back + common:
        l.kind = COMMON
        if g.weights == NULL:
            all = least
        if A_TRY * all >= common * (least + FEW):   # all / common tries take longer than looking at the shorter row
            expect_row(g, l)
            return True
    else:
        l.kind = OTHER if common > 0 else NOT_BACK
    return False


cdef inline void expect_target(const Graph *g, Lane *l) noexcept nogil:
    """Prefetch the neighbour that was drawn."""
    WILL_READ(&g.targets[l.entry])
    if g.common != NULL:
        WILL_READ(&g.some[l.entry >> 6])
    l.stage = READ


cdef inline void draw_neighbour(const Graph *g, Lane *l, int32_t node) noexcept nogil:
    """Draw an entry of the row of a node, whose alias is not known yet."""
    cdef uint64_t bits = next_bits(l)
    l.u = short_unit(bits)
    l.entry = g.starts[node] + below(<uint32_t>(bits >> 32), <uint32_t>degree_of(g, node))
    if g.aliases != NULL:
        WILL_READ(&g.aliases[l.entry])
        l.stage = CHOOSE
    else:
        expect_target(g, l)


cdef inline bint propose(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    """Draw an entry of the row of the node; True at a dead end, where the walk ends."""
    cdef int64_t degree = degree_of(g, l.node), k
    if degree == 0:
        for k in range(l.done, l.length):
            l.out[k] = -1
        return True
    l.sure = l.before < 0 or degree == 1
    if not l.sure and g.common == NULL:
        if l.tries == 0:
            l.most = most_tries(g, b, l)
        if l.tries >= l.most and degree_of(g, l.before):
            expect_row(g, l)
            return False
    if not l.sure and g.common != NULL:
        if l.kind == ANY and choose_kind(g, b, l):
            return False
        if l.kind != COMMON and l.tries >= DRAWS:
            expect_row(g, l)
            return False
    elif b.extra > 0 and not l.sure and goes_back(g, b, l):
        l.sure, l.candidate, l.entry, l.stage = True, l.before, -1, DECIDE
        return False
    draw_neighbour(g, l, l.before if l.kind == COMMON and is_before_drawn(g, l) else l.node)
    return False


cdef inline void choose(const Graph *g, Lane *l) noexcept nogil:
    cdef uint64_t bits = next_bits(l)
    if <uint32_t>(bits >> 32) >= g.aliases[l.entry].keep:
        l.entry = g.starts[l.node] + g.aliases[l.entry].other
    expect_target(g, l)


cdef inline void read(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    l.candidate = g.targets[l.entry]
    l.stage = DECIDE
    WILL_READ(&g.starts[l.candidate])
    if g.common != NULL:
        if has_common(g, l.entry):
            WILL_READ(&g.common[l.entry])
        if g.weights != NULL:
            WILL_READ(&g.weights[l.entry])
            WILL_READ(&g.sums[l.candidate])
    if l.kind == COMMON and is_before_drawn(g, l):
        expect_edge(g, l.node, l.candidate)
    elif not l.sure and l.candidate != l.before and l.kind != NOT_BACK:
        if l.kind == ANY and l.u * b.most < b.least:    # whatever it is
            l.sure = True
        else:
            expect_edge(g, l.before, l.candidate)


cdef inline bint is_taken(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    cdef double bias
    cdef int64_t entry
    if l.kind == NOT_BACK:
        return l.candidate != l.before
    if l.kind == OTHER:
        return l.candidate != l.before and find_edge(g, l.before, l.candidate) < 0
    if l.kind == COMMON:
        if l.candidate == l.before:
            return False
        if not is_before_drawn(g, l):
            return find_edge(g, l.before, l.candidate) >= 0
        entry = find_edge(g, l.node, l.candidate)
        l.entry = entry
        return entry >= 0
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
    cdef Common c
    if g.common == NULL:
        l.candidate, l.entry = draw_exactly(g, b, l.before, l.node, next_bits(l)), -1
        return take(g, b, l)
    if l.kind == COMMON:
        l.entry = meet(g, l.before, l.node, unit(next_bits(l)) * common_of(g, l.edge), &c)
    else:
        l.entry = draw_scanned(g, b, l.before, l.node, True, unit(next_bits(l)))
    if l.entry < 0:     # the sums were rounded
        l.entry = draw_scanned(g, b, l.before, l.node, False, unit(next_bits(l)))
    l.candidate = g.targets[l.entry]
    return take(g, b, l)


cdef inline bint take(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    l.tries, l.kind, l.edge = 0, ANY, l.entry
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
