"""Phrases over numbers of words: what stands together, perhaps with connector words between, counted and joined.

A pair is a first word, a last word, and the middle between them: 0 for none, or the number of a sequence of connector
words. In a sentence the pairs are those of neighbours once the connectors are left out.
"""

import os

import numpy as np

from fastemb.kernels.checks cimport check_range
from fastemb.kernels.ragged cimport Ragged, ragged

cimport cython
from fastemb.kernels.text.pairtable cimport (
    AHEAD,
    BATCH,
    OUT_OF_MEMORY,
    TOO_MANY,
    WILL_READ,
    Entry,
    Pair,
    PairTable,
    allocate_table,
    check_pairs,
    checked,
    folded,
    free_pages,
)
from libc.stdint cimport INT32_MAX, UINT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t

cdef enum:
    BITS = 10               # of the first capacity


# Who writes a text does not know it, and so cannot choose pairs of one hash.
cdef uint64_t ODD = 0x9E3779B97F4A7C15
cdef uint64_t SECRET = int.from_bytes(os.urandom(8), "little")


cdef Pair pair_of(int32_t first, uint32_t middle, int32_t last) noexcept nogil:
    cdef uint64_t both = <uint64_t><uint32_t>first << 32 | <uint32_t>last
    return Pair(both, hash_of(both, middle), middle)


cdef inline uint64_t hash_of(uint64_t both, uint32_t middle) noexcept nogil:
    return folded((both ^ SECRET) + middle * ODD, SECRET | 1)


@cython.final
cdef class PhraseTable(PairTable):
    """Numbers above 0 for pairs; see phrases.pyi."""

    def __cinit__(self, int64_t expected=0):
        cdef int bits = BITS
        check_range("expected", expected, 0, <int64_t>1 << 40)
        while expected * 4 > <int64_t>3 << bits:
            bits += 1
        self.shift, self.mask = 64 - bits, (<uint64_t>1 << bits) - 1
        self.entries = <Entry *>allocate_table((self.mask + 1) * sizeof(Entry))
        if self.entries == NULL:
            raise MemoryError("no memory for a table of phrases")

    def __dealloc__(self):
        free_pages(self.entries, (self.mask + 1) * sizeof(Entry))

    def add(self, const int32_t[::1] firsts, const int32_t[::1] middles, const int32_t[::1] lasts,
            const int64_t[::1] values):
        """Add values to those of pairs; see phrases.pyi."""
        cdef Py_ssize_t n = values.shape[0], k
        cdef int32_t status = 0
        check_pairs(firsts, middles, lasts)
        if n != firsts.shape[0]:
            raise ValueError(f"{firsts.shape[0]} pairs have {n} values")
        for k in range(n):
            check_range("a value", values[k], 1, UINT32_MAX)
        with nogil:
            for k in range(n):
                status = self.bump(pair_of(firsts[k], middles[k], lasts[k]), <uint32_t>values[k])
                if status < 0:
                    break
        checked(status)

    def prune(self, int64_t least):
        """Forget the pairs with a value below `least`."""
        cdef uint64_t at
        for at in range(self.mask + 1):
            if self.entries[at].value and self.entries[at].value < least:
                self.entries[at].value = 0
                self.size -= 1
        if not self.rebuild(self.mask):
            raise MemoryError("no memory for a table of phrases")

    cdef Entry *slot(self, Pair pair) noexcept nogil:
        """Where the pair is, or would be."""
        cdef uint64_t at = pair.hash >> self.shift
        while self.entries[at].value and not (
                self.entries[at].pair == pair.pair and self.entries[at].middle == pair.middle):
            at = (at + 1) & self.mask
        return &self.entries[at]

    cdef uint32_t find(self, Pair pair) noexcept nogil:
        return self.slot(pair).value

    cdef uint32_t value_of(self, int32_t first, uint32_t middle, int32_t last) noexcept nogil:
        return self.find(pair_of(first, middle, last))

    cdef int32_t bump(self, Pair pair, uint32_t by) noexcept nogil:
        """Add to the value of a pair; negative: an error."""
        cdef Entry *entry = self.slot(pair)
        if entry.value > UINT32_MAX - by:
            return TOO_MANY
        if not entry.value:
            entry.pair, entry.middle = pair.pair, pair.middle
            self.size += 1
        entry.value += by
        if <uint64_t>self.size * 4 > 3 * self.mask and not self.rebuild(2 * self.mask + 1):
            return OUT_OF_MEMORY
        return 0

    cdef int32_t bump_each(self, Pair *pairs, int n) noexcept nogil:
        cdef int32_t status
        cdef int k
        for k in range(n):
            pairs[k].hash = hash_of(pairs[k].pair, pairs[k].middle)
        for k in range(min(n, AHEAD)):
            WILL_READ(&self.entries[pairs[k].hash >> self.shift])
        for k in range(n):
            if k + AHEAD < n:
                WILL_READ(&self.entries[pairs[k + AHEAD].hash >> self.shift])
            status = self.bump(pairs[k], 1)
            if status < 0:
                return status
        return 0

    cdef int list_some(self, uint64_t *at, int64_t least, Entry *found) noexcept nogil:
        cdef int n = 0
        while at[0] <= self.mask and n < BATCH:
            found[n] = self.entries[at[0]]
            n += <int64_t>found[n].value >= least
            at[0] += 1
        return n

    cdef bint rebuild(self, uint64_t mask) noexcept nogil:
        """Make the slots anew, mask + 1 of them."""
        cdef Entry *entries = <Entry *>allocate_table((mask + 1) * sizeof(Entry))
        cdef Entry *before = self.entries
        cdef uint64_t mask_before = self.mask, at
        if entries == NULL:
            return False
        self.shift -= mask != self.mask
        self.entries, self.mask = entries, mask
        for at in range(mask_before + 1):
            if before[at].value:
                self.slot(pair_of(<int32_t>(before[at].pair >> 32), before[at].middle,
                                  <int32_t>before[at].pair))[0] = before[at]
        free_pages(before, (mask_before + 1) * sizeof(Entry))
        return True


