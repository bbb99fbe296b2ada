"""Sentences in which the words of phrases are joined: of numbers, end to end, and of Python's."""

import numpy as np

from fastemb.kernels.checks cimport check_range
from fastemb.kernels.ragged cimport Ragged, ragged
from fastemb.kernels.text.phrases cimport Middles, PhraseTable, pair_of

cimport cython
from cpython.dict cimport PyDict_GetItemWithError
from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_Check
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t
from libc.stdlib cimport free, malloc

cdef enum:
    FEW = 256               # words of a sentence for which the stack has room
    CONNECTOR = 1           # what a word can be in phrases
    FIRST = 2
    LAST = 4


@cython.final
cdef class Joiner:
    """The phrases of sentences; see joining.pyi."""

    cdef Middles middles
    cdef PhraseTable phrases        # one more than the number of each
    cdef object roles               # ndarray of uint8, shape (words,): CONNECTOR, FIRST and LAST
    cdef int64_t n_phrases
    cdef dict index                 # numbers of words, or None
    cdef list texts                 # of the phrases, or None

    def __cinit__(self, Middles middles, PhraseTable phrases, connectors, dict index=None, list texts=None):
        cdef const uint8_t[::1] flags = connectors
        firsts, _, lasts, numbers = phrases.items()
        for words in (firsts, lasts):
            check_range("a word of a phrase", words.max(initial=0), 0, max(0, flags.shape[0] - 1))
        self.middles, self.phrases, self.n_phrases = middles, phrases, numbers.max(initial=0)
        self.roles = np.asarray(flags).astype(bool).astype(np.uint8)
        self.roles[firsts] |= FIRST
        self.roles[lasts] |= LAST
        self.index, self.texts = dict(index or {}), list(texts or ())
        if not all(isinstance(number, int) and 0 <= number < flags.shape[0] for number in self.index.values()):
            raise ValueError(f"the numbers of words must be from 0 to {flags.shape[0] - 1}")
        if texts is not None and len(texts) < self.n_phrases:
            raise ValueError(f"{self.n_phrases} phrases have {len(texts)} texts")

    def join_ids(self, const int32_t[::1] ids, const int64_t[::1] starts, const int32_t[::1] numbers):
        """Sentences with their phrases joined; see joining.pyi."""
        cdef const uint8_t[::1] flags = self.roles
        cdef Ragged sentences = ragged(starts, ids, -1, flags.shape[0], "sentences")
        cdef int64_t *places = <int64_t *>malloc((sentences.longest + 1) * sizeof(int64_t))
        cdef int64_t n = 0, k, j, m
        joined, begins = np.empty(ids.shape[0], np.int32), np.empty(sentences.n + 1, np.int64)
        cdef int32_t[::1] to_ids = joined
        cdef int64_t[::1] to_begins = begins
        cdef const uint8_t *roles = &flags[0] if flags.shape[0] else NULL
        if places == NULL:
            raise MemoryError(f"no memory for a sentence of {sentences.longest} words")
        try:
            check_range("phrases", self.n_phrases, 0, numbers.shape[0])
            with nogil:
                for k in range(sentences.n):
                    to_begins[k] = n
                    m = self.find(sentences.ids + starts[k], starts[k + 1] - starts[k], roles, places)
                    for j in range(m):
                        to_ids[n] = numbers[~places[j]] if places[j] < 0 else ids[starts[k] + places[j]]
                        n += 1
                to_begins[sentences.n] = n
        finally:
            free(places)
        return joined[:n], begins

    def places(self, list sentence not None):
        """Of a sentence the places of words, and ~number of each phrase, in order; see joining.pyi."""
        cdef list made = []
        self.walk(sentence[:], made, None)
        return made

    def join(self, list sentence not None):
        """A sentence with its phrases joined."""
        cdef list made = []
        if len(self.texts) < self.n_phrases:
            raise ValueError(f"{self.n_phrases} phrases have {len(self.texts)} texts")
        self.walk(sentence[:], None, made)
        return made

    cdef int walk(self, list sentence, list numbers, list words) except -1:
        """Append to one of the two lists, for each word and phrase, its place or ~number, or what it is.

        The sentence is the caller's own: keys of dicts may be compared by the user's code.
        """
        cdef const uint8_t[::1] flags = self.roles
        cdef Py_ssize_t n = PyList_GET_SIZE(sentence), m, j
        cdef int32_t few_ids[FEW]
        cdef int64_t few_places[FEW]
        cdef int32_t *ids = few_ids
        cdef int64_t *places = few_places
        if n > FEW:
            ids, places = <int32_t *>malloc(n * sizeof(int32_t)), <int64_t *>malloc(n * sizeof(int64_t))
        try:
            if ids == NULL or places == NULL:
                raise MemoryError(f"no memory for a sentence of {n} words")
            self.look_up(sentence, n, ids)
            m = self.find(ids, n, &flags[0] if flags.shape[0] else NULL, places)
            for j in range(m):
                if words is None:
                    numbers.append(places[j])
                else:
                    words.append(sentence[places[j]] if places[j] >= 0 else self.texts[~places[j]])
        finally:
            if n > FEW:
                free(ids)
                free(places)
        return 0

    cdef int look_up(self, list sentence, Py_ssize_t n, int32_t *ids) except -1:
        """The numbers of the words; -1 of those that no phrase has."""
        cdef Py_ssize_t k
        cdef PyObject *found
        for k in range(n):
            word = <object>PyList_GET_ITEM(sentence, k)
            if not PyUnicode_Check(word):
                raise TypeError(f"word {k} of a sentence must be a str, not {type(word).__name__} ({word!r:.50})")
            found = PyDict_GetItemWithError(self.index, word)
            ids[k] = -1 if found == NULL else <object>found
        return 0

    cdef int64_t find(
            self, const int32_t *ids, int64_t n, const uint8_t *roles, int64_t *places) noexcept nogil:
        """Write the places of words that stay alone, and ~number of each phrase, in order; return how many they are.

        From left to right: a phrase begins at a word that is no connector, and if it and the next one are no pair, at
        that one.
        """
        cdef int64_t begin = -1, middle = 0, m = 0, i, j
        cdef uint32_t value
        for i in range(n):
            if ids[i] >= 0 and roles[ids[i]] & CONNECTOR:
                if begin < 0:
                    places[m] = i
                    m += 1
                elif middle >= 0:
                    middle = <int64_t>self.middles.next.find(pair_of(<int32_t>middle, 0, ids[i])) or -1
                continue
            if begin >= 0:
                value = 0
                if middle >= 0 and ids[i] >= 0 and roles[ids[i]] & LAST:
                    value = self.phrases.find(pair_of(ids[begin], <uint32_t>middle, ids[i]))
                if value:
                    places[m] = ~<int64_t>(value - 1)
                    m += 1
                    begin = -1
                    continue
                for j in range(begin, i):
                    places[m] = j
                    m += 1
            if ids[i] >= 0 and roles[ids[i]] & FIRST:
                begin, middle = i, 0
            else:
                places[m] = i
                m += 1
                begin = -1
        if begin >= 0:
            for j in range(begin, n):
                places[m] = j
                m += 1
        return m


def number_in_order(int32_t[::1] ids, int32_t[::1] numbers, int64_t[::1] counts, int32_t next):
    """Number what is in `ids` in order of first appearance, and count it; see joining.pyi."""
    cdef Py_ssize_t i
    cdef int32_t highest = -1, id
    if counts.shape[0] < numbers.shape[0]:
        raise ValueError(f"{numbers.shape[0]} numbers have {counts.shape[0]} counts")
    check_range("next", next, 0, INT32_MAX)
    with nogil:
        for i in range(numbers.shape[0]):
            highest = max(highest, numbers[i])
    check_range("numbers", highest, -1, min(next, counts.shape[0]) - 1)
    highest = -1
    with nogil:
        for i in range(ids.shape[0]):
            highest = max(highest, ids[i])
    check_range("ids", highest, -1, numbers.shape[0] - 1)
    with nogil:
        for i in range(ids.shape[0]):
            id = ids[i]
            if id < 0:
                continue
            if numbers[id] < 0:
                if next >= counts.shape[0]:
                    ids[i] = -1
                    continue
                numbers[id] = next
                next += 1
            ids[i] = numbers[id]
            counts[numbers[id]] += 1
    return next
