"""Counts of pairs of words in 8 bytes each, against Python's counters and the table of other pairs."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from fastemb.kernels.text.phrases import PhraseTable
from fastemb.kernels.text.tally import Tally

NO_MIDDLES = np.empty(0, np.int32)
MOST = 2**28  # words; of which a pair is counted in 8 bits


def sentences(words, tokens=20000, seed=1):
    draw = np.random.default_rng(seed)
    ids = np.minimum(draw.zipf(1.3, tokens), words).astype(np.int32) - 1
    ids[draw.random(tokens) < 0.02] = -1
    return ids, np.sort(np.r_[0, draw.integers(0, tokens, 50), tokens]).astype(np.int64)


def counter_of(ids, starts):
    found = Counter()
    for begin, end in pairwise(starts.tolist()):
        found.update((a, b) for a, b in pairwise(ids[begin:end].tolist()) if a >= 0 and b >= 0)
    return found


def as_dict(table, *options):
    firsts, middles, lasts, counts = (array.tolist() for array in table.items(*options))
    assert not any(middles)
    assert len(firsts) == len(set(zip(firsts, lasts, strict=True)))
    return dict(zip(zip(firsts, lasts, strict=True), counts, strict=True))


@pytest.mark.parametrize("words", [1, 2, 3, 65536, 65537, 10**6, MOST])
def test_pairs_are_counted_as_by_a_counter(words):
    ids, starts = sentences(words)
    tally, expected = Tally(words), counter_of(ids, starts)
    tally.count(ids, NO_MIDDLES, starts)
    assert as_dict(tally) == expected
    assert len(tally) == len(expected)
    some = [*list(expected)[:100], (words - 1, words - 1), (0, 2**31 - 1), (2**31 - 1, 0), (0, words)]
    firsts, lasts = np.array(some, np.int64).clip(0, 2**31 - 1).astype(np.int32).T.copy()
    zeros = np.zeros(len(some), np.int32)
    assert tally.values(firsts, zeros, lasts).tolist() == [expected[pair] for pair in some]
    assert not tally.values(firsts, zeros + 1, lasts).any()


@pytest.mark.parametrize("words", [300, MOST])
def test_it_says_what_the_table_of_other_pairs_says(words):
    ids, starts = sentences(300)
    tally, table = Tally(words, 10**5), PhraseTable()
    for _ in range(2):
        tally.count(ids, NO_MIDDLES, starts)
        table.count(ids, NO_MIDDLES, starts)
    marked = (np.arange(250) % 7 == 0).astype(np.uint8)
    for options in [(1,), (0,), (3,), (300,), (2**40,), (1, marked), (5, marked), (1, np.empty(0, np.uint8))]:
        assert as_dict(tally, *options) == as_dict(table, *options)


@pytest.mark.parametrize("parts", [2, 3, 7])
def test_parts_are_all_and_none_twice(parts):
    ids, starts = sentences(5000)
    found = Counter()
    for part in range(parts):
        tally = Tally(5000)
        tally.count(ids, NO_MIDDLES, starts, part, parts)
        assert len(tally)
        assert not found.keys() & as_dict(tally).keys()
        found.update(as_dict(tally))
    assert found == counter_of(ids, starts)


@pytest.mark.parametrize("words", [300, MOST])
@pytest.mark.parametrize("least", [1, 2, 254, 255, 256, 1000])
def test_what_is_forgotten_begins_at_one_again(words, least):
    ids, starts = sentences(300)
    tally, expected = Tally(words), counter_of(ids, starts)
    tally.count(ids, NO_MIDDLES, starts)
    tally.prune(least)
    expected = Counter({pair: count for pair, count in expected.items() if count >= least})
    assert as_dict(tally) == expected
    assert len(tally) == len(expected)
    assert any(count > 1000 for count in expected.values())
    tally.count(ids, NO_MIDDLES, starts)
    assert as_dict(tally) == expected + counter_of(ids, starts)


@pytest.mark.parametrize("count", [253, 254, 255, 256, 257, 600])
def test_counts_beyond_eight_bits(count):
    tally = Tally(MOST)
    ids = np.full(count + 1, MOST - 1, np.int32)
    tally.count(ids, NO_MIDDLES, np.array([0, len(ids)]))
    assert as_dict(tally) == {(MOST - 1, MOST - 1): count}
    assert len(tally) == 1


def test_what_it_does_not_count_is_refused():
    tally = Tally(3)
    with pytest.raises(ValueError, match="an id of sentences is 3, outside -1 … 2"):
        tally.count(np.array([0, 3], np.int32), NO_MIDDLES, np.array([0, 2]))
    with pytest.raises(ValueError, match="middles are counted by a PhraseTable"):
        tally.count(np.array([0, 1], np.int32), np.zeros(2, np.int32), np.array([0, 2]))
    with pytest.raises(ValueError, match="words must be from 0"):
        Tally(MOST + 1)
    assert len(tally) == 0
