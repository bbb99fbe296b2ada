"""Vectors of words made of n-grams that the user gives, and those of words never seen: what is kept, and until when."""

import copy
import pickle

import numpy as np
import pytest

from fastemb import FastText
from fastemb.kernels.pcg64 import give_places, random_or_held_rows
from fastemb.models import _random, _subword_lookup
from fastemb.models.callbacks import CallbackAny2Vec
from fastemb.models.fasttext import FastTextKeyedVectors

SENTENCES = [["the", "kettle", "sings"], ["the", "teapot", "listens"], ["a", "kettle", "and", "a", "teapot"]] * 20
SMALL = {"vector_size": 8, "min_count": 1, "epochs": 1, "workers": 1, "bucket": 300}
GIVEN = np.arange(1, 9, dtype=np.float32)


@pytest.fixture
def wv():
    return FastText(SENTENCES, **SMALL).wv


def own_row(wv, word, vector):
    """The own row of a word that gives this vector together with the rows of the word's n-grams."""
    ids = wv.subwords.of_word(word)
    return (len(ids) + 1) * vector - wv.ngram_rows[ids].sum(axis=0)


def rename(wv):
    wv.index_to_key = [f"{word}s" for word in wv.index_to_key]
    wv.key_to_index = {word: row for row, word in enumerate(wv.index_to_key)}


@pytest.mark.parametrize(
    "change",
    [
        lambda wv: None,
        lambda wv: wv.adjust_vectors(),
        lambda wv: wv.vectors_ngrams,
        lambda wv: setattr(wv, "vectors_ngrams", 2 * wv.vectors_ngrams),
        lambda wv: setattr(wv, "vectors", 5 * wv.vectors),
        lambda wv: setattr(wv, "vectors", wv.vectors[:2]),
        lambda wv: wv.unit_normalize_all(),
        lambda wv: wv.recalc_char_ngram_buckets(),
        lambda wv: wv.add_vector("samovar", np.ones(8)),
        rename,
    ],
)
def test_own_rows_are_fitted_to_what_was_there_when_vectors_were_given(wv, change):
    kettle, teapot = wv.key_to_index["kettle"], wv.key_to_index["teapot"]
    expected = own_row(wv, "kettle", GIVEN), own_row(wv, "teapot", -GIVEN)
    others = np.delete(wv.vectors_vocab, [kettle, teapot], axis=0)
    wv["kettle"] = GIVEN
    wv.add_vectors(["teapot"], [-GIVEN], replace=True)
    np.testing.assert_array_equal(wv["kettle"], GIVEN)  # to the bit
    change(wv)
    own = wv.vectors_vocab[: len(others) + 2]
    np.testing.assert_allclose(own[[kettle, teapot]], expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(np.delete(own, [kettle, teapot], axis=0), others)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda wv: pickle.loads(pickle.dumps(wv))])
def test_copies_are_given_vectors_of_their_own(wv, duplicate):
    wv["kettle"] = GIVEN
    other = duplicate(wv)
    other.add_vector("samovar", -GIVEN)
    rows = {each: own_row(each, "kettle", GIVEN) for each in (wv, other)}
    for each, expected in rows.items():
        np.testing.assert_allclose(each.vectors_vocab[each.key_to_index["kettle"]], expected, rtol=1e-5)
    np.testing.assert_allclose(other.vectors_vocab[-1], own_row(other, "samovar", -GIVEN), rtol=1e-5)
    assert len(other.vectors_vocab) == len(wv.vectors_vocab) + 1


def test_own_rows_are_fitted_at_once_when_they_are_asked_for(wv, monkeypatch):
    fitted = []
    fit = FastTextKeyedVectors._fit
    monkeypatch.setattr(
        FastTextKeyedVectors, "_fit", lambda self, own, rows, given: (fitted.append(rows), fit(self, own, rows, given))
    )
    for word in ("teapot", "kettle", "teapot", "new", "newer"):
        wv[word] = GIVEN
        wv.add_vector(word, -GIVEN)  # which is there
        wv.add_vectors([word], [-GIVEN])
        assert wv.most_similar(word, topn=1)
    assert not fitted
    rows = sorted(wv.key_to_index[word] for word in ("teapot", "kettle", "new", "newer"))
    assert wv.vectors_vocab is wv.vectors_vocab
    assert fitted == [rows]
    wv.adjust_vectors()
    np.testing.assert_allclose(wv[["kettle", "newer"]], [GIVEN, GIVEN], rtol=1e-4, atol=1e-4)
    assert len(fitted) == 1


