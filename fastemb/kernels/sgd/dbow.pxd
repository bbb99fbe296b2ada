"""PV-DBOW: each tag of a document is an input, and meets all tokens; with words, those of the context are, too."""

from fastemb.kernels.ragged cimport length_of
from fastemb.kernels.sgd.batch cimport end_batch, place_of, set_outputs
from fastemb.kernels.sgd.documents cimport lock_of, plan_documents, plan_words_of_documents, tag_row, tagged
from fastemb.kernels.sgd.documentspecs cimport Dbow
from fastemb.kernels.sgd.rows cimport reserve_nothing
from fastemb.kernels.sgd.skipgram cimport add_inputs, add_pairs, train_rows
from fastemb.kernels.sgd.span cimport Span
from fastemb.kernels.sgd.worker cimport PREFETCHED, Batch, Inputs, Plan, Scratch, Step, Tags, Worker
from libc.stdint cimport INT32_MAX, int32_t, int64_t


cdef inline int plan_dbow(Plan *plan, Dbow given) except -1:
    cdef Inputs *inputs = &plan.inputs
    plan_documents(plan, given)
    inputs.reserve, inputs.train = reserve_nothing, train_rows
    inputs.build = build_with_words if given.with_words else build_alone
    inputs.most_rows = given.rows
    inputs.tile = given.rows if given.with_words else INT32_MAX
    if not given.with_words:
        plan.sampling.halo = 0
    return 0


cdef inline void plan_words_of_dbow(Plan *plan, Dbow given):
    plan_words_of_documents(plan)
    if not given.with_words:
        plan.words.locate, plan.words.prefetch = locate_alone, prefetch_tags


# Tags alone.

cdef inline void locate_alone(Worker *w, Span *s) noexcept nogil:
    """A centre has no context."""
    cdef int64_t c
    for c in range(s.first, s.end):
        s.low[c], s.high[c] = c, c + 1


cdef inline void prefetch_tags(Worker *w, Span *s, int64_t first, int64_t end, Step *step) noexcept nogil:
    """Those of the documents of centres first … end - 1, but for that of the centre before."""
    cdef int64_t k, j, room = PREFETCHED
    for k in range(first, end):
        if k > s.first and s.texts[k] == s.texts[k - 1]:
            continue
        for j in range(s.tags.starts[s.texts[k]], s.tags.starts[s.texts[k] + 1]):
            if room == 0:
                return
            room -= 1
            step.ahead[step.coming] = tag_row(w, s.tags.ids[j])
            step.coming += 1


cdef inline bint build_alone(Worker *w, Batch *b) noexcept nogil:
    cdef int64_t c, centres = 0
    for c in range(b.first, b.end):
        b.centres[centres] = c
        centres += tagged(b.span, c)
    b.step.n = b.pairs = 0
    if centres == 0:
        return False
    add_tags(w, b, centres, w.scratch.places)
    set_outputs(w, b, centres)
    add_pairs_of_tags(w, b, centres, w.scratch.places)
    return end_batch(w, b)


# Tags and words.

cdef inline bint build_with_words(Worker *w, Batch *b) noexcept nogil:
    """As of skip-gram; of the batches that a wide context is cut into, the last one has the tags."""
    cdef const Span *s = b.span
    cdef bint last = w.cursor.row == w.cursor.last_row
    cdef int64_t *places = w.scratch.places + (b.last_row - b.row)
    cdef int64_t c, k, context, low, high, centres = 0
    b.pairs = 0
    for c in range(b.first, b.end):
        low, high = max(s.low[c], b.row), min(s.high[c], b.last_row)
        context = max(0, high - low - (low <= c < high))
        if context or last and tagged(s, c):
            b.centres[centres] = c
            centres += 1
            b.pairs += context
    if centres == 0:
        return False
    add_inputs(w, b, b.first if b.end - b.first == 1 else -1)
    if last:
        add_tags(w, b, centres, places)
    set_outputs(w, b, centres)
    for k in range(centres):
        add_pairs(w, b, k)
    if last:
        add_pairs_of_tags(w, b, centres, places)
    return end_batch(w, b)


cdef inline void add_tags(Worker *w, Batch *b, int64_t centres, int64_t *places) noexcept nogil:
    """Make the tags of the documents of the centres inputs, each once; their places, document by document."""
    cdef const Span *s = b.span
    cdef Step *step = &b.step
    cdef int64_t k, j, place, document
    cdef int32_t tag
    for k in range(centres):
        document = s.texts[b.centres[k]]
        if k and document == s.texts[b.centres[k - 1]]:
            continue
        for j in range(s.tags.starts[document], s.tags.starts[document + 1]):
            tag = s.tags.ids[j]
            places[0] = place = place_of(<int32_t>(w.plan.words.vocabulary + tag), b.inputs, &step.n)
            places += 1
            w.scratch.uses[place] = 0
            step.inputs[place] = tag_row(w, tag)
            if step.scales != NULL:
                step.scales[place] = lock_of(&w.plan.inputs.tags, tag)


cdef inline void add_pairs_of_tags(Worker *w, Batch *b, int64_t centres, const int64_t *places) noexcept nogil:
    """Each tag meets the centres of its document."""
    cdef const Span *s = b.span
    cdef const Scratch *scratch = &w.scratch
    cdef int64_t first, end = 0, k, place, document
    while end < centres:
        first = end
        document = s.texts[b.centres[first]]
        while end < centres and s.texts[b.centres[end]] == document:
            end += 1
        for _ in range(length_of(s.tags, document)):
            place = places[0]
            places += 1
            scratch.uses[place] += end - first
            for k in range(first, end):
                b.step.positives[place * b.step.columns + scratch.columns[k]] += 1
            b.pairs += end - first
