"""Texts: the mean of the rows of all tokens of a text is one input, and meets its label (Joulin et al. 2017).

The delta of a mean is divided by the number of its rows, as the gradient has it, and added to each. Of several labels
of a text one is drawn in each epoch. Texts that have no label, or no token in the vocabulary, are passed over.
"""

from fastemb.kernels.checks cimport times
from fastemb.kernels.ragged cimport Ragged, length_of
from fastemb.kernels.sgd.arena cimport reserve
from fastemb.kernels.sgd.bags cimport list_bag
from fastemb.kernels.sgd.batch cimport end_batch, set_outputs
from fastemb.kernels.sgd.corpus cimport Chunk, Corpus, Targets, begin_of, chunk_of, end_of, sentence_at
from fastemb.kernels.sgd.rows cimport gather_rows, release_rows, reserve_nothing
from fastemb.kernels.sgd.span cimport Sampling, Span
from fastemb.kernels.sgd.specs cimport Texts
from fastemb.kernels.sgd.worker cimport PREFETCHED, Batch, Plan, Pool, Step, Words, Worker
from fastemb.kernels.step cimport kernels
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint32_t, uint64_t

cdef extern from "hash.h":
    uint64_t mix(uint64_t x) noexcept nogil
    uint64_t random_at(uint64_t key, uint64_t k) noexcept nogil
    uint32_t below(uint32_t bits, uint32_t bound) noexcept nogil


cdef inline int plan_texts(Plan *plan, Texts given) except -1:
    cdef Targets *targets = &plan.corpus.targets
    plan.inputs.reserve, plan.inputs.build, plan.inputs.train = reserve_texts, build_texts, train_texts
    plan.inputs.sample = sample_texts
    plan.inputs.most_rows, plan.inputs.tile = given.rows, INT32_MAX
    plan.inputs.texts = plan.inputs.pooled = plan.inputs.mean = plan.inputs.scaled = True
    plan.sampling.halo = 0
    if given.targets.n != plan.corpus.texts:
        raise ValueError(f"there are labels of {given.targets.n} texts, and {plan.corpus.texts} texts")
    targets.labels, targets.n_labels = given.targets, given.labels
    if given.text_weights is not None:
        targets.text_weights = &given.text_weights[0]
    if given.label_weights is not None:
        targets.label_weights = &given.label_weights[0]
    return 0


cdef inline void plan_bags_of_texts(Plan *plan):
    """A text is summed of all rows of its tokens at once, and the vector of a token is never gathered."""
    cdef Words *words = &plan.words
    words.reserve, words.locate, words.prefetch = reserve_nothing, locate_nothing, prefetch_tokens
    words.gather, words.release = gather_rows, release_rows
    words.weights = words.counts = False


cdef inline void reserve_texts(Worker *w) noexcept nogil:
    cdef const Plan *plan = w.plan
    reserve(&w.arena, &w.pool.hidden, times(plan.most_centres, plan.words.d), sizeof(float))
    if not plan.words.single:
        reserve(&w.arena, &w.pool.rows, 1 + plan.words.ahead, sizeof(float *))


cdef inline void locate_nothing(Worker *w, Span *s) noexcept nogil:
    """Rows are listed where they are wanted."""


# What is in a span.

cdef inline void sample_texts(Span *s, const Corpus *c, const Sampling *p, int64_t number) noexcept nogil:
    """The tokens of the texts of span `number`, and a label of each."""
    cdef const Chunk *chunk = chunk_of(c, number)
    cdef int64_t begin = begin_of(c, chunk, number), end = end_of(c, chunk, number), first_position
    cdef int64_t text = sentence_at(chunk, begin)
    first_position = p.first_position + chunk.position
    s.position = first_position + begin
    s.draws.key = mix(p.key + <uint64_t>s.position + 1)
    s.oldest = s.first = s.end = s.last = s.prefetched = 0
    while chunk.sentences.starts[text] < end:
        add_text(s, c, chunk, text, random_at(p.key, <uint64_t>(first_position + chunk.sentences.starts[text])))
        text += 1


