"""Hierarchical softmax (Morin and Bengio 2005): a context meets the nodes on the path to its centre."""

from fastemb.kernels.ragged cimport length_of
from fastemb.kernels.sgd.batch cimport weigh
from fastemb.kernels.sgd.replicas cimport row
from fastemb.kernels.sgd.rows cimport reserve_nothing
from fastemb.kernels.sgd.span cimport Span
from fastemb.kernels.sgd.specs cimport Tree
from fastemb.kernels.sgd.worker cimport Batch, Objective, Plan, Scratch, Step, Worker
from fastemb.kernels.step cimport kernels
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

cdef extern from "hash.h":
    void WILL_READ(const void *address) noexcept nogil

cdef enum:
    PATHS = 4       # so many centres ahead, the memory of the path to one is prefetched


cdef inline void plan_tree(const Plan *plan, Objective *o, Tree given):
    o.reserve, o.begin, o.outputs, o.weigh = reserve_nothing, begin_tree, output_path, weigh_path
    o.paths = given.paths.lists
    o.most_centres, o.most_outputs = 1, max(1, given.paths.lists.longest)
    o.most_rows = plan.corpus.most * given.paths.lists.longest
    o.top = o.in_turn = True


cdef inline void begin_tree(const Objective *o, Span *s) noexcept nogil:
    """Nothing in it is drawn."""


cdef inline void output_path(Worker *w, Batch *b, int64_t centres) noexcept nogil:
    """The nodes on the path to the only centre, and their labels."""
    cdef const Objective *o = b.objective
    cdef const Scratch *scratch = &w.scratch
    cdef Step *s = &b.step
    cdef int64_t j, c = b.centres[0]
    cdef int32_t word = b.span.targets[c]
    cdef const int32_t *path = o.paths.ids + o.paths.starts[word]
    prefetch_paths(o, b.span, c)
    s.m = length_of(&o.paths, word)
    scratch.columns[0] = 0
    for j in range(s.m):
        b.outputs[j] = path[j] >> 1
        s.outputs[j] = row(&w.replicas[o.matrix], b.outputs[j])
        scratch.labels[j] = <float>(path[j] & 1)
        scratch.noise[j] = 1


cdef inline void prefetch_paths(const Objective *o, const Span *s, int64_t c) noexcept nogil:
    """The path to a later centre, and where that to a still later one begins."""
    cdef const int64_t *starts = o.paths.starts + s.targets[min(c + PATHS, s.end - 1)]
    WILL_READ(o.paths.ids + starts[0])
    WILL_READ(o.paths.ids + starts[1])
    WILL_READ(o.paths.starts + s.targets[min(c + 2 * PATHS, s.end - 1)])


cdef inline void weigh_path(Worker *w, Batch *b) noexcept nogil:
    """All nodes count as noise, but for those with label 1: each use of an input is a positive example of these."""
    cdef const Scratch *scratch = &w.scratch
    cdef Step *s = &b.step
    memset(scratch.labels + s.m, 0, (s.columns - s.m) * sizeof(float))
    kernels.label(s, scratch.uses, scratch.labels)
    weigh(w, b)
