"""Inference: the vector of a document learns to tell its words, while all else stays as it is (Le and Mikolov 2014).

As nothing but the vector moves, a document is laid out as pairs of the vector and a row of outputs. Without context
that is done once for all passes, and a word that is there several times is one pair, which counts as often as it would
be kept on average. With context words are kept or not, and windows drawn, in every other pass anew. Steps meet other
noise in each pass. What is read often is copied first, to where rows begin with a line of the cache.
"""

import numpy as np

cimport cython
from fastemb.kernels.checks cimport check_range, times
from fastemb.kernels.ragged cimport Ragged, ragged
from fastemb.kernels.sgd.layout cimport (
    PART,
    SLOTS,
    Kind,
    Layout,
    add_noise,
    add_pair,
    end_step,
    known_of,
    lines,
    make_layout,
    slot_of,
    start_over,
)
from fastemb.kernels.sgd.specs cimport Negatives, Objective, Rows, Sampling, Tree, unwritable
from fastemb.kernels.step cimport Telling, kernels
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

cdef extern from "platform.h":
    int64_t load(volatile int64_t *counter) noexcept nogil
    void store(volatile int64_t *counter, int64_t n) noexcept nogil
    void *allocate_aligned(size_t size) noexcept nogil
    void free_aligned(void *memory) noexcept nogil

cdef extern from "hash.h":
    uint64_t mix(uint64_t x) noexcept nogil
    uint64_t random_at(uint64_t key, uint64_t k) noexcept nogil
    uint32_t below(uint32_t bits, uint32_t bound) noexcept nogil


cdef enum:
    DRAWN = 2       # passes over contexts before others are drawn


