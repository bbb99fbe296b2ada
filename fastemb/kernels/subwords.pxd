"""The numbers that fastText gives words and their character n-grams."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t

cdef enum:
    MOST_NGRAMS = 64    # for each character of a word, or word of a text


cdef inline bint too_many_ngrams(int64_t n, int64_t longest) noexcept nogil:
    """Whether n characters or words have more than MOST_NGRAMS · n n-grams of 1 to `longest`.

    Not if they are 127 or `longest` is 64 at most. So what n-grams cost grows as their text does.
    """
    longest = max(0, min(longest, n))
    return longest * (n + 1) - longest * (longest + 1) // 2 > MOST_NGRAMS * n


cdef uint32_t hash_of(const uint8_t *text, int64_t size) noexcept nogil
cdef int64_t characters_of(const uint8_t *word, int64_t size) noexcept nogil
cdef str shown(const uint8_t *word, int64_t size)
cdef int64_t count_ngrams(
    const uint8_t *word, int64_t size, int64_t min_n, int64_t max_n, bint marks) noexcept nogil
cdef void walk(
    const uint8_t *word, int64_t size, int64_t min_n, int64_t max_n, bint code_points, uint32_t buckets,
    int32_t *ids, int64_t *spans) noexcept nogil
