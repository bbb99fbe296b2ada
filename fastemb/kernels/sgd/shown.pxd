"""Batches and deltas as Python objects."""

import numpy as np

from fastemb.kernels.sgd.replicas cimport Replicas, subtract_shared
from fastemb.kernels.sgd.span cimport Span
from fastemb.kernels.sgd.worker cimport Batch, Plan
from libc.stdint cimport int32_t, int64_t


cdef inline deltas_of(Replicas *r):
    cdef Py_ssize_t n = r.n, d = r.d
    subtract_shared(r)
    if n == 0:
        return np.empty(0, np.int32), np.empty((0, d), np.float32), np.empty(0, np.int32)
    return np.array(<int32_t[:n]>r.ids), np.array(<float[:n, :d]>r.copy), np.array(<int32_t[:n]>r.uses)


cdef inline context_of(const Plan *plan, const Batch *b, int64_t centre):
    """The words in the window of a centre, and their offsets from it, and those of the tags, which are 0; or a text."""
    cdef const Span *s = b.span
    places = [i for i in range(s.low[centre], s.high[centre]) if i != centre or s.targets != s.kept]
    if plan.inputs.texts:
        places = [i for i in places for _ in range(<int>s.weights[i])]
    of = range(s.tags.starts[s.texts[centre]], s.tags.starts[s.texts[centre] + 1]) if s.tags != NULL else ()
    tags = [plan.words.vocabulary + s.tags.ids[i] for i in of]
    return [s.kept[i] for i in places] + tags, [i - centre for i in places] + [0] * len(tags)
