"""Texts that all workers train together, each the rows that are its own.

With few labels, and many tokens in each text, workers that train texts of their own keep handing the rows of frequent
words to each other. Here no row is written to by two: of each text a worker sums the rows that it owns; the sums of a
batch are added up by all, who make the same step in copies of the rows of labels; and each adds the deltas to its
rows. So the same bits come out of the same number of workers, as long as they do this.

While it waits for the sums of the others, a worker adds the deltas of the batch before. Workers who wait most of the
time, as on a machine that has much else to do, train what is left of the epoch each for itself.
"""

from fastemb.kernels.checks cimport times
from fastemb.kernels.sgd.arena cimport Arena, allocate, reserve
from fastemb.kernels.sgd.bags cimport longest_bag
from fastemb.kernels.sgd.corpus cimport Chunk, Corpus, chunk_of, end_of
from fastemb.kernels.sgd.owners cimport MOST_OWNERS, Own, order_texts, own_tokens
from fastemb.kernels.sgd.rows cimport gather_rows
from fastemb.kernels.sgd.span cimport Sampling, Span
from fastemb.kernels.sgd.team cimport Team, all_have_come, arrive, barrier, wait_for_all
from fastemb.kernels.sgd.texts cimport (
    SUMMED, add_text, add_to_rows_of_text, begin_texts, has_labels, list_runs, prefetch_rows, reserve_texts, sum_on)
from fastemb.kernels.sgd.worker cimport Batch, Objective, Plan, Pool, Step, Words, Worker
from fastemb.kernels.step cimport kernels
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy, memset

cdef enum:
    BATCH = 4               # texts that are trained at once
    LONG = 32               # tokens in a text, on average, from which on this pays,
    STEPS = 2               # if there are so many for each label


cdef inline bint pays(const Plan *plan, const Team *team) noexcept nogil:
    """Whether texts are long enough beside labels and workers, and each row has an owner."""
    cdef const Objective *o = &plan.objectives[0]
    if team.rounds or not 1 < team.workers <= MOST_OWNERS or plan.n_objectives > 1:
        return False
    if not o.dense or longest_bag(&plan.words) > 1:
        return False
    return plan.corpus.words >= times(max(LONG, team.workers, times(STEPS, o.most_outputs)), plan.corpus.texts)


