"""Texts as bags of rows, as fastText's classifiers make them."""

cimport cython
from fastemb.kernels.text.wordtable cimport Text, Token, WordTable
from libc.stdint cimport int32_t, int64_t, uint64_t

cdef enum:
    END_OF_LINE = -5        # is in a text
    TOO_MANY_NGRAMS = -6    # of a long word, or of the words of a long text


cdef enum:
    KNOWN = 1 << 10
    LONGEST = 24
    MOST = 20


cdef struct Known:
    uint64_t hash
    int32_t length          # of the word; 0 if there is none
    int32_t n               # its rows
    unsigned char[LONGEST] word
    int32_t[MOST] ids


cdef struct Bag:
    int32_t *ids            # capacity, the first n in use: the rows of a text
    int64_t n, capacity
    int32_t *hashes         # room, the first n_words in use: of the words of a text
    int64_t n_words, room
    unsigned char *marked   # size: a word between its marks
    int64_t size
    Text long_word          # where there are too many n-grams; of no bytes if they are of words
    Known *known            # KNOWN, or NULL: the rows of n-grams of words met before, by the hashes of the words


cdef struct Bucket:
    int32_t number          # -1 where the slot is empty
    int32_t row


@cython.final
cdef class Features:
    cdef WordTable table            # words, then labels
    cdef readonly int64_t n_words
    cdef readonly int64_t rows      # of n-grams
    cdef int64_t min_n, max_n, word_ngrams
    cdef int64_t buckets
    cdef bint pruned                # only some buckets have rows:
    cdef Bucket *slots              # mask + 1
    cdef int64_t mask
    cdef unsigned char *filter      # (filter_mask + 1) bits: those of buckets that have rows, and of some others
    cdef uint64_t filter_mask
    cdef Text prefix                # of labels
    cdef bytes held                 # its bytes

    cdef int add(self, word) except -1
    cdef int prune(self, const int32_t[:, ::1] kept) except -1
    cdef int fill(self, const Text *text, Bag *bag) noexcept nogil
    cdef int add_words(self, const Text *text, Bag *bag) noexcept nogil
    cdef int add_tokens(self, const Token *tokens, int n, Bag *bag) noexcept nogil
    cdef bint is_label(self, const Token *token) noexcept nogil
    cdef int add_ngrams(self, const Token *token, Bag *bag) noexcept nogil
    cdef int find_ngrams(self, const Token *token, Bag *bag) noexcept nogil
    cdef void to_rows(self, Bag *bag, int64_t first) noexcept nogil
    cdef int check(self, int status, const Bag *bag, object number) except -1


cdef void remember_words(Bag *bag) noexcept nogil
cdef void free_bag(Bag *bag) noexcept nogil
cdef object view_of(object text, Text *view)
