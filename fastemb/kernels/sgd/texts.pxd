"""Texts: the mean of the rows of all tokens of a text is one input, and meets its label (Joulin et al. 2017).

The delta of a mean is divided by the number of its rows, as the gradient has it, and added to each. Of several labels
of a text one is drawn in each epoch. Texts that have no label, or no token in the vocabulary, are passed over. A token
that is there several times in a row is read and trained once, by its number: texts should have them together.
"""

from fastemb.kernels.checks cimport times
from fastemb.kernels.ragged cimport Ragged, length_of
from fastemb.kernels.sgd.arena cimport reserve
from fastemb.kernels.sgd.bags cimport list_ngrams, longest_bag, prefetch_list, row_of_ngram
from fastemb.kernels.sgd.batch cimport end_batch, set_outputs
from fastemb.kernels.sgd.corpus cimport Chunk, Corpus, Targets, begin_of, chunk_of, end_of, sentence_at
from fastemb.kernels.sgd.replicas cimport row
from fastemb.kernels.sgd.rows cimport gather_rows, release_rows, reserve_nothing
from fastemb.kernels.sgd.span cimport Sampling, Span
from fastemb.kernels.sgd.specs cimport Bags, Inputs, Rows, Texts
from fastemb.kernels.sgd.worker cimport PREFETCHED, Batch, Plan, Pool, Step, Words, Worker, add_matrix
from fastemb.kernels.step cimport kernels
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint32_t, uint64_t

cdef enum:
    SUMMED = 32             # rows that are summed together, so that they stay in the nearest cache
    LISTED = 1 << 14        # rows of a text whose places are kept
    TOKENS_AHEAD = 8        # lists of n-grams are prefetched


cdef extern from "hash.h":
    void WILL_READ(const void *address) noexcept nogil
    uint64_t mix(uint64_t x) noexcept nogil
    uint64_t random_at(uint64_t key, uint64_t k) noexcept nogil
    uint32_t below(uint32_t bits, uint32_t bound) noexcept nogil


cdef inline int64_t end_of_ids(Inputs inputs):
    """Below it are the ids of words, and in texts of bags also those of single rows of n-grams."""
    cdef int64_t vocabulary = inputs.words.vectors.shape[0]
    if isinstance(inputs, Texts) and isinstance(inputs.words, Bags):
        return vocabulary + (<Bags>inputs.words).ngram_vectors.shape[0]
    return vocabulary


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


cdef inline int plan_words_of_texts(Plan *plan, Rows given) except -1:
    """A text is summed of all rows of its tokens at once, and the vector of a bag is never gathered."""
    cdef Words *words = &plan.words
    words.weights, words.counts = True, False
    if words.single:
        return 0
    words.bags.matrix = add_matrix(plan, (<Bags>given).ngram_vectors)
    words.reserve, words.locate, words.prefetch = reserve_nothing, locate_nothing, prefetch_tokens
    words.gather, words.release = gather_rows, release_rows
    return 0


cdef inline void reserve_texts(Worker *w) noexcept nogil:
    cdef const Plan *plan = w.plan
    reserve(&w.arena, &w.pool.hidden, times(plan.most_centres, plan.words.d), sizeof(float))
    reserve(&w.arena, &w.pool.rows, 2 + LISTED + 3 * most_listed(&plan.words), sizeof(float *))
    reserve(&w.arena, &w.pool.weights, 2 + LISTED + 3 * most_listed(&plan.words), sizeof(float))


cdef inline void locate_nothing(Worker *w, Span *s) noexcept nogil:
    """Rows are listed where they are wanted."""


# What is in a span.

cdef inline void sample_texts(Span *s, const Corpus *c, const Sampling *p, int64_t number) noexcept nogil:
    """The tokens of the texts of span `number`, and a label of each."""
    cdef const Chunk *chunk = chunk_of(c, number)
    cdef int64_t end = end_of(c, chunk, number), text = begin_texts(s, c, p, number), n
    while chunk.sentences.starts[text] < end:
        if has_labels(c, chunk, text):
            n = list_runs(
                chunk.sentences.ids + chunk.sentences.starts[text], length_of(&chunk.sentences, text),
                s.kept + s.last, s.weights + s.last)
            if n:
                add_text(s, c, p, chunk, text, s.last, s.last + n)
                s.last += n
        text += 1


