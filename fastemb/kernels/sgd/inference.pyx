"""Inference: the vector of a document learns to tell its words, while all else stays as it is (Le and Mikolov 2014).

As nothing but the vector moves, a document is laid out as pairs of the vector and a row of outputs. Without context
that is done once for all passes, and a word that is there several times is one pair, which counts as often as it would
be kept on average. With context words are kept or not, and windows drawn, in every other pass anew; the product of a
context and a row is a constant of the pair. Steps meet other noise in each pass.
"""

import numpy as np

cimport cython
from fastemb.kernels.checks cimport check_range, times
from fastemb.kernels.ragged cimport Ragged, ragged
from fastemb.kernels.sgd.layout cimport PART, SLOTS, Kind, Layout, add_pair, end_step, make_layout, slot_of, start_over
from fastemb.kernels.sgd.specs cimport Negatives, Objective, Rows, Sampling, Tree, unwritable
from fastemb.kernels.step cimport Telling, kernels
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

cdef extern from "platform.h":
    int64_t load(volatile int64_t *counter) noexcept nogil
    void store(volatile int64_t *counter, int64_t n) noexcept nogil
    void free_aligned(void *memory) noexcept nogil

cdef extern from "hash.h":
    uint64_t mix(uint64_t x) noexcept nogil
    uint64_t random_at(uint64_t key, uint64_t k) noexcept nogil
    uint32_t below(uint32_t bits, uint32_t bound) noexcept nogil


cdef enum:
    DRAWN = 2       # passes over contexts before others are drawn


