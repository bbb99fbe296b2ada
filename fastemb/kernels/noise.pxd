from libc.stdint cimport int32_t, uint32_t, uint64_t

cdef extern from "hash.h":
    uint32_t below(uint32_t bits, uint32_t bound) noexcept nogil
    void WILL_READ(const void *address) noexcept nogil


cdef struct Entry:
    uint32_t keep
    int32_t other


cdef struct Alias:
    Entry *entries          # size
    uint32_t size


cdef class NoiseTable:
    cdef Alias alias


cdef inline int32_t entry_of(const Alias *table, uint64_t random) noexcept nogil:
    return <int32_t>below(<uint32_t>(random >> 32), table.size)


cdef inline void will_draw(const Alias *table, uint64_t random) noexcept nogil:
    """Prefetch the memory that `draw` will read."""
    WILL_READ(&table.entries[entry_of(table, random)])


cdef inline int32_t draw(const Alias *table, uint64_t random) noexcept nogil:
    """A word, by 64 random bits."""
    cdef int32_t k = entry_of(table, random)
    cdef int32_t other = table.entries[k].other, keep = <uint32_t>random <= table.entries[k].keep
    return other ^ (other ^ k) & -keep      # no branch, which could not be predicted
