"""Means of rows that are plain, or random, or product-quantised (Jégou, Douze and Schmid 2011), and made when added."""

import numpy as np

from fastemb.kernels.pcg64 cimport generator_of, make_row
from fastemb.kernels.ragged cimport Ragged, length_of, ragged
from fastemb.kernels.text.sums cimport Sum, add_row, begin_sum, end_sum

cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memset

cdef enum:
    CENTROIDS = 256


@cython.final
cdef class Inputs:
    """The rows of words and, behind them, of n-grams; see inputs.pyi."""

    def __cinit__(self, words, ngrams):
        self.held = [words, ngrams]
        if isinstance(ngrams, tuple) and len(ngrams) == 5:
            self.random = generator_of(ngrams[2], ngrams[3])
        self.words, self.ngrams = rows_of(words), rows_of(ngrams)
        if self.words.places != NULL:
            raise ValueError("only rows of n-grams can be random")
        self.size, self.n_rows = self.words.d, self.words.n + self.ngrams.n
        if self.words.n and self.ngrams.n and self.words.d != self.ngrams.d:
            raise ValueError("the rows of words and of n-grams differ in size")
        if not self.words.n:
            self.size = self.ngrams.d
        if not self.size:
            raise ValueError("rows of no numbers have no mean")

    def means(self, const int32_t[::1] ids, const int64_t[::1] starts, float[:, ::1] to):
        """The mean of the rows of each text; see inputs.pyi."""
        cdef int64_t n = to.shape[0], k
        cdef Ragged texts = ragged(starts, ids, 0, self.n_rows, "texts")
        cdef float[::1] scratch = np.empty(self.size, np.float32)
        if texts.n != n or to.shape[1] != self.size:
            raise ValueError("the texts and the means differ in number or size")
        for k in range(n):
            self.mean(texts.ids + starts[k], length_of(&texts, k), &to[k, 0], &scratch[0])

    cdef void mean(self, const int32_t *ids, int64_t n, float *to, float *scratch) noexcept nogil:
        """to = Σ rows[i] / n over the n ids i; zeros without any. There is a row of scratch."""
        cdef Sum sum
        cdef int64_t k, j, id, d = self.size
        cdef const Rows *rows
        begin_sum(&sum, to, d)
        for k in range(n):
            id = ids[k]
            rows = &self.words
            if id >= rows.n:
                id -= rows.n
                rows = &self.ngrams
            if rows.places != NULL and rows.places[id] < 0:
                make_row(&self.random, id, d, scratch)
                for j in range(d):
                    to[j] += scratch[j]
            elif rows.places != NULL:
                add_row(&sum, rows.plain + rows.places[id] * d)
            elif rows.plain == NULL:
                add_decoded(rows, id, to)
            else:
                add_row(&sum, rows.plain + id * d)
        end_sum(&sum)
        for j in range(d if n else 0):
            to[j] *= <float>(1. / n)


cdef Rows rows_of(given) except *:
    """Rows as arrays give them; see inputs.pyi."""
    cdef const float[:, ::1] plain
    cdef const uint8_t[:, ::1] codes
    cdef const float[:, :, ::1] centroids
    cdef const float[::1] norms
    cdef Rows rows
    memset(&rows, 0, sizeof(Rows))
    if not isinstance(given, tuple):
        plain = given
        rows.n, rows.d = plain.shape[0], plain.shape[1]
        rows.plain = &plain[0, 0] if plain.shape[0] and plain.shape[1] else NULL
        return rows
    if len(given) == 2:
        return misaligned_rows(given[0], given[1])
    if len(given) == 5:
        return some_rows(given[0], given[1], given[4])
    codes, centroids, norms, rows.d = given
    rows.n, rows.groups, rows.width = codes.shape[0], centroids.shape[0], centroids.shape[2]
    if codes.shape[1] != rows.groups or norms.shape[0] != rows.n or centroids.shape[1] != CENTROIDS:
        raise ValueError("codes, centroids and norms differ in number")
    if not (rows.groups - 1) * rows.width < rows.d <= rows.groups * rows.width:
        raise ValueError(f"{rows.groups} groups of {rows.width} are not {rows.d} columns")
    if rows.n:
        rows.codes, rows.centroids, rows.norms = &codes[0, 0], &centroids[0, 0, 0], &norms[0]
    return rows


cdef Rows misaligned_rows(const uint8_t[:, ::1] data, int64_t columns) except *:
    """Rows of float32 that may begin at any address, given as their bytes: what adds rows up loads from any."""
    cdef Rows rows
    cdef Py_ssize_t width = sizeof(float)
    memset(&rows, 0, sizeof(Rows))
    rows.n, rows.d = data.shape[0], columns
    if columns < 0 or data.shape[1] % width or data.shape[1] // width != columns:
        raise ValueError(f"rows of {data.shape[1]} bytes are not {columns} columns")
    rows.plain = <const float *>&data[0, 0] if rows.n and columns else NULL
    return rows


cdef Rows some_rows(const float[:, ::1] held, const int32_t[::1] places, int64_t columns) except *:
    """Row k is held[places[k]] where that is not negative, and else random."""
    cdef Rows rows
    memset(&rows, 0, sizeof(Rows))
    rows.n, rows.d = places.shape[0], columns
    if held.shape[1] != columns or not rows.n:
        raise ValueError(f"the rows that are held must have {columns} columns, and there must be places")
    if np.max(places) >= held.shape[0]:
        raise ValueError("the places are of more rows than are held")
    rows.plain = &held[0, 0] if held.shape[0] and columns else NULL
    rows.places = &places[0]
    return rows


cdef inline void add_decoded(const Rows *rows, int64_t row, float *to) noexcept nogil:
    """to += norms[row] · (the centroids that the codes of the row name, one group of columns after another)"""
    cdef const uint8_t *codes = rows.codes + row * rows.groups
    cdef const float *centroid
    cdef float norm = rows.norms[row]
    cdef int64_t group, j, width = rows.width, whole = rows.d // width
    if width == 2:
        for group in range(whole):
            centroid = rows.centroids + (group * CENTROIDS + codes[group]) * 2
            to[2 * group] += norm * centroid[0]
            to[2 * group + 1] += norm * centroid[1]
    else:
        for group in range(whole):
            centroid = rows.centroids + (group * CENTROIDS + codes[group]) * width
            for j in range(width):
                to[group * width + j] += norm * centroid[j]
    if whole < rows.groups:
        centroid = rows.centroids + (whole * CENTROIDS + codes[whole]) * width
        for j in range(rows.d - whole * width):
            to[whole * width + j] += norm * centroid[j]