cdef inline int64_t begin_texts(Span *s, const Corpus *c, const Sampling *p, int64_t number) noexcept nogil:
    """An empty span; the text of its chunk that it is to begin with."""
    cdef const Chunk *chunk = chunk_of(c, number)
    cdef int64_t begin = begin_of(c, chunk, number)
    s.position = p.first_position + chunk.position + begin
    s.draws.key = mix(p.key + <uint64_t>s.position + 1)
    s.oldest = s.first = s.end = s.last = s.prefetched = 0
    return sentence_at(chunk, begin)


cdef inline bint has_labels(const Corpus *c, const Chunk *chunk, int64_t text) noexcept nogil:
    return length_of(&c.targets.labels, chunk.first_text + text) > 0


cdef inline int64_t list_runs(const int32_t *tokens, int64_t count, int32_t *ids, float *weights) noexcept nogil:
    """Those tokens that are in the vocabulary, each once, and how often it is there in a row; their number."""
    cdef int64_t n = 0, k
    cdef int32_t id, end, begin = 0
    for k in range(list_ends(tokens, count, ids)):
        end = ids[k]
        id = tokens[end - 1]
        ids[n], weights[n] = id, <float>(end - begin)   # the next one takes its place, if it is not in the vocabulary
        n += id >= 0
        begin = end
    return n


cdef inline int64_t list_ends(const int32_t *tokens, int64_t count, int32_t *ends) noexcept nogil:
    """Where tokens end that are the same in a row; their number."""
    cdef int64_t last = count - 1, n = 0, k
    for k in range(last):
        ends[n] = <int32_t>k + 1
        n += tokens[k] != tokens[k + 1]
    if last >= 0:
        ends[n] = <int32_t>last + 1
    return n + (last >= 0)


cdef inline void add_text(
        Span *s, const Corpus *c, const Sampling *p, const Chunk *chunk, int64_t text, int64_t low,
        int64_t high) noexcept nogil:
    """Append a text, whose tokens are from `low` to before `high`; one of its labels is drawn."""
    cdef const Ragged *labels = &c.targets.labels
    cdef int64_t number = chunk.first_text + text, place = chunk.position + chunk.sentences.starts[text]
    cdef uint64_t random = random_at(p.key, <uint64_t>(p.first_position + place))
    s.low[s.end], s.high[s.end] = low, high
    s.texts[s.end] = number
    s.targets[s.end] = labels.ids[
        labels.starts[number] + below(<uint32_t>(random >> 32), <uint32_t>length_of(labels, number))]
    s.end += 1


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
        if s.n > 1 or w.pool.listed == 0:
            add_to_text(w, b.span, b.centres[k], s.inputs[k])
        else:
            add_to_list(w, w.pool.listed, s.inputs[k])


cdef inline int64_t pool_text(Worker *w, const Span *s, int64_t centre, float *hidden) noexcept nogil:
    """The mean of the rows of a text, to `hidden`; their number. While some are summed, the next are prefetched.

    Where they are, and how often each is there, is left in the pool, if they are not too many.
    """
    cdef int64_t place = s.low[centre], end = s.high[centre], d = w.plan.words.d, n, coming, count = 0
    cdef int64_t most = most_listed(&w.plan.words), at = 1, following
    cdef Pool *pool = &w.pool
    cdef bint all_listed = True, more = False
    n = list_tokens(w, s, &place, end, pool.rows + at, pool.weights + at, &count)
    while n:
        following = at + n
        if following > LISTED and at > most:
            following, all_listed = 1, False
        coming = list_tokens(w, s, &place, end, pool.rows + following, pool.weights + following, &count)
        prefetch_rows(pool.rows + following, coming, d)
        sum_on(pool, at, n, d, hidden, more)
        more = True
        at, n = following, coming
    pool.rows[0] = hidden
    kernels.sum_rows(hidden, pool.rows, 1, d, NULL, <float>1 / <float>count)
    pool.listed = at - 1 if all_listed else 0
    return count