@cython.final
cdef class Inference:
    """What vectors of documents are inferred by; see inference.pyi."""

    cdef list references
    cdef float *copied              # the rows of noise words, each beginning with a line of the cache; or NULL,
    cdef float **noise_rows         # and where they are
    cdef const int32_t[::1] noise
    cdef const float[::1] shares
    cdef float[:, ::1] vectors, negatives, nodes
    cdef const uint32_t[::1] keep
    cdef Ragged paths
    cdef Kind kind
    cdef int64_t passes
    cdef uint64_t key
    cdef double rate, last_rate
    cdef volatile int64_t stopped

    def __cinit__(
            self, Rows words, objectives, Sampling sampling, rates, int64_t passes, noise=None, shares=None,
            bint context=False, bint mean=False, bint divide_gradient=False, int64_t nobody=-1, bint many=False):
        cdef int64_t d = words.vectors.shape[1]
        check_range("passes", passes, 0, INT32_MAX)
        check_range("nobody", nobody, -1, words.vectors.shape[0] - 1)
        if sampling.keep is None or sampling.keep.shape[0] != words.vectors.shape[0]:
            raise ValueError("the vectors and the tables of the vocabulary differ in size")
        self.vectors, self.keep, self.key = words.vectors, sampling.keep, mix(sampling.seed)
        self.kind.window = sampling.window if nobody >= 0 else min(sampling.window, PART)
        self.kind.shrink = sampling.shrink_windows
        self.passes, (self.rate, self.last_rate) = passes, rates
        self.kind.mean, self.kind.divided, self.kind.nobody = mean, divide_gradient, nobody
        self.kind.d = d
        self.kind.beside = 0 if not context else times(d, 2 * self.kind.window) if nobody >= 0 else d
        self.kind.d_apart, self.kind.beside_apart = lines(d), lines(self.kind.beside)
        self.kind.centres = 1
        self.references = [words, objectives, sampling]
        for objective in objectives:
            self.add_objective(objective, self.kind.beside + d if context and nobody >= 0 else d)
        if not objectives:
            raise ValueError("there must be an objective: negative sampling or a tree")
        if self.kind.noise_words:
            self.noise = unwritable(noise)
            check_range("the number of noise words", self.noise.shape[0], 1, INT32_MAX)
            check_range("the least noise word", np.min(self.noise), 0, words.vectors.shape[0] - 1)
            check_range("the largest noise word", np.max(self.noise), 0, words.vectors.shape[0] - 1)
            if shares is None or len(shares) != words.vectors.shape[0]:
                raise ValueError("noise must have a share of it for each word")
            self.shares = shares
            self.find_noise(many and nobody < 0)

    def __dealloc__(self):
        free_aligned(self.noise_rows)
        free_aligned(self.copied)

    cdef int find_noise(self, bint copy) except -1:
        """Say where the rows of noise words are; with `copy`, in one place."""
        cdef int64_t n = self.noise.shape[0], apart = self.kind.d_apart, k
        self.noise_rows = <float **>allocate_aligned(times(n, sizeof(float *)))
        self.copied = <float *>allocate_aligned(times(n, apart * sizeof(float)) if copy else 1)
        if self.noise_rows == NULL or self.copied == NULL:
            raise MemoryError("no memory for the rows of noise words")
        for k in range(n):
            self.noise_rows[k] = &self.negatives[self.noise[k], 0]
            if copy:
                memcpy(self.copied + k * apart, self.noise_rows[k], self.kind.d * sizeof(float))
                self.noise_rows[k] = self.copied + k * apart
        return 0

    cdef int add_objective(self, Objective objective, int64_t d) except -1:
        cdef Negatives noise
        if objective is None:
            raise ValueError("an objective must be there: negative sampling or a tree")
        if objective.vectors.shape[0] != self.vectors.shape[0] or objective.vectors.shape[1] != d:
            raise ValueError("the input and output matrices differ in shape")
        if isinstance(objective, Negatives):
            noise = objective
            self.negatives, self.kind.negative = noise.vectors, <float>noise.negative
            self.kind.centres, self.kind.noise_words = min(noise.centres, PART), min(noise.noise_words, PART)
        elif isinstance(objective, Tree):
            self.nodes, self.paths = (<Tree>objective).vectors, (<Tree>objective).paths.lists
        else:
            raise ValueError("documents are told from noise words or a tree")
        return 0

    def stop(self):
        """Make every call of `infer` return soon."""
        store(&self.stopped, 1)

    def infer(self, const int32_t[::1] ids, const int64_t[::1] starts):
        """The vectors of documents; see inference.pyi."""
        cdef Ragged documents = ragged(starts, ids, -1, self.vectors.shape[0], "documents")
        cdef Layout layout
        cdef int64_t k
        found = np.zeros((documents.n, self.vectors.shape[1]), np.float32)
        cdef float[:, ::1] vectors = found
        cdef int32_t[::1] words = np.empty(ids.shape[0] + 1, np.int32)
        make_layout(&layout, &self.kind, self.paths.longest)
        try:
            with nogil:
                for k in range(documents.n):
                    if load(&self.stopped):
                        break
                    self.infer_one(&layout, &vectors[k, 0], &words[0], known_of(&documents, k, &words[0]))
        finally:
            free_aligned(layout.arena.memory)
        return found

    cdef void infer_one(self, Layout *l, float *vector, const int32_t *words, int64_t n) noexcept nogil:
        """It begins with random numbers, uniform in ±0.5 / d, and takes all steps as often as there are passes."""
        cdef int64_t d = self.vectors.shape[1], k, again, step
        cdef uint64_t key = self.key, drawn
        cdef float alpha
        if n == 0:
            return
        for k in range(n):
            key = (key ^ <uint64_t>(words[k] + 1)) * <uint64_t>0x9E3779B97F4A7C15
        key = mix(key)
        for k in range(d):
            l.vector[k] = <float>(<double>(random_at(~key, k) >> 11) / 9007199254740992.0 - 0.5) / <float>d
        l.drawn = 0
        for again in range(self.passes):
            alpha = <float>(self.rate + (self.last_rate - self.rate) * again / max(1, self.passes - 1))
            for k in range((n + PART - 1) // PART):
                if load(&self.stopped):
                    return
                if again == 0 or n > PART:
                    self.bring_near(l, words + k * PART, min(PART, n - k * PART))
                if again == 0 or n > PART or self.kind.beside and again % DRAWN == 0:
                    drawn = random_at(key + again // DRAWN, k * PART)
                    self.lay_out(l, words + k * PART, min(PART, n - k * PART), drawn)
                for step in range(l.steps):
                    self.take(l, step, alpha)
        memcpy(vector, l.vector, d * sizeof(float))

    cdef void bring_near(self, Layout *l, const int32_t *words, int64_t n) noexcept nogil:
        """Copy the rows of words, each of which is read for many windows, or in many passes."""
        cdef int64_t d = self.kind.d, k
        cdef float *to = l.copies.words
        for k in range(n if self.kind.beside and self.kind.nobody < 0 else 0):
            memcpy(to, &self.vectors[words[k], 0], d * sizeof(float))
            if self.kind.noise_words:
                memcpy(to + self.kind.d_apart, &self.negatives[words[k], 0], d * sizeof(float))
            to += 2 * self.kind.d_apart

    cdef void lay_out(self, Layout *l, const int32_t *words, int64_t n, uint64_t key) noexcept nogil:
        start_over(l)
        if self.kind.beside:
            self.lay_out_centres(l, self.keep_some(l, words, n, key))
        else:
            self.lay_out_words(l, self.count(l, words, n))

    cdef void take(self, Layout *l, int64_t step, float alpha) noexcept nogil:
        cdef int64_t first = l.first[step], end = l.first[step + 1], k
        cdef int64_t noise = l.first_noise[step], noise_end = l.first_noise[step + 1]
        cdef Telling t
        for k in range(noise, noise_end):
            l.pairs.rows[l.noise[k]] = self.noise_rows[l.drawn]
            l.drawn = l.drawn + 1 if l.drawn + 1 < self.noise.shape[0] else 0
        if self.kind.nobody >= 0:
            self.multiply(l, l.noise + noise, noise_end - noise)
        t.m, t.d, t.x, t.alpha, t.gradient = end - first, self.kind.d, l.vector, alpha, l.gradient
        t.rows, t.shares, t.constants = l.pairs.rows + first, l.pairs.shares + first, l.pairs.constants + first
        t.contexts = l.pairs.contexts + first if self.kind.beside and self.kind.nobody < 0 else NULL
        t.positives, t.weights = l.pairs.positives + first, l.pairs.weights + first
        kernels.infer(&t)

    cdef void multiply(self, Layout *l, const int64_t *which, int64_t n) noexcept nogil:
        """The products of contexts end to end, and what of the rows of these pairs stands behind the vector's part."""
        cdef int64_t k
        for k in range(n):
            l.met[k], l.outputs[k] = l.pairs.contexts[which[k]], l.pairs.rows[which[k]] + self.kind.d
        kernels.dot_pairs(l.gradient, l.met, l.outputs, n, self.kind.beside)
        for k in range(n):
            l.pairs.constants[which[k]] = l.gradient[k]

    # Without context.

    cdef int64_t count(self, Layout *l, const int32_t *words, int64_t n) noexcept nogil:
        """Each word once, and how often it is kept on average."""
        cdef int64_t k, m = 0, slot
        for k in range(n):
            slot = slot_of(l, words[k])
            if l.slots[slot] == 0:
                l.ids[m], l.counts[m] = words[k], 0
                m += 1
                l.slots[slot] = <int32_t>m
            l.counts[l.slots[slot] - 1] += <float>(self.keep[words[k]] / 4294967295.0)
        memset(l.slots, 0, SLOTS * sizeof(int32_t))
        return m

    cdef void lay_out_words(self, Layout *l, int64_t n) noexcept nogil:
        """Steps of words whose counts are as much as `centres` ones; what is more of a word is in a later step."""
        cdef float most = max(<float>1, <float>self.kind.centres / 4), count, total
        cdef int64_t k, first, left, noise
        cdef float *row
        while n:
            k = left = 0
            while k < n:
                first, total = k, 0
                while k < n and k - first < self.kind.centres and total < self.kind.centres:
                    count = min(most, l.counts[k])
                    total += count
                    row = &self.negatives[l.ids[k], 0] if self.kind.noise_words else NULL
                    self.add_outputs(l, l.ids[k], count, row)
                    if l.counts[k] > most:
                        l.ids[left], l.counts[left] = l.ids[k], l.counts[k] - most
                        left += 1
                    k += 1
                noise = (self.kind.noise_words * (k - first) + self.kind.centres - 1) // self.kind.centres
                add_noise(l, noise, total * self.kind.negative / noise if noise else 0)
                end_step(l)
            n = left

    # With context.

    cdef int64_t keep_some(self, Layout *l, const int32_t *words, int64_t n, uint64_t key) noexcept nogil:
        """The words that are kept; all of them, if it were none."""
        cdef int64_t k, m = 0
        cdef float *row
        cdef bint every = False
        while m == 0:
            for k in range(n):
                row = l.copies.words + 2 * k * self.kind.d_apart
                l.ids[m], l.random[m] = words[k], random_at(key, k)
                l.copies.inputs[m], l.copies.answers[m] = row, row + self.kind.d_apart
                if self.kind.nobody >= 0 and self.kind.noise_words:
                    l.copies.answers[m] = &self.negatives[words[k], 0]
                m += every or <uint32_t>l.random[m] <= self.keep[words[k]]
            every = True
        return m

    cdef void lay_out_centres(self, Layout *l, int64_t n) noexcept nogil:
        """Steps of `centres` centres."""
        cdef int64_t begin = 0, end, c
        cdef float beside, part
        while begin < n:
            end = min(n, begin + self.kind.centres)
            for c in range(begin, end):
                beside = self.concatenate(l, c, n) if self.kind.nobody >= 0 else self.add_up(l, c, n)
                part = 1 / (1 + beside)
                l.shares[c] = part if self.kind.mean else 1
                l.counts[c] = part if self.kind.divided else 1
            self.lay_out_few(l, begin, end)
            begin = end

    cdef void lay_out_few(self, Layout *l, int64_t begin, int64_t end) noexcept nogil:
        """A step, in which each centre has noise of its own."""
        cdef int64_t c, k, n = 0, each = 0
        cdef float weight = 0
        if self.kind.noise_words:
            each = max(1, self.kind.noise_words // self.kind.centres)
            weight = self.kind.negative / each
        for c in range(begin, end):
            k = l.pairs.n
            self.add_outputs(l, l.ids[c], l.counts[c], l.copies.answers[c])
            add_noise(l, each, l.counts[c] * weight)
            while k < l.pairs.n:
                l.pairs.shares[k], l.pairs.contexts[k] = l.shares[c], l.sums + c * self.kind.beside_apart
                k += 1
        if self.kind.nobody >= 0:
            for k in range(l.first[l.steps], l.pairs.n):
                l.which[n] = k
                n += l.pairs.rows[k] != NULL
            self.multiply(l, l.which, n)
        end_step(l)

    cdef int64_t add_up(self, Layout *l, int64_t centre, int64_t n) noexcept nogil:
        """The words beside a centre, with their part of a mean; how many they are."""
        cdef int64_t reach = self.kind.window, begin, m
        cdef float *own = l.copies.inputs[centre]
        if self.kind.shrink:
            reach = 1 + below(<uint32_t>(l.random[centre] >> 32), <uint32_t>reach)
        begin = max(0, centre - reach)
        m = min(n, centre + reach + 1) - begin - 1
        l.copies.inputs[centre] = l.copies.inputs[begin + m]     # so that the others stand one after the other
        kernels.sum_rows(l.sums + centre * self.kind.beside_apart, l.copies.inputs + begin, m, self.kind.d, NULL,
                         1 / <float>(m + 1) if self.kind.mean else 1)
        l.copies.inputs[centre] = own
        return m

    cdef int64_t concatenate(self, Layout *l, int64_t centre, int64_t n) noexcept nogil:
        """The words in all places of a window, end to end; none of them is added to the document."""
        cdef int64_t d = self.vectors.shape[1], k
        cdef float *to = l.sums + centre * self.kind.beside_apart
        for k in range(centre - self.kind.window, centre + self.kind.window + 1):
            if k != centre:
                memcpy(to, &self.vectors[l.ids[k] if 0 <= k < n else self.kind.nobody, 0], d * sizeof(float))
                to += d
        return 0

    # Both.

    cdef void add_outputs(self, Layout *l, int32_t word, float count, float *row) noexcept nogil:
        """The pairs of a word. It is no noise of its own: what of this is to be expected is taken off its weight."""
        cdef int64_t k
        if self.kind.noise_words:
            add_pair(l, row, 0 if self.kind.beside else self.kind.d, count,
                     count * (1 - self.kind.negative * self.shares[word]))
        if self.paths.starts != NULL:
            for k in range(self.paths.starts[word], self.paths.starts[word + 1]):
                add_pair(l, &self.nodes[self.paths.ids[k] >> 1, 0], self.vectors.shape[1],
                         count if self.paths.ids[k] & 1 else 0, count)
