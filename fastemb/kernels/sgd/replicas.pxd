"""Rows of a shared matrix that a worker trains in copies of its own, and how their deltas are merged.

In rounds (`slot` is there) a worker has a copy of each row that it meets, until all have trained a span. A round goes:
train, `subtract_shared`, barrier, `merge_round` for this worker's share of the rows, barrier, `forget_rows`. What comes
out depends on what each worker trained, not on which of them was faster.

Without rounds (`slot` is NULL) it has copies of the few rows that all workers would write to all the time, which would
keep the processors busy with handing their cache lines to each other; `merge_now` is called at the end of each span.
"""

from fastemb.kernels.checks cimport times
from fastemb.kernels.sgd.arena cimport Arena, reserve
from fastemb.kernels.step cimport kernels
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy, memset

cdef enum:
    USES = 8        # so many uses of a row by all workers may be added up in full


cdef struct Replicas:
    float *shared       # rows × d: the matrix
    int64_t rows, d
    bint add_up         # deltas are merged in full, however often a row was used
    bint alike          # the copies of all workers are the same, and are those of all rows: nothing is merged
    int64_t first, n    # without slots the copies are of n rows, from `first` on; with them, n were made so far
    int32_t *slot       # rows: which copy is of a row, or -1
    int32_t *ids        # n: which row a copy is of, with slots
    int32_t *uses       # n: how often each was asked for since it was merged
    float *copy         # n × d
    float *origin       # n × d: what each was copied from; zeros until it is merged for the first time. Without slots
    float *shares       # n: what deltas are multiplied by as they are merged. Without slots


cdef inline void reserve_replicas(Arena *a, Replicas *r, bint rounds, int64_t most) noexcept nogil:
    """Memory for so many copies, in rounds or without; `shared`, `rows`, `d` and `first` must be set."""
    r.n = 0 if rounds else most
    if rounds and most:
        reserve(a, &r.slot, r.rows, sizeof(int32_t))
        reserve(a, &r.ids, most, sizeof(int32_t))
    reserve(a, &r.uses, most, sizeof(int32_t))
    reserve(a, &r.copy, times(most, r.d), sizeof(float))
    if not rounds:
        reserve(a, &r.origin, times(most, r.d), sizeof(float))
        reserve(a, &r.shares, most, sizeof(float))


cdef inline void begin_replicas(Replicas *r) noexcept nogil:
    """To be called once the memory is there."""
    if r.slot != NULL:
        memset(r.slot, 255, r.rows * sizeof(int32_t))
        return
    memset(r.uses, 0, r.n * sizeof(int32_t))
    if r.alike:
        memcpy(r.copy, r.shared, r.n * r.d * sizeof(float))
        return
    memset(r.copy, 0, r.n * r.d * sizeof(float))
    memset(r.origin, 0, r.n * r.d * sizeof(float))


cdef inline float *row(Replicas *r, int32_t id) noexcept nogil:
    """Where this worker trains a row: in its copy, or the shared one."""
    cdef int64_t k
    if r.slot != NULL:
        k = r.slot[id]
        if k < 0:
            k = add_copy(r, id)
    else:
        k = id - r.first
        if k < 0 or k >= r.n:
            return r.shared + id * r.d
    r.uses[k] += 1
    return r.copy + k * r.d


cdef inline void all_rows(Replicas *r, float **to) noexcept nogil:
    """As `row`, for each of the rows."""
    cdef int64_t k
    cdef float *first = r.copy if r.n else r.shared
    if r.slot != NULL or 0 < r.n < r.rows:
        for k in range(r.rows):
            to[k] = row(r, <int32_t>k)
        return
    for k in range(r.rows):
        to[k] = first + k * r.d
    for k in range(r.n):
        r.uses[k] += 1


cdef inline int64_t add_copy(Replicas *r, int32_t id) noexcept nogil:
    cdef int64_t k = r.n
    r.n += 1
    r.slot[id] = <int32_t>k
    r.ids[k] = id
    r.uses[k] = 0
    memcpy(r.copy + k * r.d, r.shared + id * r.d, r.d * sizeof(float))
    return k


cdef inline float share_of_deltas(int64_t users, int64_t uses) noexcept nogil:
    """What the deltas of a row by several workers are multiplied by, before they are added to it.

    It is 1 if they used the row seldom: they would have changed it one after the other. Of a row that they use all
    the time, each has found about the same delta, and it gets their mean.
    """
    return <float>1 if uses <= USES else <float>max(1.0 / users, <double>USES / uses)


# In rounds.

cdef inline void subtract_shared(Replicas *r) noexcept nogil:
    """copies -= the rows that they are of: what is left are the deltas"""
    if r.slot != NULL:
        kernels.take_deltas(r.copy, r.n, r.d, r.shared, r.ids, 1)


cdef inline void merge_round(Replicas **all, int64_t workers, int64_t worker) noexcept nogil:
    """shared += share · Σ deltas, for the rows that are this worker's to merge. `all` are of one matrix."""
    cdef Replicas *r
    cdef int64_t first, k
    cdef int32_t id
    if all[0].slot == NULL:
        return
    for first in range(workers):
        r = all[first]
        for k in range(r.n):
            id = r.ids[k]
            if id % workers == worker and not used_before(all, first, id):
                merge_row(all, first, workers, id)


cdef inline bint used_before(Replicas **all, int64_t worker, int32_t id) noexcept nogil:
    """Whether a worker before this one has a copy of the row."""
    cdef int64_t v
    for v in range(worker):
        if all[v].slot[id] >= 0:
            return True
    return False


cdef inline void merge_row(Replicas **all, int64_t first, int64_t workers, int32_t id) noexcept nogil:
    """shared += share · Σ deltas, for one row, which no worker before the first has a copy of."""
    cdef Replicas *r
    cdef int64_t v, users = 0, uses = 0, d = all[first].d
    cdef float share
    for v in range(first, workers):
        r = all[v]
        if r.slot[id] >= 0:
            users += 1
            uses += r.uses[r.slot[id]]
    share = share_of_deltas(users, uses)
    for v in range(first, workers):
        r = all[v]
        if r.slot[id] >= 0:
            kernels.add_delta(r.shared + id * d, d, r.copy + r.slot[id] * d, share)


cdef inline void forget_rows(Replicas *r) noexcept nogil:
    cdef int64_t k
    if r.slot == NULL:
        return
    for k in range(r.n):
        r.slot[r.ids[k]] = -1
    r.n = 0


# Without rounds.

cdef inline void merge_now(Replicas *r, int64_t workers) noexcept nogil:
    """shared += share · deltas, and copy the rows anew. The others use a row about as often as this worker."""
    cdef int64_t k
    if r.slot != NULL or r.alike:
        return
    for k in range(r.n):
        r.shares[k] = 1 if r.add_up else share_of_deltas(workers, workers * r.uses[k])
        r.uses[k] = 0
    kernels.merge(r.shared + r.first * r.d, r.copy, r.origin, r.n, r.d, r.shares)


cdef inline void publish(Replicas *r) noexcept nogil:
    """Let the shared rows be what this worker, and so each, has made of them."""
    if r.alike:
        memcpy(r.shared, r.copy, r.n * r.d * sizeof(float))