def test_given_vectors_are_saved_and_trained(wv, tmp_path):
    wv["kettle"] = GIVEN
    wv.save(tmp_path / "vectors")
    again = FastTextKeyedVectors.load(tmp_path / "vectors")
    np.testing.assert_array_equal(again["kettle"], GIVEN)
    again.adjust_vectors()
    np.testing.assert_allclose(again["kettle"], GIVEN, rtol=1e-5)
    model = FastText(SENTENCES, **SMALL)
    model.wv["kettle"] = 100 * GIVEN
    model.train(SENTENCES, total_examples=60, epochs=1)
    np.testing.assert_allclose(model.wv["kettle"], 100 * GIVEN, rtol=0.1, atol=1)


def test_without_ngrams_own_rows_are_the_vectors():
    wv = FastText(SENTENCES, **SMALL | {"bucket": 0}).wv
    wv.vectors = 2 * wv.vectors
    before = wv.vectors.copy()
    assert wv.add_vector("samovar", GIVEN) == len(before)
    wv["kettle"] = GIVEN
    before[wv.key_to_index["kettle"]] = GIVEN
    assert wv.vectors_vocab is wv.vectors
    wv.adjust_vectors()
    np.testing.assert_array_equal(wv.vectors, [*before, GIVEN])


def test_slots_are_filled():
    wv = FastTextKeyedVectors(8, 3, 6, 50, count=2)
    assert len(wv.buckets_word[0]) == 0
    for row, word in enumerate(("kettle", "teapot", "samovar")):
        assert wv.add_vector(word, row * GIVEN) == row
    assert [len(ids) for ids in wv.buckets_word] == [len(wv.subwords.of_word(word)) for word in wv.index_to_key]
    np.testing.assert_allclose(wv.vectors_vocab[1], own_row(wv, "teapot", GIVEN))
    wv.adjust_vectors()
    np.testing.assert_allclose(wv.vectors, [0 * GIVEN, GIVEN, 2 * GIVEN], rtol=1e-5)


def test_vectors_that_cannot_be_changed_stay(wv):
    small = wv.compress()
    before, words = small.vectors.copy(), list(small.index_to_key)
    for words_given in (["kettle"], ["samovar"]):
        with pytest.raises(TypeError, match="compressed cannot be changed"):
            small.add_vectors(words_given, [GIVEN], replace=True)
    assert "samovar" not in small.key_to_index
    assert small.index_to_key == words
    np.testing.assert_array_equal(small.vectors, before)


# Words that were never seen.


def test_vectors_of_unseen_words_are_kept_while_their_rows_are_made(wv, monkeypatch):
    monkeypatch.setattr(_subword_lookup, "MOST_UNSEEN", 3)
    made = {word: wv[word].copy() for word in ("urn", "pot", "cup", "mug")}
    assert list(wv._unseen) == ["mug"]  # begun anew when it was full
    for word, vector in made.items():
        for _ in range(2):
            np.testing.assert_array_equal(wv[word], vector)
            with pytest.raises(ValueError, match="WRITEABLE"):
                wv[word].setflags(write=True)
        np.testing.assert_allclose(wv.get_vector(word, norm=True), vector / np.linalg.norm(vector), rtol=1e-6)
    assert not pickle.loads(pickle.dumps(wv))._unseen


