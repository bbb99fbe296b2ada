"""Documents: their tags have vectors as words have, which learn to tell the tokens (Le and Mikolov 2014).

A span is cut out of the corpus wherever it ends, so that a document may be of any length, and knows of each centre
which document it is in.
"""

from fastemb.kernels.checks cimport times
from fastemb.kernels.ragged cimport length_of
from fastemb.kernels.sgd.corpus cimport Chunk, Corpus, begin_of, chunk_of, end_of, sentence_at
from fastemb.kernels.sgd.documentspecs cimport Documents
from fastemb.kernels.sgd.replicas cimport row
from fastemb.kernels.sgd.span cimport Sampling, Span, begin_span, sample_sentence
from fastemb.kernels.sgd.worker cimport Plan, Tags, Worker, add_matrix, unless_one
from libc.stdint cimport int32_t, int64_t


cdef inline int plan_documents(Plan *plan, Documents given) except -1:
    cdef Tags *tags = &plan.inputs.tags
    tags.matrix = add_matrix(plan, given.tags.vectors)
    tags.locks, tags.n_locks = unless_one(given.tags.locks), given.tags.locks.shape[0]
    plan.inputs.sample = sample_documents
    if tags.locks != NULL:
        plan.words.locks = &given.words.locks[0]    # if these are all 1, too: inputs have one scale each, or none
    return 0


cdef inline void plan_words_of_documents(Plan *plan) noexcept:
    """To be called when the objectives are known."""
    plan.inputs.most_rows += times(plan.most_centres, plan.corpus.most_tags)


# What is in a span.

cdef inline void sample_documents(Span *s, const Corpus *c, const Sampling *p, int64_t number) noexcept nogil:
    """As `sample_span`; and the document of each centre."""
    cdef const Chunk *chunk = chunk_of(c, number)
    cdef int64_t place = begin_of(c, chunk, number), end = end_of(c, chunk, number)
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
