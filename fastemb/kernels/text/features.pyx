"""Texts as bags of rows, as fastText's classifiers make them: words, n-grams of their characters, n-grams of words."""

import numpy as np

from fastemb.kernels.ragged import starts_of
from fastemb.kernels.subwords import check_ngrams

from fastemb.kernels.subwords cimport characters_of, count_ngrams, hash_of, shown, too_many_ngrams, walk
from fastemb.kernels.text.wordtable cimport (
    BATCH,
    OUT_OF_MEMORY,
    Text,
    Token,
    WordTable,
    bytes_t,
    checked,
    hash_bytes,
    prefetch,
    utf8_of,
)

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcmp, memcpy, memset

cdef extern from "hash.h":
    const unsigned char *skip_visible(const unsigned char *p, const unsigned char *end) noexcept nogil

cdef enum:
    NEW_LINE = 10
    MULTIPLIER = 116049371      # of the hashes of n-grams of words

cdef bytes END = b"</s>"
cdef bytes_t end_of_sentence = <bytes_t>PyBytes_AS_STRING(END)


@cython.final
cdef class Features:
    """What rows a text of a classifier has; see features.pyi."""

    def __cinit__(
            self, words, labels, str prefix, int64_t min_n, int64_t max_n, int64_t buckets, int64_t word_ngrams,
            kept=None):
        if min(min_n, max_n, buckets) < 0 or buckets > INT32_MAX:
            raise ValueError(f"n-grams of {min_n} to {max_n} characters, and {buckets} buckets")
        self.table = WordTable()
        for word in (*words, *labels):
            self.add(word)
        self.n_words = len(words)
        if len(self.table) != len(words) + len(labels):
            raise ValueError("a word or label is there twice")
        self.min_n, self.max_n, self.word_ngrams = min_n, max_n, min(word_ngrams, INT32_MAX)
        self.rows = self.buckets = buckets
        self.held = prefix.encode("utf-8", "surrogatepass")
        self.prefix = Text(<bytes_t>PyBytes_AS_STRING(self.held), len(self.held))
        if kept is not None:
            self.prune(kept)
        if self.n_words + self.rows > INT32_MAX:
            raise ValueError(f"{self.n_words} words and {self.rows} rows of n-grams are too many")

    def __dealloc__(self):
        free(self.slots)
        free(self.filter)

    cdef int add(self, word) except -1:
        cdef Text view
        _held = view_of(word, &view)
        checked(self.table.number(view.utf8, view.length, view.utf8 + view.length, True))
        return 0

    cdef int prune(self, const int32_t[:, ::1] kept) except -1:
        """Make the table of the buckets that have rows."""
        cdef int64_t count = kept.shape[0], k, at
        if kept.shape[1] != 2:
            raise ValueError("the buckets that are left have a number and a row each")
        self.pruned, self.rows, self.mask = True, count, 1
        while self.mask < 3 * count:
            self.mask = 2 * self.mask + 1
        self.slots = <Bucket *>malloc((self.mask + 1) * sizeof(Bucket))
        self.filter_mask = 4 * <uint64_t>self.mask + 3
        self.filter = <unsigned char *>calloc((self.filter_mask >> 3) + 1, 1)
        if self.slots == NULL or self.filter == NULL:
            raise MemoryError(f"no memory for a table of {count} buckets")
        memset(self.slots, 0xff, (self.mask + 1) * sizeof(Bucket))
        for k in range(count):
            if not (0 <= kept[k, 0] < self.buckets and 0 <= kept[k, 1] < count):
                raise ValueError("the buckets that are left are damaged")
            at = kept[k, 0] & self.filter_mask
            self.filter[at >> 3] |= 1 << (at & 7)
            at = slot_of(kept[k, 0]) & self.mask
            while self.slots[at].number >= 0:
                at = (at + 1) & self.mask
            self.slots[at] = Bucket(kept[k, 0], kept[k, 1])
        return 0

    def bags(self, list texts):
        """The rows of each text; see features.pyi."""
        cdef Bag bag
        cdef Text view
        cdef int status
        bags = []
        memset(&bag, 0, sizeof(Bag))
        try:
            for number, text in enumerate(texts):
                _held = view_of(text, &view)
                status = self.fill(&view, &bag)
                self.check(status, &bag, number)
                bags.append(np.asarray(<int32_t[:bag.n]>bag.ids).copy() if bag.n else np.empty(0, np.int32))
        finally:
            free_bag(&bag)
        return np.concatenate([np.empty(0, np.int32), *bags]), starts_of([len(ids) for ids in bags])

    cdef int check(self, int status, const Bag *bag, object number) except -1:
        """Raise what is wrong with a text by what `fill` said of it."""
        cdef Text word = bag.long_word
        if status == END_OF_LINE:
            raise ValueError(f"text {number} holds an end of line")
        if status == TOO_MANY_NGRAMS and word.length:
            what = f"text {number}: the word {shown(word.utf8, word.length)}"
            check_ngrams(characters_of(word.utf8, word.length) + 2, self.max_n, what)
        if status == TOO_MANY_NGRAMS:
            check_ngrams(bag.n_words, self.word_ngrams, f"text {number} of {bag.n_words} words", "word_ngrams")
        checked(status)
        return 0

    cdef int fill(self, const Text *text, Bag *bag) noexcept nogil:
        """Put the rows of a text into a bag, in the place of what was there; 0, or what is wrong."""
        cdef int64_t k, j, first
        cdef uint64_t h
        cdef int status
        bag.n = bag.n_words = 0
        status = self.add_words(text, bag)
        if status < 0 or self.word_ngrams < 2 or not self.rows:
            return status
        if too_many_ngrams(bag.n_words, self.word_ngrams):
            bag.long_word.length = 0
            return TOO_MANY_NGRAMS
        for k in range(bag.n_words):
            h = <uint64_t><int64_t>bag.hashes[k]
            first = bag.n
            if not reserve(bag, min(self.word_ngrams, bag.n_words - k)):
                return OUT_OF_MEMORY
            for j in range(k + 1, min(bag.n_words, k + self.word_ngrams)):
                h = h * MULTIPLIER + <uint64_t><int64_t>bag.hashes[j]
                bag.ids[bag.n] = <int32_t>(h % <uint64_t>self.buckets)
                bag.n += 1
            self.to_rows(bag, first)
        return 0

    cdef int add_words(self, const Text *text, Bag *bag) noexcept nogil:
        """Split a text at ASCII blanks, as fastText does, and add its words, up to the end of the sentence."""
        cdef Token tokens[BATCH]
        cdef bytes_t p = text.utf8, end = p + text.length
        cdef int n = 0, status = 0
        cdef bint ended = False
        while not ended:
            while p < end and is_blank(p[0]):
                if p[0] == NEW_LINE:
                    return END_OF_LINE
                p += 1
            ended = p == end
            if ended:
                tokens[n] = Token(end_of_sentence, 4, 0, end_of_sentence + 4)
            else:
                tokens[n] = Token(p, 0, 0, end)
                while p < end and not is_blank(p[0]):
                    p = skip_visible(p + 1, end)
                tokens[n].length = p - tokens[n].word
            tokens[n].hash = hash_bytes(tokens[n].word, tokens[n].length, tokens[n].end, self.table.secret)
            prefetch(self.table, tokens[n].hash)
            ended |= is_end(&tokens[n])
            n += 1
            if ended or n == BATCH:
                status = self.add_tokens(tokens, n, bag)
                n = 0
                if status < 0:
                    return status
        while p < end:      # behind </s>
            if p[0] == NEW_LINE:
                return END_OF_LINE
            p += 1
        return status

    cdef int add_tokens(self, const Token *tokens, int n, Bag *bag) noexcept nogil:
        cdef int32_t ids[BATCH]
        cdef int k, status
        self.table.look_up(tokens, n, False, ids)
        for k in range(n):
            if ids[k] >= self.n_words or (ids[k] < 0 and self.is_label(&tokens[k])):
                continue
            if not (reserve(bag, 1) and (self.word_ngrams < 2 or add_hash(bag, &tokens[k]))):
                return OUT_OF_MEMORY
            if ids[k] >= 0:
                bag.ids[bag.n] = ids[k]
                bag.n += 1
            if self.max_n and self.rows and not is_end(&tokens[k]):
                status = self.add_ngrams(&tokens[k], bag)
                if status < 0:
                    return status
        return 0

    cdef bint is_label(self, const Token *token) noexcept nogil:
        return token.length >= self.prefix.length and memcmp(token.word, self.prefix.utf8, self.prefix.length) == 0

    cdef int add_ngrams(self, const Token *token, Bag *bag) noexcept nogil:
        """Add the rows of the character n-grams of a word; 0, or what is wrong."""
        cdef Known *known = NULL
        cdef int status
        cdef int64_t first = bag.n
        if bag.known != NULL and token.length <= LONGEST:
            known = &bag.known[token.hash & (KNOWN - 1)]
            if known.hash == token.hash and known.length == token.length and (
                    memcmp(known.word, token.word, token.length) == 0):
                if not reserve(bag, known.n):
                    return OUT_OF_MEMORY
                memcpy(bag.ids + first, known.ids, known.n * sizeof(int32_t))
                bag.n += known.n
                return 0
        status = self.find_ngrams(token, bag)
        if status < 0:
            return status
        if known != NULL and bag.n - first <= MOST:
            known.hash, known.length, known.n = token.hash, <int32_t>token.length, <int32_t>(bag.n - first)
            memcpy(known.word, token.word, token.length)
            memcpy(known.ids, bag.ids + first, known.n * sizeof(int32_t))
        return 0

    cdef int find_ngrams(self, const Token *token, Bag *bag) noexcept nogil:
        """As `add_ngrams`, of a word that was not met before."""
        cdef int64_t size = token.length + 2, first = bag.n, count
        if size > bag.size:
            free(bag.marked)
            bag.size = 2 * size
            bag.marked = <unsigned char *>malloc(bag.size)
            if bag.marked == NULL:
                bag.size = 0
                return OUT_OF_MEMORY
        bag.marked[0], bag.marked[size - 1] = c"<", c">"
        memcpy(bag.marked + 1, token.word, token.length)
        count = count_ngrams(bag.marked, size, self.min_n, self.max_n, False)
        if count < 0:
            bag.long_word = Text(token.word, token.length)
            return TOO_MANY_NGRAMS
        if not reserve(bag, count):
            return OUT_OF_MEMORY
        if not count:
            return 0
        walk(bag.marked, size, self.min_n, self.max_n, False, <uint32_t>self.buckets, bag.ids + first, NULL)
        bag.n += count
        self.to_rows(bag, first)
        return 0

    cdef void to_rows(self, Bag *bag, int64_t first) noexcept nogil:
        """Buckets to rows, from the first on; those that have none are left out."""
        cdef int64_t k, n = first
        cdef uint64_t at
        cdef int32_t number
        if not self.pruned:
            for k in range(first, bag.n):
                bag.ids[k] += <int32_t>self.n_words
            return
        for k in range(first, bag.n):   # most are left out here, without a branch
            at = bag.ids[k] & self.filter_mask
            bag.ids[n] = bag.ids[k]
            n += self.filter[at >> 3] >> (at & 7) & 1
        bag.n, n = n, first
        for k in range(first, bag.n):
            number = bag.ids[k]
            at = slot_of(number) & self.mask
            while self.slots[at].number != number and self.slots[at].number >= 0:
                at = (at + 1) & self.mask
            bag.ids[n] = <int32_t>self.n_words + self.slots[at].row
            n += self.slots[at].number >= 0
        bag.n = n


