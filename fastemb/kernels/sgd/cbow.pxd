"""CBOW: the mean or sum of the context of a centre is one input, and meets the centre."""

from fastemb.kernels.checks cimport times
from fastemb.kernels.sgd.arena cimport reserve
from fastemb.kernels.sgd.batch cimport end_batch, set_outputs
from fastemb.kernels.sgd.pairs cimport weigh_context, weight_of_centre
from fastemb.kernels.sgd.replicas cimport row
from fastemb.kernels.sgd.span cimport Span, sample_span
from fastemb.kernels.sgd.specs cimport Cbow
from fastemb.kernels.sgd.worker cimport Batch, Inputs, Plan, Pool, Step, Worker, add_matrix
from fastemb.kernels.step cimport Edge, Windows, kernels
from libc.stdint cimport INT32_MAX, int32_t, int64_t


cdef inline int plan_cbow(Plan *plan, Cbow given) except -1:
    plan.inputs.reserve, plan.inputs.build, plan.inputs.train = reserve_pool, build_cbow, train_windows
    plan.inputs.sample = sample_span
    plan.inputs.most_rows, plan.inputs.tile = given.rows, INT32_MAX
    plan.inputs.pooled, plan.inputs.mean, plan.inputs.scaled = True, given.mean, given.divide_gradient
    if given.nearness is not None:
        plan.inputs.nearness = &given.nearness[0, 0]
    if given.offsets is not None:
        plan.inputs.matrix = add_matrix(plan, given.offsets)
    if given.offsets is not None or given.distances is not None:
        plan.inputs.train = train_weighted
    return 0


cdef inline void reserve_pool(Worker *w) noexcept nogil:
    cdef int64_t context = 2 * w.plan.sampling.halo
    reserve_windows(w)
    reserve(&w.arena, &w.pool.rows, context, sizeof(float *))
    reserve(&w.arena, &w.pool.weights, context, sizeof(float))
    reserve(&w.arena, &w.pool.offsets, context, sizeof(float *))


cdef inline void reserve_windows(Worker *w) noexcept nogil:
    reserve(&w.arena, &w.pool.hidden, times(w.plan.most_centres, w.plan.inputs.d), sizeof(float))
    reserve(&w.arena, &w.pool.scales, w.plan.most_centres, sizeof(float))
    reserve(&w.arena, &w.pool.edges, 2 * w.plan.most_centres, sizeof(Edge))
    reserve(&w.arena, &w.pool.places, 4 * w.plan.most_centres, sizeof(int64_t))


cdef inline bint build_cbow(Worker *w, Batch *b) noexcept nogil:
    cdef const Span *s = b.span
    cdef int64_t c
    b.step.n = 0
    for c in range(b.first, b.end):
        if s.high[c] - s.low[c] > 1:
            b.centres[b.step.n] = c
            b.step.n += 1
    return meet_centres(w, b)


cdef inline bint meet_centres(Worker *w, Batch *b) noexcept nogil:
    """Each of the centres of a batch is met by what was pooled for it."""
    cdef Step *step = &b.step
    cdef int64_t k
    if step.n == 0:
        return False
    b.pairs = step.n
    set_outputs(w, b, step.n)
    for k in range(step.n):
        w.scratch.uses[k] = weight_of_centre(b.span, b.centres[k])
        step.positives[k * step.columns + w.scratch.columns[k]] += w.scratch.uses[k]
    return end_batch(w, b)


cdef inline void train_windows(Worker *w, Batch *b) noexcept nogil:
    """Pool the contexts, train, and add the delta of each pool to the rows of its context."""
    cdef Step *s = &b.step
    cdef Windows windows = windows_of(w, b)
    cdef int64_t k
    for k in range(s.n):
        scale_window(w, s, k, rows_of_context(b.span, b.centres[k]))
    kernels.sum_windows(s.inputs, &windows, s.d, w.pool.scales)
    b.objective.step(s)
    kernels.add_to_windows(&windows, s.d, s.inputs)


cdef inline Windows windows_of(Worker *w, Batch *b) noexcept nogil:
    """The windows of a batch; its inputs are the memory where they are pooled."""
    cdef int64_t k
    list_edges(&w.pool, b)
    for k in range(b.step.n):
        b.step.inputs[k] = w.pool.hidden + k * b.step.d
    return Windows(b.step.n, w.pool.edges, b.centres, b.span.rows, b.span.weights)


