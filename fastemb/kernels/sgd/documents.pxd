"""Documents: their tags have vectors as words have, which learn to tell the tokens (Le and Mikolov 2014).

A span is cut out of the corpus wherever it ends, so that a document may be of any length, and knows of each centre
which document it is in. In inference a span is one document, trained several times before the next, while its words
are in the processor's cache.
"""

from fastemb.kernels.checks cimport times
from fastemb.kernels.ragged cimport length_of
from fastemb.kernels.sgd.corpus cimport Chunk, Corpus, begin_of, chunk_of, end_of, sentence_at
from fastemb.kernels.sgd.documentspecs cimport Documents
from fastemb.kernels.sgd.replicas cimport row
from fastemb.kernels.sgd.rows cimport locate_rows
from fastemb.kernels.sgd.span cimport Sampling, Span, begin_span, sample_sentence
from fastemb.kernels.sgd.worker cimport Plan, Tags, Worker, add_matrix, unless_one
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

cdef extern from "hash.h":
    uint64_t mix(uint64_t x) noexcept nogil
    uint64_t random_at(uint64_t key, uint64_t k) noexcept nogil


cdef inline int plan_documents(Plan *plan, Documents given) except -1:
    cdef Tags *tags = &plan.inputs.tags
    if given.passes:
        check_one_tag(&plan.corpus)
    tags.matrix = add_matrix(plan, given.tags.vectors)
    tags.locks, tags.n_locks = unless_one(given.tags.locks), given.tags.locks.shape[0]
    tags.passes = given.passes
    if given.quantiles is not None:
        tags.quantiles, tags.n_quantiles = &given.quantiles[0], <uint32_t>given.quantiles.shape[0]
    plan.inputs.sample = sample_document if given.passes else sample_documents
    if tags.locks != NULL:
        plan.words.locks = &given.words.locks[0]    # if these are all 1, too: inputs have one scale each, or none
    return 0


cdef inline int check_one_tag(const Corpus *c) except -1:
    cdef int64_t k, document
    for k in range(c.n_chunks):
        for document in range(c.chunks[k].tags.n):
            if length_of(&c.chunks[k].tags, document) != 1:
                raise ValueError("in inference each document has one tag")
    return 0


cdef inline void plan_words_of_documents(Plan *plan) noexcept:
    """To be called when the objectives are known."""
    plan.inputs.most_rows += times(plan.most_centres, plan.corpus.most_tags)
    if plan.inputs.tags.passes:
        plan.words.locate = locate_document


# What is in a span.

cdef inline void sample_documents(Span *s, const Corpus *c, const Sampling *p, int64_t number) noexcept nogil:
    """As `sample_span`; and the document of each centre."""
    cdef const Chunk *chunk = chunk_of(c, number)
    sample_part(s, p, chunk, begin_of(c, chunk, number), end_of(c, chunk, number))


cdef inline void sample_part(Span *s, const Sampling *p, const Chunk *chunk, int64_t place, int64_t end) noexcept nogil:
    cdef int64_t document = sentence_at(chunk, place), first, centre
    begin_span(s, p, chunk, place, document)
    s.tags = &chunk.tags
    first = s.oldest
    while place < end:
        centre = s.end
        sample_sentence(s, p, chunk, place, end, chunk.sentences.starts[document + 1], first)
        for centre in range(centre, s.end):
            s.texts[centre] = document
        document += 1
        place = chunk.sentences.starts[document]
        first = s.end


cdef inline void sample_document(Span *s, const Corpus *c, const Sampling *p, int64_t number) noexcept nogil:
    """A document, whose random numbers belong to its words, to their places in it, and to how often it was trained."""
    cdef const Chunk *chunk = chunk_of(c, number)
    cdef int64_t begin = begin_of(c, chunk, number), end = end_of(c, chunk, number), place
    cdef uint64_t key = p.key
    cdef Sampling own = p[0]
    for place in range(begin, end):
        key = (key ^ <uint64_t>(chunk.sentences.ids[place] + 1)) * <uint64_t>0x9E3779B97F4A7C15
    own.key = mix(random_at(mix(key), <uint64_t>s.again))
    own.first_position = -chunk.position - begin
    sample_part(s, &own, chunk, begin, end)
    s.texts[s.first] = sentence_at(chunk, begin)    # in case that none of it was kept


cdef inline void locate_document(Worker *w, Span *s) noexcept nogil:
    locate_rows(w, s)
    begin_tag(w, s)


cdef inline void begin_tag(Worker *w, Span *s) noexcept nogil:
    """The tag of a document begins with random numbers, uniform in ±0.5 / d."""
    cdef int64_t d = w.plan.words.d, k
    cdef float *vector
    if s.again == 0:
        vector = tag_row(w, s.tags.ids[s.tags.starts[s.texts[s.first]]])
        for k in range(d):
            vector[k] = random_float(s.draws.key, k) / <float>d


cdef inline float random_float(uint64_t key, int64_t k) noexcept nogil:
    """Uniform in ±0.5."""
    return <float>(<double>(random_at(~key, <uint64_t>k) >> 11) / 9007199254740992.0 - 0.5)


# Their tags.

cdef inline bint tagged(const Span *s, int64_t centre) noexcept nogil:
    """Whether the document of a centre has any."""
    return length_of(s.tags, s.texts[centre]) > 0


cdef inline float *tag_row(Worker *w, int32_t tag) noexcept nogil:
    return row(&w.replicas[w.plan.inputs.tags.matrix], tag)


cdef inline float lock_of(const Tags *tags, int32_t tag) noexcept nogil:
    return tags.locks[tag % tags.n_locks] if tags.locks != NULL else 1


cdef inline int64_t list_tags(Worker *w, const Span *s, int64_t centre, float **rows, float *locks) noexcept nogil:
    """The vectors of the tags of the document of a centre, and what their deltas are multiplied by; their number."""
    cdef const Tags *tags = &w.plan.inputs.tags
    cdef const int32_t *ids = s.tags.ids + s.tags.starts[s.texts[centre]]
    cdef int64_t k, n = length_of(s.tags, s.texts[centre])
    for k in range(n):
        rows[k] = tag_row(w, ids[k])
        locks[k] = lock_of(tags, ids[k])
    return n
