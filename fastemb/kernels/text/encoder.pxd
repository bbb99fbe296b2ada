"""What encoders of text share: numbers of words as they grow, and words that wait to be looked up together."""

from cpython.array cimport array as carray
from fastemb.kernels.text.wordtable cimport BATCH, Token, WordTable, bytes_t, hash_bytes, prefetch
from libc.stdint cimport int32_t, int64_t


cdef class Encoder:
    cdef readonly WordTable table
    cdef bint grow                      # new words get the next numbers, and words are counted
    cdef carray ids                     # n_ids in use, then room; int32
    cdef carray starts                  # n_starts in use, then room: where in the ids each sentence begins; int64
    cdef int64_t n_ids, n_starts
    cdef int64_t taken                  # sentences that were taken before
    cdef Token waiting[BATCH]           # the last n_waiting of the n_ids words, which are not looked up yet
    cdef int n_waiting

    cdef bint unfinished(self)


cdef inline bint wait(Encoder encoder, bytes_t word, int64_t length, bytes_t end) noexcept nogil:
    """Append a word, for whose number there is room, to those that wait; whether these are as many as can."""
    cdef Token *token = &encoder.waiting[encoder.n_waiting]
    token.word, token.length, token.end = word, length, end
    token.hash = hash_bytes(word, length, end, encoder.table.secret)
    prefetch(encoder.table, token.hash)
    encoder.n_waiting += 1
    encoder.n_ids += 1
    return encoder.n_waiting == BATCH


cdef inline int32_t look_up_waiting(Encoder encoder) noexcept nogil:
    """Look up the words that wait; as `WordTable.look_up`."""
    cdef int n = encoder.n_waiting
    encoder.n_waiting = 0
    return encoder.table.look_up(
        encoder.waiting, n, encoder.grow, <int32_t *>encoder.ids.data.as_ints + encoder.n_ids - n)


cdef inline void begin_sentence(Encoder encoder, int64_t begin) noexcept nogil:
    """Append a start, for which there is room."""
    encoder.starts.data.as_longlongs[encoder.n_starts] = begin
    encoder.n_starts += 1


cdef int reserve(carray numbers, int64_t size) except -1
