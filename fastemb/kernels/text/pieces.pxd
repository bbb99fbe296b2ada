"""The words of a text as they are cut, and its tokens so far."""

from fastemb.kernels.text.wordtable cimport BATCH, WordTable

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc

cdef enum:
    MOST_MOVED = 64     # combining characters, one after another, that are sorted; more are sorted in parts


cdef struct Pieces:
    int32_t *ids            # capacity, the first n in use: the tokens of a text
    int64_t n, capacity
    int64_t limit           # tokens that are wanted
    unsigned char *buffer   # size, the first `used` in use: words as they become, end to end
    int64_t used, size
    int64_t begin           # of the word that is open
    int kind                # of its characters
    int n_words
    int64_t[BATCH] begins
    int64_t[BATCH] lengths
    uint64_t[BATCH] hashes
    int n_moved
    uint32_t[MOST_MOVED] moved
    uint8_t[MOST_MOVED] classes


cdef inline bint grow_ids(Pieces *p, int64_t more) noexcept nogil:
    cdef int64_t capacity = 2 * (p.n + more) + 256
    cdef int32_t *ids = <int32_t *>realloc(p.ids, capacity * sizeof(int32_t))
    if ids == NULL:
        return False
    p.ids, p.capacity = ids, capacity
    return True


cdef inline bint reserve_ids(Pieces *p, int64_t more) noexcept nogil:
    """Make room for more ids; False if there is no memory."""
    return p.n + more <= p.capacity or grow_ids(p, more)


cdef inline bint grow_buffer(Pieces *p) noexcept nogil:
    cdef int64_t size = 2 * p.size + 4096
    cdef unsigned char *buffer = <unsigned char *>realloc(p.buffer, size)
    if buffer == NULL:
        return False
    p.buffer, p.size = buffer, size
    return True


cdef inline void free_pieces(Pieces *p) noexcept nogil:
    free(p.ids)
    free(p.buffer)


cdef inline int32_t longest_token(
        WordTable table, const unsigned char *word, int64_t begin, int64_t *end, int64_t length) noexcept nogil:
    """The number of the longest token from `begin` on, which lets `end` be its own; negative if there is none."""
    cdef int64_t at = end[0]
    cdef int32_t number = -1
    while at > begin:
        if at == length or word[at] & 0xC0 != 0x80:      # no character is cut in two
            number = table.number(word + begin, at - begin, word + length, False)
            if number >= 0:
                break
        at -= 1
    end[0] = at
    return number
