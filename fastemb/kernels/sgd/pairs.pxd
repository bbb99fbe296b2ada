"""How much a centre and a token of its context count: by the distance between them, and by their sentence."""

from fastemb.kernels.sgd cimport specs
from fastemb.kernels.sgd.span cimport Span
from fastemb.kernels.sgd.worker cimport Inputs, Plan, Pool, Worker
from libc.stdint cimport int64_t
from libc.stdlib cimport llabs


cdef inline int plan_pairs(Plan *plan, specs.Inputs inputs, specs.Sampling sampling) except -1:
    """There is nothing to point to where there are no distances or sentences."""
    plan.sampling.before, plan.sampling.after = sampling.before, sampling.after
    if inputs.distances is not None and plan.sampling.halo:
        if inputs.distances.shape[0] < plan.sampling.halo:
            raise ValueError(f"there must be weights of distances up to {plan.sampling.halo}")
        plan.inputs.distances = &inputs.distances[0]
    if sampling.importance is not None and plan.corpus.texts:
        if sampling.importance.shape[0] != plan.corpus.texts:
            raise ValueError(f"there must be weights of {plan.corpus.texts} sentences")
        plan.sampling.importance = &sampling.importance[0]
    return 0


cdef inline bint weighs(const Inputs *inputs, const Span *s) noexcept nogil:
    """Whether pairs count other than 1."""
    return inputs.distances != NULL or s.importance != NULL


cdef inline float weight_of_centre(const Span *s, int64_t centre) noexcept nogil:
    """What all pairs of a centre are multiplied by."""
    return s.importance[centre] if s.importance != NULL else 1


cdef inline float weight_of_pair(const Inputs *inputs, const Span *s, int64_t centre, int64_t place) noexcept nogil:
    cdef float nearness = inputs.distances[llabs(place - centre) - 1] if inputs.distances != NULL else 1
    return nearness * weight_of_centre(s, centre)


cdef inline float weigh_context(Worker *w, const Span *s, int64_t centre) noexcept nogil:
    """For each row of a context by how much it counts in the pool, and what its delta is multiplied by; their sum.

    The pool is Σ nearness · row, divided by this sum where it is a mean; a row is itself the sum of `counts` rows.
    """
    cdef const Inputs *inputs = &w.plan.inputs
    cdef const Pool *pool = &w.pool
    cdef int64_t i, distance, n = 0
    cdef float nearness, total = 0
    for i in range(s.low[centre], s.high[centre]):
        if i == centre:
            continue
        distance = llabs(i - centre) - 1
        nearness = inputs.distances[distance]
        pool.offsets[n] = inputs.nearness + distance * w.plan.words.d
        pool.weights[n] = nearness * (s.weights[i] if s.weights != NULL else 1)
        total += nearness * (s.counts[i] if s.counts != NULL else 1)
        n += 1
    return total
