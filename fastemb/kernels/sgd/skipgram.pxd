"""Skip-gram: each token of the context is an input, and meets the centres whose windows it is in."""

from fastemb.kernels.sgd.batch cimport end_batch, place_of, set_outputs
from fastemb.kernels.sgd.pairs cimport weighs, weight_of_pair
from fastemb.kernels.sgd.rows cimport reserve_nothing
from fastemb.kernels.sgd.span cimport Span, sample_span
from fastemb.kernels.sgd.specs cimport SkipGram
from fastemb.kernels.sgd.worker cimport Batch, Plan, Scratch, Step, Worker
from libc.stdint cimport int64_t


cdef inline void plan_skipgram(Plan *plan, SkipGram given):
    plan.inputs.reserve, plan.inputs.build, plan.inputs.train = reserve_nothing, build_skipgram, train_in_turn
    plan.inputs.sample = sample_span
    plan.inputs.most_rows = plan.inputs.tile = given.rows


cdef inline bint build_skipgram(Worker *w, Batch *b) noexcept nogil:
    cdef const Span *s = b.span
    cdef int64_t c, k, low, high, centres = 0
    b.pairs = 0
    for c in range(b.first, b.end):
        low, high = max(s.low[c], b.row), min(s.high[c], b.last_row)
        if high - low > (low <= c < high):
            b.centres[centres] = c
            centres += 1
            b.pairs += high - low - (low <= c < high)
    if centres == 0:
        return False
    add_inputs(w, b, b.first if b.end - b.first == 1 else -1)
    set_outputs(w, b, centres)
    for k in range(centres):
        if weighs(&w.plan.inputs, s):
            add_weighted_pairs(w, b, k)
        else:
            add_pairs(w, b, k)
    return end_batch(w, b)


cdef inline void add_inputs(Worker *w, Batch *b, int64_t alone) noexcept nogil:
    """Make kept[row:last_row], each id once, the inputs; but not kept[alone], the only centre."""
    cdef const Span *s = b.span
    cdef Step *step = &b.step
    cdef int64_t i, place
    step.n = 0
    for i in range(b.row, b.last_row):
        if i == alone:
            continue
        place = place_of(s.kept[i], b.inputs, &step.n)
        w.scratch.places[i - b.row] = place
        w.scratch.uses[place] = 0
        step.inputs[place] = s.rows[i]
        if step.scales != NULL:
            step.scales[place] = s.weights[i]


cdef inline void add_pairs(Worker *w, Batch *b, int64_t k) noexcept nogil:
    """The k-th centre meets its context."""
    cdef const Span *s = b.span
    cdef const Scratch *scratch = &w.scratch
    cdef int64_t i, place, c = b.centres[k], column = scratch.columns[k]
    for i in range(max(s.low[c], b.row), min(s.high[c], b.last_row)):
        if i != c:
            place = scratch.places[i - b.row]
            scratch.uses[place] += 1
            b.step.positives[place * b.step.columns + column] += 1


cdef inline void add_weighted_pairs(Worker *w, Batch *b, int64_t k) noexcept nogil:
    """The same, where pairs count more or less than 1: so do their noise words."""
    cdef const Span *s = b.span
    cdef const Scratch *scratch = &w.scratch
    cdef int64_t i, place, c = b.centres[k], column = scratch.columns[k]
    cdef float weight
    for i in range(max(s.low[c], b.row), min(s.high[c], b.last_row)):
        if i != c:
            place = scratch.places[i - b.row]
            weight = weight_of_pair(&w.plan.inputs, s, c, i)
            scratch.uses[place] += weight
            b.step.positives[place * b.step.columns + column] += weight


cdef inline void train_rows(Worker *w, Batch *b) noexcept nogil:
    b.objective.step(&b.step)


cdef inline void train_in_turn(Worker *w, Batch *b) noexcept nogil:
    """Words that have a centre in common are drawn to each other, as pair by pair: see `docs/speed.md`, "The block".

    Bags are not: those that have rows in common would be drawn by each of them once more, and diverge.
    """
    b.step.in_turn = b.objective.in_turn and w.plan.words.single
    train_rows(w, b)
