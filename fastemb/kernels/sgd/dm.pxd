"""PV-DM: the context of a centre and the tags of its document, added up or end to end, are one input, and meet it."""

from fastemb.kernels.checks cimport times
from fastemb.kernels.ragged cimport length_of
from fastemb.kernels.sgd.arena cimport reserve
from fastemb.kernels.sgd.cbow cimport meet_centres, reserve_windows, rows_of_context, scale_window, windows_of
from fastemb.kernels.sgd.documents cimport list_tags, plan_documents, tagged
from fastemb.kernels.sgd.documentspecs cimport Dm, DmConcat
from fastemb.kernels.sgd.replicas cimport row
from fastemb.kernels.sgd.span cimport Span
from fastemb.kernels.sgd.worker cimport Batch, Inputs, Plan, Pool, Step, Worker
from fastemb.kernels.step cimport Windows, kernels
from libc.stdint cimport INT32_MAX, int32_t, int64_t
from libc.string cimport memcpy


cdef inline int plan_dm(Plan *plan, Dm given) except -1:
    cdef Inputs *inputs = &plan.inputs
    plan_documents(plan, given)
    inputs.reserve, inputs.build, inputs.train = reserve_contexts, build_dm, train_dm
    inputs.most_rows, inputs.tile = given.rows, INT32_MAX
    inputs.pooled, inputs.mean, inputs.scaled = True, given.mean, given.divide_gradient
    return 0


cdef inline int plan_dm_concat(Plan *plan, DmConcat given) except -1:
    cdef Inputs *inputs = &plan.inputs
    plan_documents(plan, given)
    inputs.reserve, inputs.build, inputs.train = reserve_contexts, build_concat, train_concat
    inputs.most_rows, inputs.tile = given.rows, INT32_MAX
    inputs.pooled, inputs.tags.concat = True, True
    inputs.tags.slots, inputs.tags.nobody = given.slots, <int32_t>given.nobody
    inputs.d = times(given.slots + 2 * plan.sampling.window, plan.words.d)
    return 0


cdef inline void reserve_contexts(Worker *w) noexcept nogil:
    """Of concatenated ones windows are whole, also where a document is shorter."""
    cdef const Inputs *inputs = &w.plan.inputs
    cdef int64_t rows = w.plan.corpus.most_tags + (2 * w.plan.sampling.window if inputs.tags.concat else 0)
    reserve_windows(w)
    reserve(&w.arena, &w.pool.rows, rows, sizeof(float *))
    reserve(&w.arena, &w.pool.weights, rows, sizeof(float))


# Added up.

cdef inline bint build_dm(Worker *w, Batch *b) noexcept nogil:
    cdef const Span *s = b.span
    cdef int64_t c
    b.step.n = 0
    for c in range(b.first, b.end):
        if s.high[c] - s.low[c] > 1 or tagged(s, c):
            b.centres[b.step.n] = c
            b.step.n += 1
    return meet_centres(w, b)


cdef inline void train_dm(Worker *w, Batch *b) noexcept nogil:
    """Pool contexts and tags, train, and add the delta of each pool to its rows."""
    cdef const Pool *pool = &w.pool
    cdef Step *s = &b.step
    cdef Windows windows = windows_of(w, b)
    cdef int64_t k, j, tags, alike
    for k in range(s.n):
        tags = length_of(b.span.tags, b.span.texts[b.centres[k]])
        scale_window(w, s, k, rows_of_context(b.span, b.centres[k]) + tags)
    kernels.sum_windows(s.inputs, &windows, s.d, pool.scales)
    for k in range(s.n):
        tags = list_tags(w, b.span, b.centres[k], pool.rows, pool.weights)
        for j in range(tags):
            kernels.add_to_rows(s.inputs + k, 1, s.d, pool.rows[j], pool.scales + k)
    b.objective.step(s)
    kernels.add_to_windows(&windows, s.d, s.inputs)
    k = 0
    while k < s.n:
        tags = list_tags(w, b.span, b.centres[k], pool.rows, pool.weights)
        alike = centres_of_document(b, k)
        kernels.sum_rows(s.inputs[k], s.inputs + k, alike, s.d, NULL, 1)
        kernels.add_to_rows(pool.rows, tags, s.d, s.inputs[k], pool.weights)
        k += alike


cdef inline int64_t centres_of_document(const Batch *b, int64_t k) noexcept nogil:
    """How many centres of a batch, from number k on, are in the same document."""
    cdef int64_t n = 1
    while k + n < b.step.n and b.span.texts[b.centres[k + n]] == b.span.texts[b.centres[k]]:
        n += 1
    return n


# End to end.

cdef inline bint build_concat(Worker *w, Batch *b) noexcept nogil:
    """Documents with another number of tags are passed over."""
    cdef const Span *s = b.span
    cdef int64_t c
    b.step.n = 0
    for c in range(b.first, b.end):
        if length_of(s.tags, s.texts[c]) == w.plan.inputs.tags.slots:
            b.centres[b.step.n] = c
            b.step.n += 1
    return meet_centres(w, b)


cdef inline void train_concat(Worker *w, Batch *b) noexcept nogil:
    """Put the rows of each context end to end, train, and add to each its part of the delta."""
    cdef const Pool *pool = &w.pool
    cdef Step *s = &b.step
    cdef int64_t k, j, rows, d = w.plan.words.d
    for k in range(s.n):
        s.inputs[k] = pool.hidden + k * s.d
        rows = list_places(w, b.span, b.centres[k])
        for j in range(rows):
            memcpy(s.inputs[k] + j * d, pool.rows[j], d * sizeof(float))
    b.objective.step(s)
    for k in range(s.n):
        rows = list_places(w, b.span, b.centres[k])
        for j in range(rows):
            kernels.add_to_rows(pool.rows + j, 1, d, s.inputs[k] + j * d, pool.weights + j)


cdef inline int64_t list_places(Worker *w, const Span *s, int64_t centre) noexcept nogil:
    """The rows of the tags and of each place in the window; their number."""
    cdef const Pool *pool = &w.pool
    cdef int64_t window = w.plan.sampling.window, place, n
    cdef int32_t nobody = w.plan.inputs.tags.nobody
    n = list_tags(w, s, centre, pool.rows, pool.weights)
    for place in range(centre - window, centre + window + 1):
        if place == centre:
            continue
        pool.weights[n] = 1
        if s.low[centre] <= place < s.high[centre]:
            pool.rows[n] = s.rows[place]
            if s.weights != NULL:
                pool.weights[n] = s.weights[place]
        else:
            pool.rows[n] = row(&w.replicas[0], nobody)
            if w.plan.words.locks != NULL:
                pool.weights[n] = w.plan.words.locks[nobody % w.plan.words.n_locks]
        n += 1
    return n
