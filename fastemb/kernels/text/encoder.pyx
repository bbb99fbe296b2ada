"""What encoders of text share; see encoder.pxd."""

from array import array

import numpy as np

from cpython.array cimport array as carray
from cpython.array cimport resize, resize_smart
from fastemb.kernels.checks cimport check_range
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memmove


cdef class Encoder:
    """Sentences as numbers of words, end to end; which sentences, its subclasses say."""

    def __cinit__(self):
        if type(self) is Encoder:
            raise TypeError("Encoder is no encoder by itself: its subclasses say what sentences are")
        self.ids, self.starts = array("i"), array("q")

    cdef bint unfinished(self):
        """Whether the last sentence may still get words."""
        return False

    @property
    def known(self):
        """Different words, without those that were pruned."""
        return self.table.known

    def prune(self, int64_t least):
        """Forget the words with a count below `least`. Their numbers are not used again; their counts become 0."""
        self.table.prune(least)

    @property
    def nbytes(self):
        """Memory that the encoded sentences take."""
        return 4 * self.n_ids + 8 * self.n_starts

    def take(self):
        """As `finish` for the sentences that are complete, and go on."""
        cdef bint unfinished = self.unfinished()
        cdef int64_t sentences = self.n_starts - unfinished
        cdef int64_t words = self.starts.data.as_longlongs[sentences] if unfinished else self.n_ids
        reserve(self.starts, self.n_starts + 1)
        ids = np.frombuffer(self.ids, np.int32)[:words].copy()
        starts = np.append(np.frombuffer(self.starts, np.int64)[:sentences], words)
        if words < self.n_ids:
            memmove(self.ids.data.as_ints, self.ids.data.as_ints + words, (self.n_ids - words) * sizeof(int32_t))
        self.n_ids -= words
        self.taken += sentences
        self.starts.data.as_longlongs[0] = 0
        self.n_starts = unfinished
        resize(self.ids, self.n_ids)
        resize(self.starts, self.n_starts + 1)
        return ids, starts

    def finish(self):
        """The numbers (int32) and the sentence starts (int64, one more than sentences); ends the encoding."""
        reserve(self.starts, self.n_starts + 1)
        self.starts.data.as_longlongs[self.n_starts] = self.n_ids
        resize(self.starts, self.n_starts + 1)
        resize(self.ids, self.n_ids)
        ids, starts = self.ids, self.starts     # which must not be resized any more
        self.ids, self.starts, self.n_ids, self.n_starts = array("i"), array("q"), 0, 0
        return np.frombuffer(ids, np.int32), np.frombuffer(starts, np.int64)


cdef int reserve(carray numbers, int64_t size) except -1:
    """Make room for `size` numbers (memory that is not written to is not used)."""
    if size > len(numbers):
        try:
            resize_smart(numbers, size + size // 2)
        except MemoryError:
            raise MemoryError(f"no memory for {size} encoded words or sentences; see memory_budget") from None
    return 0


def renumber(int32_t[::1] ids, const int32_t[::1] numbers):
    """ids[i] = numbers[ids[i]], in place; -1 stays."""
    cdef Py_ssize_t i
    cdef int32_t highest = -1
    with nogil:
        for i in range(ids.shape[0]):
            highest = max(highest, ids[i])
    check_range("ids", highest, -1, numbers.shape[0] - 1)
    with nogil:
        for i in range(ids.shape[0]):
            if ids[i] >= 0:
                ids[i] = numbers[ids[i]]
