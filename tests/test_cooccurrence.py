"""Counting: against a plain reference, in one piece and in many."""

import itertools
import os
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastemb.corpus import Chunk, EncodedCorpus
from fastemb.corpus.chunks import SpilledChunk
from fastemb.corpus.cooccurrence import Means, Window, cooccurrences, count_cooccurrences
from fastemb.io.spill import SpillFile


def reference(sentences, window):
    """The same with dictionaries and fractions."""
    texts = [list(itertools.chain(*sentences))] if window.across_sentences else sentences
    cells = {}
    for text in texts:
        known = [word for word in text if word >= 0]
        for place, word in enumerate(known):
            for distance, other in enumerate(known[place + 1 : place + 1 + window.size], 1):
                weight = Fraction(1, distance) if window.distance_weighting else Fraction(1)
                cells[word, other] = cells.get((word, other), 0) + weight
                if window.symmetric:
                    cells[other, word] = cells.get((other, word), 0) + weight
    return cells


def encoded(sentences, chunk=10**9, file=None):
    """Sentences as a corpus, of chunks of so many sentences, in memory or in a file."""
    chunks = []
    for begin in range(0, len(sentences), chunk):
        part = sentences[begin : begin + chunk]
        ids = np.array(list(itertools.chain(*part)), np.int32)
        starts = np.cumsum([0, *map(len, part)]).astype(np.int64)
        chunks.append(SpilledChunk(ids, starts, file) if file else Chunk(ids, starts))
    return EncodedCorpus(chunks)


def as_dict(cells):
    keys = list(zip(cells.rows.tolist(), cells.columns.tolist(), strict=True))
    assert keys == sorted(set(keys))
    return dict(zip(keys, cells.values.tolist(), strict=True))


def check(sentences, window, words, means=None, **corpus):
    found = as_dict(cooccurrences(encoded(sentences, **corpus), words, window, means))
    assert found == {key: float(value) for key, value in reference(sentences, window).items()}


@pytest.fixture
def sentences():
    draw = np.random.default_rng(0)
    # A few words are frequent; some are unknown, and some sentences are empty.
    return [np.minimum(draw.zipf(1.3, draw.integers(0, 40)) - 2, 299).tolist() for _ in range(300)]


WINDOWS = [
    Window(*options)
    for options in [(1,), (4,), (10,), (10, False), (10, True, False), (7, True, True, True), (3, False, False, True)]
]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("workers", [1, 3])
def test_counts_equal_a_plain_reference(sentences, window, workers):
    check(sentences, window, 300, Means(workers))


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_memory_and_chunks_change_nothing(sentences, window):
    for memory in (1, 5000, 50_000):
        check(sentences, window, 300, Means(2, memory), chunk=7)
    check(sentences, window, 300, Means(2, 20_000), chunk=50, file=SpillFile())


@given(
    st.lists(st.lists(st.integers(-1, 5), max_size=8), max_size=6),
    st.builds(Window, st.integers(1, 9), st.booleans(), st.booleans(), st.booleans()),
    st.integers(1, 400),
)
def test_any_text(sentences, window, memory):
    check(sentences, window, 6, Means(1, memory), chunk=2)


def test_large_vocabulary():
    words = 300_001  # several bits at every level
    check([[0, 299_999, 300_000, 4096, 262_144, 64, 63], [262_143, 262_144, 0]], Window(5), words)


def test_weights_are_exact_as_long_as_they_fit():
    assert Window(15).weights(10**8) == (pytest.approx(360360 / np.arange(1, 16), abs=0), 360360)
    assert Window(10, distance_weighting=False).weights(10**8)[1] == 1
    for size, words in ((30, 10**8), (10_000, 10**9), (50, 10)):
        weights, unit = Window(size).weights(words)
        assert unit.bit_count() == 1
        assert 2 * words * int(weights.sum()) < 2**63
        # Half a unit is what a weight can be off by.
        np.testing.assert_allclose(weights / unit * np.arange(1, size + 1), 1, rtol=size / (2 * unit))


def test_wide_windows_are_the_same_for_any_number_of_threads(sentences):
    window = Window(70, across_sentences=True)
    one, other = (cooccurrences(encoded(sentences), 300, window, means) for means in (Means(1), Means(3, 10_000)))
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)
    expected = reference(sentences, window)
    assert as_dict(one) == pytest.approx({key: float(value) for key, value in expected.items()}, rel=1e-12)


def test_nothing_to_count():
    for sentences in ([], [[]], [[3]], [[-1, -1]], [[2], [3]]):
        assert as_dict(cooccurrences(encoded(sentences), 5, Window(3))) == {}


def test_progress_is_reported(sentences):
    seen = []
    cooccurrences(encoded(sentences), 300, Window(3), Means(report=seen.append))
    known = sum(word >= 0 for sentence in sentences for word in sentence)
    assert not seen or 0 <= seen[-1] <= known


def test_full_disk_is_reported(sentences, monkeypatch):
    def full(self, data):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: type("Full", (), {
        "seek": lambda *_: 0, "close": lambda _: None, "write": full})())  # fmt: skip
    with pytest.raises(OSError, match=r"cannot write co-occurrences to a temporary file \(No space left"):
        cooccurrences(encoded(sentences), 300, Window(3), Means(2, 1000))


def test_errors_of_the_taker_end_all_threads(sentences):
    def fail(cells):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        count_cooccurrences(encoded(sentences), 300, Window(3), lambda cells: cells, fail, Means(3, 1000))
