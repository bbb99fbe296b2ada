"""What a worker does: claim spans, build batches of them, train these, and merge its replicas."""

from fastemb.kernels.sgd.arena cimport allocate
from fastemb.kernels.sgd.batch cimport begin_steps, next_batch, prefetch_batch, reserve_batches, rewind
from fastemb.kernels.sgd.replicas cimport (
    Replicas, begin_replicas, forget_rows, merge_now, merge_round, publish, reserve_replicas, subtract_shared)
from fastemb.kernels.sgd.shards cimport order_corpus
from fastemb.kernels.sgd.span cimport Span, centre_windows, reserve_span
from fastemb.kernels.sgd.team cimport Team, barrier, claim, end_round, go_apart, in_step, join, load
from fastemb.kernels.sgd.worker cimport Batch, Matrix, Plan, Worker
from libc.stdint cimport int64_t
from libc.string cimport memset


cdef inline int begin_worker(Worker *w, const Plan *plan, Team *team, bint apart=False) except -1:
    """Give a worker its memory; `apart`: it trains copies of all rows that it meets, and merges none."""
    cdef Replicas *r
    cdef const Matrix *matrix
    cdef int k
    memset(w, 0, sizeof(Worker))
    w.plan, w.team = plan, team
    for k in range(2):
        reserve_span(
            &w.arena, &w.spans[k], &plan.corpus, &plan.sampling, plan.words.weights, plan.words.counts,
            plan.inputs.texts or plan.inputs.tags.matrix)
    reserve_batches(w)
    plan.words.reserve(w)
    plan.inputs.reserve(w)
    for k in range(plan.n_objectives):
        plan.objectives[k].reserve(w)
    for k in range(plan.n_matrices):
        r = &w.replicas[k]
        matrix = &plan.matrices[k]
        r.shared, r.rows, r.d, r.first = matrix.shared, matrix.rows, matrix.d, matrix.first_copy
        r.add_up, r.alike = matrix.add_up, matrix.alike
        reserve_replicas(&w.arena, r, team.rounds or apart, matrix.rows if apart else matrix.most_copies)
    allocate(&w.arena)
    for k in range(2):
        centre_windows(&w.spans[k], &plan.sampling)
    begin_steps(w)
    rewind(plan, &w.cursor, &w.spans[0])    # an empty span
    for k in range(plan.n_matrices):
        begin_replicas(&w.replicas[k])
    return 0


cdef inline void train_spans(Worker *w) noexcept nogil:
    """Train all that this worker can claim."""
    cdef const Plan *plan = w.plan
    cdef Batch *batch = advance(w)
    cdef Batch *following
    while batch != NULL:
        # The rows of the batch after this one are prefetched while this one is trained.
        following = advance(w)
        if following != NULL:
            prefetch_batch(w, batch, following)
        plan.words.gather(w, batch)
        plan.inputs.train(w, batch)
        if plan.measure:
            w.loss += batch.step.loss
        w.pairs += batch.pairs
        batch = following
    plan.words.release(w, NULL)


cdef inline Batch *advance(Worker *w) noexcept nogil:
    """The next batch, of this span or a later one; NULL at the end, or when the epoch was stopped."""
    cdef Batch *batch
    while in_step(w.team) or not load(&w.team.stopped):
        batch = next_batch(w)
        if batch != NULL:
            return batch
        if not next_span(w):
            break
    return NULL


cdef inline bint next_span(Worker *w) noexcept nogil:
    """Be done with the present span but for its last batch, and begin another; False if there is none."""
    cdef const Plan *plan = w.plan
    cdef Span *span
    cdef int64_t k
    if w.waits:     # a batch of the present span is not trained yet; the memory of the one before it is free
        w.span = 1 - w.span
        w.waits = False
    span = &w.spans[w.span]
    plan.words.release(w, span)
    merge_all(w)    # before rows of the next span are counted as used
    w.number = claim(w.team, &w.member)
    span.first = span.end = 0
    if w.number < w.team.n_spans:
        plan.inputs.sample(span, &plan.corpus, &plan.sampling, w.number)
        plan.words.locate(w, span)
        for k in range(plan.n_objectives):
            plan.objectives[k].begin(&plan.objectives[k], span)
        span.alpha = alpha_of(plan, span)
    rewind(plan, &w.cursor, span)
    w.trained += span.end - span.first
    return w.number < w.team.n_spans


cdef inline float alpha_of(const Plan *plan, const Span *span) noexcept nogil:
    """It falls with the place in the corpus."""
    cdef double share = <double>(span.position - plan.sampling.first_position) / plan.corpus.words
    return <float>(plan.start_alpha + (plan.end_alpha - plan.start_alpha) * share)


cdef inline void merge_all(Worker *w) noexcept nogil:
    cdef int64_t k
    for k in range(w.plan.n_matrices):
        merge_now(&w.replicas[k], w.team.workers)


cdef inline void train_rounds(Worker *w) noexcept nogil:
    """Train a span in copies of all rows, wait for the others, merge a share of the rows, wait again; and so on."""
    cdef Team *team = w.team
    cdef Replicas **everybodys = w.plan.everybodys
    cdef int64_t k, matrices = w.plan.n_matrices
    if not join(team, &w.member):
        return
    for k in range(matrices):
        everybodys[k * team.workers + w.member.number] = &w.replicas[k]
    while not load(&team.ended):
        train_spans(w)
        for k in range(matrices):
            subtract_shared(&w.replicas[k])
        barrier(team, 2 * w.member.round + 1)
        for k in range(matrices):
            merge_round(everybodys + k * team.workers, team.workers, w.member.number)
        end_round(team, &w.member)
        barrier(team, 2 * w.member.round)
        for k in range(matrices):
            forget_rows(&w.replicas[k])


cdef inline bint train_together(Worker *w) noexcept nogil:
    """Train a share of the rows of each text, as all others do; return whether spans are left, to be trained alone."""
    cdef int64_t k
    if not join(w.team, &w.member):
        return False
    order_corpus(w)
    train_spans(w)
    if w.member.number:     # what all have done is told by one of them
        w.trained = w.pairs = 0
        w.loss = 0
    else:
        for k in range(w.plan.n_matrices):
            publish(&w.replicas[k])
    return go_apart(w.team, &w.member)
