"""Open-addressing hash table from words, as bytes, to numbers and counts."""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

cdef extern from "hash.h":
    uint64_t hash_bytes(const unsigned char *s, size_t n, const unsigned char *end, uint64_t secret) noexcept nogil
    void WILL_READ(const void *address) noexcept nogil

ctypedef const unsigned char *bytes_t

cdef enum:
    OUT_OF_MEMORY = -2
    FULL = -3
    INVALID = -4


cdef enum:
    BATCH = 32          # words that are looked up together, so that they wait for memory together


cdef struct Text:
    bytes_t utf8        # length bytes
    int64_t length


cdef struct Slot:
    uint32_t tag
    int32_t id


cdef struct Entry:
    uint64_t head       # the first bytes of the word,
    uint64_t tail       # and the next ones; of a word that has still more, where it begins in the text
    int64_t length      # 0 if it was pruned
    int64_t count


cdef struct Token:
    bytes_t word        # length bytes
    int64_t length
    uint64_t hash
    bytes_t end         # the memory up to here may be read


@cython.final
cdef class WordTable:
    cdef Slot *slots                # mask + 1
    cdef uint64_t mask
    cdef uint64_t secret            # of this process, which hashes depend on
    cdef Entry *entries             # capacity, the first `size` of them in use
    cdef int64_t capacity
    cdef unsigned char *text        # text_capacity: the words that entries do not hold, end to end
    cdef int64_t text_size, text_capacity
    cdef readonly int32_t size
    cdef readonly int32_t known     # words that were not pruned

    cdef int add(self, str word) except -1
    cdef int find_each(self, WordTable other, bint grow, int32_t[::1] numbers) except -1
    cdef int32_t number(self, bytes_t word, int64_t length, bytes_t end, bint grow) noexcept nogil
    cdef int32_t find(self, bytes_t word, int64_t length, uint64_t hash, bytes_t end, bint grow) noexcept nogil
    cdef int32_t look_up(self, const Token *tokens, int n, bint grow, int32_t *ids) noexcept nogil
    cdef void expect_entry(self, uint64_t hash) noexcept nogil
    cdef Token token_of(self, const Entry *entry) noexcept nogil
    cdef bint is_word(self, const Entry *entry, bytes_t word, int64_t length, uint64_t tail) noexcept nogil
    cdef int32_t append(self, bytes_t word, Entry entry, uint32_t tag, uint64_t at) noexcept nogil
    cdef bint reserve(self, int64_t text_size) noexcept nogil
    cdef bint rebuild(self, uint64_t mask) noexcept nogil


cdef inline void prefetch(WordTable table, uint64_t hash) noexcept nogil:
    """Prefetch the memory where a word with that hash begins to be looked up."""
    WILL_READ(&table.slots[hash & table.mask])


cdef int32_t checked(int32_t number) except? -1

cdef object utf8_of(object text, Text *view, const char *errors=*)
