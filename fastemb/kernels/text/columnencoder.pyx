"""Encoder of columns of lists of words, as Apache Arrow has them in memory."""

from fastemb.kernels.ragged cimport longest_row
from fastemb.kernels.text.encoder cimport Encoder, begin_sentence, look_up_waiting, reserve, wait
from fastemb.kernels.text.wordtable cimport WordTable, bytes_t, checked

cimport cython
from libc.stdint cimport int32_t, int64_t

cdef bytes_t NOTHING = b"\xed\xbf\xbf"  # the surrogate U+DFFF, which no UTF-8 has: a table's entry for the empty word


@cython.final
cdef class ColumnEncoder(Encoder):
    """Encode lists of words, each a sentence.

    Parameters
    ----------
    vocabulary : WordTable, optional
        A fixed vocabulary, which is only read: any other word becomes -1. By default
        each new word gets the next number, and words are counted.
    """

    def __cinit__(self, WordTable vocabulary=None):
        self.grow = vocabulary is None
        self.table = WordTable() if vocabulary is None else vocabulary

    def add(self, const int64_t[::1] lists, const int64_t[::1] ends, const unsigned char[::1] text):
        """Encode lists: of words lists[k] to lists[k + 1], of which word w is text[ends[w]:ends[w + 1]], UTF-8."""
        cdef int64_t words = ends.shape[0] - 1, size = text.shape[0]
        cdef int32_t status
        longest_row(ends, size, "the ends of words")
        longest_row(lists, words, "the ends of lists")
        reserve(self.ids, self.n_ids + words)
        reserve(self.starts, self.n_starts + lists.shape[0])
        with nogil:
            status = self.encode(lists, ends, &text[0] if size else NULL, size)
        checked(status)

    cdef int32_t encode(
            self, const int64_t[::1] lists, const int64_t[::1] ends, bytes_t text, int64_t size) noexcept nogil:
        cdef bytes_t word, end
        cdef int64_t k, w, length
        cdef int32_t status = 0
        for k in range(lists.shape[0] - 1):
            begin_sentence(self, self.n_ids)
            for w in range(lists[k], lists[k + 1]):
                length = ends[w + 1] - ends[w]
                word, end = text + ends[w], text + size
                if length == 0:
                    word, length, end = NOTHING, 3, NOTHING + 3
                if wait(self, word, length, end):
                    status = min(status, look_up_waiting(self))
        return min(status, look_up_waiting(self))

    @staticmethod
    def word_of(str entry):
        """The word that a table has as that entry."""
        return "" if entry == "\udfff" else entry

    @staticmethod
    def entry_of(str word):
        """What a table has for a word."""
        return word or "\udfff"
