"""Copies of rows of a matrix, which a worker trains alone.

`Copies` are of all rows that it meets, until all workers meet and add up their changes. A round goes: each
worker trains `copy_of` the rows that it meets, then `take_changes`; all wait; each worker calls `merge` for its share
of the rows; all wait; `forget`. What comes out depends on what each worker trained, not on which of them was faster.

`HotRows` are copies of the few rows that all workers would write to all the time, which would keep the processors busy
with handing them to each other. Each worker calls `merge_hot` when it likes.
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
    """rows += share · Σ changes, for the rows that are this worker's to merge."""
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
            share = share_of_changes(users, uses)
            row = c.matrix + id * c.d
            for v in range(first, workers):
                other = all[v]
                if other.places[id] >= 0:
                    change = other.rows + other.places[id] * c.d
                    for i in range(c.d):
                        row[i] += share * change[i]


cdef inline float share_of_changes(int64_t users, int64_t uses) noexcept nogil:
    """What the changes of a row by several workers are multiplied by, before they are added to it.

    It is 1 if they used the row seldom: they would have changed it one after the other. Of a row that they use all
    the time, each has found about the same change, and it gets their mean.
    """
    return <float>1 if uses <= USES else <float>max(1.0 / users, <double>USES / uses)


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


cdef struct HotRows:
    float *shared           # the rows of the matrix, n of them, one after the other
    int64_t first, n, d     # the first one's number
    float *rows             # the copies
    float *before           # and what they were copied from; all zeros until they are merged for the first time
    int32_t *uses           # how often each was asked for since


cdef inline float *hot_row(HotRows *h, int32_t id) noexcept nogil:
    """This worker's copy of a row of the matrix; NULL if it is none of these."""
    cdef int64_t k = id - h.first
    if k < 0 or k >= h.n:
        return NULL
    h.uses[k] += 1
    return h.rows + k * h.d


cdef inline void merge_hot(HotRows *h, int64_t workers) noexcept nogil:
    """shared += share · changes, and copy the rows anew. The others use a row about as often as this worker."""
    cdef int64_t k, i, d = h.d
    cdef float *row
    cdef float *before
    cdef float *shared
    cdef float share
    for k in range(h.n):
        row, before, shared = h.rows + k * d, h.before + k * d, h.shared + k * d
        share = share_of_changes(workers, workers * h.uses[k])
        h.uses[k] = 0
        for i in range(d):
            shared[i] += share * (row[i] - before[i])
            row[i] = before[i] = shared[i]
