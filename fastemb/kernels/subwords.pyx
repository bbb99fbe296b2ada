"""The character n-grams of words, as fastText numbers them (Bojanowski et al. 2017), and the vectors that they make.

A word stands between the marks < and >. Its n-grams begin at each character in turn, the
shorter before the longer; a mark alone is none. A character is a byte and the UTF-8 continuation
bytes (10xxxxxx) that follow it, so that bytes that are not UTF-8 have n-grams too. The
number of an n-gram is the 32-bit FNV-1a hash of its bytes, which fastText extends with
their sign, modulo the number of buckets. gensim before 3.7.2 hashed code points instead, and had n-grams of a mark
alone. A long word may have no more n-grams than `MOST_NGRAMS` says.
"""

import numpy as np

from fastemb.kernels.checks cimport check_apart, check_range
from fastemb.kernels.ragged cimport Ragged, length_of, longest_row, ragged
from fastemb.kernels.step cimport kernels
from libc.stdint cimport INT32_MAX, int8_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t

cdef extern from "platform.h":
    void *allocate_aligned(size_t size) noexcept nogil
    void free_aligned(void *memory) noexcept nogil

cdef enum:
    COMING = 4      # bags ahead, whose rows are prefetched

cdef extern from "hash.h":
    void WILL_READ(const void *address) noexcept nogil
    uint64_t inverse_of(uint32_t bound) noexcept nogil
    uint32_t remainder_by(uint32_t x, uint64_t inverse, uint32_t bound) noexcept nogil


def hash_bytes(const uint8_t[::1] text):
    """32-bit FNV-1a of the bytes, each extended with its sign (fastText)."""
    return hash_of(&text[0], text.shape[0]) if text.shape[0] else hash_of(NULL, 0)


def hash_words(const uint8_t[::1] text, const int64_t[::1] offsets):
    """The same of many words, end to end: word k is text[offsets[k]:offsets[k + 1]]; as signed numbers."""
    cdef Py_ssize_t words = offsets.shape[0] - 1, k
    longest_row(offsets, text.shape[0], "the offsets of words")
    hashes = np.empty(words, np.int32)
    cdef int32_t[::1] h = hashes
    with nogil:
        for k in range(words):
            h[k] = <int32_t>hash_of(&text[0] + offsets[k] if text.shape[0] else NULL, offsets[k + 1] - offsets[k])
    return hashes


def ngram_ids(
        const uint8_t[::1] text, const int64_t[::1] offsets, int64_t min_n, int64_t max_n, int64_t buckets,
        bint code_points=False):
    """The numbers of the n-grams of many words.

    Parameters
    ----------
    text : buffer of uint8
        The words end to end, each between its marks; an empty one has no n-grams.
    offsets : ndarray of int64, shape (words + 1,)
        Word k is text[offsets[k]:offsets[k + 1]].
    min_n, max_n : int
        Characters of the shortest and longest n-grams.
    buckets : int
        From 1 to 2³¹ - 1.
    code_points : bool, default False
        As gensim before 3.7.2.

    Returns
    -------
    starts : ndarray of int64, shape (words + 1,)
    ids : ndarray of int32
        The n-grams of word k are ids[starts[k]:starts[k + 1]].

    Raises
    ------
    ValueError
        If a word has n-grams, and those of 1 to `max_n` characters are more than 64 for each character.
    """
    cdef Py_ssize_t words = offsets.shape[0] - 1, k
    check_range("bytes of a word", longest_row(offsets, text.shape[0], "the offsets of words"), 0, INT32_MAX)
    check_range("buckets", buckets, 1, INT32_MAX)
    starts = np.zeros(words + 1, np.int64)
    if text.shape[0] == 0:
        return starts, np.empty(0, np.int32)
    cdef int64_t[::1] start = starts
    cdef int64_t n = 0
    with nogil:
        for k in range(words):
            n = count_ngrams(&text[0] + offsets[k], offsets[k + 1] - offsets[k], min_n, max_n, code_points)
            if n < 0:
                break
            start[k + 1] = start[k] + n
    if n < 0:
        refuse_word(&text[0] + offsets[k], offsets[k + 1] - offsets[k], max_n)
    ids = np.empty(starts[words], np.int32)
    if ids.size == 0:
        return starts, ids
    cdef int32_t[::1] id = ids
    with nogil:
        for k in range(words):
            if start[k] < start[k + 1]:
                walk(&text[0] + offsets[k], offsets[k + 1] - offsets[k], min_n, max_n,
                     code_points, <uint32_t>buckets, &id[0] + start[k], NULL)
    return starts, ids


