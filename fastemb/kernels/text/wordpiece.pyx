"""Texts as token ids, as BERT's tokenizers make them: words, and pieces of words.

    text ─ added tokens found ─ section ─ characters become others ─ words ─ 32 looked up together ─ pieces of the rest
"""

import numpy as np

from fastemb.kernels.ragged import starts_of
from fastemb.kernels.text.unicode import tables

from fastemb.kernels.text.characters cimport ALONE, BETWEEN, BLANK, CHINESE, DROPPED, LEFT_OUT, MOVES, PARTS
from fastemb.kernels.text.characters cimport hangul_parts, kind_of, read_code, record_of, set_ascii, write_code
from fastemb.kernels.text.pieces cimport MOST_MOVED, Pieces, free_pieces, grow_buffer, longest_token, reserve_ids
from fastemb.kernels.text.wordtable cimport (
    BATCH,
    OUT_OF_MEMORY,
    Text,
    Token,
    WordTable,
    checked,
    hash_bytes,
    prefetch,
    utf8_of,
)

cimport cython
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint16_t, uint32_t
from libc.string cimport memset


@cython.final
cdef class Tokenizer:
    """BERT's normaliser with WordPiece or whole words; see wordpiece.pyi."""

    def __cinit__(
            self, tokens, added, int32_t unknown, prefix, int64_t most_characters, int cut, bint clean, bint chinese,
            bint strip, bint lower):
        cdef const uint16_t[::1] numbers, starts
        cdef const uint32_t[:, ::1] pages
        cdef const uint32_t[::1] codes
        known = [(token, id) for id, token in enumerate(tokens) if token is not None]
        self.n_ids, self.unknown, self.pieces = len(tokens), unknown, prefix is not None
        if not (-1 <= unknown < self.n_ids <= INT32_MAX) or not 0 <= cut <= 2 or most_characters < 0:
            raise ValueError(f"unknown={unknown}, cut={cut} or most_characters={most_characters} is out of range")
        self.heads, self.tails, self.added = WordTable(), WordTable(), WordTable()
        self.head_ids = np.empty(max(len(known), 1), np.int32)
        self.add_all(self.heads, known, self.head_ids)
        tails = []
        if self.pieces:
            tails = [(token[len(prefix):], id) for token, id in known if token.startswith(prefix) and token != prefix]
        self.tail_ids = np.empty(max(len(tails), 1), np.int32)
        self.add_all(self.tails, tails, self.tail_ids)
        self.longest = max((len(token.encode("utf-8", "surrogatepass")) for token, _ in known), default=0)
        self.added_ids = np.empty(max(len(added), 1), np.int32)
        self.add_all(self.added, added, self.added_ids)
        for token, id in added:
            utf8 = token.encode("utf-8", "surrogatepass")
            if not utf8 or not 0 <= id < self.n_ids:
                raise ValueError(f"the added token {token!r} is empty, or its id {id} is none")
            self.begins_added[<uint8_t>utf8[0]] = 1
            self.longest_added = max(self.longest_added, len(utf8))
        self.most_characters = most_characters
        self.held = numbers, pages, starts, codes = tables()
        self.characters.numbers, self.characters.pages = &numbers[0], &pages[0, 0]
        self.characters.starts, self.characters.codes = &starts[0], &codes[0]
        self.characters.clean, self.characters.chinese = clean, chinese
        self.characters.strip, self.characters.lower, self.characters.cut = strip, lower, cut
        set_ascii(&self.characters)

    cdef int add_all(self, WordTable table, words, ids) except -1:
        """Add words, each with its id, to a table; `ids` gets the ids."""
        cdef int32_t[::1] numbered = ids
        cdef Text view
        for word, id in words:
            before = table.size
            _held = utf8_of(word, &view)
            checked(table.number(view.utf8, view.length, view.utf8 + view.length, True))
            if table.size == before:
                raise ValueError(f"the token {word!r} is there twice")
            numbered[before] = id
        return 0

    def ids(self, list texts, int64_t first=0, int64_t most_characters=-1):
        """The tokens of each text; see wordpiece.pyi."""
        cdef Pieces p
        cdef Text view
        cdef int status
        parts = []
        memset(&p, 0, sizeof(Pieces))
        p.limit = INT32_MAX
        try:
            for number, text in enumerate(texts, first):
                _held = text_of(text, number, most_characters, &view)
                with nogil:
                    status = self.fill(&view, &p)
                self.check(status, number)
                parts.append(np.asarray(<int32_t[:p.n]>p.ids).copy() if p.n else np.empty(0, np.int32))
        finally:
            free_pieces(&p)
        return np.concatenate([np.empty(0, np.int32), *parts]), starts_of([len(ids) for ids in parts])

    cdef int check(self, int status, object number) except -1:
        """Raise what is wrong with a text by what `fill` said of it."""
        if status == UNKNOWN:
            raise ValueError(f"text {number}: has a word without a token, and there is no token for unknown words")
        checked(status)
        return 0

    cdef int fill(self, const Text *text, Pieces *p) noexcept nogil:
        """Put the tokens of a text in the place of what was there; 0, or what is wrong."""
        cdef const unsigned char *at = text.utf8
        cdef const unsigned char *begin = at
        cdef const unsigned char *end = at + text.length
        cdef int64_t length
        cdef int32_t id = 0
        cdef int status
        p.n = p.used = p.begin = p.n_words = p.n_moved = 0
        while self.longest_added and at < end and p.n < p.limit:
            length = self.added_at(at, end, &id) if self.begins_added[at[0]] else 0
            if not length:
                at += 1
                continue
            status = self.section(begin, at, p)
            if status < 0:
                return status
            if not reserve_ids(p, 1):
                return OUT_OF_MEMORY
            p.ids[p.n] = id
            p.n += 1
            at += length
            begin = at
        return self.section(begin, end, p)

    cdef int64_t added_at(self, const unsigned char *at, const unsigned char *end, int32_t *id) noexcept nogil:
        """The length of the longest added token that stands there, and its id; 0 if there is none."""
        cdef int64_t length = min(self.longest_added, end - at)
        cdef int32_t number
        while length:
            number = self.added.number(at, length, end, False)
            if number >= 0:
                id[0] = self.added_ids[number]
                return length
            length -= 1
        return 0

    cdef int section(self, const unsigned char *at, const unsigned char *end, Pieces *p) noexcept nogil:
        """Add the tokens of what stands between added tokens."""
        cdef const uint8_t *kinds = self.characters.kind
        cdef const uint8_t *becomes = self.characters.becomes
        cdef int64_t room
        cdef uint32_t code
        cdef int kind, status = 0
        while at < end and p.n < p.limit:
            if p.used + 16 > p.size and not grow_buffer(p):
                return OUT_OF_MEMORY
            if at[0] >= 0x80:
                at += read_code(at, &code)
                status = self.add_code(code, p)
                if status < 0:
                    return status
                continue
            if p.n_moved:
                status = self.put_moved(p)
            kind = kinds[at[0]]
            if kind == LEFT_OUT:
                at += 1
                continue
            if kind != p.kind or kind >= ALONE:
                status = min(status, self.end_word(p))
                p.kind = kind
            if kind == BETWEEN:
                at += 1
            else:
                room = p.size - p.used - 8 if kind != ALONE else 1
                while True:
                    p.buffer[p.used] = becomes[at[0]]
                    p.used += 1
                    at += 1
                    room -= 1
                    if room <= 0 or at == end or at[0] >= 0x80 or kinds[at[0]] != kind:
                        break
            if status < 0:
                return status
        if p.n_moved:
            status = self.put_moved(p)
        status = min(status, self.end_word(p))
        return min(status, self.look_up(p))

    cdef int add_code(self, uint32_t code, Pieces *p) noexcept nogil:
        """Add a character that is not ASCII, or what it becomes."""
        cdef const Characters *c = &self.characters
        cdef uint32_t record = record_of(c, code)
        cdef int status = 0
        if c.clean and record & DROPPED:
            return 0
        if c.clean and record & BLANK:
            status = self.put_moved(p)
            return min(status, self.end_word(p))
        if not (c.chinese and record & CHINESE):
            return self.add_stripped(code, p)
        status = self.put_moved(p)
        status = min(status, self.end_word(p))
        status = min(status, self.add_stripped(code, p))
        status = min(status, self.put_moved(p))
        return min(status, self.end_word(p))

    cdef int add_stripped(self, uint32_t code, Pieces *p) noexcept nogil:
        """Add a character without its accents; combining ones that stay are sorted, by their classes, before."""
        cdef const Characters *c = &self.characters
        cdef uint32_t[3] parts
        cdef const uint32_t *codes = &code
        cdef uint32_t record = record_of(c, code), sequence = record >> 8 & 0xFFF
        cdef int n = 1, k, j, status = 0
        if not c.strip:
            return self.put(code, p)
        if not record & MOVES and sequence:
            codes, n = c.codes + c.starts[sequence], c.starts[sequence + 1] - c.starts[sequence]
        elif hangul_parts(code, parts):
            codes, n = parts, hangul_parts(code, parts)
        for k in range(n):
            if not codes[k]:                    # left out
                return self.put_moved(p) if record & PARTS else 0
            record = record_of(c, codes[k])
            if not record & MOVES or p.n_moved == MOST_MOVED:
                status = min(status, self.put_moved(p))
            if not record & MOVES:
                status = min(status, self.put(codes[k], p))
                continue
            j = p.n_moved
            while j and p.classes[j - 1] > (record >> 8 & 0xFFF):
                p.moved[j], p.classes[j] = p.moved[j - 1], p.classes[j - 1]
                j -= 1
            p.moved[j], p.classes[j] = codes[k], record >> 8 & 0xFFF
            p.n_moved += 1
        return status

    cdef int put_moved(self, Pieces *p) noexcept nogil:
        cdef int k, n = p.n_moved, status = 0
        p.n_moved = 0
        for k in range(n):
            status = min(status, self.put(p.moved[k], p))
        return status

    cdef int put(self, uint32_t code, Pieces *p) noexcept nogil:
        """Put a character, in lower case if that is wanted, where it belongs."""
        cdef const Characters *c = &self.characters
        cdef uint32_t sequence = record_of(c, code) >> 20 if c.lower else 0
        cdef const uint32_t *codes = &code
        cdef int n = 1, k, kind, status = 0
        if sequence:
            codes, n = c.codes + c.starts[sequence], c.starts[sequence + 1] - c.starts[sequence]
        for k in range(n):
            kind = kind_of(c, record_of(c, codes[k]))
            if kind != p.kind or kind >= ALONE:
                status = min(status, self.end_word(p))
                p.kind = kind
            if kind == BETWEEN:
                continue
            if p.used + 16 > p.size and not grow_buffer(p):
                return OUT_OF_MEMORY
            p.used += write_code(codes[k], p.buffer + p.used)
        return status

    cdef int end_word(self, Pieces *p) noexcept nogil:
        """Close the word that is open, if there is one."""
        cdef int64_t length = p.used - p.begin
        cdef int n = p.n_words
        p.kind = BETWEEN
        if not length:
            return 0
        p.begins[n], p.lengths[n] = p.begin, length
        p.hashes[n] = hash_bytes(p.buffer + p.begin, length, p.buffer + p.size, self.heads.secret)
        prefetch(self.heads, p.hashes[n])
        p.begin = p.used
        p.n_words += 1
        return self.look_up(p) if p.n_words == BATCH else 0

    cdef int look_up(self, Pieces *p) noexcept nogil:
        """Add the tokens of the words that are closed."""
        cdef Token tokens[BATCH]
        cdef int32_t[BATCH] numbers
        cdef int k, n = p.n_words, status = 0
        if n <= 0:
            return 0
        for k in range(n):
            tokens[k] = Token(p.buffer + p.begins[k], p.lengths[k], p.hashes[k], p.buffer + p.size)
        self.heads.look_up(tokens, n, False, numbers)
        for k in range(n):
            if not reserve_ids(p, tokens[k].length + 1):
                return OUT_OF_MEMORY
            if self.pieces and (numbers[k] < 0 or tokens[k].length > self.most_characters):
                status = min(status, self.cut_word(tokens[k].word, tokens[k].length, p))
                continue
            p.ids[p.n] = self.head_ids[numbers[k]] if numbers[k] >= 0 else self.unknown
            status = min(status, UNKNOWN if p.ids[p.n] < 0 else 0)
            p.n += 1
        p.n_words = 0
        p.used = p.begin = 0
        return status

    cdef int cut_word(self, const unsigned char *word, int64_t length, Pieces *p) noexcept nogil:
        """Add the longest token that a word begins with, then the longest that goes on, …; or the unknown one."""
        cdef int64_t first = p.n, begin = 0, end = length, characters = 0, k
        cdef int32_t number = 0
        if length > self.most_characters:
            for k in range(length):
                characters += word[k] & 0xC0 != 0x80
        while begin < length and characters <= self.most_characters:
            end = min(length, begin + self.longest)
            if begin:
                number = longest_token(self.tails, word, begin, &end, length)
            else:
                number = longest_token(self.heads, word, 0, &end, length)
            if number < 0:
                break
            p.ids[p.n] = self.tail_ids[number] if begin else self.head_ids[number]
            p.n += 1
            begin = end
        if begin < length:
            p.n = first + 1
            p.ids[first] = self.unknown
            return UNKNOWN if self.unknown < 0 else 0
        return 0


cdef object text_of(object text, object number, int64_t most, Text *view):
    """Let `view` be the UTF-8 of the first `most` characters of a text, all if it is negative, as `utf8_of` does."""
    if not isinstance(text, str):
        raise TypeError(f"text {number} must be a str, not {type(text).__name__}")
    if 0 <= most < len(text):
        text = text[:most]
    try:
        return utf8_of(text, view, "strict")
    except UnicodeEncodeError as error:
        raise ValueError(f"text {number}: is no text: it has a surrogate at {error.start}") from None
