"""What inference lays out of a document: pairs of its vector and rows of outputs, in steps."""

from fastemb.kernels.checks cimport times
from fastemb.kernels.sgd.arena cimport Arena, allocate, reserve
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memset

cdef extern from "hash.h":
    void WILL_READ(const void *address) noexcept nogil

cdef enum:
    PART = 1024             # words of a document that are laid out at once, at most; windows end where they do
    SLOTS = 4 * PART        # in which a word of it is looked up, by the bits of its hash beyond SHIFT
    SHIFT = 52
    LINE = 16               # floats


cdef struct Kind:
    int64_t window
    int64_t beside              # numbers of a context; 0 if there is none
    int64_t nobody              # the word beyond the ends, where vectors stand end to end; else -1
    int64_t centres             # of a step
    int64_t noise_words         # of a step of so many
    float negative
    bint shrink, mean, divided


cdef struct Pairs:
    float **rows                # as in `Telling`; the last of a step may be noise
    float *shares
    float *constants
    float *positives
    float *weights
    int64_t n


# A part of a document. A step has the pairs and contexts from where it begins to where the next one does.
cdef struct Layout:
    int32_t *ids                # PART: words; with context those that are kept, else each once
    float *counts               # PART: how often it is kept, or what the gradient of a centre is multiplied by
    float *shares               # PART: of a centre, what the vector is multiplied by
    uint64_t *random            # PART: the random numbers of the words
    int32_t *slots              # SLOTS: the number of a word among `ids`, and 1; 0 where there is none
    float **beside              # the rows beside a centre
    float *sums                 # PART: the sum of the context of each centre, or all of it end to end
    Pairs pairs
    float **contexts            # what each pair meets beside the vector;
    float **outputs             # and of a step, what of its row meets that
    float *gradient
    int64_t *first              # PART + 1: pair of each step
    int64_t *noise              # so many of its pairs are noise, which each pass draws anew
    int64_t steps
    int64_t drawn               # the next noise word
    Arena arena


cdef inline int make_layout(Layout *l, const Kind *kind, int64_t longest_path) except -1:
    """Memory for a layout."""
    cdef Arena *a = &l.arena
    cdef int64_t each = 1 + kind.noise_words + longest_path, pairs = times(PART, each)
    memset(l, 0, sizeof(Layout))
    reserve(a, &l.ids, PART, sizeof(int32_t))
    reserve(a, &l.counts, PART, sizeof(float))
    reserve(a, &l.shares, PART, sizeof(float))
    reserve(a, &l.random, PART, sizeof(uint64_t))
    reserve(a, &l.slots, SLOTS, sizeof(int32_t))
    reserve(a, &l.beside, 2 * kind.window + 1, sizeof(float *))
    reserve(a, &l.pairs.rows, pairs, sizeof(float *))
    reserve(a, &l.pairs.shares, pairs, sizeof(float))
    reserve(a, &l.pairs.constants, pairs, sizeof(float))
    reserve(a, &l.pairs.positives, pairs, sizeof(float))
    reserve(a, &l.pairs.weights, pairs, sizeof(float))
    reserve(a, &l.sums, times(PART, kind.beside), sizeof(float))
    reserve(a, &l.contexts, pairs, sizeof(float *))
    reserve(a, &l.outputs, times(kind.centres, each), sizeof(float *))
    reserve(a, &l.gradient, times(kind.centres, each) + 8, sizeof(float))
    reserve(a, &l.first, PART + 1, sizeof(int64_t))
    reserve(a, &l.noise, PART, sizeof(int64_t))
    allocate(a)
    memset(l.slots, 0, SLOTS * sizeof(int32_t))
    return 0


cdef inline void start_over(Layout *l) noexcept nogil:
    l.pairs.n = l.steps = l.first[0] = 0


cdef inline int64_t slot_of(const Layout *l, int32_t word) noexcept nogil:
    """Where the word stands, or would."""
    cdef int64_t slot = <int64_t>(<uint64_t>word * <uint64_t>0x9E3779B97F4A7C15 >> SHIFT)
    while l.slots[slot] and l.ids[l.slots[slot] - 1] != word:
        slot = (slot + 1) & (SLOTS - 1)
    return slot


cdef inline void add_pair(Layout *l, float *row, int64_t d, float positive, float weight) noexcept nogil:
    """The vector and a row of outputs, whose memory will be there when the passes begin."""
    cdef Pairs *pairs = &l.pairs
    cdef int64_t k
    for k in range((d + LINE - 1) // LINE):
        WILL_READ(row + k * LINE)
    pairs.rows[pairs.n], pairs.shares[pairs.n], pairs.constants[pairs.n] = row, 1, 0
    pairs.positives[pairs.n], pairs.weights[pairs.n] = positive, weight
    pairs.n += 1


cdef inline void end_step(Layout *l, int64_t noise) noexcept nogil:
    """The last so many pairs are noise that is still to be drawn."""
    l.noise[l.steps] = noise
    l.steps += 1
    l.first[l.steps] = l.pairs.n