def ngram_ids_of_word(bytes word, int64_t min_n, int64_t max_n, int64_t buckets, bint code_points=False):
    """As `ngram_ids`, of one word between its marks: `ids` alone."""
    cdef const uint8_t *text = <const uint8_t *><const char *>word
    check_range("bytes of a word", len(word), 0, INT32_MAX)
    check_range("buckets", buckets, 1, INT32_MAX)
    cdef int64_t n = count_ngrams(text, len(word), min_n, max_n, code_points)
    if n < 0:
        refuse_word(text, len(word), max_n)
    ids = np.empty(n, np.int32)
    cdef int32_t[::1] id = ids
    if id.shape[0]:
        walk(text, len(word), min_n, max_n, code_points, <uint32_t>buckets, &id[0], NULL)
    return ids


def ngrams(const uint8_t[::1] word, int64_t min_n, int64_t max_n):
    """The n-grams of a word, which stands between its marks, as a list of bytes."""
    cdef int64_t n, k
    check_range("bytes of a word", word.shape[0], 0, INT32_MAX)
    n = count_ngrams(&word[0], word.shape[0], min_n, max_n, False) if word.shape[0] else 0
    if n < 0:
        refuse_word(&word[0], word.shape[0], max_n)
    spans = np.empty((n, 2), np.int64)
    cdef int64_t[:, ::1] span = spans
    if n:
        walk(&word[0], word.shape[0], min_n, max_n, False, 1, NULL, &span[0, 0])
    return [bytes(word[span[k, 0]:span[k, 1]]) for k in range(n)]


def check_ngrams(int64_t n, int64_t longest, str what, str parameter="max_n"):
    """Raise ValueError if n characters, or words, have too many n-grams of up to `longest`, which `parameter` says."""
    if too_many_ngrams(n, longest):
        each = "word" if parameter == "word_ngrams" else "character"
        raise ValueError(
            f"{what} is too long for {parameter}={longest}: it would have more than {MOST_NGRAMS} n-grams for each "
            f"{each}, which {parameter}={MOST_NGRAMS} never does")


cdef int refuse_word(const uint8_t *word, int64_t size, int64_t max_n) except -1:
    """Raise what `check_ngrams` raises, of a word between its marks."""
    check_ngrams(characters_of(word, size), max_n, "the word " + shown(word + 1, size - 2))
    return 0


cdef str shown(const uint8_t *word, int64_t size):
    """The beginning of a long word, for messages."""
    return f"{word[:min(size, 30)].decode('utf-8', 'replace') + '…'!r} of {size} bytes"


cdef uint32_t hash_of(const uint8_t *text, int64_t size) noexcept nogil:
    cdef uint32_t h = 2166136261
    cdef int64_t k
    for k in range(size):
        h = hash_on(h, text[k])
    return h


cdef inline uint32_t hash_on(uint32_t h, uint8_t byte) noexcept nogil:
    return (h ^ <uint32_t><int8_t>byte) * <uint32_t>16777619


cdef inline bint continues(uint8_t byte) noexcept nogil:
    """Whether a byte belongs to the character before it."""
    return byte & 0xC0 == 0x80


cdef int32_t code_point(const uint8_t *text, int64_t size) noexcept nogil:
    """What the bytes of one character stand for; bytes that are not UTF-8 stand for themselves, as surrogates."""
    cdef int32_t point = text[0]
    cdef int64_t k
    if point < 0x80:
        return point
    if size == 1 or size > 4:
        return 0xDC00 + point
    point &= 0xFF >> (size + 1)
    for k in range(1, size):
        point = point << 6 | text[k] & 0x3F
    return point


cdef int64_t characters_of(const uint8_t *word, int64_t size) noexcept nogil:
    cdef int64_t characters = 0, k
    for k in range(size):
        characters += not continues(word[k])
    return characters


cdef int64_t count_ngrams(
        const uint8_t *word, int64_t size, int64_t min_n, int64_t max_n, bint marks) noexcept nogil:
    """Σ (characters - n + 1) over the lengths n, without the first and the last character by themselves or with.

    -1 if they are too many, or would be if all shorter ones, which are hashed on the way, were counted.
    """
    cdef int64_t characters = characters_of(word, size), low, high, lengths
    low, high = max(min_n, 1), min(max_n, characters)
    lengths = high - low + 1
    if lengths < 1:
        return 0
    if too_many_ngrams(characters, max_n):
        return -1
    lengths = lengths * (characters + 1) - lengths * (low + high) // 2
    if low == 1 and not marks:
        lengths -= 1 + (characters > 1 and not continues(word[0]))
    return lengths


