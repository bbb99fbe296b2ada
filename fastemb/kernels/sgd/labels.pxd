"""All labels at once: texts meet every row of the output matrix, by a softmax, or each row for itself."""

from fastemb.kernels.ragged cimport Ragged
from fastemb.kernels.sgd.batch cimport weigh
from fastemb.kernels.sgd.corpus cimport Targets
from fastemb.kernels.sgd.replicas cimport all_rows
from fastemb.kernels.sgd.rows cimport reserve_nothing
from fastemb.kernels.sgd.span cimport Span
from fastemb.kernels.sgd.specs cimport Labels
from fastemb.kernels.sgd.texts cimport weight_of_label, weight_of_text
from fastemb.kernels.sgd.worker cimport Batch, Objective, Plan, Scratch, Step, Worker
from fastemb.kernels.step cimport kernels
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset


cdef inline void plan_labels(const Plan *plan, Objective *o, Labels given):
    o.reserve, o.begin, o.outputs = reserve_nothing, begin_labels, output_labels
    o.weigh = weigh if given.softmax else weigh_labels
    o.step = kernels.train_softmax if given.softmax else kernels.train
    o.most_centres, o.most_outputs, o.most_rows = given.centres, given.vectors.shape[0], given.vectors.shape[0]
    o.dense = True


cdef inline void begin_labels(const Objective *o, Span *s) noexcept nogil:
    """Nothing in it is drawn."""


cdef inline void output_labels(Worker *w, Batch *b, int64_t centres) noexcept nogil:
    """All rows; each counts, so that W = uses in each column."""
    cdef const Scratch *scratch = &w.scratch
    cdef Step *s = &b.step
    cdef int64_t k
    s.m = b.objective.most_outputs
    for k in range(centres):
        scratch.columns[k] = b.span.targets[b.centres[k]]
    for k in range(s.m):
        b.outputs[k] = <int32_t>k
        scratch.noise[k] = 1
    all_rows(&w.replicas[b.objective.matrix], s.outputs)


cdef inline void weigh_labels(Worker *w, Batch *b) noexcept nogil:
    """P: the weights of all labels of a text, and not only of the one that was drawn; W: those of all labels."""
    cdef const Targets *targets = &w.plan.corpus.targets
    cdef const Ragged *labels = &targets.labels
    cdef Step *s = &b.step
    cdef int64_t i, k, text
    cdef float weight
    cdef float *row
    memset(s.positives, 0, s.n * s.columns * sizeof(float))
    memset(s.weights, 0, s.n * s.columns * sizeof(float))
    for i in range(s.n):
        text = b.span.texts[b.centres[i]]
        weight = weight_of_text(targets, text)
        row = s.weights + i * s.columns
        for k in range(s.m):
            row[k] = weight * weight_of_label(targets, <int32_t>k)
        for k in range(labels.starts[text], labels.starts[text + 1]):
            s.positives[i * s.columns + labels.ids[k]] = row[labels.ids[k]]
