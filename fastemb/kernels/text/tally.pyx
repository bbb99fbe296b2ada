"""Counts of pairs of words, in 8 bytes each.

A table is as large as memory that was never touched is slow, above all on virtual machines. A key is two numbers, in as
many bits as the largest has; the count has what is left of 64, and those that are larger are in a table of others.
"""

import os

from fastemb.kernels.checks cimport check_range

cimport cython
from fastemb.kernels.text.pairtable cimport (
    AHEAD,
    BATCH,
    OUT_OF_MEMORY,
    WILL_READ,
    Entry,
    Pair,
    PairTable,
    allocate_table,
    folded,
    free_pages,
)
from fastemb.kernels.text.phrases cimport PhraseTable, pair_of
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

cdef enum:
    NARROWEST = 16          # bits of a number, of whose two the count's 32 are left
    WIDEST = 28

# Who writes a text does not know it, and so cannot choose pairs of one hash.
cdef uint64_t SECRET = int.from_bytes(os.urandom(8), "little")
cdef uint64_t ODD = 0x9E3779B97F4A7C15


cdef inline uint64_t place_of(uint64_t key, uint64_t slots) noexcept nogil:
    """The slot where a key begins to be looked up: its hash, from 0 to 1, of all."""
    cdef uint64_t hash = folded(key ^ SECRET, ODD) >> 32
    return hash * (slots >> 32) + (hash * <uint32_t>slots >> 32)


@cython.final
cdef class Tally(PairTable):
    """Counts of pairs of words; see tally.pyi."""

    def __cinit__(self, int64_t words, int64_t expected=0):
        check_range("words", words, 0, <int64_t>1 << WIDEST)
        check_range("expected", expected, 0, <int64_t>1 << 40)
        self.words, self.with_middles, self.more = words, False, PhraseTable()
        self.width = NARROWEST
        while words > <int64_t>1 << self.width:
            self.width += 1
        self.bits = 64 - 2 * self.width
        self.most = (<uint64_t>1 << self.bits) - 1
        self.slots = 2 * BATCH + <uint64_t>(expected + expected // 3)
        self.entries = <uint64_t *>allocate_table(self.slots * sizeof(uint64_t))
        if self.entries == NULL:
            raise MemoryError("no memory for a table of pairs")

    def __dealloc__(self):
        free_pages(self.entries, self.slots * sizeof(uint64_t))

    def prune(self, int64_t least):
        """Forget the pairs with a count below `least`."""
        cdef uint64_t at
        for at in range(self.slots):
            if self.entries[at] and self.count_of(self.entries[at]) < least:
                self.entries[at] = 0
                self.size -= 1
        self.more.prune(least)
        if not self.rebuild(self.slots):
            raise MemoryError("no memory for a table of pairs")

    cdef uint64_t key_of(self, uint64_t pair) noexcept nogil:
        return pair >> 32 << self.width | <uint32_t>pair

    cdef uint64_t unpacked(self, uint64_t entry) noexcept nogil:
        """As in an `Entry`."""
        cdef uint64_t key = entry >> self.bits
        return key >> self.width << 32 | key & ((<uint64_t>1 << self.width) - 1)

    cdef Pair as_large(self, uint64_t entry) noexcept nogil:
        """As it is looked up in `more`."""
        cdef uint64_t pair = self.unpacked(entry)
        return pair_of(<int32_t>(pair >> 32), 0, <int32_t>pair)

    cdef uint64_t slot(self, uint64_t key) noexcept nogil:
        """Where the pair is, or would be."""
        cdef uint64_t at = place_of(key, self.slots)
        while self.entries[at] and self.entries[at] >> self.bits != key:
            at = at + 1 if at + 1 < self.slots else 0
        return at

    cdef uint32_t count_of(self, uint64_t entry) noexcept nogil:
        cdef uint64_t count = entry & self.most
        return <uint32_t>count if count < self.most else self.more.find(self.as_large(entry))

    cdef uint32_t value_of(self, int32_t first, uint32_t middle, int32_t last) noexcept nogil:
        if middle or first >= self.words or last >= self.words:
            return 0
        return self.count_of(self.entries[self.slot(<uint64_t>first << self.width | <uint64_t>last)])

    cdef int32_t bump_each(self, Pair *pairs, int n) noexcept nogil:
        cdef int32_t status
        cdef int k
        if (self.size + n) * 4 > 3 * <int64_t>self.slots and not self.rebuild(2 * self.slots):
            return OUT_OF_MEMORY
        for k in range(n):
            pairs[k].pair = self.key_of(pairs[k].pair)
            pairs[k].hash = place_of(pairs[k].pair, self.slots)
        for k in range(min(n, AHEAD)):
            WILL_READ(&self.entries[pairs[k].hash])
        for k in range(n):
            if k + AHEAD < n:
                WILL_READ(&self.entries[pairs[k + AHEAD].hash])
            status = self.bump(pairs[k].pair, pairs[k].hash)
            if status < 0:
                return status
        return 0

    cdef int32_t bump(self, uint64_t key, uint64_t at) noexcept nogil:
        """Count a pair, which is looked up from a slot on."""
        cdef uint64_t entry = self.entries[at], count
        while not (entry >> self.bits == key or entry == 0):
            at = at + 1 if at + 1 < self.slots else 0
            entry = self.entries[at]
        count = entry & self.most
        if count < self.most - 1:
            self.entries[at] = (key << self.bits) + count + 1       # also where it is new: no branch, which is random
            self.size += entry == 0
            return 0
        self.entries[at] = entry | self.most
        return self.more.bump(self.as_large(entry), <uint32_t>self.most if count < self.most else 1)

    cdef bint rebuild(self, uint64_t slots) noexcept nogil:
        """Make the slots anew. As they stand by hashes, both tables are gone through from their beginnings on."""
        cdef uint64_t *before = self.entries
        cdef uint64_t slots_before = self.slots, at
        cdef uint64_t *entries = <uint64_t *>allocate_table(slots * sizeof(uint64_t))
        if entries == NULL:
            return False
        self.entries, self.slots = entries, slots
        for at in range(slots_before):
            if before[at]:
                entries[self.slot(before[at] >> self.bits)] = before[at]
        free_pages(before, slots_before * sizeof(uint64_t))
        return True

    cdef int list_some(self, uint64_t *at, int64_t least, Entry *found) noexcept nogil:
        cdef int n = 0
        cdef uint64_t entry
        while at[0] < self.slots and n < BATCH:
            entry = self.entries[at[0]]
            found[n] = Entry(self.unpacked(entry), 0, self.count_of(entry))
            n += <int64_t>found[n].value >= least
            at[0] += 1
        return n
