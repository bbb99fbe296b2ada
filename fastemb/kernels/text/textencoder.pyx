"""Encoder of UTF-8 text."""

from fastemb.kernels.text.encoder cimport Encoder, begin_sentence, look_up_waiting, reserve, wait
from fastemb.kernels.text.wordtable cimport INVALID, Text, WordTable, bytes_t, checked, utf8_of

cimport cython
from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.stdlib cimport free, malloc

cdef extern from "hash.h":
    const unsigned char *skip_visible(const unsigned char *p, const unsigned char *end) noexcept nogil

cdef extern from "split.h":
    enum:
        LETTER, WIDE, SPACE, NEWLINE
    const unsigned char kinds[256], fasttext_kinds[256]
    bint is_wide_space(uint32_t c) noexcept nogil
    int code_point(const unsigned char *p, const unsigned char *end, uint32_t *value) noexcept nogil


@cython.final
cdef class TextEncoder(Encoder):
    """Encode text, split as by `str.split()`: blocks of UTF-8, whose lines are sentences, or str, each a sentence.

    Parameters
    ----------
    vocabulary : WordTable, optional
        A fixed vocabulary, which is only read: any other word becomes -1. By default
        each new word gets the next number, and words are counted.
    as_fasttext : bool, default False
        Split as fastText does: at blanks of ASCII, and NUL.
    every_line : bool, default False
        Lines without words are sentences, too: empty ones. (But no last line without an end.)
    """

    cdef readonly int64_t bytes_done    # of the text up to the end of the last whole token
    cdef bint at_line_start, every_line
    cdef bytearray rest                 # a token that the last block left unfinished
    cdef const unsigned char *kinds     # of bytes
    cdef bint as_fasttext
    cdef bint of_str                    # so that an end of line is a space, and NUL and surrogates are parts of words

    def __cinit__(self, WordTable vocabulary=None, bint as_fasttext=False, bint every_line=False):
        self.every_line = every_line
        self.as_fasttext, self.kinds = as_fasttext, &fasttext_kinds[0] if as_fasttext else &kinds[0]
        self.grow = vocabulary is None
        self.table = WordTable() if vocabulary is None else vocabulary
        self.at_line_start = True
        self.rest = bytearray()

    cdef bint unfinished(self):
        return not self.at_line_start

    def feed(self, block, bint last=False):
        """Encode a block of bytes. With `last`, a token and a line end with the block.

        Raises UnicodeDecodeError at bytes that are not UTF-8; `bytes_done` says where.
        """
        if block is None:
            raise TypeError("a block must be bytes, not None")
        cdef const unsigned char[::1] view = block
        cdef Py_ssize_t size = view.shape[0], used = 0, before = len(self.rest)
        cdef int32_t status = 0
        if before:
            self.rest += block
            if not last and size and not self.has_blank(&view[0], size):    # a long token: it is looked at when it ends
                return
            block, self.rest = bytes(self.rest), bytearray()
            view = block
        if before + size:
            # Of a block at most one token for two bytes, and one line for each; of a token before it, which may hold
            # blanks of Unicode, one for three bytes: so nothing need grow without the GIL.
            reserve(self.ids, self.n_ids + before // 3 + size // 2 + 2)
            reserve(self.starts, self.n_starts + size + 2)
            size += before
            with nogil:
                status = self.encode(&view[0], size, last, &used)
                if status == 0:
                    status = look_up_waiting(self)
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

    def add_texts(self, list texts):
        """Encode some str, each a sentence. Their bytes are borrowed, or copied while this runs."""
        cdef Py_ssize_t n = len(texts), k
        cdef int64_t tokens = 0
        cdef int32_t status
        cdef list held = []
        cdef Text *views = <Text *>malloc((n + 1) * sizeof(Text))
        if views == NULL:
            raise MemoryError(f"no memory for {n} texts")
        try:
            for k in range(n):
                held.append(utf8_of(texts[k], &views[k], "strict" if self.as_fasttext else "surrogatepass"))
                tokens += views[k].length // 2 + 1
            reserve(self.ids, self.n_ids + tokens)
            reserve(self.starts, self.n_starts + n + 1)
            with nogil:
                status = self.encode_each(views, n)
            checked(status)
        finally:
            free(views)

    cdef int32_t encode_each(self, const Text *texts, Py_ssize_t n) noexcept nogil:
        cdef int32_t status = 0
        cdef Py_ssize_t used, k
        self.of_str, self.at_line_start = True, False
        for k in range(n):
            begin_sentence(self, self.n_ids)
            status = self.encode(texts[k].utf8, texts[k].length, True, &used)
            if status < 0:
                break
        self.of_str, self.at_line_start = False, True
        return status if status < 0 else look_up_waiting(self)

    cdef int32_t encode(self, bytes_t text, Py_ssize_t size, bint last, Py_ssize_t *used) noexcept nogil:
        """Let whole tokens wait, or look them up; `used` is how far that went."""
        cdef bytes_t p = text, end = text + size, token
        cdef unsigned char kind, bits, newline = LETTER if self.of_str else NEWLINE
        cdef int32_t status
        while p < end:
            kind = self.kinds[p[0]]
            if kind & SPACE:
                if kind == newline:
                    if self.every_line and self.at_line_start:
                        begin_sentence(self, self.n_ids)
                    self.at_line_start = True
                p += 1
                continue
            token = p
            bits = LETTER
            while p < end:
                kind = self.kinds[p[0]]
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
        return 0

    cdef inline int32_t token(self, bytes_t word, int64_t length, bytes_t end) noexcept nogil:
        """Add a token to those that wait, and look them up if they are many. The first of a line begins a sentence."""
        if self.at_line_start:
            begin_sentence(self, self.n_ids)
            self.at_line_start = False
        return look_up_waiting(self) if wait(self, word, length, end) else 0

    cdef int32_t wide_token(self, bytes_t p, bytes_t token_end, bytes_t end, Py_ssize_t *used) noexcept nogil:
        """Check that a token is UTF-8, and split it at the spaces of Unicode."""
        cdef bytes_t word = p
        cdef uint32_t c = 0
        cdef int length
        cdef int32_t status
        while p < token_end:
            length = code_point(p, token_end, &c)
            if length == 0 and self.of_str:
                p += 1
                continue
            if length == 0:
                used[0] += p - word
                return INVALID
            if is_wide_space(c) and not self.as_fasttext:
                if p > word:
                    status = self.token(word, p - word, end)
                    if status < 0:
                        return status
                used[0] += p + length - word
                word = p + length
            p += length
        return self.token(word, p - word, end) if p > word else 0

    cdef bint has_blank(self, bytes_t text, Py_ssize_t size):
        cdef Py_ssize_t k
        for k in range(size):
            if self.kinds[text[k]] & SPACE:
                return True
        return False
