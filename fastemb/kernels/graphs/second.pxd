"""Second-order walks, by rejection: a neighbour is drawn as in a first-order walk, and taken with a probability that
is in proportion to its bias.

If q is large, so that most would be refused, the steps are of three kinds whose probabilities follow from the weight of
the edges to common neighbours of the last two nodes: back, to a common neighbour, to another one. That weight is known
for each edge.

A way back whose bias is above all others (small p) is drawn apart, so that it does not make the others rare.

Each walk is a lane. All lanes make a try together, part by part, so that they wait for memory together; and whether a
try was taken changes what is written, and not which way the program goes, which no processor could foresee.
"""

from fastemb.kernels.graphs.adjacency cimport (
    WILL_READ, Graph, common_of, degree_of, entry_of, expect_edge, expect_entry, find, find_edge, has_common, has_loop,
    is_edge, sum_of, weight_at,
)
from fastemb.kernels.graphs.bias cimport Bias, bias_of_edge
from fastemb.kernels.graphs.exact cimport DRAWS, Common, draw_exactly, draw_scanned, meet
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


cdef enum StepKind:
    ANY = 0
    OTHER = 1           # no common neighbour, nor back
    COMMON = 2
    BACK = 3
    NOT_BACK = 4        # as OTHER, where there is no common neighbour


cdef struct Lane:
    int32_t *out        # length
    int64_t length
    int64_t done        # nodes of the walk so far
    uint64_t key
    uint64_t draws      # random numbers used
    int64_t entry       # that was drawn
    int64_t edge        # the entry by which the walk came from the node before, or -1 if it is not known
    int64_t tries       # that were not taken
    int32_t before      # the node before, or -1
    int32_t node
    int32_t candidate
    int32_t row         # the node among whose neighbours it is drawn
    int32_t asked       # the other one, that may be a neighbour of the candidate
    bint sure           # the candidate is taken
    bint back           # it is the node before
    bint computed       # it is drawn from the exact probabilities
    double u            # else it is taken if this is below its share of the largest bias
    StepKind kind


cdef inline uint64_t next_bits(Lane *l) noexcept nogil:
    l.draws += 1
    return random_at(l.key, l.draws)


cdef inline bint is_over(const Graph *g, Lane *l) noexcept nogil:
    """Whether the walk is as long as it should be, or at a dead end, behind which -1 follows."""
    cdef int64_t k
    if l.done < l.length and degree_of(g, l.node) == 0:
        for k in range(l.done, l.length):
            l.out[k] = -1
        l.done = l.length
    return l.done >= l.length


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


cdef inline bint is_large(const Bias *b) noexcept nogil:
    """Whether q is so large that most tries would be refused."""
    return MANY * b.far <= 1


cdef inline int64_t most_tries(const Graph *g, const Bias *b, const Lane *l) noexcept nogil:
    """Tries that together take about as long as computing the probabilities."""
    cdef int64_t degree = degree_of(g, l.node)
    if g.thresholds == NULL:
        degree = min(degree, degree_of(g, l.before))
    if is_large(b):
        return max(degree - FEW, 0) // A_TRY + (b.extra > 0)
    return TRIES + degree // A_TRY


cdef inline bint came_from_shorter(const Graph *g, const Lane *l) noexcept nogil:
    """Whether the row of the node is longer than that of the one before."""
    return degree_of(g, l.before) < degree_of(g, l.node)


cdef inline void expect_row(const Graph *g, const Lane *l) noexcept nogil:
    """Prefetch the beginning of the row that is gone through, and of the filter of the longer one."""
    cdef bint longer = came_from_shorter(g, l)
    cdef int32_t node = l.before if longer else l.node, other = l.node if longer else l.before
    cdef int64_t k
    for k in range(LINES):
        WILL_READ(&g.targets[min(g.starts[node] + 16 * k, g.starts[node + 1] - 1)])
        WILL_READ(&g.filter[min(g.starts[other] + 64 * k, g.starts[other + 1])])


cdef inline bint is_alike(const Graph *g, const Lane *l) noexcept nogil:
    """Whether what is common weighs as much on the way back."""
    return not g.directed and g.weights == NULL and not has_loop(g, l.before) and not has_loop(g, l.node)


cdef inline bint is_rare(const Graph *g, const Lane *l, double common) noexcept nogil:
    """Whether it takes longer to draw a common neighbour than to look at the shorter row."""
    cdef int64_t least = min(degree_of(g, l.node), degree_of(g, l.before))
    return A_TRY * (least if g.weights == NULL else sum_of(g, l.node)) >= common * (least + FEW)


