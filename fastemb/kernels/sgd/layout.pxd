"""What inference lays out of a document: pairs of its vector and rows of outputs, in steps."""

from fastemb.kernels.checks cimport times
from fastemb.kernels.ragged cimport Ragged
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
    int64_t d                   # numbers of a vector
    int64_t beside              # numbers of a context; 0 if there is none
    int64_t d_apart             # numbers from one copied row to the next,
    int64_t beside_apart        # and from one context
    int64_t nobody              # the word beyond the ends, where vectors stand end to end; else -1
    int64_t centres             # of a step
    int64_t noise_words         # of a step of so many
    float negative
    bint shrink, mean, divided


cdef struct Pairs:
    float **rows                # as in `Telling`
    float **contexts
    float *shares
    float *constants
    float *positives
    float *weights
    int64_t n
    int64_t noise               # so many of them are noise


cdef struct Copies:             # of rows that are read often: each begins with a line of the cache
    float *words                # 2 · PART: of words, the inputs and outputs in turn
    float **inputs              # PART: where those of kept words are,
    float **answers             # PART: and what they are told by


# A part of a document. A step has the pairs and contexts from where it begins to where the next one does.
cdef struct Layout:
    int32_t *ids                # PART: words; with context those that are kept, else each once
    float *counts               # PART: how often it is kept, or what the gradient of a centre is multiplied by
    float *shares               # PART: of a centre, what the vector is multiplied by
    uint64_t *random            # PART: the random numbers of the words
    int32_t *slots              # SLOTS: the number of a word among `ids`, and 1; 0 where there is none
    float *vector               # of the document
    float *sums                 # PART: the sum of the context of each centre, or all of it end to end
    Copies copies
    Pairs pairs
    float **met                 # contexts of some pairs of a step,
    float **outputs             # and the parts of rows that meet them
    float *gradient
    int64_t *first              # PART + 1: pair of each step
    int64_t *which              # some pairs of a step
    int64_t *noise              # which pairs are noise, whose rows each pass draws anew;
    int64_t *first_noise        # PART + 1: and where among these each step begins
    int64_t steps
    int64_t drawn               # the next noise word
    Arena arena


cdef inline int64_t lines(int64_t d) noexcept nogil:
    """So many numbers or more: those of whole lines of the cache, where rows begin with one."""
    return times(d // LINE + (d % LINE > 0), LINE)


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
    reserve(a, &l.vector, kind.d_apart, sizeof(float))
    reserve(a, &l.copies.words, times(2 * PART, kind.d_apart), sizeof(float))
    reserve(a, &l.copies.inputs, PART, sizeof(float *))
    reserve(a, &l.copies.answers, PART, sizeof(float *))
    reserve(a, &l.pairs.rows, pairs, sizeof(float *))
    reserve(a, &l.pairs.contexts, pairs, sizeof(float *))
    reserve(a, &l.pairs.shares, pairs, sizeof(float))
    reserve(a, &l.pairs.constants, pairs, sizeof(float))
    reserve(a, &l.pairs.positives, pairs, sizeof(float))
    reserve(a, &l.pairs.weights, pairs, sizeof(float))
    reserve(a, &l.sums, times(PART, kind.beside_apart), sizeof(float))
    reserve(a, &l.met, times(kind.centres, each), sizeof(float *))
    reserve(a, &l.outputs, times(kind.centres, each), sizeof(float *))
    reserve(a, &l.which, times(kind.centres, each), sizeof(int64_t))
    reserve(a, &l.gradient, times(kind.centres, each) + 8, sizeof(float))
    reserve(a, &l.first, PART + 1, sizeof(int64_t))
    reserve(a, &l.noise, times(PART, kind.noise_words), sizeof(int64_t))
    reserve(a, &l.first_noise, PART + 1, sizeof(int64_t))
    allocate(a)
    memset(l.slots, 0, SLOTS * sizeof(int32_t))
    return 0


cdef inline void start_over(Layout *l) noexcept nogil:
    l.pairs.n = l.pairs.noise = l.steps = l.first[0] = l.first_noise[0] = 0


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
    for k in range(lines(d) // LINE):
        WILL_READ(row + k * LINE)
    pairs.rows[pairs.n], pairs.shares[pairs.n], pairs.constants[pairs.n] = row, 1, 0
    pairs.positives[pairs.n], pairs.weights[pairs.n] = positive, weight
    pairs.n += 1


cdef inline void add_noise(Layout *l, int64_t n, float weight) noexcept nogil:
    """So many pairs whose rows are drawn later."""
    for _ in range(n):
        l.noise[l.pairs.noise] = l.pairs.n
        l.pairs.noise += 1
        add_pair(l, NULL, 0, 0, weight)


cdef inline void end_step(Layout *l) noexcept nogil:
    l.steps += 1
    l.first[l.steps], l.first_noise[l.steps] = l.pairs.n, l.pairs.noise


cdef inline int64_t known_of(const Ragged *documents, int64_t k, int32_t *words) noexcept nogil:
    """Write the known words of a document; how many they are."""
    cdef int64_t n = 0, i
    for i in range(documents.starts[k], documents.starts[k + 1]):
        words[n] = documents.ids[i]
        n += documents.ids[i] >= 0
    return n
