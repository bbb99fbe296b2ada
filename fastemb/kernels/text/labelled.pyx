"""Texts of tokens that are numbers become rows of features, and labels, as fastText's classifiers make them."""

import numpy as np

from fastemb.kernels.subwords import check_ngrams

from fastemb.kernels.checks cimport check_range
from fastemb.kernels.ragged cimport Ragged, length_of, ragged
from fastemb.kernels.subwords cimport too_many_ngrams

cimport cython
from libc.stdint cimport INT32_MAX, INT32_MIN, int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

cdef enum:
    MULTIPLIER = 116049371      # of the hashes of n-grams of words


cdef struct Sizes:
    int64_t words, features, labels


@cython.final
cdef class Tokens:
    """What the tokens of a corpus stand for; see labelled.pyi."""

    cdef const int32_t[::1] numbers     # tokens
    cdef const int32_t[::1] hashes      # tokens; of words
    cdef Ragged ngrams                  # tokens: buckets of those that have no row
    cdef object held                    # its arrays
    cdef int32_t end, end_row, end_hash
    cdef int64_t vocabulary, word_ngrams, buckets

    def __cinit__(
            self, const int32_t[::1] numbers, const int32_t[::1] hashes, starts, ids, int32_t end,
            int32_t end_row, int32_t end_hash, int64_t vocabulary, int64_t word_ngrams, int64_t buckets):
        cdef int64_t k
        check_range("buckets", buckets, 0, INT32_MAX)
        check_range("words", vocabulary, 0, INT32_MAX - buckets)
        check_range("word_ngrams", word_ngrams, 1, INT32_MAX)
        check_range("end_row", end_row, -1, vocabulary - 1)
        self.held = starts, ids
        self.ngrams = ragged(starts, ids, 0, buckets, "n-grams of tokens")
        if not numbers.shape[0] == hashes.shape[0] == self.ngrams.n:
            raise ValueError("the tokens differ in number")
        for k in range(numbers.shape[0]):
            check_range("numbers", numbers[k], INT32_MIN, vocabulary - 1)
        self.numbers, self.hashes, self.end, self.end_row, self.end_hash = numbers, hashes, end, end_row, end_hash
        self.vocabulary, self.word_ngrams, self.buckets = vocabulary, word_ngrams if buckets else 1, buckets

    def of_texts(self, starts, ids):
        """The features and the labels of each text; see labelled.pyi."""
        cdef Ragged texts = ragged(starts, ids, 0, self.numbers.shape[0], "texts")
        cdef int64_t[::1] rows = np.zeros(texts.n + 1, np.int64), labels = np.zeros(texts.n + 1, np.int64)
        cdef int32_t[::1] row, label
        cdef int32_t *room
        cdef Sizes sizes
        cdef int64_t k, n, too_long = 0, longest = 0    # words; features
        with nogil:
            for k in range(texts.n):
                sizes = self.measure(&texts, k)
                if too_many_ngrams(sizes.words, self.word_ngrams):
                    too_long = sizes.words
                    break
                rows[k + 1], labels[k + 1] = rows[k] + sizes.features, labels[k] + sizes.labels
                longest = max(longest, sizes.features)
        if too_long:
            check_ngrams(too_long, self.word_ngrams, f"a text of {too_long} words", "word_ngrams")
        row, label = np.empty(rows[texts.n], np.int32), np.empty(labels[texts.n], np.int32)
        room = <int32_t *>malloc(max(texts.longest + 1, 6 * longest) * sizeof(int32_t))
        if room == NULL:
            raise MemoryError("no memory for a text")
        with nogil:
            for k in range(texts.n):
                self.fill(
                    &texts, k, &row[0] + rows[k] if rows[texts.n] else NULL,
                    &label[0] + labels[k] if labels[texts.n] else NULL, room)
                n = rows[k + 1] - rows[k]
                if n:
                    gather_equal(&row[rows[k]], n, room, room + n, room + 2 * n)
        free(room)
        return np.asarray(rows), np.asarray(row), np.asarray(labels), np.asarray(label)

    cdef Sizes measure(self, const Ragged *texts, int64_t text) noexcept nogil:
        cdef Sizes sizes = Sizes(1, self.end_row >= 0, 0)
        cdef int64_t place, longest
        cdef int32_t token, number
        for place in range(texts.starts[text], texts.starts[text + 1]):
            token = texts.ids[place]
            number = self.numbers[token]
            if token == self.end:
                break
            if number < -1:
                sizes.labels += number != INT32_MIN
                continue
            sizes.words += 1
            sizes.features += 1 if number >= 0 else length_of(&self.ngrams, token)
        longest = min(self.word_ngrams, sizes.words) - 1
        sizes.features += longest * sizes.words - longest * (longest + 1) // 2
        return sizes

    cdef void fill(
            self, const Ragged *texts, int64_t text, int32_t *row, int32_t *label, int32_t *hashes) noexcept nogil:
        """Write what `measure` has counted: words, or their n-grams, the end, and n-grams of words."""
        cdef int64_t place, k, words = 0
        cdef int32_t token, number
        for place in range(texts.starts[text], texts.starts[text + 1]):
            token = texts.ids[place]
            number = self.numbers[token]
            if token == self.end:
                break
            if number < -1:
                if number != INT32_MIN:
                    label[0] = -2 - number
                    label += 1
                continue
            hashes[words] = self.hashes[token]
            words += 1
            if number >= 0:
                row[0] = number
                row += 1
                continue
            for k in range(self.ngrams.starts[token], self.ngrams.starts[token + 1]):
                row[0] = <int32_t>self.vocabulary + self.ngrams.ids[k]
                row += 1
        hashes[words] = self.end_hash
        if self.end_row >= 0:
            row[0] = self.end_row
            row += 1
        self.add_ngrams(hashes, words + 1, row)

    cdef void add_ngrams(self, const int32_t *hashes, int64_t words, int32_t *row) noexcept nogil:
        cdef int64_t k, j
        cdef uint64_t h
        for k in range(words if self.word_ngrams > 1 else 0):
            h = <uint64_t><int64_t>hashes[k]
            for j in range(k + 1, min(words, k + self.word_ngrams)):
                h = h * MULTIPLIER + <uint64_t><int64_t>hashes[j]
                row[0] = <int32_t>(self.vocabulary + <int64_t>(h % <uint64_t>self.buckets))
                row += 1


