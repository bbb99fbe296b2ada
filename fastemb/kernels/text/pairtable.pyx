"""What tables of pairs share: counting the pairs of sentences, and listing those that are there.

A pair is a first word, a last word, and the middle between them: 0 for none, or the number of a sequence of connector
words. In a sentence the pairs are those of neighbours once the connectors are left out.
"""

import numpy as np

from fastemb.kernels.checks cimport check_range
from fastemb.kernels.ragged cimport Ragged, ragged
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t

cdef uint8_t NOTHING = 0


cdef inline bint is_of_part(uint32_t first, uint32_t last, uint64_t part, uint64_t parts) noexcept nogil:
    """Whether a pair is counted there: by what takes less time than its hash."""
    return <uint64_t>(first * <uint32_t>0x7F4A7C15 ^ last * <uint32_t>0x9E3779B9 >> 1) * parts >> 32 == part


cdef class PairTable:
    """Numbers above 0 for pairs; see pairtable.pyi."""

    def __cinit__(self, *_, **__):
        if type(self) is PairTable:
            raise TypeError("PairTable is no table by itself: its subclasses say where numbers are")
        self.words, self.with_middles = INT32_MAX, True

    def __len__(self):
        return self.size

    def count(self, const int32_t[::1] words, const int32_t[::1] middles, const int64_t[::1] starts,
              int64_t part=0, int64_t parts=1):
        """Count the pairs of sentences; see pairtable.pyi."""
        cdef Ragged sentences = ragged(starts, words, -1, self.words, "sentences")
        cdef const int32_t *middle = NULL
        cdef int32_t status
        check_range("parts", parts, 1, INT32_MAX)
        check_range("part", part, 0, parts - 1)
        if middles.shape[0]:
            if not self.with_middles:
                raise ValueError("pairs with middles are counted by a PhraseTable")
            if middles.shape[0] != words.shape[0]:
                raise ValueError(f"{words.shape[0]} words have {middles.shape[0]} middles")
            check_ids(middles, 0)
            middle = &middles[0]
        with nogil:
            status = self.count_pairs(&sentences, middle, part, parts)
        checked(status)

    def values(self, const int32_t[::1] firsts, const int32_t[::1] middles, const int32_t[::1] lasts):
        """The values of pairs, int64; 0 where there is none."""
        check_pairs(firsts, middles, lasts)
        found = np.empty(firsts.shape[0], np.int64)
        cdef int64_t[::1] view = found
        cdef Py_ssize_t k
        with nogil:
            for k in range(view.shape[0]):
                view[k] = self.value_of(firsts[k], <uint32_t>middles[k], lasts[k])
        return found

    def items(self, int64_t least=1, const uint8_t[::1] marked=None):
        """Pairs of a value of `least` or more, and the values; see pairtable.pyi."""
        cdef const uint8_t *marks = NULL
        cdef Py_ssize_t n, words = 0
        cdef int32_t[::1] firsts, middles, lasts
        cdef int64_t[::1] values
        if marked is not None:
            words = marked.shape[0]
            marks = &marked[0] if words else &NOTHING
        with nogil:
            n = self.select(least, marks, words, NULL, NULL, NULL, NULL)
        arrays = np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.int64)
        firsts, middles, lasts, values = arrays
        if n:
            with nogil:
                self.select(least, marks, words, &firsts[0], &middles[0], &lasts[0], &values[0])
        return arrays

    cdef int32_t count_pairs(
            self, const Ragged *sentences, const int32_t *middles, uint64_t part, uint64_t parts) noexcept nogil:
        """Count the pairs of one part, some together."""
        cdef Pair[BATCH] pairs
        cdef const int32_t *words = sentences.ids
        cdef int64_t k, i
        cdef int n = 0
        cdef int32_t status
        for k in range(sentences.n):
            for i in range(sentences.starts[k] + 1, sentences.starts[k + 1]):
                if words[i - 1] < 0 or words[i] < 0:
                    continue
                pairs[n].pair = <uint64_t><uint32_t>words[i - 1] << 32 | <uint32_t>words[i]
                pairs[n].middle = middles[i] if middles != NULL else 0
                n += parts == 1 or is_of_part(words[i - 1], words[i], part, parts)  # no branch: it is random
                if n == BATCH:
                    status = self.bump_each(pairs, n)
                    if status < 0:
                        return status
                    n = 0
        return self.bump_each(pairs, n)

    cdef int64_t select(
            self, int64_t least, const uint8_t *marked, int64_t words, int32_t *firsts, int32_t *middles,
            int32_t *lasts, int64_t *values) noexcept nogil:
        """Count what `items` returns, and write it unless `firsts` is NULL."""
        cdef Entry[BATCH] found
        cdef uint64_t at = 0
        cdef uint32_t first, last
        cdef int64_t n = 0
        cdef int some = BATCH, k
        while some == BATCH:
            some = self.list_some(&at, max(least, 1), found)
            for k in range(some):
                first, last = <uint32_t>(found[k].pair >> 32), <uint32_t>found[k].pair
                if marked != NULL and not found[k].middle and not (
                        first < words and marked[first] or last < words and marked[last]):
                    continue
                if firsts != NULL:
                    firsts[n], middles[n], lasts[n] = <int32_t>first, <int32_t>found[k].middle, <int32_t>last
                    values[n] = found[k].value
                n += 1
        return n

    cdef uint32_t value_of(self, int32_t first, uint32_t middle, int32_t last) noexcept nogil:
        """0 where there is no such pair."""
        return 0

    cdef int32_t bump_each(self, Pair *pairs, int n) noexcept nogil:
        """Hash n pairs, and count them, with memory prefetched some pairs ahead; negative: an error."""
        return 0

    cdef int list_some(self, uint64_t *at, int64_t least, Entry *found) noexcept nogil:
        """Some pairs of a value of `least` or more, BATCH if there are so many from `at` on, which moves on."""
        return 0


cdef int checked(int64_t status) except -1:
    if status == OUT_OF_MEMORY:
        raise MemoryError("no memory for a table of phrases: lower max_vocab_size")
    if status == TOO_MANY:
        raise OverflowError("a pair of words was counted more than 4,294,967,295 times")
    return 0


cdef int check_ids(const int32_t[::1] ids, int32_t least) except -1:
    cdef int32_t lowest = INT32_MAX
    cdef Py_ssize_t k
    for k in range(ids.shape[0]):
        lowest = min(lowest, ids[k])
    check_range("the lowest number", lowest, least, INT32_MAX)
    return 0


cdef int check_pairs(const int32_t[::1] firsts, const int32_t[::1] middles, const int32_t[::1] lasts) except -1:
    if firsts.shape[0] != middles.shape[0] or firsts.shape[0] != lasts.shape[0]:
        raise ValueError(
            f"pairs of {firsts.shape[0]} first words, {middles.shape[0]} middles and {lasts.shape[0]} last words")
    check_ids(firsts, 0)
    check_ids(middles, 0)
    check_ids(lasts, 0)
    return 0
