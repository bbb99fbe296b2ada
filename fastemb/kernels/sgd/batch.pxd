"""Batches: n inputs meet m outputs; which of a span comes next, and what all kinds of inputs and outputs share."""

from fastemb.kernels.checks cimport times
from fastemb.kernels.sgd.arena cimport Arena, reserve
from fastemb.kernels.sgd.span cimport Span
from fastemb.kernels.sgd.worker cimport Batch, Cursor, Objective, Plan, Scratch, Step, Worker
from fastemb.kernels.step cimport LANES, kernels
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

cdef enum:
    SEEN = 8        # times 64 bits, for some ten ids


cdef inline int64_t place_of(int32_t id, int32_t *ids, Py_ssize_t *n) noexcept nogil:
    """Where `id` stands among n ids, to which it is added if need be."""
    cdef int64_t k
    for k in range(n[0]):
        if ids[k] == id:
            return k
    ids[n[0]] = id
    n[0] += 1
    return n[0] - 1


cdef inline int64_t place_of_few(int32_t id, int32_t *ids, Py_ssize_t *n, uint64_t *seen) noexcept nogil:
    """The same, where most ids are new: `seen`, SEEN times 64 bits, all 0 for no ids, says so without a search."""
    cdef uint64_t *bits = seen + (id >> 6) % SEEN
    cdef uint64_t bit = <uint64_t>1 << (id & 63)
    if bits[0] & bit:
        return place_of(id, ids, n)
    bits[0] |= bit
    ids[n[0]] = id
    n[0] += 1
    return n[0] - 1


cdef inline void set_outputs(Worker *w, Batch *b, int64_t centres) noexcept nogil:
    """Let the objective choose the outputs that the first so many of `b.centres` meet; no pair is positive yet."""
    cdef Step *s = &b.step
    b.objective.outputs(w, b, centres)
    s.columns = (s.m + 7) // 8 * 8
    memset(w.scratch.noise + s.m, 0, (s.columns - s.m) * sizeof(float))
    memset(s.positives, 0, s.n * s.columns * sizeof(float))


cdef inline void weigh(Worker *w, Batch *b) noexcept nogil:
    """W = P + (uses - P) ∘ noise: each use of an input meets the noise, but no positive pair is noise."""
    kernels.weigh(&b.step, w.scratch.uses, w.scratch.noise)


cdef inline bint end_batch(Worker *w, Batch *b) noexcept nogil:
    """Weigh its pairs; False if there are no outputs."""
    b.objective.weigh(w, b)
    if not b.objective.counts:
        b.pairs = 0     # they were counted when they met another objective
    return b.step.m > 0


cdef inline Batch *next_batch(Worker *w) noexcept nogil:
    """Build the next batch of the worker's span; NULL if there is none left."""
    cdef const Plan *plan = w.plan
    cdef Span *span = &w.spans[w.span]
    cdef Batch *b = &w.batches[w.batch]
    cdef Cursor *c = &w.cursor
    while next_centres(plan, c, span):
        b.span = span
        b.objective = &plan.objectives[c.objective]
        b.first, b.end = c.first, c.end
        b.row, b.last_row = c.row, min(c.row + plan.inputs.tile, c.last_row)
        c.row = b.last_row
        if plan.inputs.build(w, b):
            w.batch = 1 - w.batch
            w.waits = True
            b.oldest = b.first - plan.sampling.halo
            b.step.alpha = span.alpha
            b.step.loss = 0
            return b
    return NULL


cdef inline void rewind(const Plan *plan, Cursor *c, const Span *span) noexcept nogil:
    """To the beginning of a span."""
    c.group = c.group_end = c.first = c.end = span.first
    c.objective = plan.n_objectives - 1
    c.row = c.last_row = 0


