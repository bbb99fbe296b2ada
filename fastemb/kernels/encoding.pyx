"""Words to integers: one pass over UTF-8 text or over Python sentences.

Both encoders give each word a number in order of first appearance, count it, and
append the number to `ids`; `starts` holds where each sentence begins. With a fixed
vocabulary, words outside it become -1.
"""

import operator
from array import array
from itertools import islice

import numpy as np

cimport cython
from cpython.array cimport array as carray
from cpython.array cimport resize, resize_smart
from cpython.dict cimport PyDict_GetItemWithError
from cpython.long cimport PyLong_CheckExact
from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_CheckExact, PyUnicode_DecodeUTF8, PyUnicode_GET_LENGTH
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy, memmove, memset

cdef extern from "hash.h":
    uint64_t first_bytes(const unsigned char *s, size_t n, const unsigned char *end) noexcept nogil
    uint64_t hash_bytes(const unsigned char *s, size_t n, const unsigned char *end) noexcept nogil
    const unsigned char *skip_visible(const unsigned char *p, const unsigned char *end) noexcept nogil
    void WILL_READ(const void *address) noexcept nogil

cdef extern from "platform.h":
    void *allocate_pages(size_t size) noexcept nogil
    void *more_pages(void *memory, size_t before, size_t size) noexcept nogil
    void free_pages(void *memory, size_t size) noexcept nogil

cdef extern from "Python.h":
    # The address is borrowed, and UTF-8 is kept inside the str object.
    const char *PyUnicode_AsUTF8AndSize(object text, Py_ssize_t *size) except NULL
    bint PyUnicode_IS_COMPACT_ASCII(object text) noexcept
    void *PyUnicode_DATA(object text) noexcept

ctypedef const unsigned char *bytes_t

cdef enum:
    OUT_OF_MEMORY = -2
    FULL = -3
    INVALID = -4
    HEAD = 8            # bytes of a word that are kept beside its count
    BATCH = 32          # tokens that are looked up together, so that they wait for memory together
    WORDS = 4096        # taken at a time of a sentence that is no list
    PAYS = 4            # a table of all words pays when a share of 1 / PAYS of them has been looked up

cdef struct Slot:
    uint32_t tag
    int32_t id

cdef struct Entry:
    uint64_t head       # the first bytes
    int64_t begin       # of the word in the text
    int64_t length      # 0 if it was pruned
    int64_t count

cdef struct Token:
    bytes_t word
    int64_t length
    uint64_t hash
    bytes_t end         # the memory up to here may be read


