"""Which worker owns which rows of texts that all workers train together; the tokens of each stand together."""

from fastemb.kernels.ragged cimport length_of
from fastemb.kernels.sgd.corpus cimport Chunk, Corpus
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

cdef enum:
    MOST_OWNERS = 64        # workers


# The tokens of a worker in a text: those before `begin` are others'.
cdef struct Own:
    const int32_t *tokens
    int64_t n
    int64_t of_all          # how many are in the vocabulary


cdef inline Own own_tokens(
        const Corpus *c, const Chunk *chunk, int64_t text, uint64_t workers, int64_t number) noexcept nogil:
    """Those of worker `number` in a text, once all texts are in order."""
    cdef const int32_t *ends = c.ends + (chunk.first_text + text) * <int64_t>workers
    cdef int64_t begin = ends[number - 1] if number else 0
    return Own(chunk.sentences.ids + chunk.sentences.starts[text] + begin, ends[number] - begin, ends[workers - 1])


cdef inline void order_texts(
        const Corpus *c, uint64_t workers, int64_t number, int32_t *owners, int32_t *copy) noexcept nogil:
    """Let the tokens of each worker stand together in the texts of which worker `number` takes care.

    `owners`, `copy`: room for the longest text, and one token more.
    """
    cdef const Chunk *chunk
    cdef int64_t k, text, n
    for k in range(c.n_chunks):
        chunk = &c.chunks[k]
        n = chunk.sentences.n
        for text in range(n * number // <int64_t>workers, n * (number + 1) // <int64_t>workers):
            order_text(
                <int32_t *>chunk.sentences.ids + chunk.sentences.starts[text], length_of(&chunk.sentences, text),
                workers, owners, copy, c.ends + (chunk.first_text + text) * <int64_t>workers)


cdef inline void order_text(
        int32_t *tokens, int64_t n, uint64_t workers, int32_t *owners, int32_t *copy, int32_t *ends) noexcept nogil:
    """Bring the tokens of each owner together, otherwise in the order that they had, then those without a row.

    They are gone through for each owner, which as a whole takes as long for each number of workers.
    """
    cdef int64_t k
    cdef int32_t owner, m = 0
    cdef uint32_t turn = <uint32_t>((<uint64_t>1 << 32) // (2 * workers) + 1)
    for k in range(n):
        owners[k] = <int32_t>owner_of(tokens[k], workers, turn)
        if tokens[k] < 0:
            owners[k] = -1
    for owner in range(<int32_t>workers):
        for k in range(n):
            copy[m] = tokens[k]     # the next takes its place, if it is another's
            m += owners[k] == owner
        ends[owner] = m
    memcpy(tokens, copy, m * sizeof(int32_t))
    for k in range(m, n):
        tokens[k] = -1


cdef inline uint64_t owner_of(int32_t id, uint64_t workers, uint32_t turn) noexcept nogil:
    """The workers own sixteen rows each, from the first worker to the last, and back: 0, 1, 1, 0, 0, …

    So few cache lines have two owners, and all own as many frequent words. `turn` is 2³² / (2 workers), rounded up: a
    division takes longer.
    """
    cdef uint64_t place = <uint64_t>((<uint32_t>id >> 4) * turn) * 2 * workers >> 32
    return min(place, 2 * workers - 1 - place)