cdef inline void sum_on(Pool *pool, int64_t at, int64_t n, int64_t d, float *to, bint more) noexcept nogil:
    """The sum of n rows of the pool, as often as they are there, added to what is there if there were `more` before."""
    cdef float *before = pool.rows[at - 1]
    cdef float weight = pool.weights[at - 1]
    pool.rows[at - 1], pool.weights[at - 1] = to, 1
    kernels.sum_rows(to, pool.rows + at - more, n + more, d, pool.weights + at - more, 1)
    pool.rows[at - 1], pool.weights[at - 1] = before, weight


cdef inline void add_to_text(Worker *w, const Span *s, int64_t centre, const float *delta) noexcept nogil:
    """Add a delta to all rows of a text, which are listed anew."""
    cdef int64_t place = s.low[centre], n = 1, count = 0
    while n:
        n = list_tokens(w, s, &place, s.high[centre], w.pool.rows + 1, w.pool.weights + 1, &count)
        add_to_list(w, n, delta)


cdef inline void add_to_list(Worker *w, int64_t n, const float *delta) noexcept nogil:
    """Add a delta to the n rows in the pool."""
    add_to_rows_of_text(w.pool.rows + 1, w.pool.weights + 1, n, w.plan.words.d, delta)


cdef inline void add_to_rows_of_text(
        float **rows, const float *weights, int64_t n, int64_t d, const float *delta) noexcept nogil:
    """Add a delta to n rows, as often as they are in the text."""
    cdef int64_t k
    for k in range(0, n, 32):   # SUMMED
        kernels.add_to_rows(rows + k, min(n - k, SUMMED), d, delta, weights + k)


cdef inline int64_t most_listed(const Words *words) noexcept nogil:
    """How many pointers `list_tokens` may need."""
    return SUMMED + longest_bag(words)


cdef inline int64_t list_tokens(
        Worker *w, const Span *s, int64_t *place, int64_t end, float **rows, float *weights,
        int64_t *count) noexcept nogil:
    """The rows of tokens from `place` on, until they are SUMMED or more, and how often each is there; their number.

    `count` grows by all of them.
    """
    cdef const Words *words = &w.plan.words
    cdef int64_t n = 0, k, more
    cdef int32_t coming
    cdef float weight
    while place[0] < end and n < SUMMED:
        weight = s.weights[place[0]]
        if words.single:
            rows[n] = s.rows[place[0]]
            more = 1
        else:
            coming = s.kept[min(place[0] + TOKENS_AHEAD, end - 1)]
            if coming < words.vocabulary:
                prefetch_list(&words.bags, coming)
            more = list_token(w, s.kept[place[0]], rows + n)
        for k in range(n, n + more):
            weights[k] = weight
        count[0] += more * <int64_t>weight
        n += more
        place[0] += 1
    return n


cdef inline void prefetch_rows(float **rows, int64_t n, int64_t d) noexcept nogil:
    cdef int64_t k, j
    for k in range(n):
        for j in range(0, d, 16):   # floats of a cache line
            WILL_READ(rows[k] + j)


cdef inline int64_t list_token(Worker *w, int32_t id, float **rows) noexcept nogil:
    """The rows of a word and its n-grams, or of what is beyond the vocabulary: a single one of these."""
    if id >= w.plan.words.vocabulary:
        rows[0] = row_of_ngram(w, id - <int32_t>w.plan.words.vocabulary)
        return 1
    rows[0] = row(&w.replicas[0], id)
    return 1 + list_ngrams(w, id, rows + 1)


cdef inline void prefetch_tokens(Worker *w, Span *s, int64_t first, int64_t end, Step *step) noexcept nogil:
    """The first rows of a text; the others are prefetched when it is pooled."""
    cdef int64_t count = 0
    if step.coming < PREFETCHED:
        step.coming += list_tokens(w, s, &first, end, step.ahead + step.coming, w.pool.weights, &count)
