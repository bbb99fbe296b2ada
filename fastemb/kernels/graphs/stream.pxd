"""Random numbers that belong to a walk, and the order in which walks begin."""

from libc.stdint cimport int64_t, uint64_t

cdef extern from "hash.h":
    uint64_t mix(uint64_t x) noexcept nogil
    uint64_t random_at(uint64_t key, uint64_t k) noexcept nogil


cdef inline uint64_t key_of_walk(uint64_t seed, int64_t node, int64_t number) noexcept nogil:
    """The stream of the number-th walk from a node."""
    return random_at(random_at(seed, <uint64_t>node), <uint64_t>number)


cdef inline double unit(uint64_t bits) noexcept nogil:
    """A number from [0, 1) with 53 random bits."""
    return <double>(bits >> 11) * (1.0 / 9007199254740992.0)


cdef inline double short_unit(uint64_t bits) noexcept nogil:
    """A number from [0, 1) with the lower 32 of the bits."""
    return <double>(bits & 0xFFFFFFFFu) * (1.0 / 4294967296.0)


cdef inline int64_t permuted(int64_t k, int64_t n, uint64_t key) noexcept nogil:
    """Where k from [0, n) goes in a random permutation: a Feistel network over 2^(2 half) ≥ n, walked until below n."""
    cdef int half = 1, round
    cdef uint64_t x = <uint64_t>k, mask, left, right
    while (<uint64_t>1 << 2 * half) < <uint64_t>n:
        half += 1
    mask = (<uint64_t>1 << half) - 1
    while True:
        left, right = x >> half, x & mask
        for round in range(4):
            left, right = right, left ^ (random_at(key + round, right) >> 20 & mask)
        x = left << half | right
        if x < <uint64_t>n:
            return <int64_t>x
