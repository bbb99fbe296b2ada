"""Words that are bags of rows, their own and those of their n-grams (Bojanowski et al. 2017).

The vector of a word is the mean of its rows, or in CBOW, which pools the rows of several words, their sum; each row
gets the delta of a mean undivided. A token's vector is in a ring, where it is gathered when a batch first
needs it and trained by all batches until windows have passed it; then its delta is scattered to the rows.
"""

from fastemb.kernels.checks cimport times
from fastemb.kernels.ragged cimport Ragged, length_of
from fastemb.kernels.sgd.arena cimport reserve
from fastemb.kernels.sgd.replicas cimport Replicas
from fastemb.kernels.sgd.span cimport Span
from fastemb.kernels.sgd.specs cimport Bags as Given
from fastemb.kernels.sgd.worker cimport PREFETCHED, Bags, Batch, Plan, Ring, Step, Words, Worker, unless_one
from fastemb.kernels.step cimport kernels
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy

cdef extern from "hash.h":
    void WILL_READ(const void *address) noexcept nogil


cdef inline void plan_bags(Plan *plan, Given given):
    cdef Words *words = &plan.words
    cdef Bags *bags = &words.bags
    words.reserve, words.locate, words.prefetch = reserve_ring, locate_bags, prefetch_bags
    words.gather, words.release = gather_bags, release_bags
    words.weights = words.counts = plan.inputs.pooled
    words.ahead = PREFETCHED + 1 + given.ngrams.lists.longest
    bags.ngrams, bags.vectors = given.ngrams.lists, &given.ngram_vectors[0, 0]
    bags.locks, bags.n_locks = unless_one(given.ngram_locks), given.ngram_locks.shape[0]
    bags.mean, bags.lasting = not plan.inputs.pooled, given.lasting
    bags.ring_mask = 1
    while bags.ring_mask < 2 * plan.sampling.halo + max(plan.most_centres, plan.inputs.most_rows):
        bags.ring_mask *= 2
    bags.ring_mask -= 1


cdef inline void reserve_ring(Worker *w) noexcept nogil:
    cdef const Words *words = &w.plan.words
    cdef int64_t longest = 1 + words.bags.ngrams.longest
    reserve(&w.arena, &w.ring.vectors, times(words.bags.ring_mask + 1, 2 * words.d), sizeof(float))
    reserve(&w.arena, &w.ring.bag, longest, sizeof(float *))
    reserve(&w.arena, &w.ring.locks, longest, sizeof(float))


cdef inline int64_t bag_size(const Bags *bags, int32_t id) noexcept nogil:
    return 1 + length_of(&bags.ngrams, id)


cdef inline int64_t longest_bag(const Words *words) noexcept nogil:
    return 1 if words.single else 1 + words.bags.ngrams.longest


cdef inline void prefetch_list(const Bags *bags, int32_t id) noexcept nogil:
    """Prefetch which n-grams a word has."""
    WILL_READ(bags.ngrams.ids + bags.ngrams.starts[id])


cdef inline int64_t list_bag(const Words *words, int32_t id, float **rows) noexcept nogil:
    """The row of a word and those of its n-grams; their number."""
    cdef const Bags *bags = &words.bags
    cdef const int32_t *ngrams = bags.ngrams.ids + bags.ngrams.starts[id]
    cdef int64_t k, n = bag_size(bags, id)
    rows[0] = words.vectors + id * words.d
    for k in range(n - 1):
        rows[k + 1] = bags.vectors + ngrams[k] * words.d
    return n


cdef inline float *row_of_ngram(Worker *w, int32_t id) noexcept nogil:
    """Where this worker trains the row of an n-gram of texts: in its copy, or the shared one."""
    cdef const Replicas *r = &w.replicas[w.plan.words.bags.matrix]
    return (r.copy if id < r.n else r.shared) + id * r.d


cdef inline int64_t list_ngrams(Worker *w, int32_t id, float **rows) noexcept nogil:
    """The rows of the n-grams of a word, where this worker trains them; their number."""
    cdef const Ragged *ngrams = &w.plan.words.bags.ngrams
    cdef int64_t k, n = length_of(ngrams, id)
    for k in range(n):
        rows[k] = row_of_ngram(w, ngrams.ids[ngrams.starts[id] + k])
    return n