cdef inline void *plan_shards(Plan *plan, int64_t workers, bint *ordered) except NULL:
    """Let a plan of texts and labels be for workers who train them together; return memory that they share."""
    cdef Arena arena
    cdef int64_t k
    memset(&arena, 0, sizeof(Arena))
    plan.shards.ordered = ordered
    plan.shards.of_one = times(BATCH, (plan.words.d + 15) // 16 * 16)
    reserve(&arena, &plan.shards.sums, times(2 * workers, plan.shards.of_one), sizeof(float))
    allocate(&arena)
    plan.inputs.reserve, plan.inputs.sample, plan.inputs.train = reserve_shards, sample_nothing, train_shards
    plan.words.locate, plan.words.prefetch = locate_shards, note_coming
    plan.words.gather, plan.words.release = gather_rows, release_shards
    plan.words.counts = True
    plan.most_centres = plan.objectives[0].most_centres = BATCH
    for k in range(plan.n_matrices):
        plan.matrices[k].most_copies = 0
    k = plan.objectives[0].matrix
    plan.matrices[k].alike, plan.matrices[k].most_copies = True, plan.matrices[k].rows
    return arena.memory


cdef inline void order_corpus(Worker *w) noexcept nogil:
    """Let the tokens that each owns stand together in all texts: each of the workers takes care of some."""
    if w.plan.shards.ordered[0]:
        return
    order_texts(     # in room for the texts of a span
        &w.plan.corpus, w.team.workers, w.member.number, <int32_t *>w.spans[0].texts, <int32_t *>w.spans[1].texts)
    w.member.met += 1
    barrier(w.team, w.member.met)
    if w.member.number == 0:
        w.plan.shards.ordered[0] = True


cdef inline void reserve_shards(Worker *w) noexcept nogil:
    reserve_texts(w)
    reserve(&w.arena, &w.pool.places, 2 * BATCH, sizeof(int64_t))


cdef inline void sample_nothing(Span *s, const Corpus *c, const Sampling *p, int64_t number) noexcept nogil:
    """Which rows are wanted depends on the worker."""


cdef inline void note_coming(Worker *w, Span *s, int64_t first, int64_t end, Step *step) noexcept nogil:
    """The next batch is of these rows, but for the last. They are prefetched while the others are waited for."""
    w.pool.coming, w.pool.n_coming = s.rows + first, end - 1 - first


cdef inline void locate_shards(Worker *w, Span *s) noexcept nogil:
    """List the texts of a span, with the rows of each that this worker owns; they end one before the text does."""
    cdef const Corpus *c = &w.plan.corpus
    cdef const Chunk *chunk = chunk_of(c, w.number)
    cdef int64_t end = end_of(c, chunk, w.number), text = begin_texts(s, c, &w.plan.sampling, w.number), n, k
    cdef Own own
    while chunk.sentences.starts[text] < end:
        own = own_tokens(c, chunk, text, w.team.workers, w.member.number)
        if has_labels(c, chunk, text) and own.of_all:
            n = list_runs(own.tokens, own.n, s.kept + s.last, s.weights + s.last)
            for k in range(s.last, s.last + n):
                s.rows[k] = row_of(&w.plan.words, s.kept[k])
            s.counts[s.end] = <float>own.of_all
            add_text(s, c, &w.plan.sampling, chunk, text, s.last, s.last + n + 1)   # never empty: all train it
            s.last += n
        text += 1


cdef inline float *row_of(const Words *words, int32_t id) noexcept nogil:
    """Of a word, or of an n-gram of words."""
    if id < words.vocabulary:
        return words.vectors + id * words.d
    return words.bags.vectors + (id - words.vocabulary) * words.d


cdef inline void train_shards(Worker *w, Batch *b) noexcept nogil:
    """Sum the rows of this worker, wait for the sums of the others, and train; the deltas of means are added later."""
    cdef const Span *span = b.span
    cdef Step *s = &b.step
    cdef Pool *pool = &w.pool
    cdef int64_t of_one = w.plan.shards.of_one, workers = w.team.workers, k, v, c, d = s.d
    # Of every other batch in another place, since some worker may still read those of the batch before.
    cdef float *sums = w.plan.shards.sums + (w.member.met & 1) * workers * of_one
    for k in range(s.n):
        c = b.centres[k]
        sum_own(pool, span, c, d, sums + w.member.number * of_one + k * d)
    arrive(w.team)
    w.member.met += 1
    add_late(w)
    wait_and_prefetch(w)
    for k in range(s.n):
        c = b.centres[k]
        for v in range(workers):
            pool.rows[v] = sums + v * of_one + k * d
        s.inputs[k] = pool.hidden + k * d
        s.scales[k] = <float>1 / span.counts[c]
        kernels.sum_rows(s.inputs[k], pool.rows, workers, d, NULL, s.scales[k])
        pool.places[2 * k], pool.places[2 * k + 1] = span.low[c], span.high[c] - 1
    b.objective.step(s)
    pool.late, pool.listed = span, s.n


cdef inline void sum_own(Pool *pool, const Span *s, int64_t centre, int64_t d, float *to) noexcept nogil:
    """The sum of the rows that this worker owns of a text, as often as they are there; the next are prefetched."""
    cdef int64_t k, n, high = s.high[centre] - 1
    memset(to, 0, d * sizeof(float))
    for k in range(s.low[centre], high, 32):    # SUMMED
        n = min(high - k, SUMMED)
        memcpy(pool.rows + 1, s.rows + k, n * sizeof(float *))
        memcpy(pool.weights + 1, s.weights + k, n * sizeof(float))
        prefetch_rows(s.rows + k + n, min(high - k - n, SUMMED), d)
        sum_on(pool, 1, n, d, to, True)


cdef inline void add_late(Worker *w) noexcept nogil:
    """Add the deltas of the last batch to the rows of this worker."""
    cdef const Span *s = w.pool.late
    cdef const int64_t *places = w.pool.places
    cdef int64_t k, d = w.plan.words.d
    if s == NULL:
        return
    for k in range(w.pool.listed):
        add_to_rows_of_text(
            s.rows + places[2 * k], s.weights + places[2 * k], places[2 * k + 1] - places[2 * k], d,
            w.pool.hidden + k * d)
    w.pool.late = NULL


cdef inline void wait_and_prefetch(Worker *w) noexcept nogil:
    """Until the sums of the others are there; what is not prefetched then is so while rows before it are summed."""
    cdef int64_t k = 0
    while k < w.pool.n_coming and not all_have_come(w.team, w.member.met):
        prefetch_rows(w.pool.coming + k, 1, w.plan.words.d)
        k += 1
    w.pool.n_coming = 0
    wait_for_all(w.team, w.member.met)


cdef inline void release_shards(Worker *w, Span *s) noexcept nogil:
    """Before the memory of a span is used anew, or nothing follows."""
    if s == NULL or w.pool.late == s:
        add_late(w)
