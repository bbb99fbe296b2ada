"""What all workers of an epoch share, and what each thread has to itself.

A worker turns a span into batches. `Inputs` say which rows or pools are the input side of a batch, `Words` what
vector a token has, an `Objective` what the output side is and how it is trained. Their functions are called once a
batch or span, never once a token or row.
"""

from fastemb.kernels.checks cimport apart
from fastemb.kernels.noise cimport Alias
from fastemb.kernels.ragged cimport Ragged
from fastemb.kernels.sgd.arena cimport Arena
from fastemb.kernels.sgd.corpus cimport Corpus
from fastemb.kernels.sgd.replicas cimport Replicas
from fastemb.kernels.sgd.span cimport Sampling, Span
from fastemb.kernels.sgd.team cimport Member, Team
from fastemb.kernels.step cimport Edge, Step
from libc.stdint cimport int32_t, int64_t

cdef enum:
    OBJECTIVES = 2              # at most: negative sampling and a tree
    MATRICES = 2 + OBJECTIVES   # at most: the input matrix is the first; one may be of weights, tags or n-grams
    PREFETCHED = 1024           # rows of bags that are prefetched at a time

cdef struct Worker
cdef struct Batch
cdef struct Objective
ctypedef bint (*build_t)(Worker *w, Batch *b) noexcept nogil
ctypedef void (*batch_t)(Worker *w, Batch *b) noexcept nogil
ctypedef void (*sample_t)(Span *s, const Corpus *c, const Sampling *p, int64_t number) noexcept nogil
ctypedef void (*span_t)(Worker *w, Span *s) noexcept nogil
ctypedef void (*prefetch_t)(Worker *w, Span *s, int64_t first, int64_t end, Step *step) noexcept nogil
ctypedef void (*begin_t)(const Objective *o, Span *s) noexcept nogil
ctypedef void (*outputs_t)(Worker *w, Batch *b, int64_t centres) noexcept nogil
ctypedef void (*step_t)(Step *s) noexcept nogil
ctypedef void (*reserve_t)(Worker *w) noexcept nogil


# What all workers share; nobody writes to it while they work.

cdef struct Bags:
    Ragged ngrams               # vocabulary: the n-grams of each word
    float *vectors              # n-grams × d
    int matrix                  # of these, where workers have copies of the first; or 0
    const float *locks          # n_locks: what deltas of n-gram k are multiplied by, by k % n_locks; NULL for 1
    int64_t n_locks
    int64_t ring_mask           # a ring holds the vectors of so many tokens, and one more
    bint mean                   # of the rows; else their sum
    bint lasting                # bags stay gathered until windows have passed them, and not only for a batch


cdef struct Words:
    reserve_t reserve           # the memory that it wants of each worker
    span_t locate               # fill in the rows, weights and counts of a span
    prefetch_t prefetch         # list the rows that tokens first … end - 1 want
    batch_t gather              # before a batch is trained
    span_t release              # when nothing of a span will be trained any more; NULL: of any span
    float *vectors              # vocabulary × d: the first of the matrices
    int64_t vocabulary, d
    const float *locks          # as of bags
    int64_t n_locks
    bint single                 # a word is a single row, trained where it is
    bint weights, counts        # whether spans have these
    int64_t ahead               # so many rows may be prefetched beside the inputs and outputs of a batch
    Bags bags                   # if a word is one of rows, and not a single row


# The tags of documents.
cdef struct Tags:
    int matrix                  # of their vectors; 0 if there are none
    const float *locks          # as of words
    int64_t n_locks
    bint concat                 # an input is the vectors of `slots` tags and of a whole window, end to end
    int64_t slots
    int32_t nobody              # the word that stands where a document has none


cdef struct Inputs:
    reserve_t reserve
    sample_t sample             # what of the corpus is in a span
    build_t build               # False if no pair is in the batch
    batch_t train
    int64_t most_rows           # of the context in a batch
    int64_t tile                # the same, where a context may be cut into several batches; else INT32_MAX
    bint pooled                 # a step returns their deltas, and does not add them
    bint scaled                 # deltas are multiplied by the scales of a step
    bint mean                   # of a pool; else its sum
    bint texts                  # centres are texts, and pools all of their tokens
    int matrix                  # of the weights of each offset from the centre, by which pools are multiplied; or 0
    const float *distances      # what a pair counts by its distance, from 1 on; NULL for 1
    float *nearness             # × d: the same d times each, as rows that pools are multiplied by
    int64_t d                   # numbers of an input
    Tags tags


cdef struct Objective:
    reserve_t reserve
    begin_t begin               # a span
    outputs_t outputs           # the rows that the first so many centres of a batch meet
    batch_t weigh               # fill in positives, weights: what ends a batch
    step_t step                 # train a batch
    int matrix                  # of its rows
    int64_t most_centres, most_outputs      # of a batch
    int64_t most_rows           # that a worker meets in a span
    bint top                    # all workers write to the last rows but one, which are the top of a tree
    bint counts                 # pairs, for the loss
    bint in_turn                # single rows are trained so
    bint dense                  # the outputs of a batch are all rows
    Alias noise                 # negative sampling: the distribution,
    int64_t noise_words         # so many words of which meet a batch,
    float noise_weight          # and each counts so much
    Ragged paths                # a tree: twice the number of each node on the way to a word, and 1 more for label 1


