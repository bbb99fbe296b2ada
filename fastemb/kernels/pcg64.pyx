"""Any rows of a random matrix, without those before them."""

import numpy as np

from fastemb.kernels.checks cimport apart, check_apart
from libc.stdint cimport INT32_MAX, INT64_MAX, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

cdef extern from "pcg64.h":
    Wide step(Jump jump, Wide state) noexcept nogil
    Jump one_step(Wide increment) noexcept nogil
    Jump twice(Jump jump) noexcept nogil
    uint64_t output(Wide state) noexcept nogil
    float unit(uint32_t bits) noexcept nogil


def random_rows(state, increment, const int64_t[::1] rows, float[:, ::1] vectors):
    """Make some rows of the matrix that NumPy's ``Generator.random`` makes in float32, brought to ±1 / columns.

    Parameters
    ----------
    state, increment : int
        Of the generator, before it has made anything.
    rows : ndarray of int64
        From 0.
    vectors : ndarray of float32, shape (len(rows), columns)
        For the rows.

    Raises
    ------
    ValueError
        If a number is negative, or the matrix up to there has 2**63 numbers, or the arrays differ in length.
    """
    cdef int64_t n = rows.shape[0], k, most = INT64_MAX // max(vectors.shape[1], 1) - 1
    cdef bint fit = vectors.shape[0] == n
    with nogil:
        for k in range(n):
            fit &= (rows[k] >= 0) & (rows[k] <= most)
    if not fit:
        raise ValueError(f"rows must be from 0 to {most}, and as many as vectors")
    cdef Generator g = generator_of(state, increment)
    fill(&g, rows, NULL, NULL, vectors)


def random_or_held_rows(
        state, increment, const int64_t[::1] rows, const int32_t[::1] places, const float[:, ::1] held,
        float[:, ::1] vectors):
    """The same, but row k of the matrix is held[places[k]] where that is not negative.

    Raises
    ------
    ValueError
        If the arrays differ in size, or a row lies outside of them.
    """
    cdef int64_t n = rows.shape[0], d = vectors.shape[1], k
    cdef bint fit = vectors.shape[0] == n and held.shape[1] == d
    with nogil:
        for k in range(n):
            fit = fit and 0 <= rows[k] < places.shape[0] and places[rows[k]] < held.shape[0]
    if not fit:
        raise ValueError("rows must be of the matrix, and as many as vectors")
    check_apart(held, vectors, "held rows and vectors")
    cdef Generator g = generator_of(state, increment)
    if n and d:
        fill(&g, rows, &places[0], &held[0, 0] if held.shape[0] else NULL, vectors)


def give_places(const int32_t[::1] rows, int32_t[::1] places, int64_t held):
    """Give each row that has no place, which -1 says, one of its own from `held` on, in the order of these rows.

    Returns
    -------
    ndarray of int32
        The rows that had none.
    ndarray of int32, shape (len(rows),)
        The places of all.

    Raises
    ------
    ValueError
        If a row is not among `places`, or places might exceed int32.
    """
    cdef int64_t n = rows.shape[0], k, new = 0
    cdef bint fit = 0 <= held <= INT32_MAX - min(n, <int64_t>places.shape[0])
    cdef int32_t[::1] found = np.empty(n, np.int32), begun = np.empty(n, np.int32)
    with nogil:
        for k in range(n):
            fit &= 0 <= rows[k] < places.shape[0]
    if not fit:
        raise ValueError(f"each row must be one of {places.shape[0]}, and places below {INT32_MAX}")
    if n and not apart(&rows[0], 4 * n, &places[0], 4 * places.shape[0]):
        raise ValueError("rows and places must not overlap")
    with nogil:
        for k in range(n):
            if places[rows[k]] < 0:
                places[rows[k]] = <int32_t>(held + new)
                begun[new] = rows[k]
                new += 1
            found[k] = places[rows[k]]
    return np.asarray(begun[:new]), np.asarray(found)


cdef void fill(
        const Generator *g, const int64_t[::1] rows, const int32_t *places, const float *held,
        float[:, ::1] vectors) noexcept:
    """Fill `vectors` with these rows, of which those that have places are held."""
    cdef int64_t n = rows.shape[0], d = vectors.shape[1], k, last = -2  # the row that `now` is behind
    cdef Wide now = g.begin
    with nogil:
        for k in range(n):
            if places != NULL and places[rows[k]] >= 0:
                memcpy(&vectors[k, 0], held + places[rows[k]] * d, d * sizeof(float))
                continue
            if rows[k] != last + 1:
                now = before_row(g, rows[k], d)
            now = random_row(now, g.jumps[0], <uint64_t>rows[k] * d % 2, d, &vectors[k, 0])
            last = rows[k]


cdef void make_row(const Generator *g, int64_t row, int64_t d, float *to) noexcept nogil:
    """A row of a matrix of d columns."""
    random_row(before_row(g, row, d), g.jumps[0], <uint64_t>row * d % 2, d, to)


cdef Wide before_row(const Generator *g, int64_t row, int64_t d) noexcept nogil:
    """The state that the first whole pair of numbers of a row is behind."""
    return after(g.begin, g.jumps, (<uint64_t>row * d + 1) // 2)


cdef Generator generator_of(state, increment):
    cdef Generator g
    cdef int k
    g.begin, g.jumps[0] = wide(state), one_step(wide(increment))
    for k in range(1, BITS):
        g.jumps[k] = twice(g.jumps[k - 1])
    return g


cdef Wide wide(number):
    cdef Wide w
    w.high, w.low = number >> 64, number & 0xFFFFFFFFFFFFFFFF
    return w


cdef Wide after(Wide state, const Jump *jumps, uint64_t steps) noexcept nogil:
    """A state so many steps later."""
    cdef int64_t k = 0
    while steps:
        if steps & 1:
            state = step(jumps[k], state)
        steps >>= 1
        k += 1
    return state


cdef Wide random_row(Wide state, Jump jump, bint half, int64_t d, float *row) noexcept nogil:
    """A row, and the state after it. A state makes two numbers, of which the row before may have had one."""
    cdef uint64_t bits
    cdef int64_t k = 0
    if half:
        row[0] = unit(<uint32_t>(output(state) >> 32))
        k = 1
    while k < d:
        state = step(jump, state)
        bits = output(state)
        row[k] = unit(<uint32_t>bits)
        if k + 1 < d:
            row[k + 1] = unit(<uint32_t>(bits >> 32))
        k += 2
    for k in range(d):
        row[k] = (row[k] * 2 - 1) / <float>d
    return state