cdef inline void choose_kind(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    """Draw of which kind the next step is, unless all of it must be computed."""
    cdef double back = weight_back(g, l), common = common_of(g, edge_of(g, l)), all = sum_of(g, l.node), r
    cdef double near = b.back * back + common, others = max(0.0, all - common - back)
    if others <= 1e-6 * all and b.far * all > near:     # they matter, and may be a rounding error
        l.computed = True
        return
    r = unit(next_bits(l)) * (near + b.far * others)
    if r < b.back * back:
        l.kind = BACK
    elif r < near:
        l.kind = COMMON
        l.computed = is_rare(g, l, common)
    else:
        l.kind = OTHER if common > 0 else NOT_BACK


cdef inline void expect_target(const Graph *g, const Lane *l) noexcept nogil:
    """Prefetch the neighbour that was drawn."""
    WILL_READ(&g.targets[l.entry])
    if g.common != NULL:
        WILL_READ(&g.some[l.entry >> 6])


cdef inline void swap_rows(Lane *l, bint swapped) noexcept nogil:
    """Draw among the neighbours of the node before, whose row is shorter, where edges weigh the same."""
    cdef int32_t both = (l.row ^ l.asked) & -<int32_t>swapped
    l.row ^= both
    l.asked ^= both


cdef inline void propose(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    """Draw an entry."""
    cdef uint64_t bits
    l.row, l.asked = l.node, l.node if l.before < 0 else l.before
    l.sure, l.back = (l.before < 0) | (degree_of(g, l.node) == 1), False
    if g.common != NULL:
        if l.kind == ANY and not l.sure:
            choose_kind(g, b, l)
        l.back = l.kind == BACK
        l.sure |= l.back
        l.computed |= ((l.kind == OTHER) | (l.kind == NOT_BACK)) & (l.tries >= DRAWS)
        swap_rows(l, (l.kind == COMMON) & (g.weights == NULL) & (degree_of(g, l.asked) < degree_of(g, l.row)))
    elif not l.sure:
        # Before the way back is drawn, which is among what is computed.
        if l.tries >= (0 if is_large(b) else TRIES):
            l.computed = l.tries >= most_tries(g, b, l) and degree_of(g, l.before) > 0
        if b.extra > 0 and not l.computed:
            l.back = l.sure = goes_back(g, b, l)
    if l.computed:
        expect_row(g, l)
    if l.computed or l.back:
        return
    bits = next_bits(l)
    l.u = short_unit(bits)
    l.entry = g.starts[l.row] + below(<uint32_t>(bits >> 32), <uint32_t>degree_of(g, l.row))
    if g.aliases != NULL:
        WILL_READ(&g.aliases[l.entry])
    else:
        expect_target(g, l)


cdef inline void choose(const Graph *g, Lane *l) noexcept nogil:
    """The entry that was drawn, or its alias."""
    if l.computed or l.back:
        return
    if <uint32_t>(next_bits(l) >> 32) >= g.aliases[l.entry].keep:
        l.entry = g.starts[l.node] + g.aliases[l.entry].other
    expect_target(g, l)


cdef inline void expect_common(const Graph *g, int64_t entry) noexcept nogil:
    """Prefetch what the ends of an edge have in common."""
    if entry >= 0:
        WILL_READ(&g.some[entry >> 6])
        WILL_READ(&g.common[entry])


cdef inline void read(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    """Read the neighbour that was drawn, and prefetch what decides on it, and what the next step needs."""
    if l.back:
        l.candidate = l.before
    if l.back or l.computed:
        return
    l.candidate = g.targets[l.entry]
    WILL_READ(&g.starts[l.candidate])
    if l.kind != NOT_BACK and b.least < b.most:
        expect_edge(g, l.asked, l.candidate)
    if l.row != l.node:
        expect_entry(g, l.node, l.candidate)
    if g.common != NULL:
        if has_common(g, l.entry):
            WILL_READ(&g.common[l.entry])
        if g.weights != NULL:
            WILL_READ(&g.weights[l.entry])
            WILL_READ(&g.sums[l.candidate])


cdef inline bint is_taken(const Graph *g, const Bias *b, const Lane *l) noexcept nogil:
    """Whether the walk goes on to the candidate."""
    cdef bint back = l.candidate == l.before
    if l.sure:
        return True
    if l.kind == NOT_BACK:
        return not back
    if g.common != NULL:
        return (not back) & (is_edge(g, l.asked, l.candidate) == (l.kind == COMMON))
    if b.least == b.most:
        return (not back) | (l.u * b.most < b.back)
    if g.thresholds != NULL and not back:
        return l.u * b.most < bias_of_edge(g, b, l.node, l.entry, find_edge(g, l.asked, l.candidate))
    return l.u * b.most < (b.back if back else b.by_edge[is_edge(g, l.asked, l.candidate)])


cdef inline void decide(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    """Go on to the candidate if it is taken: without a branch, as nobody foresees it."""
    cdef int64_t taken
    if l.computed:
        compute(g, b, l)
        taken = 1
    else:
        taken = is_taken(g, b, l)
    if l.back:
        l.entry = l.edge if is_alike(g, l) else -1
    if g.common != NULL:
        if l.row != l.node:
            l.entry = entry_of(g, l.node, l.candidate)
            expect_common(g, l.entry)
        l.kind = <StepKind>(l.kind & <int>(taken - 1))
    l.edge ^= (l.edge ^ l.entry) & -taken
    l.computed &= taken - 1
    l.out[l.done] = l.candidate
    l.done += taken
    l.tries = (l.tries + 1) & (taken - 1)
    l.before ^= (l.before ^ l.node) & <int32_t>-taken
    l.node ^= (l.node ^ l.candidate) & <int32_t>-taken


cdef inline void compute(const Graph *g, const Bias *b, Lane *l) noexcept nogil:
    """Draw the candidate from the exact probabilities."""
    cdef Common c
    l.row = l.node
    if g.common == NULL:
        l.candidate, l.entry = draw_exactly(g, b, l.before, l.node, next_bits(l)), -1
        return
    if l.kind == COMMON:
        l.entry = meet(g, l.before, l.node, unit(next_bits(l)) * common_of(g, l.edge), &c)
    else:
        l.entry = draw_scanned(g, b, l.before, l.node, l.kind != ANY, unit(next_bits(l)))
    if l.entry < 0:     # the sums were rounded
        l.entry = draw_scanned(g, b, l.before, l.node, False, unit(next_bits(l)))
    l.candidate = g.targets[l.entry]


cdef inline void try_all(const Graph *g, const Bias *b, Lane *lanes, int n) noexcept nogil:
    """Make a try in each of n lanes."""
    cdef int k
    for k in range(n):
        propose(g, b, &lanes[k])
    if g.aliases != NULL:
        for k in range(n):
            choose(g, &lanes[k])
    for k in range(n):
        read(g, b, &lanes[k])
    for k in range(n):
        decide(g, b, &lanes[k])