@pytest.mark.parametrize(
    "change",
    [
        lambda model: model.train(SENTENCES, total_examples=60, epochs=1, start_alpha=0.5),
        lambda model: model.wv.vectors_ngrams.__imul__(2),
        lambda model: setattr(model.wv, "vectors_ngrams", 2 * model.wv.vectors_ngrams),
        lambda model: (model.wv.ngram_rows.rows.__imul__(2), model.wv.adjust_vectors()),
        lambda model: model.wv.add_vector("kettles", GIVEN),
    ],
)
def test_vectors_of_unseen_words_go_when_rows_change(change):
    model = FastText(SENTENCES, **SMALL)
    before = model.wv["kettles"].copy()
    assert model.wv._unseen
    change(model)
    wv = model.wv
    assert not np.array_equal(wv["kettles"], before)
    if "kettles" not in wv.key_to_index:
        expected = wv.vectors_ngrams[wv.subwords.of_word("kettles")].mean(axis=0)
        np.testing.assert_allclose(wv["kettles"], expected, rtol=1e-4, atol=1e-6)


def test_vectors_of_unseen_words_are_those_of_the_moment_while_rows_are_trained():
    seen = []

    class Watch(CallbackAny2Vec):
        def on_epoch_end(self, model):
            seen.append(model.wv["kettles"].copy())
            model.wv.ngram_rows.rows *= 2  # as another thread that trains
            seen.append(model.wv["kettles"].copy())

    FastText(SENTENCES, callbacks=[Watch()], **SMALL)
    assert not np.allclose(seen[1], seen[0], rtol=1e-3)


@pytest.mark.parametrize("size", [1, 2, 5, 8])
def test_some_rows_are_held_and_others_made(size):
    shape, root = (30, size), _random.random_root(3)
    matrix = _random.random_vectors(shape, 3)
    held, places = np.arange(3 * size, dtype=np.float32).reshape(3, size), np.full(30, -1, np.int32)
    places[[4, 7, 29]] = 2, 0, 1
    matrix[[4, 7, 29]] = held[[2, 0, 1]]
    for chosen in ([], [4], [3], range(30), [2, 3, 4, 5, 6, 7, 8, 9], [29, 0, 0, 28, 29, 7]):
        rows = np.array(chosen, np.int64)
        made = np.full((len(rows), size), np.nan, np.float32)
        random_or_held_rows(*root, rows, places, held, made)
        np.testing.assert_array_equal(made, matrix[rows])
    random_or_held_rows(*root, np.array([1]), np.full(30, -1, np.int32), held[:0], made[:1])
    np.testing.assert_array_equal(made[0], matrix[1])


@pytest.mark.parametrize(
    ("rows", "places", "held"), [([-1], [0], 1), ([1], [0], 1), ([0], [1], 1), ([0], [0], 0), ([0, 0], [0], 1)]
)
def test_rows_that_are_not_there_are_refused(rows, places, held):
    given = np.array(rows, np.int64), np.array(places, np.int32), np.ones((held, 2), np.float32)
    with pytest.raises(ValueError, match="rows must be of the matrix"):
        random_or_held_rows(1, 3, *given, np.empty((1, 2), np.float32))
    with pytest.raises(ValueError, match="rows must be of the matrix"):
        random_or_held_rows(
            1, 3, np.array([0]), np.array([0], np.int32), np.ones((1, 3), np.float32), np.ones((1, 2), np.float32)
        )


def test_rows_get_places_in_the_order_in_which_they_are_first_met():
    places = np.array([-1, -1, 1, -1, 0], np.int32)
    new, found = give_places(np.array([3, 2, 0, 3], np.int32), places, 2)
    assert (new.tolist(), found.tolist(), places.tolist()) == ([3, 0], [2, 1, 3, 2], [3, -1, 1, 2, 0])
    for rows in ([5], [-1]):
        with pytest.raises(ValueError, match="each row must be one of 5"):
            give_places(np.array(rows, np.int32), places, 4)
    with pytest.raises(ValueError, match="places below"):
        give_places(np.zeros(9, np.int32), places, 2**31 - 5)
    with pytest.raises(ValueError, match="overlap"):
        give_places(places[2:3], places, 4)
    assert places.tolist() == [3, -1, 1, 2, 0]
