"""Encoder of sentences of Python objects."""

import operator
from array import array
from itertools import islice

import numpy as np

from fastemb.kernels.text.encoder cimport Encoder, begin_sentence, look_up_waiting, reserve, wait
from fastemb.kernels.text.wordtable cimport BATCH, FULL, WordTable, checked

cimport cython
from cpython.array cimport array as carray
from cpython.dict cimport PyDict_GetItemWithError
from cpython.long cimport PyLong_CheckExact
from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_CheckExact, PyUnicode_GET_LENGTH
from libc.stdint cimport INT32_MAX, int32_t, int64_t

cdef extern from "Python.h":
    bint PyUnicode_IS_COMPACT_ASCII(object text) noexcept
    void *PyUnicode_DATA(object text) noexcept

cdef enum:
    WORDS = 4096        # taken at a time of a sentence that is no list
    PAYS = 4            # a table of all words pays when a share of 1 / PAYS of them has been looked up


cdef inline bint is_plain_ascii(object word) noexcept:
    """Whether it is an exact str of ASCII characters, at least one."""
    return PyUnicode_CheckExact(word) and PyUnicode_IS_COMPACT_ASCII(word) and PyUnicode_GET_LENGTH(word) > 0


@cython.final
cdef class SentenceEncoder(Encoder):
    """Encode sentences of Python objects: words are str or integers.

    Strings of ASCII are looked up as in text, by their bytes; other words in a dict, and the first few of a fixed
    vocabulary as well.

    Parameters
    ----------
    index : dict, optional
        A fixed vocabulary, word → number; any other word gets -1. By default each
        new word gets the next number.
    """

    cdef list found                     # the words, by number
    cdef dict index                     # numbers of words that are not in the table
    cdef carray numbers                 # of the words in the table; int32
    cdef carray counts                  # of the words in the index; int64
    cdef int64_t few                    # so many words more are looked up in the dict alone
    cdef PyObject *objects[BATCH]       # the words that wait

    def __cinit__(self, index=None):
        self.grow = index is None
        self.index = {} if index is None else index
        self.found = []
        self.table = WordTable()
        self.numbers = array("i")
        self.counts = array("q")
        self.few = -1 if self.grow else len(self.index) // PAYS

    cdef int fill_table(self) except -1:
        """Bring the words of a fixed vocabulary into the table."""
        for word, number in self.index.items():
            if is_plain_ascii(word):
                self.table.add(word)
                self.numbers.append(number)
        return 0

    def add(self, sentence):
        """Encode one sentence. Raises TypeError where a word is not a str or an integer."""
        if isinstance(sentence, (bytes, bytearray)):
            raise TypeError(
                f"sentence {self.taken + self.n_starts} must be an iterable of words, not {type(sentence).__name__}: "
                "decode and split it")
        if isinstance(sentence, np.ndarray):
            sentence = sentence.tolist()
        reserve(self.starts, self.n_starts + 2)
        cdef int64_t begin = self.n_ids
        try:
            if type(sentence) is list:
                self.add_words(sentence)
            else:
                iterator = self.words_of(sentence)
                words = [None] * WORDS
                while len(words) == WORDS:      # an iterator is not asked again after its end: some begin anew
                    words = list(islice(iterator, WORDS))
                    self.add_words(words)
        except BaseException:
            self.n_ids = begin
            self.n_waiting = 0
            raise
        begin_sentence(self, begin)

    cdef object words_of(self, sentence):
        try:
            return iter(sentence)
        except TypeError as error:
            raise TypeError(
                f"sentence {self.taken + self.n_starts} must be an iterable of words, "
                f"not {type(sentence).__name__}") from error

    cdef int add_words(self, list words) except -1:
        cdef const unsigned char *text
        cdef Py_ssize_t length
        cdef int32_t number
        reserve(self.ids, self.n_ids + len(words))
        if self.few >= 0:
            self.few -= len(words)
            if self.few < 0:
                self.fill_table()
        for word in words:
            if self.few >= 0 or not is_plain_ascii(word):
                self.look_up()
                number = self.number(word)
                self.ids.data.as_ints[self.n_ids] = number
                self.n_ids += 1
                continue
            text = <const unsigned char *>PyUnicode_DATA(word)
            self.objects[self.n_waiting] = <PyObject *>word
            length = PyUnicode_GET_LENGTH(word)
            if wait(self, text, length, text + length):
                self.look_up()
        self.look_up()
        return 0

    cdef int look_up(self) except -1:
        """Look up the words that wait."""
        cdef int n = self.n_waiting, k
        cdef int32_t *ids = <int32_t *>self.ids.data.as_ints + self.n_ids - n
        cdef int32_t status = look_up_waiting(self)
        for k in range(n):
            if ids[k] == len(self.numbers):     # a new word
                self.numbers.append(self.new_number())
                self.found.append(<object>self.objects[k])
            if ids[k] >= 0:
                ids[k] = self.numbers.data.as_ints[ids[k]]
        checked(status)
        return 0

    cdef int32_t new_number(self) except -1:
        checked(FULL if len(self.found) == INT32_MAX else 0)
        reserve(self.counts, len(self.found) + 1)
        self.counts.data.as_longlongs[len(self.found)] = 0
        return len(self.found)

    cdef int32_t number(self, word) except? -2:
        """Number of a word that is no exact str of ASCII."""
        cdef int64_t id
        if not (PyUnicode_CheckExact(word) or PyLong_CheckExact(word)):
            word = self.plain(word)
            if is_plain_ascii(word):
                self.add_words([word])
                self.n_ids -= 1
                return self.ids.data.as_ints[self.n_ids]
        cdef PyObject *found = PyDict_GetItemWithError(self.index, word)
        if found != NULL:
            id = <object>found
            if not -1 <= id <= INT32_MAX:
                raise OverflowError(f"the number of {word!r:.50} is {id}, no int32")
        elif not self.grow:
            return -1
        else:
            id = self.new_number()
            self.index[word] = id
            self.found.append(word)
        if self.grow:
            self.counts.data.as_longlongs[id] += 1
        return id

    cdef object plain(self, word):
        """The word as a plain str or int."""
        if isinstance(word, str):
            return str(word)
        try:
            return operator.index(word)
        except TypeError:
            raise TypeError(
                f"sentence {self.taken + self.n_starts}: words must be str or int, "
                f"not {type(word).__name__} ({word!r:.50})"
            ) from None

    @property
    def words(self):
        """The words as a list, in the order of their numbers; None for those that were pruned."""
        return self.found

    def word_counts(self):
        """The counts, int64, in the order of the numbers."""
        counts = np.frombuffer(self.counts, np.int64)[:len(self.found)].copy()
        counts[np.frombuffer(self.numbers, np.int32)] += self.table.word_counts()
        return counts

    @property
    def known(self):
        return len(self.index) + self.table.known

    def prune(self, int64_t least):
        cdef int64_t k
        counts = self.word_counts()
        for k in np.flatnonzero(counts < least).tolist():
            self.index.pop(self.found[k], None)
            self.found[k] = None
            self.counts.data.as_longlongs[k] = 0
        self.table.prune(least)