cdef inline int64_t slot_of(int32_t bucket) noexcept nogil:
    """Where a bucket is looked for first: runs of buckets must not become runs of slots."""
    return <uint32_t>bucket * <uint32_t>2654435761 >> 7


cdef inline bint is_blank(unsigned char c) noexcept nogil:
    """Whether fastText ends a word there: at a blank, tab, end of line, VT, FF, CR or NUL."""
    return c == 32 or 9 <= c <= 13 or c == 0


cdef inline bint is_end(const Token *token) noexcept nogil:
    return token.length == 4 and memcmp(token.word, end_of_sentence, 4) == 0


cdef inline bint reserve(Bag *bag, int64_t more) noexcept nogil:
    """Make room for more ids; False if there is no memory."""
    return bag.n + more <= bag.capacity or grow_ids(bag, more)


cdef bint grow_ids(Bag *bag, int64_t more) noexcept nogil:
    cdef int64_t capacity = 2 * (bag.n + more) + 64
    cdef int32_t *ids = <int32_t *>realloc(bag.ids, capacity * sizeof(int32_t))
    if ids == NULL:
        return False
    bag.ids, bag.capacity = ids, capacity
    return True


cdef bint add_hash(Bag *bag, const Token *token) noexcept nogil:
    """Keep the hash of a word for n-grams of words; False if there is no memory."""
    cdef int32_t *hashes
    if bag.n_words == bag.room:
        hashes = <int32_t *>realloc(bag.hashes, (2 * bag.room + 64) * sizeof(int32_t))
        if hashes == NULL:
            return False
        bag.hashes, bag.room = hashes, 2 * bag.room + 64
    bag.hashes[bag.n_words] = <int32_t>hash_of(token.word, token.length)
    bag.n_words += 1
    return True


cdef void remember_words(Bag *bag) noexcept nogil:
    """Keep rows of n-grams for words that come again; without memory it is as if none came."""
    bag.known = <Known *>calloc(KNOWN, sizeof(Known))


cdef void free_bag(Bag *bag) noexcept nogil:
    free(bag.known)
    free(bag.ids)
    free(bag.hashes)
    free(bag.marked)


cdef object view_of(object text, Text *view):
    """Let `view` be the bytes of a str as long as what is returned lives; those that were not decoded as they were."""
    try:
        return utf8_of(text, view, "surrogateescape")
    except UnicodeEncodeError:
        return utf8_of(text, view)