# A matrix that is trained.
cdef struct Matrix:
    float *shared               # rows × d
    int64_t rows, d
    int64_t most_copies         # so many rows a worker has copies of, at most,
    int64_t first_copy          # from this one on, if they are always the same
    bint add_up                 # their deltas, in full
    bint alike                  # each worker trains a copy of all rows, in which all do the same


# Texts whose rows are divided among the workers.
cdef struct Shards:
    float *sums                 # 2 × workers × `of_one`: of the rows of each text in a batch that each worker has
    int64_t of_one
    bint *ordered               # whether the tokens of each worker stand together in the corpus


cdef struct Plan:
    Corpus corpus
    Sampling sampling
    Words words
    Inputs inputs
    Objective objectives[OBJECTIVES]
    int64_t n_objectives
    int64_t most_centres, most_outputs      # of any of them
    double start_alpha, end_alpha
    bint measure                # the loss
    Matrix matrices[MATRICES]
    int64_t n_matrices
    Replicas **everybodys       # MATRICES × workers, where they train in rounds; else NULL
    Shards shards               # where they train texts together


cdef inline int add_matrix(Plan *plan, float[:, ::1] matrix) except -1:
    """Its number; ValueError if it shares memory with another."""
    cdef int64_t k, size = matrix.shape[0] * matrix.shape[1] * sizeof(float)
    cdef const Matrix *other
    for k in range(plan.n_matrices):
        other = &plan.matrices[k]
        if not apart(other.shared, other.rows * other.d * <int64_t>sizeof(float), &matrix[0, 0], size):
            raise ValueError("the matrices that are trained must not overlap")
    plan.matrices[plan.n_matrices] = Matrix(&matrix[0, 0], matrix.shape[0], matrix.shape[1], 0, 0, False, False)
    plan.n_matrices += 1
    return <int>plan.n_matrices - 1


cdef inline const float *unless_one(const float[::1] locks) noexcept:
    """The lock factors, or NULL if all are 1."""
    cdef Py_ssize_t k
    for k in range(locks.shape[0]):
        if locks[k] != 1:
            return &locks[0]
    return NULL


# What a thread owns.

cdef struct Batch:
    Span *span
    const Objective *objective
    Step step                   # n inputs × m outputs
    int64_t pairs               # positive pairs, by which the loss is divided
    int64_t first, end          # the centres that it was made of
    int64_t row, last_row       # the tokens of their context that it takes
    int64_t oldest              # from here on, this or a later batch of the span may need the tokens
    int64_t *centres            # those that meet any context
    int32_t *inputs             # ids of the rows that are inputs, each once
    int32_t *outputs            # and outputs


# Which batch of a span comes next.
cdef struct Cursor:
    int64_t group, group_end    # centres that all objectives train, one after the other
    int64_t objective
    int64_t first, end          # centres that it trains together
    int64_t row, last_row       # tokens of their context that are still to come


cdef struct Scratch:
    int64_t *places             # of the context tokens of a batch among its inputs
    int64_t *columns            # of its centres among its outputs
    float *uses                 # in how many windows an input is
    float *noise                # how much an output counts as noise
    float *labels               # of the outputs


# The contexts of CBOW.
cdef struct Pool:
    float *hidden               # most_centres × d: the mean or sum of each
    float **rows                # of one context,
    float *weights              # what their deltas are multiplied by,
    float **offsets             # and the weights of their offsets from the centre
    Edge *edges                 # 2 × most_centres: of the contexts of a batch, in order,
    int64_t *places             # and where they are, not in order, and how many each is behind
    float *scales               # most_centres: what the sum of each is multiplied by
    int64_t listed              # rows of the last text that was pooled, if all are there behind the first place; or 0
    const Span *late            # texts that are trained together: whose deltas of the last batch were not added yet,
    float **coming              # and rows of the next batch,
    int64_t n_coming            # so many


# Bags that are gathered: those of tokens first … end - 1 of a span.
cdef struct Ring:
    float *vectors              # (ring_mask + 1) × 2 × d: the vector of a bag, and what it was when it was gathered
    const Span *span
    int64_t first, end
    float **bag                 # the rows of one bag,
    float *locks                # and their lock factors


cdef struct Worker:
    const Plan *plan
    Team *team
    Member member
    Replicas replicas[MATRICES]
    Span spans[2]               # two of each, since a batch is built while the last one waits to be trained
    Batch batches[2]
    int span, batch             # which of them comes next
    bint waits                  # there has been a batch of the present span
    Cursor cursor
    Scratch scratch
    Pool pool
    Ring ring
    int64_t number              # of its span
    int64_t trained             # tokens that were centres
    int64_t pairs
    double loss
    Arena arena