@cython.final
cdef class Middles:
    """Sequences of connector words and their numbers from 1; see phrases.pyi."""

    def __cinit__(self):
        self.next = PhraseTable()

    def __len__(self):
        return self.next.size

    def longer_than(self, int64_t middle, int32_t connector):
        """The number of a sequence with one connector more, which is added if it is new."""
        check_range("middle", middle, 0, self.next.size)
        check_range("connector", connector, 0, INT32_MAX)
        middle = self.longer(middle, connector)
        checked(min(middle, 0))
        return middle

    def parts(self):
        """Of each number the sequence without its last connector, and that connector; see phrases.pyi."""
        before, _, words, numbers = self.next.items()
        shorter, last = np.zeros(len(self) + 1, np.int32), np.zeros(len(self) + 1, np.int32)
        shorter[numbers], last[numbers] = before, words
        return shorter, last

    def leave_out(self, const int32_t[::1] ids, const int64_t[::1] starts, const uint8_t[::1] connectors):
        """Sentences without their connectors, and these; see phrases.pyi."""
        cdef Ragged sentences = ragged(starts, ids, -1, connectors.shape[0], "sentences")
        words, middles = np.empty(ids.shape[0], np.int32), np.empty(ids.shape[0], np.int32)
        begins = np.empty(sentences.n + 1, np.int64)
        cdef int32_t[::1] to_words = words, to_middles = middles
        cdef int64_t[::1] to_begins = begins
        cdef int64_t n = 0, k, i, middle = 0
        with nogil:
            for k in range(sentences.n):
                to_begins[k] = n
                middle = -1
                for i in range(starts[k], starts[k + 1]):
                    if ids[i] < 0 or not connectors[ids[i]]:
                        to_words[n], to_middles[n] = ids[i], max(middle, 0)
                        n += 1
                        middle = 0
                    elif middle >= 0:
                        middle = self.longer(middle, ids[i])
                        if middle < 0:
                            break
                if middle < -1:
                    break
            to_begins[sentences.n] = n
        checked(0 if middle >= -1 else middle)
        return words[:n], middles[:n], begins

    cdef int64_t longer(self, int64_t middle, int32_t connector) noexcept nogil:
        """The number of a sequence with one connector more; below -1: an error."""
        cdef Pair pair = pair_of(<int32_t>middle, 0, connector)
        cdef int64_t found = self.next.find(pair)
        cdef int32_t status
        if found:
            return found
        if self.next.size == INT32_MAX:
            return TOO_MANY
        found = self.next.size + 1
        status = self.next.bump(pair, <uint32_t>found)
        return found if status == 0 else status