cdef inline void add_text(Span *s, const Corpus *c, const Chunk *chunk, int64_t text, uint64_t random) noexcept nogil:
    """Append a text of a chunk, unless there is nothing in it to be trained."""
    cdef const Ragged *labels = &c.targets.labels
    cdef int64_t number = chunk.first_text + text, n = s.last, of_text = length_of(labels, number), place
    if of_text == 0:
        return
    for place in range(chunk.sentences.starts[text], chunk.sentences.starts[text + 1]):
        s.kept[n] = chunk.sentences.ids[place]      # the next takes its place, if it is not in the vocabulary
        n += s.kept[n] >= 0
    if n == s.last:
        return
    s.low[s.end], s.high[s.end] = s.last, n
    s.texts[s.end] = number
    s.targets[s.end] = labels.ids[labels.starts[number] + below(<uint32_t>(random >> 32), <uint32_t>of_text)]
    s.end += 1
    s.last = n


cdef inline float weight_of_text(const Targets *t, int64_t number) noexcept nogil:
    return t.text_weights[number] if t.text_weights != NULL else 1


cdef inline float weight_of_label(const Targets *t, int32_t label) noexcept nogil:
    return t.label_weights[label] if t.label_weights != NULL else 1


# Batches.

cdef inline bint build_texts(Worker *w, Batch *b) noexcept nogil:
    cdef const Targets *targets = &w.plan.corpus.targets
    cdef const Span *s = b.span
    cdef Step *step = &b.step
    cdef int64_t k, c
    cdef float weight
    step.n = b.pairs = b.end - b.first
    for k in range(step.n):
        b.centres[k] = b.first + k
    set_outputs(w, b, step.n)
    for k in range(step.n):
        c = b.centres[k]
        weight = weight_of_text(targets, s.texts[c]) * weight_of_label(targets, s.targets[c])
        w.scratch.uses[k] = weight
        step.positives[k * step.columns + w.scratch.columns[k]] += weight
    return end_batch(w, b)


cdef inline void train_texts(Worker *w, Batch *b) noexcept nogil:
    """Pool the texts, train, and add the delta of each mean, divided, to its rows."""
    cdef Step *s = &b.step
    cdef int64_t k
    for k in range(s.n):
        s.inputs[k] = w.pool.hidden + k * s.d
        s.scales[k] = <float>1 / <float>pool_text(w, b.span, b.centres[k], s.inputs[k])
    b.objective.step(s)
    for k in range(s.n):
        add_to_text(w, b.span, b.centres[k], s.inputs[k])


cdef inline int64_t pool_text(Worker *w, const Span *s, int64_t centre, float *hidden) noexcept nogil:
    """The mean of the rows of a text, to `hidden`; their number."""
    cdef float **rows = w.pool.rows
    cdef int64_t place = s.low[centre], end = s.high[centre], d = w.plan.words.d, n = end - place, count = 0
    if w.plan.words.single:
        kernels.sum_rows(hidden, s.rows + place, n, d, <float>1 / <float>n)
        return n
    while place < end:
        n = list_tokens(w, s, &place, end, rows + 1)
        rows[0] = hidden    # the sum of those before
        if count:
            kernels.sum_rows(hidden, rows, n + 1, d, 1)
        else:
            kernels.sum_rows(hidden, rows + 1, n, d, 1)
        count += n
    kernels.sum_rows(hidden, rows, 1, d, <float>1 / <float>count)
    return count


cdef inline void add_to_text(Worker *w, const Span *s, int64_t centre, const float *delta) noexcept nogil:
    cdef float **rows = w.pool.rows
    cdef int64_t place = s.low[centre], end = s.high[centre], d = w.plan.words.d, n
    if w.plan.words.single:
        kernels.add_to_rows(s.rows + place, end - place, d, delta, s.weights + place if s.weights != NULL else NULL)
        return
    while place < end:
        n = list_tokens(w, s, &place, end, rows)
        kernels.add_to_rows(rows, n, d, delta, NULL)


cdef inline int64_t list_tokens(
        Worker *w, const Span *s, int64_t *place, int64_t end, float **rows) noexcept nogil:
    """The rows of tokens from `place` on, until they are PREFETCHED or more; their number."""
    cdef int64_t n = 0
    while place[0] < end and n < PREFETCHED:
        n += list_token(&w.plan.words, s.kept[place[0]], rows + n)
        place[0] += 1
    return n


cdef inline int64_t list_token(const Words *words, int32_t id, float **rows) noexcept nogil:
    """The rows of a word and its n-grams, or of what is beyond the vocabulary: a single one of these."""
    if id < words.vocabulary:
        return list_bag(words, id, rows)
    rows[0] = words.bags.vectors + (id - words.vocabulary) * words.d
    return 1


cdef inline void prefetch_tokens(Worker *w, Span *s, int64_t first, int64_t end, Step *step) noexcept nogil:
    step.coming += list_tokens(w, s, &first, end, step.ahead + step.coming)
