"""An encoded corpus, and the spans of it that workers claim."""

from fastemb.kernels.ragged cimport Ragged
from libc.stdint cimport int32_t, int64_t


# The labels of texts.
cdef struct Targets:
    Ragged labels               # texts: the numbers of the labels of each
    int64_t n_labels
    const float *text_weights   # texts: what the gradient of each is multiplied by; NULL for 1
    const float *label_weights  # n_labels: and what that of each label is; NULL for 1


cdef struct Chunk:
    Ragged sentences            # id -1: not in the vocabulary
    Ragged tags                 # sentences: the rows of the tags of each, where they are documents
    const int64_t *bounds       # of its spans, in words, and one more; NULL if they are `span` words each
    int64_t position            # of its first word in the corpus
    int64_t first_span
    int64_t first_text          # number in the corpus of its first sentence


cdef struct Corpus:
    Chunk *chunks
    int64_t n_chunks
    int64_t words
    int64_t texts
    int64_t n_spans
    int64_t span                # words that a worker claims at a time
    int64_t most                # words of the longest span: more than that where texts are claimed whole
    int64_t longest             # words of the longest sentence
    int64_t most_tags           # of a document
    Targets targets             # where sentences are texts that have labels
    int32_t *ends               # texts × workers: where the tokens of each end in each text, if they own rows


cdef inline int64_t words_of(const Chunk *chunk) noexcept nogil:
    return chunk.sentences.starts[chunk.sentences.n]


cdef inline const Chunk *chunk_of(const Corpus *c, int64_t number) noexcept nogil:
    """The chunk that a span is in."""
    cdef int64_t k = 0
    while k + 1 < c.n_chunks and c.chunks[k + 1].first_span <= number:
        k += 1
    return &c.chunks[k]


cdef inline int64_t begin_of(const Corpus *c, const Chunk *chunk, int64_t number) noexcept nogil:
    """Where a span begins in its chunk."""
    cdef int64_t k = number - chunk.first_span
    return chunk.bounds[k] if chunk.bounds != NULL else k * c.span


cdef inline int64_t end_of(const Corpus *c, const Chunk *chunk, int64_t number) noexcept nogil:
    if chunk.bounds != NULL:
        return chunk.bounds[number - chunk.first_span + 1]
    return min(begin_of(c, chunk, number) + c.span, words_of(chunk))


cdef inline int64_t words_before(const Corpus *c, int64_t number) noexcept nogil:
    """Words of the corpus before a span; all where there is no such span."""
    cdef const Chunk *chunk
    if number >= c.n_spans:
        return c.words
    chunk = chunk_of(c, number)
    return chunk.position + begin_of(c, chunk, number)


cdef inline int64_t span_from(const Corpus *c, int64_t position) noexcept nogil:
    """The first span that begins at the word `position` or after it."""
    cdef int64_t low = 0, high = c.n_spans, middle
    while low < high:
        middle = (low + high) // 2
        if words_before(c, middle) < position:
            low = middle + 1
        else:
            high = middle
    return low


cdef inline int64_t sentence_at(const Chunk *chunk, int64_t position) noexcept nogil:
    """The sentence that the word at `position` is in: the last one that begins at or before it."""
    cdef int64_t low = 0, high = chunk.sentences.n, middle
    while high - low > 1:
        middle = (low + high) // 2
        if chunk.sentences.starts[middle] <= position:
            low = middle
        else:
            high = middle
    return low
