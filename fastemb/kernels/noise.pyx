"""Noise words, drawn by their probabilities."""

import numpy as np

cimport cython
from fastemb.kernels.checks cimport check_range
from libc.math cimport isfinite
from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint32_t, uint64_t

cdef extern from "platform.h":
    void *allocate_aligned(size_t size) noexcept nogil
    void free_aligned(void *memory) noexcept nogil

cdef extern from "hash.h":
    uint64_t random_at(uint64_t key, uint64_t k) noexcept nogil


@cython.final
cdef class NoiseTable:
    """Alias table (Walker 1977, Vose 1991): a word is drawn with one random number and one look-up.

    Parameters
    ----------
    probabilities : array_like of float64, shape (n,)
        Relative frequencies, not negative, with a positive sum.
    """

    def __cinit__(self, probabilities):
        cdef double[::1] p = np.array(probabilities, np.float64)
        cdef int64_t[::1] stack = np.empty(p.shape[0], np.int64)
        cdef int64_t k, small = 0, large = p.shape[0], low, high
        cdef double total = np.sum(p)
        if not 0 < p.shape[0] < 2**31:
            raise ValueError("a noise table needs at least one word")
        if not 0 < total < float("inf") or not isfinite(p.shape[0] / total) or np.min(p) < 0:
            raise ValueError("noise probabilities must be finite and not negative, with a positive sum")
        self.alias.size = <uint32_t>p.shape[0]
        self.alias.entries = <Entry *>allocate_aligned(self.alias.size * sizeof(Entry))
        if self.alias.entries == NULL:
            raise MemoryError(f"no memory for a noise table of {self.alias.size} words")
        # Small columns stand at the front of the stack, large ones at its back; each small
        # column is filled up from a large one, which may become small thereby.
        for k in range(self.alias.size):
            p[k] *= self.alias.size / total
            if p[k] < 1:
                stack[small] = k
                small += 1
            else:
                large -= 1
                stack[large] = k
        while small > 0 and large < self.alias.size:
            small -= 1
            low = stack[small]
            high = stack[large]
            self.alias.entries[low].keep = <uint32_t>(p[low] * 4294967295.0)
            self.alias.entries[low].other = <int32_t>high
            p[high] -= 1 - p[low]
            if p[high] < 1:
                large += 1
                stack[small] = high
                small += 1
        for k in list(stack[:small]) + list(stack[large:]):
            self.alias.entries[k].keep = 0xffffffff
            self.alias.entries[k].other = <int32_t>k

    @property
    def size(self):
        """Words."""
        return self.alias.size

    def __dealloc__(self):
        free_aligned(self.alias.entries)

    def sample(self, int64_t n, uint64_t key=0):
        """n draws, int32."""
        check_range("n", n, 0, INT64_MAX)
        words = np.empty(n, np.int32)
        cdef int32_t[::1] view = words
        cdef int64_t k
        for k in range(n):
            view[k] = draw(&self.alias, random_at(key, k))
        return words