@cython.final
cdef class Inference:
    """What vectors of documents are inferred by. Any number of threads may do so at once.

    Parameters
    ----------
    words : Rows
        The vectors of words, which contexts are made of.
    objectives : list of Negatives, Tree
        `centres` words, of which each may be there several times, take a step together, and share `noise_words`; with
        context each has its part of these to itself.
    sampling : Sampling
    rates : (float, float)
        The learning rates of the first and last pass; between them it is linear.
    passes : int
    noise : ndarray of int32, shape (any,), optional
        Words, each as often as it is to be noise. Every document begins with the first of them and goes on by steps and
        passes, so that what they are does not tell documents apart; any number of them in a row should be like all.
    shares : ndarray of float32, shape (vocabulary,), optional
        How much of this noise each word is.
    context : bool, default False
        Words are told from their context and the document (PV-DM), and not from the document alone (PV-DBOW).
    mean, divide_gradient : bool, default False
        As of `Dm`.
    nobody : int, default -1
        If it is not -1, the document and the context stand end to end, and where a window reaches beyond, this word.
    """

    cdef list references
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
            bint context=False, bint mean=False, bint divide_gradient=False, int64_t nobody=-1):
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
        self.kind.beside = 0 if not context else times(d, 2 * self.kind.window) if nobody >= 0 else d
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
        """The vectors of documents.

        Parameters
        ----------
        ids : ndarray of int32, shape (words,)
            -1 for a word to pass over.
        starts : ndarray of int64, shape (documents + 1,)
            Document k has the words ids[starts[k]:starts[k + 1]].

        Returns
        -------
        ndarray of float32, shape (documents, vector_size)
            Each follows from the words of its document alone, with what the object was made of. Of a document without
            words it is zeros.
        """
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
        cdef double share
        cdef float alpha
        for k in range(n):
            key = (key ^ <uint64_t>(words[k] + 1)) * <uint64_t>0x9E3779B97F4A7C15
        key = mix(key)
        for k in range(d if n else 0):
            vector[k] = <float>(<double>(random_at(~key, k) >> 11) / 9007199254740992.0 - 0.5) / <float>d
        l.drawn = 0
        for again in range(self.passes if n else 0):
            share = <double>again / max(1, self.passes - 1)
            alpha = <float>(self.rate + (self.last_rate - self.rate) * share)
            for k in range((n + PART - 1) // PART):
                if load(&self.stopped):
                    return
                if again == 0 or n > PART or self.kind.beside and again % DRAWN == 0:
                    drawn = random_at(key + again // DRAWN, k * PART)
                    self.lay_out(l, words + k * PART, min(PART, n - k * PART), drawn)
                for step in range(l.steps):
                    self.take(l, step, vector, alpha)

    cdef void lay_out(self, Layout *l, const int32_t *words, int64_t n, uint64_t key) noexcept nogil:
        start_over(l)
        if self.kind.beside:
            self.lay_out_centres(l, self.keep_some(l, words, n, key))
        else:
            self.lay_out_words(l, self.count(l, words, n))

    cdef void take(self, Layout *l, int64_t step, float *vector, float alpha) noexcept nogil:
        cdef int64_t first = l.first[step], end = l.first[step + 1], k
        cdef Telling t
        for k in range(end - l.noise[step], end):
            l.pairs.rows[k] = &self.negatives[self.noise[l.drawn], 0]
            l.drawn = l.drawn + 1 if l.drawn + 1 < self.noise.shape[0] else 0
        self.multiply(l, end - l.noise[step], end)
        t.m, t.d, t.x, t.alpha, t.gradient = end - first, self.vectors.shape[1], vector, alpha, l.gradient
        t.rows, t.shares, t.constants = l.pairs.rows + first, l.pairs.shares + first, l.pairs.constants + first
        t.positives, t.weights = l.pairs.positives + first, l.pairs.weights + first
        kernels.infer(&t)

    cdef void multiply(self, Layout *l, int64_t first, int64_t end) noexcept nogil:
        """The products of pairs without the vector: those of their contexts."""
        cdef int64_t k, behind = self.vectors.shape[1] if self.kind.nobody >= 0 else 0
        if self.kind.beside:
            for k in range(first, end):
                l.outputs[k - first] = l.pairs.rows[k] + behind
            kernels.dot_pairs(l.gradient, l.contexts + first, l.outputs, end - first, self.kind.beside)
            memcpy(l.pairs.constants + first, l.gradient, (end - first) * sizeof(float))

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
        while n:
            k = left = 0
            while k < n:
                first, total = k, 0
                while k < n and k - first < self.kind.centres and total < self.kind.centres:
                    count = min(most, l.counts[k])
                    total += count
                    self.add_outputs(l, l.ids[k], count)
                    if l.counts[k] > most:
                        l.ids[left], l.counts[left] = l.ids[k], l.counts[k] - most
                        left += 1
                    k += 1
                noise = (self.kind.noise_words * (k - first) + self.kind.centres - 1) // self.kind.centres
                for _ in range(noise):
                    add_pair(l, NULL, 0, 0, total * self.kind.negative / noise)
                end_step(l, noise)
            n = left

    # With context.

    cdef int64_t keep_some(self, Layout *l, const int32_t *words, int64_t n, uint64_t key) noexcept nogil:
        """The words that are kept; all of them, if it were none."""
        cdef int64_t k, m = 0
        for k in range(n):
            l.ids[m], l.random[m] = words[k], random_at(key, k)
            m += <uint32_t>l.random[m] <= self.keep[words[k]]
        if m == 0:
            for k in range(n):
                l.ids[k], l.random[k] = words[k], random_at(key, k)
        return m or n

    cdef void lay_out_centres(self, Layout *l, int64_t n) noexcept nogil:
        """Steps of `centres` centres."""
        cdef int64_t c
        cdef float beside
        for c in range(n):
            beside = self.concatenate(l, c, n) if self.kind.nobody >= 0 else self.add_up(l, c, n)
            l.shares[c] = 1 / (1 + beside) if self.kind.mean else 1
            l.counts[c] = 1 / (1 + beside) if self.kind.divided else 1
            if (c + 1) % self.kind.centres == 0 or c == n - 1:
                self.lay_out_few(l, c // self.kind.centres * self.kind.centres, c + 1)

    cdef void lay_out_few(self, Layout *l, int64_t begin, int64_t end) noexcept nogil:
        """A step, in which each centre has noise of its own."""
        cdef int64_t c, k, each = max(1, self.kind.noise_words // self.kind.centres) if self.kind.noise_words else 0
        for c in range(begin, end):
            k = l.pairs.n
            self.add_outputs(l, l.ids[c], l.counts[c])
            self.meet(l, k, c)
        self.multiply(l, l.first[l.steps], l.pairs.n)
        for c in range(begin, end):
            k = l.pairs.n
            for _ in range(each):
                add_pair(l, NULL, 0, 0, l.counts[c] * self.kind.negative / each)
            self.meet(l, k, c)
        end_step(l, each * (end - begin))

    cdef void meet(self, Layout *l, int64_t first, int64_t centre) noexcept nogil:
        """Let the pairs from the first on be those of a centre."""
        cdef int64_t k
        for k in range(first, l.pairs.n):
            l.pairs.shares[k], l.contexts[k] = l.shares[centre], l.sums + centre * self.kind.beside

    cdef int64_t add_up(self, Layout *l, int64_t centre, int64_t n) noexcept nogil:
        """The words beside a centre, with their part of a mean; how many they are."""
        cdef int64_t k, m = 0, reach = self.kind.window
        if self.kind.shrink:
            reach = 1 + below(<uint32_t>(l.random[centre] >> 32), <uint32_t>reach)
        for k in range(max(0, centre - reach), min(n, centre + reach + 1)):
            l.beside[m] = &self.vectors[l.ids[k], 0]
            m += k != centre
        kernels.sum_rows(l.sums + centre * self.kind.beside, l.beside, m, self.vectors.shape[1], NULL,
                         1 / <float>(m + 1) if self.kind.mean else 1)
        return m

    cdef int64_t concatenate(self, Layout *l, int64_t centre, int64_t n) noexcept nogil:
        """The words in all places of a window, end to end; none of them is added to the document."""
        cdef int64_t d = self.vectors.shape[1], k
        cdef float *to = l.sums + centre * self.kind.beside
        for k in range(centre - self.kind.window, centre + self.kind.window + 1):
            if k != centre:
                memcpy(to, &self.vectors[l.ids[k] if 0 <= k < n else self.kind.nobody, 0], d * sizeof(float))
                to += d
        return 0

    # Both.

    cdef void add_outputs(self, Layout *l, int32_t word, float count) noexcept nogil:
        """The pairs of a word. It is no noise of its own: what of this is to be expected is taken off its weight."""
        cdef int64_t k
        if self.kind.noise_words:
            add_pair(l, &self.negatives[word, 0], self.vectors.shape[1], count,
                     count * (1 - self.kind.negative * self.shares[word]))
        if self.paths.starts != NULL:
            for k in range(self.paths.starts[word], self.paths.starts[word + 1]):
                add_pair(l, &self.nodes[self.paths.ids[k] >> 1, 0], self.vectors.shape[1],
                         count if self.paths.ids[k] & 1 else 0, count)


cdef inline int64_t known_of(const Ragged *documents, int64_t k, int32_t *words) noexcept nogil:
    """Write the known words of a document; how many they are."""
    cdef int64_t n = 0, i
    for i in range(documents.starts[k], documents.starts[k + 1]):
        words[n] = documents.ids[i]
        n += documents.ids[i] >= 0
    return n
