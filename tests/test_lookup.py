"""Queries of vectors: what is kept between them, types of vectors, and the kernels that they call."""

import copy
import pickle
import typing

import numpy as np
import pytest

from fastemb import FastText, KeyedVectors, queries
from fastemb.kernels import subwords as kernels
from fastemb.kernels import topk
from fastemb.models._tag_vectors import TagVectors
from fastemb.models.callbacks import CallbackAny2Vec
from fastemb.models.fasttext import FastTextKeyedVectors

SENTENCES = [["the", "kettle", "sings"], ["the", "teapot", "listens"], ["a", "kettle", "and", "a", "teapot"]] * 20
SMALL = {"vector_size": 8, "min_count": 1, "epochs": 1, "workers": 1}


def vectors(dtype=np.float32):
    rows = np.random.default_rng(2).standard_normal((30, 8))
    return KeyedVectors.from_arrays([f"w{k}" for k in range(30)], (10 * rows).astype(dtype))


@pytest.fixture
def fasttext():
    return FastText(SENTENCES, bucket=300, **SMALL)


# What is kept.


@pytest.mark.parametrize(
    "change",
    [
        lambda kv: setattr(kv, "vectors", kv.vectors * 100),
        lambda kv: exec("kv.vectors *= 100"),
        lambda kv: setattr(kv, "vectors", kv.vectors[::-1].copy()),
        lambda kv: kv.add_vectors(["w1"], 100 * kv.vectors[:1], replace=True),
    ],
)
def test_lengths_are_those_of_the_vectors_that_there_are(change):
    kv = vectors()
    kv.most_similar("w3")  # makes the lengths
    change(kv)
    fresh = KeyedVectors.from_arrays(kv.index_to_key, kv.vectors.copy())
    for query in (
        lambda kv: [score for _, score in kv.most_similar("w3", topn=29)],
        lambda kv: kv.distances("w3"),
        lambda kv: [score for _, score in kv.most_similar_cosmul("w3", topn=29)],
        lambda kv: kv.get_normed_vectors(),
    ):
        np.testing.assert_allclose(query(kv), query(fresh), rtol=1e-5, atol=1e-6)


def test_queries_of_single_words_see_numbers_that_were_written_into_the_vectors():
    kv = vectors()
    kv.fill_norms()
    kv.vectors[3] = 7 * kv.vectors[4]
    assert kv.similarity("w3", "w4") == pytest.approx(1)
    np.testing.assert_allclose(kv.get_vector("w3", norm=True), kv.get_vector("w4", norm=True), rtol=1e-6)
    kv.fill_norms(force=True)
    assert kv.most_similar("w4", topn=1) == [("w3", pytest.approx(1))]


def made(wv):
    """Vectors of known words, each made by itself."""
    return np.array([wv[word] for word in wv.index_to_key])


def test_a_known_word_is_made_of_its_rows_once(fasttext, monkeypatch):
    wv = fasttext.wv
    first = made(wv)
    calls = []
    of_word = type(wv.subwords).of_word
    monkeypatch.setattr(type(wv.subwords), "of_word", lambda self, key: calls.append(key) or of_word(self, key))
    np.testing.assert_array_equal(made(wv), first)
    np.testing.assert_array_equal(wv[wv.index_to_key], first)
    assert not calls
    wv["never seen"]
    assert calls == ["never seen"]
    np.testing.assert_array_equal(wv.vectors, first)  # to the bit, however they are made


