"""A dict of keys and their rows as a table for kernels, and whether it is still that of the dict."""

import numpy as np

from fastemb.kernels.text.wordtable cimport WordTable

cimport cython
from cpython.dict cimport PyDict_Next
from cpython.object cimport PyObject
from libc.stdint cimport uint64_t

cdef extern from "hash.h":
    uint64_t random_at(uint64_t key, uint64_t k) noexcept nogil


@cython.final
cdef class Vocabulary:
    """The words of a dict, and their rows.

    Parameters
    ----------
    index : dict of str or int to int
        Keys that are no str are in no text.
    """

    cdef list held                      # all keys and values of the dict, so that no others can have their addresses
    cdef uint64_t state                 # of the dict
    cdef WordTable table
    cdef object rows                    # of the words in the table, and -1; ndarray of int32

    def __cinit__(self, dict index):
        items = index.copy()
        self.held = [*items, *items.values()]
        self.state = state_of(items)
        words = {str.__str__(key): row for key, row in items.items() if isinstance(key, str)}
        self.table = WordTable(words)
        self.rows = np.array([*words.values(), -1], np.int32)

    def is_of(self, dict index):
        """Whether the dict has the same keys and values as it had, the very objects."""
        return 2 * len(index) == len(self.held) and state_of(index) == self.state

    def rows_of(self, WordTable words):
        """The row of each word, int32; -1 for those that are not in the dict."""
        return self.rows[self.table.find_all(words)]


cdef uint64_t state_of(dict index) except? 0:
    """A hash of the addresses of all keys and values, in their order."""
    cdef uint64_t state = 0
    cdef Py_ssize_t place = 0
    cdef PyObject *key
    cdef PyObject *value
    with cython.critical_section(index):
        while PyDict_Next(index, &place, &key, &value):
            state = random_at(state ^ <uint64_t>key, <uint64_t>value)
    return state
