"""Open-addressing hash table from words, as UTF-8, to numbers and counts."""

import os

import numpy as np

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_AsEncodedString, PyUnicode_DecodeUTF8, PyUnicode_GET_LENGTH
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy, memmove, memset

cdef extern from "hash.h":
    uint64_t first_bytes(const unsigned char *s, size_t n, const unsigned char *end) noexcept nogil

cdef extern from "platform.h":
    void *allocate_pages(size_t size) noexcept nogil
    void *more_pages(void *memory, size_t before, size_t size) noexcept nogil
    void free_pages(void *memory, size_t size) noexcept nogil

cdef extern from "Python.h":
    bint PyUnicode_IS_COMPACT_ASCII(object text) noexcept
    void *PyUnicode_DATA(object text) noexcept

cdef enum:
    HEAD = 8            # bytes of a word that are the head of its entry,
    SHORT = 16          # and of its head and tail


# Who writes a text does not know it, and so cannot choose words of one hash, which would all be compared.
cdef uint64_t SECRET = int.from_bytes(os.urandom(8), "little") | 1


@cython.final
cdef class WordTable:
    """Open-addressing hash table from UTF-8 words to their numbers 0, 1, 2, … and counts.

    Parameters
    ----------
    words : iterable of str, optional
        Words to begin with, counted 0 times.
    """

    def __cinit__(self, words=()):
        self.mask = (1 << 12) - 1
        self.secret = SECRET
        self.slots = <Slot *>allocate_pages((self.mask + 1) * sizeof(Slot))
        self.capacity = 1 << 10
        self.entries = <Entry *>allocate_pages(self.capacity * sizeof(Entry))
        self.text_capacity = 1 << 14
        self.text = <unsigned char *>allocate_pages(self.text_capacity)
        if self.slots == NULL or self.entries == NULL or self.text == NULL:
            raise MemoryError("no memory for a table of words")
        memset(self.slots, 0xff, (self.mask + 1) * sizeof(Slot))
        for word in words:
            self.add(word)

    def __dealloc__(self):
        free_pages(self.slots, (self.mask + 1) * sizeof(Slot))
        free_pages(self.entries, self.capacity * sizeof(Entry))
        free_pages(self.text, self.text_capacity)

    def __len__(self):
        return self.size

    cdef int add(self, str word) except -1:
        cdef Text view
        _held = utf8_of(word, &view)
        checked(self.number(view.utf8, view.length, view.utf8 + view.length, True))
        return 0

    def __getitem__(self, Py_ssize_t number):
        """The word of that number as a str; None if it was pruned."""
        if not 0 <= number < self.size:
            raise IndexError(f"{self.size} words, and none of number {number}")
        cdef Token token = self.token_of(&self.entries[number])
        if token.length == 0:
            return None
        return PyUnicode_DecodeUTF8(<char *>token.word, token.length, "surrogatepass")

    def words(self):
        """The words as a list of str, in the order of their numbers; None for those that were pruned."""
        return [self[k] for k in range(self.size)]

    def prune(self, int64_t least):
        """Forget the words with a count below `least`. Their numbers are not used again; their counts become 0."""
        cdef Entry *entry
        cdef int64_t kept = 0
        cdef int32_t k
        for k in range(self.size):
            entry = &self.entries[k]
            if entry.count < least:
                self.known -= entry.length > 0
                entry.count = entry.length = 0
            if entry.length > SHORT:
                memmove(self.text + kept, self.text + entry.tail, entry.length)
                entry.tail = kept
                kept += entry.length
        self.text_size = kept
        if not self.rebuild(self.mask):
            raise MemoryError("no memory for a table of words")

    def word_counts(self):
        """The counts, int64, in the order of the numbers."""
        counts = np.empty(self.size, np.int64)
        cdef int64_t[::1] view = counts
        cdef int32_t k
        for k in range(self.size):
            view[k] = self.entries[k].count
        return counts

    def longest_search(self):
        """How many words the search for one of them compares at most: few, unless many have one hash."""
        cdef uint64_t at, home
        cdef int64_t longest = 0
        for at in range(self.mask + 1):
            if self.slots[at].id >= 0:
                home = self.token_of(&self.entries[self.slots[at].id]).hash
                longest = max(longest, <int64_t>((at - home) & self.mask) + 1)
        return longest

    def merge(self, WordTable other):
        """Add the words and counts of `other`; return the number here of each of its words, int32."""
        if other is self:
            raise ValueError("a table cannot be merged into itself")
        cdef int32_t[::1] numbers = np.empty(other.size, np.int32)
        cdef int32_t k
        self.find_each(other, True, numbers)
        for k in range(other.size):
            self.entries[numbers[k]].count += other.entries[k].count
        return numbers.base

    def find_all(self, WordTable other):
        """The number here of each word of `other`, int32; -1 for those that are not here."""
        cdef int32_t[::1] numbers = np.empty(other.size, np.int32)
        self.find_each(other, False, numbers)
        return numbers.base

    cdef int find_each(self, WordTable other, bint grow, int32_t[::1] numbers) except -1:
        """Number the words of `other` as `find` does, some together."""
        cdef Token tokens[BATCH]
        cdef const Token *token
        cdef int32_t begin = 0, n, k, status = 0
        with nogil:
            while begin < other.size and status >= -1:
                n = min(BATCH, other.size - begin)
                for k in range(n):
                    tokens[k] = other.token_of(&other.entries[begin + k])
                    prefetch(self, tokens[k].hash)
                for k in range(n):
                    self.expect_entry(tokens[k].hash)
                for k in range(n):
                    token = &tokens[k]
                    numbers[begin + k] = self.find(token.word, token.length, token.hash, token.end, grow)
                    status = min(status, numbers[begin + k])
                begin += n
        checked(status)
        return 0

    cdef int32_t number(self, bytes_t word, int64_t length, bytes_t end, bint grow) noexcept nogil:
        """Number of a word; if it is new, add it where `grow`, else return -1. Other negative: an error.

        The memory up to `end` may be read.
        """
        return self.find(word, length, hash_bytes(word, length, end, self.secret), end, grow)

    cdef int32_t find(self, bytes_t word, int64_t length, uint64_t hash, bytes_t end, bint grow) noexcept nogil:
        cdef uint32_t tag = <uint32_t>(hash >> 32)
        cdef uint64_t at = hash & self.mask, head = first_bytes(word, min(length, HEAD), end), tail = 0
        cdef int32_t id
        if HEAD < length <= SHORT:
            tail = first_bytes(word + HEAD, length - HEAD, end)
        while True:
            id = self.slots[at].id
            if id < 0:
                break
            if self.slots[at].tag == tag and self.entries[id].head == head and (
                    self.is_word(&self.entries[id], word, length, tail)):
                return id
            at = (at + 1) & self.mask
        if not grow:
            return -1
        return self.append(word, Entry(head, tail, length, 0), tag, at)

    cdef bint is_word(self, const Entry *entry, bytes_t word, int64_t length, uint64_t tail) noexcept nogil:
        """Whether it is this word, which has the same head."""
        if entry.length != length:
            return False
        return entry.tail == tail if length <= SHORT else memcmp(self.text + entry.tail, word, length) == 0

    cdef Token token_of(self, const Entry *entry) noexcept nogil:
        """The word of an entry, and its hash."""
        cdef Token token = Token(<bytes_t>&entry.head, entry.length, 0, <bytes_t>(entry + 1))
        if entry.length > SHORT:
            token.word, token.end = self.text + entry.tail, self.text + self.text_capacity
        token.hash = hash_bytes(token.word, token.length, token.end, self.secret)
        return token

    cdef int32_t look_up(self, const Token *tokens, int n, bint grow, int32_t *ids) noexcept nogil:
        """Number n words as `find` does, and where `grow` count them; 0, or the error, after which all are -1."""
        cdef const Token *token
        cdef int32_t id, status = 0
        cdef int k
        for k in range(n):
            self.expect_entry(tokens[k].hash)
        for k in range(n):
            token = &tokens[k]
            ids[k] = -1
            if status < 0:
                continue
            id = self.find(token.word, token.length, token.hash, token.end, grow)
            if id < -1:
                status = id
            elif id >= 0:
                ids[k] = id
                if grow:    # else other threads may read it too
                    self.entries[id].count += 1
        return status

    cdef void expect_entry(self, uint64_t hash) noexcept nogil:
        """Prefetch what most probably is the entry of a word with that hash."""
        cdef int32_t id = self.slots[hash & self.mask].id
        if id >= 0:
            WILL_READ(&self.entries[id])

    cdef int32_t append(self, bytes_t word, Entry entry, uint32_t tag, uint64_t at) noexcept nogil:
        cdef int32_t id = self.size
        cdef int64_t length = entry.length if entry.length > SHORT else 0
        if id == INT32_MAX:
            return FULL
        if not self.reserve(self.text_size + length):
            return OUT_OF_MEMORY
        if length:
            entry.tail = self.text_size
            memcpy(self.text + self.text_size, word, length)
            self.text_size += length
        self.entries[id] = entry
        self.slots[at].tag = tag
        self.slots[at].id = id
        self.size += 1
        self.known += 1
        if <uint64_t>self.known * 2 > self.mask and not self.rebuild(2 * self.mask + 1):
            return OUT_OF_MEMORY
        return id

    cdef bint reserve(self, int64_t text_size) noexcept nogil:
        """Make room for so much text, and one more word."""
        cdef void *memory
        if text_size > self.text_capacity:
            memory = more_pages(self.text, self.text_capacity, 2 * text_size)
            if memory == NULL:
                return False
            self.text = <unsigned char *>memory
            self.text_capacity = 2 * text_size
        if self.size == self.capacity:
            memory = more_pages(self.entries, self.capacity * sizeof(Entry), 2 * self.capacity * sizeof(Entry))
            if memory == NULL:
                return False
            self.entries = <Entry *>memory
            self.capacity *= 2
        return True

    cdef bint rebuild(self, uint64_t mask) noexcept nogil:
        """Make the slots anew, mask + 1 of them."""
        cdef Slot *slots = <Slot *>allocate_pages((mask + 1) * sizeof(Slot))
        cdef uint64_t hash, at
        cdef int32_t id
        if slots == NULL:
            return False
        memset(slots, 0xff, (mask + 1) * sizeof(Slot))
        for id in range(self.size):
            if self.entries[id].length == 0:       # pruned
                continue
            hash = self.token_of(&self.entries[id]).hash
            at = hash & mask
            while slots[at].id >= 0:
                at = (at + 1) & mask
            slots[at].tag = <uint32_t>(hash >> 32)
            slots[at].id = id
        free_pages(self.slots, (self.mask + 1) * sizeof(Slot))
        self.slots = slots
        self.mask = mask
        return True


cdef int32_t checked(int32_t number) except? -1:
    if number == OUT_OF_MEMORY:
        raise MemoryError("no memory for another word")
    if number == FULL:
        raise OverflowError("more than 2,147,483,647 different words")
    return number


cdef object utf8_of(object text, Text *view, const char *errors="surrogatepass"):
    """Let `view` be the UTF-8 of a str, of surrogates what `errors` says, as long as what is returned lives."""
    if not isinstance(text, str):
        raise TypeError(f"a text must be a str, not {type(text).__name__}")
    if PyUnicode_IS_COMPACT_ASCII(text):
        view[0] = Text(<bytes_t>PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text))
        return text
    utf8 = PyUnicode_AsEncodedString(text, "utf-8", errors)     # CPython's own would stay with the str
    view[0] = Text(<bytes_t>PyBytes_AS_STRING(utf8), PyBytes_GET_SIZE(utf8))
    return utf8