def test_what_is_kept_cannot_be_written(fasttext):
    wv = fasttext.wv
    for _ in range(2):
        vector = wv["kettle"]
        with pytest.raises(ValueError, match="read-only"):
            vector[0] = 1
        with pytest.raises(ValueError, match="WRITEABLE"):
            vector.setflags(write=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda model: model.train(SENTENCES, epochs=2, start_alpha=0.1),
        lambda model: setattr(model.wv, "vectors_vocab", 2 * model.wv.vectors_vocab),
        lambda model: setattr(model.wv, "vectors_ngrams", 2 * model.wv.vectors_ngrams),
        lambda model: model.wv.add_vectors(["kettle"], np.ones((1, 8)), replace=True),
        lambda model: model.wv.__setitem__("teapot", np.ones(8)),
        lambda model: model.wv.sort_by_descending_frequency(),
        lambda model: model.init_weights(),
        lambda model: (model.wv.vectors_vocab.__setitem__(0, 9), model.wv.adjust_vectors()),
    ],
)
@pytest.mark.parametrize("asked", ["single", "all"])
def test_what_is_kept_goes_when_rows_change(fasttext, change, asked):
    wv = fasttext.wv
    before = made(wv) if asked == "single" else wv.vectors.copy()
    wv.fill_norms()
    change(fasttext)
    wv = fasttext.wv
    assert not np.array_equal(made(wv), before)
    fresh = FastTextKeyedVectors.from_bags(wv.index_to_key, wv.vectors_vocab, wv.vectors_ngrams, wv.subwords)
    np.testing.assert_allclose(made(wv), fresh.vectors, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(wv.distances("the"), fresh.distances("the"), rtol=1e-4, atol=1e-6)


def test_callbacks_see_vectors_of_their_epoch():
    seen = []

    class Watch(CallbackAny2Vec):
        def on_epoch_end(self, model):
            seen.append(model.wv["kettle"].tobytes())

    FastText(SENTENCES, bucket=300, callbacks=[Watch()], **(SMALL | {"epochs": 3, "alpha": 0.1}))
    assert len(set(seen)) == 3


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda wv: pickle.loads(pickle.dumps(wv))])
def test_copies_make_their_own(fasttext, duplicate):
    wv = fasttext.wv
    kettle = wv["kettle"].copy()
    other = duplicate(wv)
    other.vectors_vocab = 0 * other.vectors_vocab
    assert not np.array_equal(other["kettle"], kettle)
    np.testing.assert_array_equal(wv["kettle"], kettle)


def test_what_is_kept_of_single_words_goes_when_they_are_others(fasttext):
    wv = fasttext.wv
    made(wv)
    wv.index_to_key = [f"{word}s" for word in wv.index_to_key]
    wv.key_to_index = {word: row for row, word in enumerate(wv.index_to_key)}
    singles = made(wv)
    np.testing.assert_array_equal(singles, wv.vectors)


# The same answers in every type, and for many keys as for one.


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, ">f4", np.int64, np.int8])
def test_types_of_vectors(dtype):
    kv, exact = vectors(dtype), vectors(dtype).vectors.astype(np.float64)
    units = exact / np.linalg.norm(exact, axis=1)[:, np.newaxis]
    tolerance = {"rtol": 2e-6, "atol": 2e-6}
    assert kv[["w1", "w2"]].dtype == kv.vectors.dtype
    np.testing.assert_allclose(kv.get_vector("w1", norm=True), units[1], **tolerance)
    np.testing.assert_allclose(queries.unit_rows(kv.vectors), units, **tolerance)
    np.testing.assert_allclose(queries.lengths(kv.vectors), np.linalg.norm(exact, axis=1), **tolerance)
    np.testing.assert_allclose(kv.similarity("w1", "w2"), units[1] @ units[2], **tolerance)
    np.testing.assert_allclose(kv.get_mean_vector(["w1", "w2", "no"]), units[1:3].mean(axis=0), **tolerance)
    np.testing.assert_allclose(kv.get_mean_vector(["w1", 2], [3, -1]), (3 * units[1] - units[2]) / 4, **tolerance)
    np.testing.assert_allclose(kv.distances("w1", ["w2", 3]), 1 - units[2:4] @ units[1], **tolerance)
    assert kv.get_mean_vector(["w1"]).dtype in (np.float32, np.float64)


