"""Nearest rows: against sorting all cosines; and batches of queries against single ones."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fastemb import KeyedVectors, queries
from fastemb.kernels import topk

DTYPES = [np.float32, np.float64, np.float16, ">f4", ">f2", np.int64]


def random_rows(count, size, seed=0, dtype=np.float32):
    return (100 * np.random.default_rng(seed).standard_normal((count, size))).astype(dtype)


def by_sorting(vectors, asked, k):
    """What `nearest` should find."""
    vectors, asked = vectors.astype(np.float64), asked.astype(np.float64)
    cosines = asked @ vectors.T
    for side in (np.linalg.norm(vectors, axis=1)[np.newaxis], np.linalg.norm(asked, axis=1)[:, np.newaxis]):
        cosines /= np.where(side == 0, 1, side)
    rows = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    return rows, np.take_along_axis(cosines, rows, axis=1)


# The kernel.


@given(
    scores=arrays(
        st.sampled_from([np.float32, np.float64]),
        st.tuples(st.integers(1, 4), st.integers(0, 200)),
        elements=st.sampled_from([np.nan, -np.inf, np.inf, -1, 0, 0.5, 1, 2]),
    ),
    k=st.integers(0, 12),
    tile=st.integers(1, 200),
)
def test_the_best_of_tiles_are_the_best_of_all(scores, k, tile):
    count = scores.shape[1]
    best, rows = np.empty((len(scores), k), scores.dtype), np.empty((len(scores), k), np.int64)
    filled = 0
    for begin in range(0, count, tile):
        part = np.ascontiguousarray(scores[:, begin : begin + tile])
        filled = topk.update(part, part.shape[1], begin, best, rows, filled)
    assert filled == min(k, count)
    known = np.where(np.isnan(scores), -np.inf, scores)
    expected = np.argsort(-known, axis=1, kind="stable")[:, :filled]
    order = np.lexsort((rows[:, :filled], -best[:, :filled]))
    found = np.take_along_axis(rows, order, axis=1)
    # NaN and -inf are equal to the kernel, which keeps the first of those that it meets.
    kept, wanted = (np.take_along_axis(known, places, axis=1) for places in (found, expected))
    np.testing.assert_array_equal(kept, wanted)
    np.testing.assert_array_equal(found[wanted > -np.inf], expected[wanted > -np.inf])


def test_products():
    x, y = random_rows(3, 5, 1), random_rows(4, 5, 2)
    scores = np.full((3, 6), 7, np.float32)
    topk.products(x, y, scores)
    np.testing.assert_allclose(scores[:, :4], x @ y.T, rtol=1e-5, atol=1)
    assert (scores[:, 4:] == 7).all()


def test_every_number_of_half_precision_is_widened():
    halves = np.arange(1 << 16, dtype=np.uint16).reshape(256, 256)
    singles = np.empty(halves.shape, np.float32)
    topk.widen(halves, singles)
    expected = halves.view(np.float16).astype(np.float32)
    np.testing.assert_array_equal(singles, expected)
    np.testing.assert_array_equal(np.signbit(singles), np.signbit(expected))


# Nearest rows.


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("workers", [1, 3])
def test_nearest_is_the_head_of_a_sort(dtype, workers):
    vectors, asked = random_rows(5000, 7, dtype=dtype), random_rows(30, 7, seed=1)
    rows, cosines = queries.nearest(vectors, asked, 12, workers=workers)
    expected_rows, expected_cosines = by_sorting(vectors, asked, 12)
    np.testing.assert_array_equal(rows, expected_rows)
    np.testing.assert_allclose(cosines, expected_cosines, atol=1e-5)
    assert (rows.dtype, cosines.dtype) == (np.int64, np.float32)


@pytest.mark.parametrize(("count", "asked", "k"), [(0, 3, 5), (3, 0, 5), (3, 2, 0), (3, 2, 5), (1, 1, 1)])
def test_nearest_of_few(count, asked, k):
    rows, cosines = queries.nearest(random_rows(count, 4), random_rows(asked, 4), k)
    assert rows.shape == cosines.shape == (asked, min(k, count))
    assert all(sorted(found) == sorted(set(found)) for found in rows.tolist())


def test_equal_rows_come_in_their_order():
    vectors = np.tile(np.eye(3, dtype=np.float32), (2000, 1))
    rows, cosines = queries.nearest(vectors, np.eye(3), 5, workers=4)
    np.testing.assert_array_equal(rows, np.arange(3)[:, np.newaxis] + np.arange(0, 15, 3))
    assert (cosines == 1).all()


def test_zeros_are_similar_to_nothing_and_nan_comes_last():
    vectors = np.array([[np.nan, 1], [0, 0], [1, 0], [-1, 0], [np.inf, 1]], np.float32)
    rows, cosines = queries.nearest(vectors, np.array([[1, 0], [0, 0]]), 5)
    assert rows[0, :3].tolist() == [2, 1, 3]
    assert cosines[0, :3].tolist() == [1, 0, -1]
    assert np.isnan(cosines[0, 3:]).all()
    assert sorted(rows[0].tolist()) == [0, 1, 2, 3, 4]
    assert cosines[1, :3].tolist() == [0, 0, 0]


def test_long_answers_and_more_queries_than_a_block():
    vectors = random_rows(1500, 20)
    rows, _ = queries.nearest(vectors, vectors, 1500, workers=2)
    assert rows[:, 0].tolist() == list(range(1500))
    assert (np.sort(rows, axis=1) == np.arange(1500)).all()


@pytest.mark.parametrize(
    "arguments",
    [
        {"vectors": np.ones((3, 2)), "queries": np.ones((1, 3)), "k": 1},
        {"vectors": np.ones((3, 2)), "queries": np.ones(2), "k": 1},
        {"vectors": np.ones((3, 2)), "queries": np.ones((1, 2)), "k": -1},
        {"vectors": np.ones((3, 2)), "queries": np.ones((1, 2)), "k": 1, "workers": 0},
    ],
)
def test_what_does_not_fit_is_refused(arguments):
    with pytest.raises(ValueError, match=r"fit|k must|workers must"):
        queries.nearest(**arguments)


def test_no_more_threads_than_wanted(monkeypatch):
    started = []
    start = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", lambda thread: (started.append(thread), start(thread))[1])
    queries.nearest(random_rows(9000, 4), random_rows(3, 4), 2, workers=1)
    assert not started
    queries.nearest(random_rows(9000, 4), random_rows(3, 4), 2, workers=3)
    assert len(started) == 3
    assert not any(thread.is_alive() for thread in started)


@pytest.mark.parametrize("dtype", DTYPES)
def test_lengths_and_cosines(dtype):
    vectors = random_rows(20_000, 3, dtype=dtype)
    expected = np.linalg.norm(vectors.astype(np.float64), axis=1)
    np.testing.assert_allclose(queries.lengths(vectors), expected, rtol=1e-6)
    query = np.array([1, 2, 3])
    np.testing.assert_allclose(
        queries.cosines(vectors, query),
        vectors.astype(np.float64) @ query / np.maximum(expected, 1e-9) / np.sqrt(14),
        atol=1e-6,
    )


def test_half_precision_does_not_overflow():
    vectors = np.full((2, 300), 2000, np.float16)
    assert queries.lengths(vectors)[0] == pytest.approx(2000 * np.sqrt(300))
    assert queries.cosines(vectors, vectors[0].astype(np.float32)).tolist() == pytest.approx([1, 1])


# Batches.


def keyed(count=3000, dtype=np.float32):
    return KeyedVectors.from_arrays([f"w{row}" for row in range(count)], random_rows(count, 10, dtype=dtype))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_a_batch_answers_as_single_queries_do(dtype):
    vectors = keyed(dtype=dtype)
    asked = ["w3", 7, np.arange(10.0), ["w1", ("w2", -0.5)], ["w5", vectors["w9"]], [("w1", 0.1), "w2", "w8"]]
    found = vectors.most_similar_batch(asked, topn=7)
    for answer, query in zip(found, asked, strict=True):
        expected = vectors.most_similar(query, topn=7)
        assert [key for key, _ in answer] == [key for key, _ in expected]
        assert dict(answer) == pytest.approx(dict(expected), abs=1e-5)
    assert type(found[0][0][1]) is float


def test_a_matrix_is_a_batch_of_vectors():
    vectors = keyed(20)
    found = vectors.most_similar_batch(vectors.vectors[:5], topn=1)
    assert [answer[0][0] for answer in found] == [f"w{row}" for row in range(5)]


def test_batches_among_the_first_words_and_on_one_thread():
    vectors = keyed()
    found = vectors.most_similar_batch(["w3", "w2000"], topn=5, restrict_vocab=50, workers=1)
    assert [[key for key, _ in answer] for answer in found] == [
        [key for key, _ in vectors.most_similar(word, topn=5, restrict_vocab=50)] for word in ("w3", "w2000")
    ]


def test_batches_of_nothing_and_of_the_unknown():
    vectors = keyed(20)
    assert vectors.most_similar_batch([]) == []
    assert vectors.most_similar_batch("w1") == vectors.most_similar_batch(["w1"])
    assert vectors.most_similar_batch(["w1", "w2"], topn=0) == [[], []]
    assert [len(answer) for answer in vectors.most_similar_batch(["w1", np.ones(10)], topn=100)] == [19, 20]
    with pytest.raises(KeyError, match="absent"):
        vectors.most_similar_batch(["w1", "absent"])
    with pytest.raises(ValueError, match="at least one"):
        vectors.most_similar_batch([[]])
    with pytest.raises(ValueError, match="workers"):
        vectors.most_similar_batch(["w1"], workers=0)


def test_half_precision_keeps_half_the_memory():
    vectors = keyed(dtype=np.float16)
    assert vectors.vectors.nbytes == 3000 * 10 * 2
    assert vectors.get_mean_vector(["w1", "w2"]).dtype == np.float32
    assert vectors.get_vector("w1", norm=True).dtype == np.float32
    other = keyed()
    assert vectors.similarity("w1", "w2") == pytest.approx(other.similarity("w1", "w2"), abs=1e-3)
    assert vectors.most_similar("w1", topn=1)[0][0] == other.most_similar("w1", topn=1)[0][0]
    vectors.unit_normalize_all()
    assert vectors.vectors.dtype == np.float16
    np.testing.assert_allclose(np.linalg.norm(vectors.vectors.astype(np.float32), axis=1), 1, atol=1e-3)


# Read-only vectors, as those of mapped files.


@pytest.mark.parametrize(
    "change",
    [
        lambda vectors: vectors.add_vectors(["w1"], np.ones((1, 10)), replace=True),
        lambda vectors: vectors.unit_normalize_all(),
        lambda vectors: vectors.set_vecattr("w1", "count", 5),
        lambda vectors: vectors.add_vectors(["w1"], np.ones((1, 10)), extras={"count": np.array([5])}, replace=True),
    ],
)
def test_mapped_vectors_are_copied_before_they_change(tmp_path, change):
    vectors = keyed(20)
    vectors.set_vecattr("w3", "count", 1)
    vectors.save(tmp_path / "file")
    before = (tmp_path / "file").read_bytes()
    mapped = KeyedVectors.load(tmp_path / "file", mmap="r")
    change(mapped)
    change(vectors)
    np.testing.assert_array_equal(mapped.vectors, vectors.vectors)
    np.testing.assert_array_equal(mapped.expandos["count"], vectors.expandos["count"])
    assert (tmp_path / "file").read_bytes() == before


def test_extras_follow_their_keys():
    vectors = keyed(3)
    vectors.add_vectors(["w1", "new"], np.ones((2, 10)), {"count": np.array([5, 6])})
    assert vectors.expandos["count"].tolist() == [0, 0, 0, 6]
    vectors.add_vectors(["w1", "new"], np.ones((2, 10)), {"count": np.array([7, 8])}, replace=True)
    assert vectors.expandos["count"].tolist() == [0, 7, 0, 8]
    with pytest.raises(ValueError, match=r"'count' must be of shape \(1, …\)"):
        vectors.add_vectors(["more"], np.ones((1, 10)), {"count": np.array([7, 8])})
    assert "more" not in vectors


def test_sorting_takes_everything_along():
    vectors = keyed(4)
    rows = {word: vectors[word].tolist() for word in vectors.index_to_key}
    vectors.expandos["count"] = np.array([1, 9, 3, 9], np.uint32)
    vectors.vectors_lockf = np.arange(4, dtype=np.float32)
    vectors.sort_by_descending_frequency()
    assert vectors.index_to_key == ["w3", "w1", "w2", "w0"]
    assert vectors.vectors_lockf.tolist() == [3, 1, 2, 0]
    assert {word: vectors[word].tolist() for word in vectors.index_to_key} == rows


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("factor", [1e20, 1e-30])
def test_very_long_and_very_short_vectors_have_a_direction(factor):
    rows = np.array([[1, 2, 2], [2, 1, 2], [0, 0, 0]], np.float32)
    vectors = KeyedVectors.from_arrays(["a", "b", "none"], (rows * factor).astype(np.float32))
    units = rows / np.array([[3], [3], [1]])
    np.testing.assert_allclose(vectors.get_normed_vectors(), units, rtol=1e-6)
    assert vectors.similarity("a", "b") == pytest.approx(8 / 9)
    np.testing.assert_allclose(vectors.similar_by_word("a", 1)[0][1], 8 / 9, rtol=1e-6)
