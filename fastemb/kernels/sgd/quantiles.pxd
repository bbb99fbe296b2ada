"""The noise of inference: words at evenly spread quantiles of their distribution, so that few do for many.

The k-th quantile is k·φ, without its whole part: of any number of them in a row, about as many are in each stretch as
the distribution has there.
"""

from fastemb.kernels.sgd.batch cimport place_of
from fastemb.kernels.sgd.replicas cimport row
from fastemb.kernels.sgd.span cimport Span
from fastemb.kernels.sgd.worker cimport Batch, Objective, Scratch, Step, Worker
from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.string cimport memset

cdef extern from "hash.h":
    uint32_t below(uint32_t bits, uint32_t bound) noexcept nogil

cdef enum:
    GOLDEN = 0x9E3779B9     # 2³² / φ


cdef inline void plan_quantiles(Objective *o) noexcept:
    """To be called after `plan_negatives`."""
    o.begin, o.outputs = begin_quantiles, output_quantiles
    o.most_outputs = o.most_centres + o.noise_words


cdef inline void begin_quantiles(const Objective *o, Span *s) noexcept nogil:
    s.draws.drawn = 0


cdef inline int64_t place_among(int32_t id, const int32_t *ids, int64_t n) noexcept nogil:
    """Where `id` stands among n ids, which are few: all are compared, without a branch. n if it does not."""
    cdef int64_t k, place = n
    for k in range(n):
        place = k if ids[k] == id else place
    return place


cdef inline void output_quantiles(Worker *w, Batch *b, int64_t centres) noexcept nogil:
    """Centres, each word once, and noise; how much each counts as noise.

    A word that is twice among the noise is two outputs: as no output changes, that is the same, and takes no search.
    """
    cdef const Objective *o = b.objective
    cdef const Scratch *scratch = &w.scratch
    cdef Step *s = &b.step
    cdef Span *span = b.span
    cdef uint32_t place = <uint32_t>span.draws.key + <uint32_t>span.draws.drawn * <uint32_t>GOLDEN
    cdef int64_t k, j, words
    cdef int32_t id
    s.m = 0
    for k in range(centres):
        scratch.columns[k] = place_of(span.targets[b.centres[k]], b.outputs, &s.m)
    words = s.m
    memset(scratch.noise, 0, (words + o.noise_words) * sizeof(float))
    for _ in range(o.noise_words):
        id = w.plan.inputs.tags.quantiles[below(place, w.plan.inputs.tags.n_quantiles)]
        k = place_among(id, b.outputs, words)
        if k == words:
            k = s.m
            s.m += 1
            b.outputs[k] = id
        scratch.noise[k] += o.noise_weight
        place += <uint32_t>GOLDEN
    span.draws.drawn += <uint32_t>o.noise_words
    for j in range(s.m):
        s.outputs[j] = row(&w.replicas[o.matrix], b.outputs[j])
