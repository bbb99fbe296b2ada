"""Of how many rows of each matrix a worker has copies; see `replicas`."""

from fastemb.kernels.checks cimport times
from fastemb.kernels.sgd.team cimport Team
from fastemb.kernels.sgd.worker cimport Matrix, Objective, Plan
from libc.stdint cimport int64_t

cdef enum:
    HOT = 512           # copies, of all workers together, of rows that all would write to
    OF_TEXTS = 128      # copies of words of texts for each worker: the most frequent are in nearly all,
    NGRAMS = 1 << 15    # and so are the first n-grams: numbers of their copies
    MANY = 64           # spans for each worker, from which on it has copies of these


cdef inline void plan_copies(Plan *plan, const Team *team, int64_t workers) noexcept:
    """`workers`: as many as were asked for."""
    cdef Objective *o
    cdef Matrix *matrix
    cdef bint pays = plan.words.single and not plan.inputs.pooled
    cdef int64_t hot = 0, k
    if workers > 1 and not team.rounds and plan.words.vocabulary > 8 * HOT and plan.corpus.n_spans >= MANY * workers:
        hot = HOT // workers    # each row is averaged over them, which only the most frequent ones bear
    matrix = &plan.matrices[0]
    matrix.most_copies = hot if pays else 0
    if plan.inputs.texts and team.workers > 1:
        matrix.most_copies, matrix.add_up = min(OF_TEXTS, matrix.rows), True
    if team.rounds:
        matrix.most_copies = min(plan.corpus.most + 2 * plan.sampling.halo + 1, matrix.rows)
    for k in range(plan.n_objectives):
        o = &plan.objectives[k]
        matrix = &plan.matrices[o.matrix]
        matrix.most_copies = min(o.most_rows, matrix.rows) if team.rounds else hot if pays or o.top else 0
        matrix.first_copy = matrix.rows - 1 - matrix.most_copies if o.top else 0
        if plan.inputs.texts and not team.rounds:
            # All workers write to all labels all the time, unless they are many and few are met.
            shared = team.workers == 1 or matrix.rows > HOT and not o.dense
            matrix.most_copies, matrix.first_copy, matrix.add_up = 0 if shared else matrix.rows, 0, True
    if plan.words.bags.matrix and team.workers > 1:
        matrix = &plan.matrices[plan.words.bags.matrix]
        matrix.most_copies, matrix.add_up = min(NGRAMS // matrix.d, matrix.rows), True
    if plan.inputs.matrix:
        matrix = &plan.matrices[plan.inputs.matrix]
        matrix.most_copies = matrix.rows
    if plan.inputs.tags.matrix:
        matrix = &plan.matrices[plan.inputs.tags.matrix]
        matrix.most_copies = matrix.rows if matrix.rows <= hot else 0
        if team.rounds:
            matrix.most_copies = min(times(plan.corpus.most, plan.corpus.most_tags), matrix.rows)
