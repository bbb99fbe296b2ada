"""Cells of a matrix of co-occurrences on their way to the step of GloVe, which is in simd/glove.h."""

import numpy as np

from fastemb.kernels.checks cimport check_range
from fastemb.kernels.step cimport LANES, Cell, Cells, kernels
from libc.math cimport log
from libc.stdint cimport INT32_MAX, UINT32_MAX, int32_t, int64_t, uint32_t, uint64_t

cdef extern from "hash.h":
    uint64_t mix(uint64_t x) noexcept nogil
    uint64_t random_at(uint64_t key, uint64_t k) noexcept nogil
    uint32_t below(uint32_t bits, uint32_t bound) noexcept nogil

#: A cell: the numbers of two words, from 0, and the logarithm of how often they meet.
CELL = np.dtype([("row", np.int32), ("column", np.int32), ("log_count", np.float32)])
#: Floats of a vector in training are filled up to a multiple of this.
PADDING = LANES

cdef enum:
    NEAR = 512  # successive words whose vectors the inner cache holds, as nearly as may be


def scatter(const int32_t[::1] rows, const int32_t[::1] columns, const double[::1] values, int64_t words,
            uint64_t key, int64_t band, uint32_t parts):
    """Send each cell to a random part of its group: of those whose rarer word is in one band of the vocabulary.

    Words are taken to be rarer the higher their numbers. Group 2k has the cells above the diagonal, where the
    rarer word is the column, and group 2k + 1 the others.

    Parameters
    ----------
    rows, columns : ndarray of int32
        From 0 to words - 1.
    values : ndarray of float64
        Finite and positive.
    words : int
    key : int
        Seed. The part of a cell depends on this and on its place in the matrix alone.
    band : int
        Words in a band.
    parts : int
        Of each group.

    Returns
    -------
    cells : ndarray of CELL
        By group and part.
    starts : ndarray of int64, shape (2 * bands * parts + 1,)
        Where each part begins, and where the last ends.

    Raises
    ------
    ValueError
        If a cell is not as it must be.
    """
    cdef int64_t n = rows.shape[0], groups, group, k, part
    check_range("words", words, 0, INT32_MAX)
    check_range("band", band, 1, INT32_MAX)
    groups = 2 * ((words + band - 1) // band)
    check_range("parts", parts, 1, UINT32_MAX // max(groups, 1))
    if columns.shape[0] != n or values.shape[0] != n:
        raise ValueError("rows, columns and values must be of one length")
    cells, counted = np.empty(n, CELL), np.zeros(groups * parts + 1, np.int64)
    cdef Cell[::1] cell = cells
    cdef int64_t[::1] starts = counted, ends
    cdef uint32_t[::1] chosen = np.empty(n, np.uint32)
    cdef int64_t bad = -1
    with nogil:
        for k in range(n):
            if not (0 <= rows[k] < words and 0 <= columns[k] < words and 0 < values[k] < 1e300):
                bad = k
                break
            group = 2 * (max(rows[k], columns[k]) // band) + (rows[k] >= columns[k])
            chosen[k] = <uint32_t>group * parts + below(
                <uint32_t>(mix(key ^ mix(<uint64_t>rows[k] << 32 | <uint64_t>columns[k])) >> 32), parts)
            starts[chosen[k] + 1] += 1
    if bad >= 0:
        raise ValueError(describe(rows[bad], columns[bad], values[bad], words))
    np.cumsum(counted, out=counted)
    ends = counted[:groups * parts].copy()
    with nogil:
        for k in range(n):
            part = chosen[k]
            cell[ends[part]].row = rows[k]
            cell[ends[part]].column = columns[k]
            cell[ends[part]].log_count = <float>log(values[k])
            ends[part] += 1
    return cells, counted


def describe(row, column, value, words):
    """What is wrong with a cell."""
    if not 0 <= row < words or not 0 <= column < words:
        return f"cell ({row}, {column}) is outside a matrix of {words} words"
    return f"cell ({row}, {column}) is {value}: counts must be positive and finite"


def arrange(const Cell[::1] cells, const int64_t[::1] begins, const int64_t[::1] ends, uint64_t key, int64_t words):
    """Cells by blocks of NEAR successive words, in which the more frequent word of each is; at random within a block.

    Parameters
    ----------
    cells : ndarray of CELL
        Less than 2**31.
    begins, ends : ndarray of int64
        Where pieces of the cells begin and end. The order of the pieces counts, and not that of the cells.
    key : int
        Seed.
    words : int
        Size of the vocabulary.

    Returns
    -------
    ndarray of CELL

    Raises
    ------
    ValueError
        If a cell is outside the matrix, or the pieces are not the cells.
    """
    cdef int64_t n = cells.shape[0], pieces = begins.shape[0], blocks = words // NEAR + 1, total = 0
    cdef int64_t piece, k, block, place
    check_range("words", words, 0, INT32_MAX)
    if n >= 2**31:
        raise ValueError("too many cells in a strip")
    arranged, counted = np.empty(n, CELL), np.zeros(blocks + 1, np.int64)
    cdef Cell[::1] to = arranged
    cdef int64_t[::1] starts = counted, next_place
    cdef bint fit = ends.shape[0] == pieces
    with nogil:
        for piece in range(pieces if fit else 0):
            fit &= 0 <= begins[piece] <= ends[piece] <= n
            total += ends[piece] - begins[piece]
        for k in range(n):
            fit &= (0 <= cells[k].row) & (cells[k].row < words) & (0 <= cells[k].column) & (cells[k].column < words)
    if not fit or total != n:
        raise ValueError("a cell is outside the matrix, or the pieces are not the cells")
    with nogil:
        for piece in range(pieces):
            for k in range(begins[piece], ends[piece]):
                starts[min(cells[k].row, cells[k].column) // NEAR + 1] += 1
    np.cumsum(counted, out=counted)
    next_place = counted[:blocks].copy()
    with nogil:
        for piece in range(pieces):
            for k in range(begins[piece], ends[piece]):
                block = min(cells[k].row, cells[k].column) // NEAR
                to[next_place[block]] = cells[k]
                next_place[block] += 1
        for block in range(blocks):
            place = starts[block]
            if starts[block + 1] > place:
                shuffle(&to[place], starts[block + 1] - place, random_at(key, block))
    return arranged


cdef void shuffle(Cell *cells, int64_t n, uint64_t key) noexcept nogil:
    """Put cells into a random order (Fisher and Yates)."""
    cdef int64_t k, other
    cdef Cell kept
    for k in range(n - 1, 0, -1):
        other = below(<uint32_t>(random_at(key, <uint64_t>k) >> 32), <uint32_t>(k + 1))
        kept = cells[k]
        cells[k] = cells[other]
        cells[other] = kept


def train(const Cell[::1] cells, float[:, :, :, ::1] rows, float[:, :, ::1] biases, float eta, float alpha,
          double x_max, float clip):
    """Train on cells, one after the other.

    Parameters
    ----------
    cells : ndarray of CELL
    rows : ndarray of float32, shape (2, words, 2, stride)
        Of words and of contexts: vectors and the sums of their squared gradients, filled up with zeros and
        ones; `stride` is a multiple of PADDING.
    biases : ndarray of float32, shape (2, words, 2)
        Of words and of contexts: biases and the sums of their squared gradients.
    eta, alpha, x_max, clip : float
        As in `fastemb.models.GloVe`.

    Returns
    -------
    cost : float
        Sum over the cells of f·(w·u + b + c - log x)² / 2, each before its step.
    """
    cdef Cells c
    cdef double cost
    cdef int64_t k, words = rows.shape[1]
    if rows.shape[0] != 2 or rows.shape[2] != 2 or rows.shape[3] % LANES or not rows.shape[3] or not words:
        raise ValueError("rows must have the shape (2, words, 2, stride)")
    if biases.shape[0] != 2 or biases.shape[1] != words or biases.shape[2] != 2:
        raise ValueError("biases must have the shape (2, words, 2)")
    if not x_max > 0:
        raise ValueError(f"x_max must be positive, not {x_max}")
    if not cells.shape[0]:
        return 0.0
    c.cells, c.n, c.stride = &cells[0], cells.shape[0], rows.shape[3]
    c.words, c.contexts = &rows[0, 0, 0, 0], &rows[1, 0, 0, 0]
    c.word_biases, c.context_biases = &biases[0, 0, 0], &biases[1, 0, 0]
    c.eta, c.alpha, c.log_x_max, c.clip = eta, alpha, <float>log(x_max), clip
    cdef bint fit = True
    with nogil:
        for k in range(c.n):
            fit &= (0 <= cells[k].row) & (cells[k].row < words) & (0 <= cells[k].column) & (cells[k].column < words)
        cost = kernels.train_cells(&c) if fit else -1
    if not fit:
        raise ValueError("a cell is outside the matrices")
    return cost
