"""Rows of different lengths, end to end, for Python."""

import numpy as np

from fastemb.kernels.checks cimport check_range
from libc.stdint cimport INT32_MAX, INT32_MIN, int32_t, int64_t


def check(const int64_t[::1] starts, const int32_t[::1] ids, int64_t least, int64_t end, str what):
    """Raise ValueError if these are not rows of ids from `least` to below `end`; see ragged.pyi."""
    check_range("least", least, INT32_MIN, INT32_MAX)
    check_range("end", end, least, INT32_MAX + <int64_t>1)
    ragged(starts, ids, least, end, what)


def starts_of(lengths):
    """Where rows of these lengths begin, and the last one ends; see ragged.pyi."""
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts
