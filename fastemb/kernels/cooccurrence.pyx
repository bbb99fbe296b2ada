"""Counting which words occur near each other.

Rows are counted one after the other: all places of a word are known, and the words around
each of them are added up in an array with a sum for every column, which stays in the cache. So rows
can be counted by any number of threads, each comes out sorted and complete, and adding up
the rows of several texts is the same work. Sums are whole numbers, so no order matters.
"""

import numpy as np

cimport cython
from fastemb.kernels.checks cimport check_range
from fastemb.kernels.ragged cimport ragged
from libc.stdint cimport INT32_MAX, INT64_MAX, int32_t, int64_t, uint64_t
from libc.stdlib cimport free, realloc

cdef extern from "hash.h":
    void WILL_READ(const void *address) noexcept nogil
    int lowest_bit(uint64_t bits) noexcept nogil

cdef enum:
    AHEAD = 8           # places ahead, whose surroundings are prefetched


cdef struct Cell:
    int64_t count
    int32_t column


@cython.final
cdef class Sums:
    """A sum for every column, of which most are 0; a worker's own.

    Parameters
    ----------
    columns : int
    """

    cdef int64_t columns
    cdef int64_t[::1] sums
    # Which sums are not 0: a bit for each, a bit for each 64 bits, and a bit for each 64 of those.
    cdef uint64_t[::1] level0, level1, level2
    cdef Cell *cells
    cdef int64_t length, room

    def __cinit__(self, int64_t columns):
        check_range("columns", columns, 0, INT32_MAX)
        self.columns = columns
        self.sums = np.zeros(max(columns, 1), np.int64)
        self.level0 = np.zeros((columns >> 6) + 1, np.uint64)
        self.level1 = np.zeros((columns >> 12) + 1, np.uint64)
        self.level2 = np.zeros((columns >> 18) + 1, np.uint64)

    def __dealloc__(self):
        free(self.cells)

    cdef inline void add(self, int32_t column, int64_t amount) noexcept nogil:
        if self.sums[column] == 0:
            self.level0[column >> 6] |= <uint64_t>1 << (column & 63)
            self.level1[column >> 12] |= <uint64_t>1 << (column >> 6 & 63)
            self.level2[column >> 18] |= <uint64_t>1 << (column >> 12 & 63)
        self.sums[column] += amount

    cdef int64_t take(self) noexcept nogil:
        """Append all sums to the cells, by column, and set them to 0; how many, or -1 without memory."""
        cdef int64_t before = self.length, i, j, k
        for i in range(self.level2.shape[0]):
            while self.level2[i]:
                j = i << 6 | lowest_bit(self.level2[i])
                while self.level1[j]:
                    k = j << 6 | lowest_bit(self.level1[j])
                    if self.length + 64 > self.room and not self.grow():
                        return -1
                    self.take_64(k)
                    self.level1[j] &= self.level1[j] - 1
                self.level2[i] &= self.level2[i] - 1
        return self.length - before

    cdef void take_64(self, int64_t k) noexcept nogil:
        cdef int64_t column
        while self.level0[k]:
            column = k << 6 | lowest_bit(self.level0[k])
            self.cells[self.length].column = <int32_t>column
            self.cells[self.length].count = self.sums[column]
            self.sums[column] = 0
            self.length += 1
            self.level0[k] &= self.level0[k] - 1

    cdef bint grow(self) noexcept nogil:
        cdef int64_t room = max(self.room * 2, 1 << 16)
        cdef Cell *larger = <Cell *>realloc(self.cells, <size_t>room * sizeof(Cell))
        if larger == NULL:
            return False
        self.cells, self.room = larger, room
        return True

    cdef tuple finish(self, lengths):
        """The cells as arrays."""
        if self.length < 0:
            self.length = 0
            raise MemoryError("no memory for a row of co-occurrences")
        columns, counts = np.empty(self.length, np.int32), np.empty(self.length, np.int64)
        cdef int32_t[::1] column = columns
        cdef int64_t[::1] count = counts
        cdef int64_t k
        with nogil:
            for k in range(self.length):
                column[k] = self.cells[k].column
                count[k] = self.cells[k].count
        self.length = 0
        return lengths, columns, counts


