"""Copies of rows of a matrix, which a worker trains alone until all workers meet and add up their changes.

A round goes: each worker trains `copy_of` the rows that it meets, then `take_changes`; all
wait; each worker calls `merge` for its share of the rows; all wait; `forget`. What comes
out depends on what each worker trained, not on which of them was faster.
"""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy, memset

cdef enum:
    USES = 8        # so many uses of a row by all workers may be added up in full


cdef struct Copies:
    float *matrix
    int64_t words, d
    int32_t *places         # by row of the matrix: which copy is of it, or -1
    int32_t *ids            # by copy: which row it is of
    int32_t *uses           # and how often it was asked for
    float *rows
    int64_t n


cdef inline void prepare(Copies *c, float *matrix, int64_t words, int64_t d) noexcept nogil:
    c.matrix, c.words, c.d, c.n = matrix, words, d, 0
    memset(c.places, 255, words * sizeof(int32_t))


cdef inline float *copy_of(Copies *c, int32_t id) noexcept nogil:
    """This worker's copy of a row, made when it is first asked for."""
    cdef int64_t place = c.places[id]
    if place < 0:
        place = c.n
        c.n += 1
        c.places[id] = <int32_t>place
        c.ids[place] = id
        c.uses[place] = 0
        memcpy(c.rows + place * c.d, c.matrix + id * c.d, c.d * sizeof(float))
    c.uses[place] += 1
    return c.rows + place * c.d


cdef inline void take_changes(Copies *c) noexcept nogil:
    """copies -= what they are copies of"""
    cdef int64_t k, i
    cdef float *row
    cdef const float *shared
    for k in range(c.n):
        row = c.rows + k * c.d
        shared = c.matrix + c.ids[k] * c.d
        for i in range(c.d):
            row[i] -= shared[i]


cdef inline void merge(Copies **all, int64_t workers, int64_t worker) noexcept nogil:
    """rows += share · Σ changes, for the rows that are this worker's to merge.

    The share of a row is 1 if the workers used it seldom: they would have changed it one after the other. Of a
    row that they use all the time, each has found about the same change, and it gets their mean.
    """
    cdef Copies *c
    cdef Copies *other
    cdef int64_t first, k, v, i, users, uses
    cdef int32_t id
    cdef float share
    cdef float *row
    cdef const float *change
    for first in range(workers):
        c = all[first]
        for k in range(c.n):
            id = c.ids[k]
            if id % workers != worker or used_before(all, first, id):
                continue
            users = uses = 0
            for v in range(first, workers):
                other = all[v]
                if other.places[id] >= 0:
                    users += 1
                    uses += other.uses[other.places[id]]
            share = <float>1
            if users > 1 and uses > USES:
                share = <float>max(1.0 / users, <double>USES / uses)
            row = c.matrix + id * c.d
            for v in range(first, workers):
                other = all[v]
                if other.places[id] >= 0:
                    change = other.rows + other.places[id] * c.d
                    for i in range(c.d):
                        row[i] += share * change[i]


cdef inline bint used_before(Copies **all, int64_t worker, int32_t id) noexcept nogil:
    """Whether a worker before this one has a copy of the row."""
    cdef int64_t v
    for v in range(worker):
        if all[v].places[id] >= 0:
            return True
    return False


cdef inline void forget(Copies *c) noexcept nogil:
    cdef int64_t k
    for k in range(c.n):
        c.places[c.ids[k]] = -1
    c.n = 0