cdef inline void scale_window(Worker *w, Step *s, int64_t k, float count) noexcept nogil:
    """What input k, the sum of so many rows, and its change are multiplied by."""
    w.pool.scales[k] = scale_of(&w.plan.inputs, count)
    if s.scales != NULL:
        s.scales[k] = <float>1 / count


cdef inline void list_edges(const Pool *pool, const Batch *b) noexcept nogil:
    """Where the windows of a batch begin and end, in order: each edge stands behind so many, counted with no branch."""
    cdef int64_t *places = pool.places
    cdef int64_t *behind = pool.places + 2 * b.step.n
    cdef int64_t e, other, place, after
    for e in range(2 * b.step.n):
        place = b.span.high[b.centres[e // 2]] if e % 2 else b.span.low[b.centres[e // 2]]
        places[e] = place
        behind[e] = e
        for other in range(e):
            after = places[other] > place
            behind[other] += after
            behind[e] -= after
    for e in range(2 * b.step.n):
        pool.edges[behind[e]] = Edge(places[e], e // 2, e % 2 == 0)


cdef inline float rows_of_context(const Span *s, int64_t centre) noexcept nogil:
    """How many rows a context is the sum of."""
    cdef int64_t i
    cdef float total = 0
    if s.counts == NULL:
        return <float>(s.high[centre] - s.low[centre] - 1)
    for i in range(s.low[centre], s.high[centre]):
        total += s.counts[i]
    return total - s.counts[centre]


cdef inline void train_weighted(Worker *w, Batch *b) noexcept nogil:
    """The same, where a row counts by its distance from the centre, or is multiplied by the weights of its offset."""
    cdef const Inputs *inputs = &w.plan.inputs
    cdef const Pool *pool = &w.pool
    cdef Step *s = &b.step
    cdef int64_t k, n, d = s.d
    cdef float count
    for k in range(s.n):
        n = list_context(w, b.span, b.centres[k], &count)
        s.inputs[k] = pool.hidden + k * d
        kernels.sum_weighted(s.inputs[k], pool.rows, pool.offsets, n, d, scale_of(inputs, count))
        if s.scales != NULL:
            s.scales[k] = <float>1 / count
    b.objective.step(s)
    for k in range(s.n):
        n = list_context(w, b.span, b.centres[k], &count)
        if inputs.matrix:
            # Each context trains the weights of its offsets: they get the delta of a mean divided in any case.
            kernels.add_weighted(
                pool.rows, pool.offsets, n, d, s.inputs[k], pool.weights if w.plan.words.weights else NULL,
                1 if inputs.scaled else scale_of(inputs, count))
        else:
            kernels.add_to_rows(pool.rows, n, d, s.inputs[k], pool.weights)


cdef inline float scale_of(const Inputs *inputs, float count) noexcept nogil:
    """What the sum of a context of so many rows is multiplied by."""
    return <float>1 / count if inputs.mean else 1


cdef inline int64_t list_context(Worker *w, const Span *s, int64_t centre, float *count) noexcept nogil:
    """The vectors in the window of a centre; their number, and how many rows they are the sums of."""
    cdef const Pool *pool = &w.pool
    cdef int64_t i, n = 0, first = s.low[centre], end = s.high[centre]
    cdef float total = 0
    for i in range(first, end):
        pool.rows[n] = s.rows[i]    # the centre's is overwritten
        n += i != centre
    total = <float>n
    if s.weights != NULL:
        n = 0
        for i in range(first, end):
            pool.weights[n] = s.weights[i]
            n += i != centre
    if s.counts != NULL:
        total = -s.counts[centre]
        for i in range(first, end):
            total += s.counts[i]
    if w.plan.inputs.matrix:
        list_offsets(w, first - centre, end - centre)
    elif w.plan.inputs.distances != NULL:
        total = weigh_context(w, s, centre)
    count[0] = total
    return n


cdef inline void list_offsets(Worker *w, int64_t first, int64_t end) noexcept nogil:
    """The weights of all these offsets but 0; they are in the order -1, 1, -2, 2, …"""
    cdef int64_t offset, n = 0
    for offset in range(first, end):
        if offset:
            w.pool.offsets[n] = row(
                &w.replicas[w.plan.inputs.matrix], <int32_t>(2 * offset - 1 if offset > 0 else -2 * offset - 2))
            n += 1