def separate(const int32_t[::1] ids, const int64_t[::1] starts, bint across):
    """The known words of a chunk of sentences, with -1 after each sentence, or without if windows go `across` ends.

    Parameters
    ----------
    ids, starts : ndarray of int32, int64
        As of `fastemb.corpus.Chunk`.
    across : bool

    Returns
    -------
    ndarray of int32
    """
    cdef int64_t sentence, k, n = 0
    ragged(starts, ids, -1, INT32_MAX, "sentences")
    text = np.empty(ids.shape[0] + starts.shape[0], np.int32)
    cdef int32_t[::1] to = text
    with nogil:
        for sentence in range(starts.shape[0] - 1):
            for k in range(starts[sentence], starts[sentence + 1]):
                to[n] = ids[k]
                n += ids[k] >= 0
            if not across:
                to[n] = -1
                n += 1
    return text[:n]


@cython.final
cdef class Segment:
    """A segment of text, with the places of each word.

    Parameters
    ----------
    text : ndarray of int32
        Words as numbers; no window reaches beyond a -1.
    before : ndarray of int32
        What stands before it: pairs of these with words of the text are counted, but not pairs among them.
    words : int
        All numbers are below this.
    """

    cdef int32_t[::1] text, places
    cdef int64_t own
    cdef readonly object starts
    cdef int64_t[::1] _starts

    def __cinit__(self, const int32_t[::1] text, const int32_t[::1] before, int64_t words):
        cdef int64_t k
        check_range("words", words, 0, INT32_MAX)
        edge = np.array([-1], np.int32)
        cdef int32_t[::1] whole = np.concatenate([edge, before, text, edge])
        if whole.shape[0] >= 2**31:
            raise ValueError("a segment must have less than 2**31 words")
        self.text = whole
        self.own = 1 + len(before)
        cdef int64_t[::1] ends = np.zeros(words + 1, np.int64)
        with nogil:
            for k in range(whole.shape[0]):
                if whole[k] >= words:
                    ends[0] = -1
                    break
                if whole[k] >= 0:
                    ends[whole[k] + 1] += 1
        if ends[0] < 0:
            raise ValueError("a segment has a word beyond the vocabulary")
        self.starts = np.cumsum(ends)
        self._starts = self.starts
        self.places = np.empty(self.starts[words], np.int32)
        ends[:] = self._starts
        with nogil:
            for k in range(whole.shape[0]):
                if whole[k] >= 0:
                    self.places[ends[whole[k]]] = <int32_t>k
                    ends[whole[k]] += 1

    def count(self, int64_t first, int64_t last, const int64_t[::1] weights, bint symmetric, Sums sums):
        """Count the rows of some words.

        Parameters
        ----------
        first, last : int
            The words `first` … `last` - 1.
        weights : ndarray of int64, shape (window,)
            What a pair adds that is 1, 2, … words apart; positive.
        symmetric : bool
            The row of a word has the words after it, and with this also those before it.
        sums : Sums
            As many columns as words.

        Returns
        -------
        lengths : ndarray of int64, shape (last - first,)
            Cells of each row.
        columns, counts : ndarray of int32, int64
            The cells of the rows, end to end, each row in the order of its columns.
        """
        cdef int64_t row, k, words = self._starts.shape[0] - 1
        if not 0 <= first <= last <= words or sums.columns != words:
            raise ValueError("no such rows")
        check_weights(weights, self.places.shape[0])
        lengths = np.zeros(last - first, np.int64)
        cdef int64_t[::1] length = lengths
        with nogil:
            for row in range(first, last):
                for k in range(self._starts[row], self._starts[row + 1]):
                    if k + AHEAD < self._starts[words]:
                        WILL_READ(&self.text[self.places[k + AHEAD]])
                    self.add_around(self.places[k], weights, symmetric, sums)
                length[row - first] = sums.take()
                if length[row - first] < 0:
                    sums.length = -1
                    break
        return sums.finish(lengths)

    cdef inline void add_around(
            self, int64_t place, const int64_t[::1] weights, bint symmetric, Sums sums) noexcept nogil:
        """Add the words around a place."""
        cdef const int32_t *here = &self.text[place]
        cdef int64_t d, window = weights.shape[0]
        for d in range(1, window + 1):
            if here[d] < 0:
                break
            if place + d >= self.own:
                sums.add(here[d], weights[d - 1])
        if not symmetric or place < self.own:
            return
        for d in range(1, window + 1):
            if here[-d] < 0:
                break
            sums.add(here[-d], weights[d - 1])


