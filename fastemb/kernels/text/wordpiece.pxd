"""Texts as token ids, as BERT's tokenizers make them: words, and pieces of words."""

cimport cython
from fastemb.kernels.text.characters cimport Characters
from fastemb.kernels.text.pieces cimport Pieces
from fastemb.kernels.text.wordtable cimport Text, WordTable
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t

cdef enum:
    UNKNOWN = -5        # a word that has no token, where there is none for the unknown


@cython.final
cdef class Tokenizer:
    cdef WordTable heads            # all tokens
    cdef WordTable tails            # those that go on a word, without their prefix
    cdef int32_t[::1] head_ids      # by their numbers in the tables
    cdef int32_t[::1] tail_ids
    cdef readonly int64_t n_ids     # above all of them
    cdef readonly int32_t unknown   # -1: none
    cdef bint pieces                # WordPiece; else whole words alone
    cdef int64_t most_characters    # of a word that is looked up
    cdef int64_t longest            # bytes of a token
    cdef Characters characters
    cdef tuple held                 # the tables, and texts of added tokens
    cdef WordTable added            # tokens that are found in texts as they are
    cdef int32_t[::1] added_ids
    cdef int64_t longest_added
    cdef uint8_t[256] begins_added  # by first bytes

    cdef int add_all(self, WordTable table, words, ids) except -1
    cdef int fill(self, const Text *text, Pieces *p) noexcept nogil
    cdef int64_t added_at(self, const unsigned char *at, const unsigned char *end, int32_t *id) noexcept nogil
    cdef int section(self, const unsigned char *at, const unsigned char *end, Pieces *p) noexcept nogil
    cdef int add_code(self, uint32_t code, Pieces *p) noexcept nogil
    cdef int add_stripped(self, uint32_t code, Pieces *p) noexcept nogil
    cdef int put_moved(self, Pieces *p) noexcept nogil
    cdef int put(self, uint32_t code, Pieces *p) noexcept nogil
    cdef int end_word(self, Pieces *p) noexcept nogil
    cdef int look_up(self, Pieces *p) noexcept nogil
    cdef int cut_word(self, const unsigned char *word, int64_t length, Pieces *p) noexcept nogil
    cdef int check(self, int status, object number) except -1


cdef object text_of(object text, object number, int64_t most, Text *view)