cdef void walk(
        const uint8_t *word, int64_t size, int64_t min_n, int64_t max_n, bint code_points, uint32_t buckets,
        int32_t *ids, int64_t *spans) noexcept nogil:
    """Write the numbers of the n-grams, or where each begins and ends."""
    cdef int64_t first, begin, end, n
    cdef uint32_t h, before
    cdef uint64_t inverse = inverse_of(buckets)
    for first in range(size):
        if continues(word[first]):
            continue
        h = 2166136261
        end = first
        n = 0
        while end < size and n < max_n:
            before, begin = h, end
            h = hash_on(h, word[end])
            end += 1
            while end < size and continues(word[end]):
                h = hash_on(h, word[end])
                end += 1
            if code_points:
                h = (before ^ <uint32_t>code_point(word + begin, end - begin)) * <uint32_t>16777619
            n += 1
            if n < min_n or not code_points and n == 1 and (first == 0 or end == size):
                continue
            if ids != NULL:
                ids[0] = <int32_t>remainder_by(h, inverse, buckets)
                ids += 1
            else:
                spans[0], spans[1] = first, end
                spans += 2


def mean_rows(
        float[:, ::1] means, const float[:, ::1] words or None, const float[:, ::1] ngrams, const int64_t[::1] starts,
        const int32_t[::1] ids, int64_t begin, int64_t end):
    """means[k] = (words[k] + Σ ngrams[i]) / (n + 1) over the n n-grams i of word k, for begin ≤ k < end.

    All matrices have as many columns; `starts` and `ids` are as of `ngram_ids`. Without `words`, which may be None,
    they are means of n-grams alone, or zeros.
    """
    cdef Py_ssize_t d = means.shape[1], count = means.shape[0], k, n, j
    cdef Ragged bags = ragged(starts, ids, 0, ngrams.shape[0], "bags")
    cdef bint own = words is not None
    if own and (words.shape[0] != count or words.shape[1] != d) or ngrams.shape[1] != d:
        raise ValueError("the matrices differ in size")
    if bags.n != count:
        raise ValueError("the words and their n-grams differ in number")
    if not 0 <= begin <= end <= count:
        raise ValueError("there are no such words")
    check_apart(ngrams, means, "the rows of n-grams and the means")
    if own:
        check_apart(words, means, "the rows of words and the means")
    if begin == end or not d:
        return
    cdef float **rows = <float **>allocate_aligned((1 + bags.longest) * sizeof(float *))
    if rows == NULL:
        raise MemoryError("no memory for the rows of a bag")
    with nogil:
        for k in range(begin, end):
            n = length_of(&bags, k)
            if k + COMING < end:
                for j in range(starts[k + COMING], starts[k + COMING + 1]):
                    ask_for(&ngrams[ids[j], 0], d)
            if own:
                rows[0] = <float *>&words[k, 0]
            for j in range(n):
                rows[own + j] = <float *>&ngrams[ids[starts[k] + j], 0]
            n += own
            kernels.sum_rows(&means[k, 0], rows, n, d, NULL, <float>1 / <float>n if n else 0)
    free_aligned(rows)


def mean_row(const float[:, ::1] rows):
    """The mean of some rows, at least one, as `mean_rows` adds them up."""
    cdef Py_ssize_t n = rows.shape[0], d = rows.shape[1], k
    if not n:
        raise ValueError("there are no rows")
    vector = np.empty(d, np.float32)
    cdef float[::1] mean = vector
    cdef float **pointers = <float **>allocate_aligned(n * sizeof(float *))
    if pointers == NULL:
        raise MemoryError("no memory is left for a mean of rows")
    for k in range(n):
        pointers[k] = <float *>&rows[k, 0]
    if d:
        kernels.sum_rows(&mean[0], pointers, n, d, NULL, <float>1 / <float>n)
    free_aligned(pointers)
    return vector


cdef inline void ask_for(const float *row, Py_ssize_t d) noexcept nogil:
    cdef Py_ssize_t k
    for k in range(0, d, 16):
        WILL_READ(row + k)
