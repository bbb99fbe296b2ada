"""The numbers that fastText gives words and their character n-grams."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t

cdef uint32_t hash_of(const uint8_t *text, int64_t size) noexcept nogil
cdef int64_t count_ngrams(
    const uint8_t *word, int64_t size, int64_t min_n, int64_t max_n, bint marks) noexcept nogil
cdef void walk(
    const uint8_t *word, int64_t size, int64_t min_n, int64_t max_n, bint code_points, uint32_t buckets,
    int32_t *ids, int64_t *spans) noexcept nogil