@cython.final
cdef class WordTable:
    """Open-addressing hash table from UTF-8 words to their numbers 0, 1, 2, … and counts.

    Parameters
    ----------
    words : iterable of str, optional
        Words to begin with, counted 0 times.
    """

    cdef Slot *slots
    cdef uint64_t mask
    cdef Entry *entries
    cdef int64_t capacity
    cdef unsigned char *text
    cdef int64_t text_size, text_capacity
    cdef readonly int32_t size
    cdef readonly int32_t known     # words that were not pruned

    def __cinit__(self, words=()):
        self.mask = (1 << 12) - 1
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
        cdef Py_ssize_t length = 0
        cdef const char *text = PyUnicode_AsUTF8AndSize(word, &length)
        checked(self.number(<bytes_t>text, length, <bytes_t>text + length, True))
        return 0

    def words(self):
        """The words as a list of str, in the order of their numbers; None for those that were pruned."""
        cdef list words = []
        cdef Entry *entry
        cdef int32_t k
        for k in range(self.size):
            entry = &self.entries[k]
            if entry.length == 0:
                words.append(None)
            else:
                words.append(PyUnicode_DecodeUTF8(<char *>self.text + entry.begin, entry.length, NULL))
        return words

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
            memmove(self.text + kept, self.text + entry.begin, entry.length)
            entry.begin = kept
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

    def merge(self, WordTable other):
        """Add the words and counts of `other`; return the number here of each of its words, int32."""
        numbers = np.empty(other.size, np.int32)
        cdef int32_t[::1] view = numbers
        cdef Entry *entry
        cdef int32_t k, id
        for k in range(other.size):
            entry = &other.entries[k]
            id = checked(self.number(
                other.text + entry.begin, entry.length, other.text + other.text_capacity, True))
            self.entries[id].count += entry.count
            view[k] = id
        return numbers

    cdef int32_t number(self, bytes_t word, int64_t length, bytes_t end, bint grow) noexcept nogil:
        """Number of a word; if it is new, add it where `grow`, else return -1. Other negative: an error.

        The memory up to `end` may be read.
        """
        return self.find(word, length, hash_bytes(word, length, end), end, grow)

    cdef int32_t find(self, bytes_t word, int64_t length, uint64_t hash, bytes_t end, bint grow) noexcept nogil:
        cdef uint32_t tag = <uint32_t>(hash >> 32)
        cdef uint64_t at = hash & self.mask, head = first_bytes(word, min(length, HEAD), end)
        cdef int32_t id
        cdef Entry *entry
        while True:
            id = self.slots[at].id
            if id < 0:
                break
            if self.slots[at].tag == tag:
                entry = &self.entries[id]
                if entry.head == head and entry.length == length and (
                        length <= HEAD or memcmp(self.text + entry.begin, word, length) == 0):
                    return id
            at = (at + 1) & self.mask
        if not grow:
            return -1
        return self.append(word, length, head, tag, at)

    cdef inline void expect(self, uint64_t hash) noexcept nogil:
        """Prefetch the memory where a word with that hash begins to be looked up."""
        WILL_READ(&self.slots[hash & self.mask])

    cdef int32_t look_up(self, const Token *tokens, int n, bint grow, int32_t *ids) noexcept nogil:
        """Number n words as `find` does, and where `grow` count them; 0, or the error, after which all are -1."""
        cdef const Token *token
        cdef Entry *entry
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
                entry = &self.entries[id]
                entry.count += grow
        return status

    cdef inline void expect_entry(self, uint64_t hash) noexcept nogil:
        """And then for what most probably is its entry."""
        cdef int32_t id = self.slots[hash & self.mask].id
        if id >= 0:
            WILL_READ(&self.entries[id])

    cdef int32_t append(self, bytes_t word, int64_t length, uint64_t head, uint32_t tag, uint64_t at) noexcept nogil:
        cdef int32_t id = self.size
        if id == INT32_MAX:
            return FULL
        if not self.reserve(self.text_size + length):
            return OUT_OF_MEMORY
        memcpy(self.text + self.text_size, word, length)
        self.entries[id] = Entry(head, self.text_size, length, 0)
        self.text_size += length
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
        cdef Entry *entry
        cdef int32_t id
        if slots == NULL:
            return False
        memset(slots, 0xff, (mask + 1) * sizeof(Slot))
        for id in range(self.size):
            entry = &self.entries[id]
            if entry.length == 0:       # pruned
                continue
            hash = hash_bytes(self.text + entry.begin, entry.length, self.text + self.text_capacity)
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


cdef enum:
    # What a byte is. Only for those of spaces is SPACE set.
    LETTER = 0
    WIDE = 1        # part of a character beyond ASCII
    SPACE = 2       # the ASCII characters at which str.split() splits
    NEWLINE = 3

cdef unsigned char kinds[256]
for _byte in range(256):
    # NUL goes with what has to be looked at closely: text has none.
    kinds[_byte] = WIDE if _byte >= 128 or _byte == 0 else SPACE if chr(_byte).isspace() else LETTER
kinds[10] = NEWLINE


cdef inline bint is_wide_space(uint32_t c) noexcept nogil:
    """The other characters at which str.split() splits."""
    return (c == 0x85 or c == 0xa0 or c == 0x1680 or 0x2000 <= c <= 0x200a or c == 0x2028 or c == 0x2029
            or c == 0x202f or c == 0x205f or c == 0x3000)


