"""Negative sampling (Mikolov et al. 2013): centres meet their context, and it meets noise that a batch shares."""

from fastemb.kernels.noise cimport draw, will_draw
from fastemb.kernels.sgd.arena cimport reserve
from fastemb.kernels.sgd.batch cimport SEEN, place_of_few, weigh
from fastemb.kernels.sgd.replicas cimport row
from fastemb.kernels.sgd.span cimport Draws, Span
from fastemb.kernels.sgd.specs cimport Negatives
from fastemb.kernels.sgd.worker cimport Batch, Objective, Plan, Scratch, Step, Worker
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memset

cdef extern from "hash.h":
    uint64_t mix(uint64_t x) noexcept nogil
    uint64_t random_at(uint64_t key, uint64_t k) noexcept nogil

cdef enum:
    DRAWS = 64      # so many noise words ahead, the memory of their look-ups is prefetched


cdef inline void plan_negatives(const Plan *plan, Objective *o, Negatives given):
    cdef int64_t tiles = (2 * plan.sampling.halo + given.centres) // plan.inputs.tile + 1
    cdef int64_t batches = (plan.corpus.most // given.centres + 1) * tiles
    o.reserve, o.begin, o.outputs, o.weigh = reserve_draws, begin_negatives, output_negatives, weigh
    o.noise, o.noise_words = given.noise.alias, given.noise_words
    o.noise_weight = <float>given.negative / <float>given.noise_words
    o.most_centres = given.centres
    o.in_turn = True
    # Each word is there once, and there is room for one more.
    o.most_outputs = min(given.centres + given.noise_words, given.vectors.shape[0] + 1)
    o.most_rows = plan.corpus.most + batches * given.noise_words


cdef inline void reserve_draws(Worker *w) noexcept nogil:
    cdef int k
    for k in range(2):
        reserve(&w.arena, &w.spans[k].draws.coming, DRAWS, sizeof(uint64_t))


cdef inline void begin_negatives(const Objective *o, Span *s) noexcept nogil:
    """The noise belongs to the span."""
    cdef int64_t k
    s.draws.drawn = 0
    for k in range(DRAWS):
        s.draws.coming[k] = coming_noise(o, &s.draws, k)


cdef inline uint64_t coming_noise(const Objective *o, const Draws *draws, uint64_t k) noexcept nogil:
    """The random number of the span's k-th noise word, whose memory is prefetched."""
    cdef uint64_t random = random_at(draws.key, k)
    will_draw(&o.noise, random)
    return random


cdef inline int32_t next_noise(const Objective *o, Draws *draws) noexcept nogil:
    """Draw a word by a random number that was made DRAWS words ago."""
    cdef uint64_t *place = &draws.coming[draws.drawn % <uint64_t>DRAWS]
    cdef int32_t word = draw(&o.noise, place[0])
    place[0] = coming_noise(o, draws, draws.drawn + <uint64_t>DRAWS)
    draws.drawn += 1
    return word


cdef inline void output_negatives(Worker *w, Batch *b, int64_t centres) noexcept nogil:
    """Centres and noise, each word once; how much each counts as noise."""
    cdef const Objective *o = b.objective
    cdef const Scratch *scratch = &w.scratch
    cdef Step *s = &b.step
    cdef int64_t k, j
    cdef uint64_t seen[SEEN]
    s.m = 0
    memset(seen, 0, sizeof(seen))
    for k in range(centres):
        scratch.columns[k] = place_of_few(b.span.targets[b.centres[k]], b.outputs, &s.m, seen)
    memset(scratch.noise, 0, s.m * sizeof(float))
    for _ in range(o.noise_words):
        scratch.noise[s.m] = 0      # in case that it is a new one
        scratch.noise[place_of_few(next_noise(o, &b.span.draws), b.outputs, &s.m, seen)] += o.noise_weight
    for j in range(s.m):
        s.outputs[j] = row(&w.replicas[o.matrix], b.outputs[j])
