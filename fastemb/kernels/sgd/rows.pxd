"""Words that are single rows of the input matrix."""

from fastemb.kernels.sgd.replicas cimport row
from fastemb.kernels.sgd.span cimport Span
from fastemb.kernels.sgd.specs cimport Rows
from fastemb.kernels.sgd.worker cimport Batch, Plan, Step, Words, Worker
from libc.stdint cimport int64_t
from libc.string cimport memcpy


cdef inline void plan_rows(Plan *plan, Rows given):
    cdef Words *words = &plan.words
    words.reserve, words.locate, words.prefetch = reserve_nothing, locate_rows, prefetch_rows
    words.gather, words.release = gather_rows, release_rows
    words.single = True
    words.weights = words.locks != NULL


cdef inline void reserve_nothing(Worker *w) noexcept nogil:
    """Rows are in the matrix."""


cdef inline void locate_rows(Worker *w, Span *s) noexcept nogil:
    cdef const Words *words = &w.plan.words
    cdef int64_t k
    for k in range(s.oldest, s.last):
        s.rows[k] = row(&w.replicas[0], s.kept[k])
    if words.locks != NULL:
        for k in range(s.oldest, s.last):
            s.weights[k] = words.locks[s.kept[k] % words.n_locks]


cdef inline void prefetch_rows(Worker *w, Span *s, int64_t first, int64_t end, Step *step) noexcept nogil:
    memcpy(step.ahead + step.coming, s.rows + first, (end - first) * sizeof(float *))
    step.coming += end - first


cdef inline void gather_rows(Worker *w, Batch *b) noexcept nogil:
    """They are trained where they are."""


cdef inline void release_rows(Worker *w, Span *s) noexcept nogil:
    """They were trained where they are."""