def test_a_mean_of_many_keys_is_made_piece_by_piece(monkeypatch):
    from fastemb.models import _means

    kv, draw = vectors(), np.random.default_rng(0)
    keys = [f"w{k}" for k in draw.integers(0, 35, 100)]  # some unknown
    weights = draw.standard_normal(100)
    whole = [kv.get_mean_vector(keys), kv.get_mean_vector(keys, weights, post_normalize=True)]
    monkeypatch.setattr(_means, "MANY", 7)
    for one, other in zip(
        [kv.get_mean_vector(keys), kv.get_mean_vector(keys, weights, post_normalize=True)], whole, strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    with pytest.raises(KeyError, match="no"):
        kv.get_mean_vector(["w1"] * 20 + ["no"], ignore_missing=False)


def test_no_keys_give_a_matrix_without_rows(fasttext):
    for kv in (vectors(), vectors(np.float16), fasttext.wv):
        found = kv[[]]
        assert found.shape == (0, 8)
        assert found.dtype == kv.vectors.dtype
        assert kv[np.empty(0, np.int64)].shape == (0, 8)
        assert kv.vectors_for_all([]).vectors.shape == (0, 8)


def test_a_list_of_keys_may_be_written_and_is_no_view():
    kv = vectors()
    kv[["w1"]][0, 0] = 1000
    assert kv.vectors[1, 0] != 1000


def test_numbers_of_rows_are_no_keys_to_choose():
    keyed = KeyedVectors.from_arrays([10, 11], np.eye(2, dtype=np.float32), {"count": np.array([7, 5])})
    assert keyed.vectors_for_all([0, 11]).index_to_key == [11]
    tags = TagVectors.of(2, ["a"], np.eye(3, dtype=np.float32), {"count": np.array([7, 5, 3])}, "here")
    for allow_inference in (True, False):
        chosen = tags.vectors_for_all([2, "a", 1], allow_inference, copy_vecattrs=True)
        assert chosen.index_to_key == ["a", 1]
        assert chosen.expandos["count"].tolist() == [3, 5]
    others = KeyedVectors.from_arrays([0, 11], np.eye(2, dtype=np.float32))
    keyed.copy_vecattrs_to(others)
    assert others.expandos["count"].tolist() == [0, 5]


def test_words_without_rows_of_their_own_can_be_compared(fasttext):
    wv = fasttext.wv
    wv["teakettle"]
    assert "teakettle" not in wv.key_to_index
    distances = wv.distances("teakettle", ["kettle", "kettles", "the"])
    np.testing.assert_allclose(
        distances, [wv.distance("teakettle", word) for word in ("kettle", "kettles", "the")], atol=1e-6
    )
    nearer = [word for word in wv.index_to_key if wv.distance("the", word) < wv.distance("the", "teakettle")]
    assert wv.closer_than("the", "teakettle") == [word for word in nearer if word != "the"]
    assert wv.rank("the", "teakettle") == len(wv.closer_than("the", "teakettle")) + 1
    assert len(wv.closer_than("teakettle", "the")) == wv.rank("teakettle", "the") - 1
    assert wv.closer_than("teakettle", "teakettle") == []
    with pytest.raises(KeyError, match="up"):
        vectors().rank("w1", "up")


# Kernels, against NumPy.


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 300])
def test_lengths_and_unit_rows(size):
    rows = np.random.default_rng(size).standard_normal((5, size)).astype(np.float32)
    rows[2] = 0
    exact = np.linalg.norm(rows.astype(np.float64), axis=1)
    norms, units = np.full(5, 7, np.float32), rows.copy()
    topk.lengths(rows, norms)
    assert topk.normalize(units) == np.count_nonzero(exact)
    np.testing.assert_allclose(norms, exact, rtol=1e-6)
    np.testing.assert_allclose(units, rows / np.where(exact == 0, 1, exact)[:, np.newaxis], rtol=1e-6)


@pytest.mark.parametrize("code_points", [False, True])
@pytest.mark.parametrize("word", ["<a>", "<kettle>", "<Köln>", "<京都>", "", "<", "👩‍👩‍👧"])
def test_ngrams_and_mean_of_one_word(word, code_points):
    text, sizes = word.encode(), (1, 4, 50, code_points)
    _, ids = kernels.ngram_ids(np.frombuffer(text, np.uint8), np.array([0, len(text)]), *sizes)
    np.testing.assert_array_equal(kernels.ngram_ids_of_word(text, *sizes), ids)
    rows = np.random.default_rng(0).standard_normal((len(ids) + 1, 9)).astype(np.float32)
    mean, starts = np.empty((1, 9), np.float32), np.array([0, len(ids)])
    kernels.mean_rows(mean, rows[:1], rows[1:], starts, np.arange(len(ids), dtype=np.int32), 0, 1)
    np.testing.assert_array_equal(kernels.mean_row(rows), mean[0])
    np.testing.assert_allclose(mean[0], rows.mean(axis=0), rtol=1e-5, atol=1e-6)


def test_kernels_refuse_what_has_no_answer():
    with pytest.raises(ValueError, match="no rows"):
        kernels.mean_row(np.empty((0, 3), np.float32))
    with pytest.raises(ValueError, match="buckets"):
        kernels.ngram_ids_of_word(b"<a>", 1, 2, 0)


# Types.


@pytest.mark.parametrize(
    "name", ["most_similar", "most_similar_cosmul", "similar_by_word", "similar_by_key", "similar_by_vector"]
)
def test_answers_are_typed_by_topn(name):
    found = typing.get_overloads(getattr(KeyedVectors, name))
    assert found[0].__annotations__["return"] == "Neighbors"
    for overload in found[1:3]:
        if overload.__annotations__["topn"] == "None":
            assert overload.__annotations__["return"] == "NDArray[Any]"