cdef inline bint next_centres(const Plan *plan, Cursor *c, const Span *span) noexcept nogil:
    """Go on to centres whose context was not taken yet; False if there are none in this span."""
    while c.row >= c.last_row:
        if c.end == c.group_end:
            c.objective += 1
            if c.objective == plan.n_objectives:
                if c.group_end == span.end:
                    c.objective -= 1
                    return False
                c.objective = 0
                c.group, c.group_end = c.group_end, min(c.group_end + plan.most_centres, span.end)
            c.end = c.group
        c.first = c.end
        c.end = min(c.first + plan.objectives[c.objective].most_centres, c.group_end)
        reach(c, span)
    return True


cdef inline void reach(Cursor *c, const Span *span) noexcept nogil:
    """How far the windows of the centres reach."""
    cdef int64_t k
    c.row, c.last_row = span.low[c.first], span.high[c.first]
    for k in range(c.first + 1, c.end):
        c.row = min(c.row, span.low[k])
        c.last_row = max(c.last_row, span.high[k])


cdef inline void prefetch_batch(Worker *w, Batch *batch, Batch *following) noexcept nogil:
    """While `batch` is trained, let the rows of `following` be prefetched that were not yet."""
    cdef Step *s = &batch.step
    cdef Span *span = following.span
    cdef int64_t first = max(following.row, span.prefetched)
    cdef int64_t end = min(following.last_row, first + w.plan.inputs.most_rows)
    s.coming = 0 if following.objective.dense else following.step.m     # all rows are there at once, or never
    memcpy(s.ahead, following.step.outputs, s.coming * sizeof(float *))
    if first < end:
        w.plan.words.prefetch(w, span, first, end, s)
    span.prefetched = max(span.prefetched, end)


cdef inline void reserve_batches(Worker *w) noexcept nogil:
    """Memory for two batches, and for what both share; then call `begin_steps`."""
    cdef const Plan *plan = w.plan
    cdef Arena *a = &w.arena
    cdef int64_t outputs = plan.most_outputs, inputs = max(plan.inputs.most_rows, plan.most_centres)
    cdef int64_t columns = (outputs + 7) // 8 * 8, d = plan.inputs.d, k
    cdef int64_t pairs = times(columns, plan.most_centres if plan.inputs.pooled else inputs)
    cdef Batch *b
    for k in range(2):
        b = &w.batches[k]
        reserve(a, &b.centres, plan.most_centres, sizeof(int64_t))
        reserve(a, &b.inputs, inputs, sizeof(int32_t))
        reserve(a, &b.outputs, outputs, sizeof(int32_t))
        reserve(a, &b.step.inputs, inputs, sizeof(float *))
        reserve(a, &b.step.outputs, outputs, sizeof(float *))
        reserve(a, &b.step.positives, pairs, sizeof(float))
        reserve(a, &b.step.weights, pairs, sizeof(float))
        if plan.inputs.scaled:
            reserve(a, &b.step.scales, inputs, sizeof(float))
        reserve(a, &b.step.ahead, (inputs + outputs + plan.words.ahead), sizeof(float *))
    reserve(a, &w.batches[0].step.gradient, pairs, sizeof(float))
    reserve(a, &w.batches[0].step.change, times(inputs, LANES), sizeof(float))
    reserve(a, &w.batches[0].step.copies, times(2 * (inputs + outputs), d) + times(inputs, inputs), sizeof(float))
    reserve(a, &w.scratch.places, inputs, sizeof(int64_t))
    reserve(a, &w.scratch.columns, plan.most_centres, sizeof(int64_t))
    reserve(a, &w.scratch.uses, inputs, sizeof(float))
    reserve(a, &w.scratch.noise, columns, sizeof(float))
    reserve(a, &w.scratch.labels, columns, sizeof(float))


cdef inline void begin_steps(Worker *w) noexcept nogil:
    """To be called once the memory is there."""
    cdef const Plan *plan = w.plan
    cdef Step *first = &w.batches[0].step
    cdef Step *s
    cdef int k
    for k in range(2):
        s = &w.batches[k].step
        s.gradient, s.change, s.copies = first.gradient, first.change, first.copies
        s.in_turn = False
        s.d, s.replace, s.measure, s.far = plan.inputs.d, plan.inputs.pooled, plan.measure, plan.words.ahead > 0