cdef void gather_equal(int32_t *ids, int64_t n, int32_t *met, int32_t *counts, int32_t *table) noexcept nogil:
    """Bring ids that are equal together, where the first of them was met. `met`, `counts`: n; `table`: 4 n."""
    cdef int64_t k, _j, at, different = 0, mask = 1
    while mask < 2 * n:
        mask = 2 * mask + 1
    memset(table, 255, (mask + 1) * sizeof(int32_t))
    for k in range(n):
        at = (<uint32_t>ids[k] * <uint32_t>2654435761 >> 7) & mask
        while table[at] >= 0 and met[table[at]] != ids[k]:
            at = (at + 1) & mask
        if table[at] < 0:
            table[at] = <int32_t>different
            met[different], counts[different] = ids[k], 0
            different += 1
        counts[table[at]] += 1
    if different == n:
        return
    k = 0
    for at in range(different):
        for _j in range(counts[at]):
            ids[k] = met[at]
            k += 1


def first_met(const int32_t[::1] ids, int64_t vocabulary, unsigned char[::1] met):
    """The buckets among the ids, each where it is first met, of those that were not met before; see labelled.pyi."""
    cdef Py_ssize_t i, n = 0, new = 0
    cdef int64_t highest = -1, bucket
    check_range("words", vocabulary, 0, INT32_MAX - met.shape[0])
    with nogil:
        for i in range(ids.shape[0]):
            highest = max(highest, ids[i])
            n += ids[i] >= vocabulary
    check_range("ids", highest, -1, vocabulary + met.shape[0] - 1)
    cdef int32_t[::1] found = np.empty(min(n, met.shape[0]) + 1, np.int32)    # the last place is written to in vain
    with nogil:
        for i in range(ids.shape[0]):
            bucket = ids[i] - vocabulary
            if bucket >= 0:
                found[new] = <int32_t>bucket
                new += not met[bucket]
                met[bucket] = True
    return np.asarray(found[:new])


def place_ngrams(int32_t[::1] ids, int64_t vocabulary, const int32_t[::1] places):
    """Bucket k, which is `vocabulary` + k among the ids, becomes `vocabulary` + places[k], or -1 where that is -1."""
    cdef Py_ssize_t i
    cdef int32_t highest = -1, place
    cdef int32_t words = <int32_t>vocabulary
    check_range("words", vocabulary, 0, INT32_MAX - places.shape[0])
    with nogil:
        for i in range(ids.shape[0]):
            highest = max(highest, ids[i])
    check_range("ids", highest, -1, vocabulary + places.shape[0] - 1)
    with nogil:
        for i in range(ids.shape[0]):
            if ids[i] >= words:
                place = places[ids[i] - words]
                ids[i] = words + place if place >= 0 else -1