cdef int code_point(bytes_t p, bytes_t end, uint32_t *value) noexcept nogil:
    """Length in bytes of the UTF-8 character at p, which goes to `value`; 0 if it is not valid, or NUL."""
    cdef unsigned char first = p[0]
    cdef int length, k
    cdef uint32_t c
    if first < 0x80:
        value[0] = first
        return first != 0
    if 0xc2 <= first < 0xe0:
        length = 2
        c = first & 0x1f
    elif 0xe0 <= first < 0xf0:
        length = 3
        c = first & 0x0f
    elif 0xf0 <= first < 0xf5:
        length = 4
        c = first & 0x07
    else:
        return 0
    if end - p < length:
        return 0
    for k in range(1, length):
        if p[k] & 0xc0 != 0x80:
            return 0
        c = c << 6 | (p[k] & 0x3f)
    # Overlong forms, surrogates, and what lies beyond Unicode.
    if length == 3 and (c < 0x800 or 0xd800 <= c < 0xe000) or length == 4 and (c < 0x10000 or c > 0x10ffff):
        return 0
    value[0] = c
    return length


@cython.final
cdef class TextEncoder:
    """Encode UTF-8 text, given in blocks of bytes; a line is a sentence, split as by `str.split()`.

    Parameters
    ----------
    vocabulary : WordTable, optional
        A fixed vocabulary, which is only read: any other word becomes -1. By default
        each new word gets the next number, and words are counted.
    """

    cdef readonly WordTable table
    cdef readonly int64_t bytes_done    # of the text up to the end of the last whole token
    cdef carray ids, starts
    cdef int64_t n_ids, n_starts
    cdef bint grow, at_line_start
    cdef bytearray rest                 # a token that the last block left unfinished
    cdef Token waiting[BATCH]           # the last of the n_ids tokens, which are not looked up yet
    cdef int n_waiting

    def __init__(self, WordTable vocabulary=None):
        self.grow = vocabulary is None
        self.table = WordTable() if vocabulary is None else vocabulary
        self.ids = array("i")
        self.starts = array("q")
        self.at_line_start = True
        self.rest = bytearray()

    def feed(self, block, bint last=False):
        """Encode a block of bytes. With `last`, a token and a line end with the block.

        Raises UnicodeDecodeError at bytes that are not UTF-8; `bytes_done` says where.
        """
        cdef const unsigned char[::1] view
        if self.rest:
            self.rest += block
            block, self.rest = bytes(self.rest), bytearray()
        view = block
        cdef Py_ssize_t size = view.shape[0], used = 0
        cdef int32_t status = 0
        if size:
            # At most one token for two bytes, and one line for each: so nothing need grow without the GIL.
            self.reserve(size // 2 + 1, size + 1)
            with nogil:
                status = self.encode(&view[0], size, last, &used)
        self.bytes_done += used
        if status == INVALID:
            end = min(used + 4, size)
            reason = "invalid UTF-8" if view[used] else "a NUL byte, which no text has,"
            raise UnicodeDecodeError("utf-8", bytes(view[used:end]), 0, 1, reason)
        checked(status)
        if last:
            self.at_line_start = True
        if used < size:
            self.rest += view[used:]

    @property
    def known(self):
        """Different words, without those that were pruned."""
        return self.table.known

    def prune(self, int64_t least):
        """Forget the words with a count below `least`."""
        self.table.prune(least)

    @property
    def nbytes(self):
        """Memory that the encoded sentences take."""
        return 4 * self.n_ids + 8 * self.n_starts

    def take(self):
        """As `finish` for the sentences that are complete, and go on."""
        return taken(self.ids, &self.n_ids, self.starts, &self.n_starts, not self.at_line_start)

    def finish(self):
        """The numbers (int32) and the sentence starts (int64, one more than sentences); ends the encoding."""
        return finished(self.ids, self.n_ids, self.starts, self.n_starts)

    cdef int reserve(self, int64_t tokens, int64_t lines) except -1:
        reserve(self.ids, self.n_ids + tokens)
        reserve(self.starts, self.n_starts + lines + 1)
        return 0

    cdef int32_t encode(self, bytes_t text, Py_ssize_t size, bint last, Py_ssize_t *used) noexcept nogil:
        """Encode whole tokens; `used` is how far that went."""
        cdef bytes_t p = text, end = text + size, token
        cdef unsigned char kind, bits
        cdef int32_t status
        while p < end:
            kind = kinds[p[0]]
            if kind & SPACE:
                self.at_line_start |= kind == NEWLINE
                p += 1
                continue
            token = p
            bits = LETTER
            while p < end:
                kind = kinds[p[0]]
                if kind & SPACE:
                    break
                bits |= kind
                p = p + 1 if kind & WIDE else skip_visible(p + 1, end)
            if p == end and not last:
                p = token
                break
            used[0] = token - text
            status = self.wide_token(token, p, end, used) if bits & WIDE else self.token(token, p - token, end)
            if status < 0:
                return status
        used[0] = p - text
        return self.look_up()

    cdef inline int32_t token(self, bytes_t word, int64_t length, bytes_t end) noexcept nogil:
        """Add a token to those that wait, and look them up if they are many. The first of a line begins a sentence."""
        cdef uint64_t hash = hash_bytes(word, length, end)
        if self.at_line_start:
            self.starts.data.as_longlongs[self.n_starts] = self.n_ids
            self.n_starts += 1
            self.at_line_start = False
        self.table.expect(hash)
        self.waiting[self.n_waiting] = Token(word, length, hash, end)
        self.n_waiting += 1
        self.n_ids += 1
        return self.look_up() if self.n_waiting == BATCH else 0

    cdef int32_t look_up(self) noexcept nogil:
        """Look up the tokens that wait."""
        cdef int n = self.n_waiting
        self.n_waiting = 0
        return self.table.look_up(self.waiting, n, self.grow, <int32_t *>self.ids.data.as_ints + self.n_ids - n)

    cdef int32_t wide_token(self, bytes_t p, bytes_t token_end, bytes_t end, Py_ssize_t *used) noexcept nogil:
        """Check that a token is UTF-8, and split it at the spaces of Unicode."""
        cdef bytes_t word = p
        cdef uint32_t c = 0
        cdef int length
        cdef int32_t status
        while p < token_end:
            length = code_point(p, token_end, &c)
            if length == 0:
                used[0] += p - word
                return INVALID
            if is_wide_space(c):
                if p > word:
                    status = self.token(word, p - word, end)
                    if status < 0:
                        return status
                used[0] += p + length - word
                word = p + length
            p += length
        return self.token(word, p - word, end) if p > word else 0


cdef inline bint is_plain_ascii(object word) noexcept:
    """Whether it is an exact str of ASCII characters, at least one."""
    return PyUnicode_CheckExact(word) and PyUnicode_IS_COMPACT_ASCII(word) and PyUnicode_GET_LENGTH(word) > 0


cdef int reserve(carray numbers, int64_t size) except -1:
    """Make room for `size` numbers (memory that is not written to is not used)."""
    if size > len(numbers):
        try:
            resize_smart(numbers, size + size // 2)
        except MemoryError:
            raise MemoryError(f"no memory for {size} encoded words or sentences; see memory_budget") from None
    return 0


@cython.final
cdef class SentenceEncoder:
    """Encode sentences of Python objects: words are str or integers.

    Strings of ASCII are looked up as in text, by their bytes; other words in a dict, and the first few of a fixed
    vocabulary as well.

    Parameters
    ----------
    index : dict, optional
        A fixed vocabulary, word → number; any other word gets -1. By default each
        new word gets the next number.
    """

    cdef list found                     # the words, by number
    cdef dict index                     # numbers of words that are not in the table
    cdef WordTable table
    cdef carray numbers                 # of the words in the table
    cdef carray ids, starts, counts     # counts: of the words in the index
    cdef int64_t n_ids, n_starts
    cdef int64_t few                    # so many words more are looked up in the dict alone
    cdef bint grow
    cdef Token waiting[BATCH]           # the last of the n_ids words, which are not looked up yet
    cdef PyObject *objects[BATCH]
    cdef int n_waiting

    def __init__(self, index=None):
        self.grow = index is None
        self.index = {} if index is None else index
        self.found = []
        self.table = WordTable()
        self.numbers = array("i")
        self.ids = array("i")
        self.starts = array("q")
        self.counts = array("q")
        self.n_ids = self.n_starts = 0
        self.few = -1 if self.grow else len(self.index) // PAYS

    cdef int fill_table(self) except -1:
        """Bring the words of a fixed vocabulary into the table."""
        for word, number in self.index.items():
            if is_plain_ascii(word):
                self.table.add(word)
                self.numbers.append(number)
        return 0

    def add(self, sentence):
        """Encode one sentence. Raises TypeError where a word is not a str or an integer."""
        if isinstance(sentence, (bytes, bytearray)):
            raise TypeError(
                f"sentence {self.n_starts} must be an iterable of words, not {type(sentence).__name__}: "
                "decode and split it")
        if isinstance(sentence, np.ndarray):
            sentence = sentence.tolist()
        reserve(self.starts, self.n_starts + 2)
        cdef int64_t begin = self.n_ids
        try:
            if type(sentence) is list:
                self.add_words(sentence)
            else:
                iterator = self.words_of(sentence)
                words = [None] * WORDS
                while len(words) == WORDS:      # an iterator is not asked again after its end: some begin anew
                    words = list(islice(iterator, WORDS))
                    self.add_words(words)
        except BaseException:
            self.n_ids = begin
            self.n_waiting = 0
            raise
        self.starts.data.as_longlongs[self.n_starts] = begin
        self.n_starts += 1

    cdef object words_of(self, sentence):
        try:
            return iter(sentence)
        except TypeError as error:
            raise TypeError(
                f"sentence {self.n_starts} must be an iterable of words, not {type(sentence).__name__}") from error

    cdef int add_words(self, list words) except -1:
        cdef const unsigned char *text
        cdef Token *token
        cdef int32_t number
        reserve(self.ids, self.n_ids + len(words))
        if self.few >= 0:
            self.few -= len(words)
            if self.few < 0:
                self.fill_table()
        for word in words:
            if self.few >= 0 or not is_plain_ascii(word):
                self.look_up()
                number = self.number(word)
                self.ids.data.as_ints[self.n_ids] = number
                self.n_ids += 1
                continue
            text = <const unsigned char *>PyUnicode_DATA(word)
            token = &self.waiting[self.n_waiting]
            token.word, token.length = text, PyUnicode_GET_LENGTH(word)
            token.end = text + token.length
            token.hash = hash_bytes(text, token.length, token.end)
            self.table.expect(token.hash)
            self.objects[self.n_waiting] = <PyObject *>word
            self.n_waiting += 1
            self.n_ids += 1
            if self.n_waiting == BATCH:
                self.look_up()
        self.look_up()
        return 0

    cdef int look_up(self) except -1:
        """Look up the words that wait."""
        cdef int32_t *ids = <int32_t *>self.ids.data.as_ints + self.n_ids - self.n_waiting
        cdef int32_t status = self.table.look_up(self.waiting, self.n_waiting, self.grow, ids)
        cdef int k
        for k in range(self.n_waiting):
            if ids[k] == len(self.numbers):     # a new word
                self.numbers.append(self.new_number())
                self.found.append(<object>self.objects[k])
            if ids[k] >= 0:
                ids[k] = self.numbers.data.as_ints[ids[k]]
        self.n_waiting = 0
        checked(status)
        return 0

    cdef int32_t new_number(self) except -1:
        checked(FULL if len(self.found) == INT32_MAX else 0)
        reserve(self.counts, len(self.found) + 1)
        self.counts.data.as_longlongs[len(self.found)] = 0
        return len(self.found)

    cdef int32_t number(self, word) except? -2:
        """Number of a word that is no exact str of ASCII."""
        cdef int64_t id
        if not (PyUnicode_CheckExact(word) or PyLong_CheckExact(word)):
            word = self.plain(word)
            if is_plain_ascii(word):
                self.add_words([word])
                self.n_ids -= 1
                return self.ids.data.as_ints[self.n_ids]
        cdef PyObject *found = PyDict_GetItemWithError(self.index, word)
        if found != NULL:
            id = <object>found
        elif not self.grow:
            return -1
        else:
            id = self.new_number()
            self.index[word] = id
            self.found.append(word)
        if self.grow:
            self.counts.data.as_longlongs[id] += 1
        return id

    cdef object plain(self, word):
        """The word as a plain str or int."""
        if isinstance(word, str):
            return str(word)
        try:
            return operator.index(word)
        except TypeError:
            raise TypeError(
                f"sentence {self.n_starts}: words must be str or int, not {type(word).__name__} ({word!r:.50})"
            ) from None

    @property
    def words(self):
        """The words as a list, in the order of their numbers; None for those that were pruned."""
        return self.found

    def word_counts(self):
        """The counts, int64, in the order of the numbers."""
        counts = np.frombuffer(self.counts, np.int64)[:len(self.found)].copy()
        counts[np.frombuffer(self.numbers, np.int32)] += self.table.word_counts()
        return counts

    @property
    def known(self):
        """Different words, without those that were pruned."""
        return len(self.index) + self.table.known

    def prune(self, int64_t least):
        """Forget the words with a count below `least`. Their numbers are not used again; their counts become 0."""
        cdef int64_t k
        counts = self.word_counts()
        for k in np.flatnonzero(counts < least).tolist():
            self.index.pop(self.found[k], None)
            self.found[k] = None
            self.counts.data.as_longlongs[k] = 0
        self.table.prune(least)

    @property
    def nbytes(self):
        """Memory that the encoded sentences take."""
        return 4 * self.n_ids + 8 * self.n_starts

    def take(self):
        """As `finish` for the sentences so far, and go on."""
        return taken(self.ids, &self.n_ids, self.starts, &self.n_starts, False)

    def finish(self):
        """The numbers (int32) and the sentence starts (int64, one more than sentences); ends the encoding."""
        return finished(self.ids, self.n_ids, self.starts, self.n_starts)


cdef tuple taken(carray ids, int64_t *n_ids, carray starts, int64_t *n_starts, bint unfinished):
    """Copies of the numbers and starts, which then begin anew; with `unfinished`, at the last sentence."""
    cdef int64_t sentences = n_starts[0] - unfinished
    cdef int64_t words = starts.data.as_longlongs[sentences] if unfinished else n_ids[0]
    reserve(starts, n_starts[0] + 1)
    taken_ids = np.frombuffer(ids, np.int32)[:words].copy()
    taken_starts = np.append(np.frombuffer(starts, np.int64)[:sentences], words)
    memmove(ids.data.as_ints, ids.data.as_ints + words, (n_ids[0] - words) * sizeof(int32_t))
    n_ids[0] -= words
    starts.data.as_longlongs[0] = 0
    n_starts[0] = unfinished
    resize(ids, n_ids[0])
    resize(starts, n_starts[0] + 1)
    return taken_ids, taken_starts


cdef tuple finished(carray ids, int64_t n_ids, carray starts, int64_t n_starts):
    """The numbers and the starts, with the end of the last sentence, as arrays of just their size."""
    reserve(starts, n_starts + 1)
    starts.data.as_longlongs[n_starts] = n_ids
    resize(starts, n_starts + 1)
    resize(ids, n_ids)
    return np.frombuffer(ids, np.int32), np.frombuffer(starts, np.int64)


def renumber(int32_t[::1] ids, const int32_t[::1] numbers):
    """ids[i] = numbers[ids[i]], in place; -1 stays."""
    cdef Py_ssize_t i
    with nogil:
        for i in range(ids.shape[0]):
            if ids[i] >= 0:
                ids[i] = numbers[ids[i]]
