"""A span of the corpus: the tokens of it that subsampling keeps, and their windows.

Random numbers belong to a place in the corpus, not to a thread: whether a token is kept and how wide its window is
depend on the seed, the epoch and its position alone.
"""

from fastemb.kernels.ragged cimport Ragged
from fastemb.kernels.sgd.arena cimport Arena, reserve
from fastemb.kernels.sgd.corpus cimport Chunk, Corpus, begin_of, chunk_of, end_of, sentence_at
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

cdef extern from "hash.h":
    uint64_t mix(uint64_t x) noexcept nogil
    uint64_t random_at(uint64_t key, uint64_t k) noexcept nogil
    uint32_t below(uint32_t bits, uint32_t bound) noexcept nogil


cdef struct Sampling:
    const uint32_t *keep        # vocabulary: a word is kept with probability keep / (2³² - 1)
    uint64_t key                # of the epoch
    int64_t first_position      # tokens of the epoch that came before the corpus
    int64_t window
    int64_t halo                # tokens on either side of a span that windows can reach
    bint shrink                 # windows are from 1 to `window` tokens wide on either side
    int64_t before, after       # 1, or 0 where windows do not reach to that side
    const float *importance     # texts: what the pairs of each sentence are multiplied by; NULL for 1


# The random numbers of the noise of a span, made and their memory prefetched before they are wanted.
cdef struct Draws:
    uint64_t key
    uint64_t drawn
    uint64_t *coming            # DRAWS


cdef struct Span:
    int32_t *kept               # the ids of its tokens; centres are first … end - 1, others from `oldest` to last - 1
    int64_t *low                # the window of centre c is kept[low[c]:high[c]] without c itself
    int64_t *high
    float **rows                # the vector of each token,
    float *weights              # what its delta is multiplied by, where that is not 1 for all,
    float *counts               # and how many rows it is the sum of, where that is not 1 for all
    float *importance           # what the pairs of each centre are multiplied by, where that is not 1 for all
    int32_t *targets            # what each centre is to be told from: `kept`, or the labels of texts,
    int64_t *texts              # whose numbers in the corpus are these; or of documents in a chunk, of each centre,
    const Ragged *tags          # whose tags these are
    int64_t oldest, first, end, last
    int64_t position            # in the epoch
    int64_t prefetched          # the vectors before this one
    Draws draws
    float alpha                 # the learning rate


cdef inline void reserve_span(
        Arena *a, Span *s, const Corpus *c, const Sampling *p, bint weights, bint counts, bint texts) noexcept nogil:
    """Memory for the longest span; then call `centre_windows`."""
    cdef int64_t tokens = c.most + 2 * p.halo
    reserve(a, &s.kept, tokens, sizeof(int32_t))
    reserve(a, &s.rows, tokens, sizeof(float *))
    reserve(a, &s.low, c.most, sizeof(int64_t))
    reserve(a, &s.high, c.most, sizeof(int64_t))
    if weights:
        reserve(a, &s.weights, tokens, sizeof(float))
    if counts:
        reserve(a, &s.counts, tokens, sizeof(float))
    if p.importance != NULL:
        reserve(a, &s.importance, c.most, sizeof(float))
    if texts:
        reserve(a, &s.targets, c.most, sizeof(int32_t))
        reserve(a, &s.texts, c.most, sizeof(int64_t))


cdef inline void centre_windows(Span *s, const Sampling *p) noexcept nogil:
    """Windows are indexed by centre, and the first centre is kept[halo]."""
    s.low -= p.halo
    s.high -= p.halo
    if s.importance != NULL:
        s.importance -= p.halo
    if s.texts != NULL:
        s.texts -= p.halo


cdef inline uint64_t random_of(const Sampling *p, const Chunk *chunk, int64_t place) noexcept nogil:
    return random_at(p.key, <uint64_t>(p.first_position + chunk.position + place))


cdef inline bint is_kept(const Sampling *p, const Chunk *chunk, int64_t place) noexcept nogil:
    cdef int32_t id = chunk.sentences.ids[place]
    return (id >= 0) & (<uint32_t>random_of(p, chunk, place) <= p.keep[max(id, 0)])


cdef inline void sample_span(Span *s, const Corpus *c, const Sampling *p, int64_t number) noexcept nogil:
    """Keep or drop the tokens of span `number`, and draw their windows."""
    cdef const Chunk *chunk = chunk_of(c, number)
    cdef int64_t place = begin_of(c, chunk, number), end = end_of(c, chunk, number)
    cdef int64_t sentence = sentence_at(chunk, place), sentence_first, first
    begin_span(s, p, chunk, place, sentence)
    sentence_first = s.oldest
    while place < end:
        first = s.end
        sample_sentence(s, p, chunk, place, end, chunk.sentences.starts[sentence + 1], sentence_first)
        if p.importance != NULL:
            weigh_sentence(s, first, p.importance[chunk.first_text + sentence])
        sentence += 1
        place = chunk.sentences.starts[sentence]
        sentence_first = s.end


cdef inline void weigh_sentence(Span *s, int64_t first, float weight) noexcept nogil:
    """Let the centres from the first on count so much."""
    cdef int64_t c
    for c in range(first, s.end):
        s.importance[c] = weight


cdef inline void begin_span(
        Span *s, const Sampling *p, const Chunk *chunk, int64_t begin, int64_t sentence) noexcept nogil:
    """An empty span, but for the tokens before it."""
    cdef int64_t sentence_first = p.halo, place = begin
    s.position = p.first_position + chunk.position + begin
    s.draws.key = mix(p.key + <uint64_t>s.position + 1)
    s.first = s.end = s.last = p.halo
    s.prefetched = 0
    s.targets = s.kept
    # Tokens before the span that windows reach back to, from the nearest on.
    while sentence_first > 0 and place > chunk.sentences.starts[sentence]:
        place -= 1
        if is_kept(p, chunk, place):
            sentence_first -= 1
            s.kept[sentence_first] = chunk.sentences.ids[place]
    s.oldest = sentence_first


cdef inline void sample_sentence(
        Span *s, const Sampling *p, const Chunk *chunk, int64_t begin, int64_t end, int64_t sentence_end,
        int64_t sentence_first) noexcept nogil:
    """Append the centres among ids[begin:end], up to the end of the sentence, and their windows."""
    cdef int64_t place, c, n = s.end, last, reach
    for place in range(begin, min(end, sentence_end)):
        # Written whether it is kept or not, which no processor can predict; the next token takes its place.
        s.kept[n] = chunk.sentences.ids[place]
        reach = p.window
        if p.shrink:
            reach = 1 + below(<uint32_t>(random_of(p, chunk, place) >> 32), <uint32_t>reach)
        s.low[n] = max(n - reach * p.before, sentence_first)
        s.high[n] = n + reach * p.after + 1
        n += is_kept(p, chunk, place)
    # Tokens after the span that windows reach forward to.
    last = n
    for place in range(end, sentence_end):
        if last == n + p.halo:
            break
        if is_kept(p, chunk, place):
            s.kept[last] = chunk.sentences.ids[place]
            last += 1
    for c in range(s.end, n):
        s.high[c] = min(s.high[c], last)
    s.end = n
    s.last = last