cdef inline void locate_bags(Worker *w, Span *s) noexcept nogil:
    cdef const Words *words = &w.plan.words
    cdef const Bags *bags = &words.bags
    cdef int64_t k
    for k in range(s.oldest, s.last):
        s.rows[k] = w.ring.vectors + (k & bags.ring_mask) * 2 * words.d
        prefetch_list(bags, s.kept[k])
    if not bags.mean:
        for k in range(s.oldest, s.last):
            # A sum changes as often as it has rows, each of which gets its share.
            s.weights[k] = s.counts[k] = <float>bag_size(bags, s.kept[k])


cdef inline void prefetch_bags(Worker *w, Span *s, int64_t first, int64_t end, Step *step) noexcept nogil:
    cdef int64_t k
    for k in range(first, end):
        if step.coming < PREFETCHED:
            step.coming += list_bag(&w.plan.words, s.kept[k], step.ahead + step.coming)


cdef inline void gather_bags(Worker *w, Batch *b) noexcept nogil:
    """Scatter the bags that no batch will need any more, and gather those that this one needs."""
    cdef Ring *r = &w.ring
    cdef bint lasting = w.plan.words.bags.lasting
    cdef int64_t oldest = max(b.oldest, b.span.oldest) if lasting else b.row
    if r.span != b.span or not lasting:
        scatter_until(w, r.end)
        r.span = b.span
        r.first = r.end = oldest
    else:
        scatter_until(w, min(oldest, r.end))
        r.first = oldest
        r.end = max(oldest, r.end)
    while r.end < b.last_row:
        gather_bag(w, b.span, r.end)
        r.end += 1


cdef inline void release_bags(Worker *w, Span *s) noexcept nogil:
    """Scatter the bags of a span; NULL: of any."""
    if w.ring.span == s or s == NULL:
        scatter_until(w, w.ring.end)
        w.ring.span = NULL


cdef inline void scatter_until(Worker *w, int64_t end) noexcept nogil:
    while w.ring.first < end:
        scatter_bag(w, w.ring.span, w.ring.first)
        w.ring.first += 1


cdef inline void gather_bag(Worker *w, const Span *s, int64_t place) noexcept nogil:
    cdef const Words *words = &w.plan.words
    cdef int64_t d = words.d, n = list_bag(words, s.kept[place], w.ring.bag)
    kernels.sum_rows(s.rows[place], w.ring.bag, n, d, NULL, <float>1 / <float>n if words.bags.mean else 1)
    memcpy(s.rows[place] + d, s.rows[place], d * sizeof(float))


cdef inline void scatter_bag(Worker *w, const Span *s, int64_t place) noexcept nogil:
    """Add to each row as much as the mean has changed."""
    cdef const Words *words = &w.plan.words
    cdef int64_t d = words.d, n = list_bag(words, s.kept[place], w.ring.bag)
    cdef float *row = s.rows[place]
    cdef float scale = 1 if words.bags.mean else <float>1 / <float>n
    cdef bint locked = words.locks != NULL or words.bags.locks != NULL
    kernels.take_deltas(row, 1, d, row + d, NULL, scale)
    if locked:
        lock_bag(w, s.kept[place], n)
    kernels.add_to_rows(w.ring.bag, n, d, row, w.ring.locks if locked else NULL)


cdef inline void lock_bag(Worker *w, int32_t id, int64_t n) noexcept nogil:
    cdef const Words *words = &w.plan.words
    cdef const Bags *bags = &words.bags
    cdef const int32_t *ngrams = bags.ngrams.ids + bags.ngrams.starts[id]
    cdef int64_t k
    w.ring.locks[0] = words.locks[id % words.n_locks] if words.locks != NULL else 1
    for k in range(n - 1):
        w.ring.locks[k + 1] = bags.locks[ngrams[k] % bags.n_locks] if bags.locks != NULL else 1
