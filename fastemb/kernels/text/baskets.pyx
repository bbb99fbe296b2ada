"""Baskets of items, of numbers end to end: each item once, and an arrangement of them for an epoch."""

import numpy as np

from fastemb.kernels.ragged cimport Ragged, ragged

from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint32_t, uint64_t

cdef extern from "hash.h":
    uint64_t random_at(uint64_t key, uint64_t k) noexcept nogil
    uint32_t below(uint32_t bits, uint32_t bound) noexcept nogil


def distinct(starts, ids, const float[::1] weights=None):
    """Each item of a basket once; see baskets.pyi."""
    cdef const int64_t[::1] begins = starts
    cdef const int32_t[::1] given = ids
    cdef Ragged baskets = ragged(begins, given, -1, INT32_MAX, "baskets")
    if weights is not None and weights.shape[0] != given.shape[0]:
        raise ValueError(f"{weights.shape[0]} weights for {given.shape[0]} items")
    cdef int64_t most = np.max(given, initial=-1) + 1
    cdef int64_t[::1] places = np.full(most, -1, np.int64)
    kept = np.empty(given.shape[0], np.int32)
    ends = np.zeros(begins.shape[0], np.int64)
    heaviest = None if weights is None else np.empty(given.shape[0], np.float32)
    cdef int32_t[::1] out = kept
    cdef int64_t[::1] out_starts = ends
    cdef float[::1] out_weights = heaviest
    with nogil:
        keep_first(&baskets, places, weights, out, out_starts, out_weights)
    total = out_starts[baskets.n]
    return ends, kept[:total].copy(), None if heaviest is None else heaviest[:total].copy()


cdef void keep_first(
        const Ragged *baskets, int64_t[::1] places, const float[::1] weights, int32_t[::1] out,
        int64_t[::1] out_starts, float[::1] out_weights) noexcept nogil:
    """The first of each number of a basket, with the largest of its weights; numbers below 0 all stay."""
    cdef int64_t basket, k, n = 0
    cdef int32_t id
    for basket in range(baskets.n):
        for k in range(baskets.starts[basket], baskets.starts[basket + 1]):
            id = baskets.ids[k]
            if id >= 0 and places[id] >= out_starts[basket]:
                if out_weights is not None:
                    out_weights[places[id]] = max(out_weights[places[id]], weights[k])
                continue
            if id >= 0:
                places[id] = n
            out[n] = id
            if out_weights is not None:
                out_weights[n] = weights[k]
            n += 1
        out_starts[basket + 1] = n


def arrange(starts, ids, bint shuffle, uint64_t key, const float[::1] weights=None, const int32_t[::1] goals=None):
    """The sentences that baskets are in an epoch; see baskets.pyi."""
    cdef const int64_t[::1] begins = starts
    cdef const int32_t[::1] given = ids
    cdef Ragged baskets = ragged(begins, given, -1, INT32_MAX, "baskets")
    cdef int64_t total = given.shape[0], pairs = 0, basket
    if weights is not None and weights.shape[0] != total:
        raise ValueError(f"{weights.shape[0]} weights for {total} items")
    if goals is not None:
        if goals.shape[0] != baskets.n:
            raise ValueError(f"{goals.shape[0]} goals for {baskets.n} baskets")
        for basket in range(baskets.n):
            if goals[basket] >= 0:
                pairs += begins[basket + 1] - begins[basket]
    sentences = np.empty(baskets.n + pairs + 1, np.int64)
    numbers = np.empty(total + 2 * pairs, np.int32)
    cdef int64_t[::1] out_starts = sentences
    cdef int32_t[::1] out = numbers
    with nogil:
        for basket in range(baskets.n):
            lay_out(&baskets, basket, weights, shuffle, key, out)
            out_starts[basket] = baskets.starts[basket]
        out_starts[baskets.n] = total
        if goals is not None:
            add_goals(&baskets, goals, out, out_starts)
    return numbers, sentences


cdef inline void lay_out(
        const Ragged *baskets, int64_t basket, const float[::1] weights, bint shuffle, uint64_t key,
        int32_t[::1] out) noexcept nogil:
    """Those items of a basket that are drawn, by their weights, in an order that is drawn, too; and then -1."""
    cdef int64_t begin = baskets.starts[basket], end = baskets.starts[basket + 1], n = begin, k, other
    cdef uint64_t bits
    cdef int32_t id
    for k in range(begin, end):
        bits = random_at(key, <uint64_t>k)
        out[n] = baskets.ids[k]
        n += weights is None or <float>(<uint32_t>bits >> 8) < weights[k] * <float>(1 << 24)
    for k in range(n, end):
        out[k] = -1
    if not shuffle:
        return
    # Fisher and Yates: each order is as likely as any other.
    for k in range(n - 1, begin, -1):
        bits = random_at(key, <uint64_t>k)
        other = begin + below(<uint32_t>(bits >> 32), <uint32_t>(k - begin + 1))
        id = out[k]
        out[k] = out[other]
        out[other] = id


cdef inline void add_goals(
        const Ragged *baskets, const int32_t[::1] goals, int32_t[::1] out, int64_t[::1] out_starts) noexcept nogil:
    """Behind all baskets a sentence of two for each of their items: the item, and the goal of its basket."""
    cdef int64_t basket, k, sentence = baskets.n, place = out_starts[baskets.n]
    for basket in range(baskets.n):
        if goals[basket] < 0:
            continue
        for k in range(baskets.starts[basket], baskets.starts[basket + 1]):
            out[place] = out[k] if out[k] != goals[basket] else -1
            out[place + 1] = goals[basket]
            place += 2
            sentence += 1
            out_starts[sentence] = place