cdef int check_weights(const int64_t[::1] weights, int64_t places) except -1:
    """Raise ValueError if the sum of what so many places add could be no positive int64."""
    cdef int64_t k, total = 0, most = INT64_MAX // max(2 * places, 1)
    for k in range(min(weights.shape[0], places)):
        if not 0 < weights[k] <= most - total:
            raise ValueError(f"weight {k} of {places} words is {weights[k]}: weights must be positive, and their sums "
                             "less than 2**63")
        total += weights[k]
    return 0


def add_rows(list runs, int64_t rows, Sums sums):
    """Add up the same rows of several runs.

    Parameters
    ----------
    runs : list of (starts, columns, counts)
        Of each, row k has the cells starts[k] … starts[k + 1] - 1; int64, int32 and int64.
    rows : int
    sums : Sums

    Returns
    -------
    lengths, columns, counts : ndarray
        As of `Segment.count`.
    """
    cdef int64_t row, n = len(runs), run, total = 0
    cdef int64_t[::1] starts
    cdef const int32_t[::1] columns
    cdef const int64_t[::1] counts
    lengths = np.zeros(rows, np.int64)
    cdef int64_t[::1] length = lengths
    # Pointers to the arrays, which `runs` keeps alive.
    cdef size_t[:, ::1] pointers = np.zeros((n, 3), np.uintp)
    for run in range(n):
        starts, columns, counts = runs[run]
        if ragged(starts, columns, 0, sums.columns, "rows").n != rows or counts.shape[0] != columns.shape[0]:
            raise ValueError("a run must have all rows")
        total = sum_with(counts, total)
        if columns.shape[0]:
            pointers[run, 0] = <size_t>&starts[0]
            pointers[run, 1] = <size_t>&columns[0]
            pointers[run, 2] = <size_t>&counts[0]
    with nogil:
        for row in range(rows):
            for run in range(n):
                if pointers[run, 0]:
                    add_row(<int64_t *>pointers[run, 0], <int32_t *>pointers[run, 1], <int64_t *>pointers[run, 2],
                            row, sums)
            length[row] = sums.take()
            if length[row] < 0:
                sums.length = -1
                break
    return sums.finish(lengths)


cdef int64_t sum_with(const int64_t[::1] counts, int64_t total) except -1:
    """total + Σ counts; ValueError if one is not positive, or the sum is no int64."""
    cdef int64_t k
    for k in range(counts.shape[0]):
        if not 0 < counts[k] <= INT64_MAX - total:
            raise ValueError(f"count {k} of a run is {counts[k]}: counts must be positive, and their sum below 2**63")
        total += counts[k]
    return total


cdef inline void add_row(
        const int64_t *starts, const int32_t *columns, const int64_t *counts, int64_t row, Sums sums) noexcept nogil:
    cdef int64_t k
    for k in range(starts[row], starts[row + 1]):
        sums.add(columns[k], counts[k])
