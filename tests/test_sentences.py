"""Vectors of texts: those of fastText's print-sentence-vectors, and what has no words."""

import json
from pathlib import Path

import numpy as np
import pytest

from fastemb import FastText, KeyedVectors
from fastemb.models.fasttext import FastTextKeyedVectors, load_facebook_vectors
from fastemb.models.files import load_vectors

GOLDEN = Path(__file__).parent / "golden"
TEXTS = json.loads((GOLDEN / "sentences.json").read_text(encoding="utf-8"))
SENTENCES = [["the", "kettle", "sings"], ["the", "teapot", "listens"], ["a", "kettle", "and", "a", "teapot"]] * 20
SMALL = {"vector_size": 8, "min_count": 1, "epochs": 1, "workers": 1}


@pytest.fixture
def fasttext():
    return FastText(SENTENCES, bucket=300, **SMALL)


def vectors():
    return KeyedVectors.from_arrays([f"w{k}" for k in range(30)], np.random.default_rng(2).standard_normal((30, 8)))


@pytest.mark.parametrize("name", sorted(TEXTS))
@pytest.mark.parametrize("kind", ["read", "saved", "packed"])
def test_vectors_of_texts_are_those_of_fasttext(tmp_path, name, kind):
    wv = load_facebook_vectors(GOLDEN / name)
    if kind == "saved":
        wv.save(tmp_path / "file")
        wv = KeyedVectors.load(tmp_path / "file")
    elif kind == "packed":
        wv = wv.compress("float32")
    for text, expected in TEXTS[name]:
        np.testing.assert_allclose(wv.get_sentence_vector(text), expected, rtol=2e-5, atol=1e-6, err_msg=repr(text))


def test_labels_among_many_words_have_their_vectors():
    wv = load_facebook_vectors(GOLDEN / "labels.bin")
    words = ["__label__0", *(f"never{k}" for k in range(40)), "__label__1"]
    np.testing.assert_array_equal(wv[words], [wv[word] for word in words])
    assert not np.array_equal(wv["__label__0"], wv.vectors_ngrams[wv.subwords.of_word("__label__0")].mean(axis=0))


def test_a_supervised_text_may_be_words(tmp_path):
    wv = load_facebook_vectors(GOLDEN / "phrases.bin")
    assert wv.supervised.word_ngrams == 3
    np.testing.assert_array_equal(
        wv.get_sentence_vector(["am", "Rhein", "__label__0"]), wv.get_sentence_vector("am Rhein")
    )
    some = load_vectors(GOLDEN / "phrases.bin", limit=3)
    assert some.supervised == wv.supervised


@pytest.mark.parametrize(
    "damage",
    [
        {"supervised.word_ngrams": np.array(0)},
        {"supervised.word_ngrams": np.array([1, 2])},
        {"supervised.word_ngrams": np.array(1.5)},
        {"supervised.labels": None},
        {"supervised.prefix": np.empty(0, np.uint8)},
        {"vectors_ngrams": np.zeros((3, 3), np.float32)},
        {"vectors_ngrams": np.zeros((3, 7), np.float32), "subwords": np.zeros(3, bool), "supervised.word_ngrams": None},
    ],
)
def test_damaged_files_of_supervised_models_are_refused(damage):
    arrays = load_facebook_vectors(GOLDEN / "phrases.bin").to_arrays() | damage
    with pytest.raises(ValueError, match="name: holds no FastText vectors, or damaged ones"):
        FastTextKeyedVectors.from_native({key: each for key, each in arrays.items() if each is not None}, "name")


def test_texts_are_split_at_ascii_blanks_alone(fasttext):
    wv = fasttext.wv
    for blank in "\u00a0\u3000\u0085\u2028\u001c":
        np.testing.assert_allclose(
            wv.get_sentence_vector(f"the{blank}kettle  sings"), wv.get_sentence_vector([f"the{blank}kettle", "sings"])
        )
    for blank in " \t\n\r\v\f":
        np.testing.assert_allclose(
            wv.get_sentence_vector(f"{blank}the{blank}kettle"), wv.get_sentence_vector(["the", "kettle"])
        )


@pytest.mark.parametrize("supervised", [False, True])
def test_several_texts_are_not_one(fasttext, supervised):
    wv = load_facebook_vectors(GOLDEN / "supervised.bin") if supervised else fasttext.wv
    with pytest.raises(ValueError, match="'the kettle' is a text, not a word: give one text at a time"):
        wv.get_sentence_vector(["the kettle", "the teapot"])
    with pytest.raises(TypeError, match="a word is a str or an int, not list"):
        wv.get_sentence_vector([["the", "kettle"], ["the", "teapot"]])
    with pytest.raises(TypeError, match="a word is a str or an int, not tuple"):
        wv.get_sentence_vector([("the", "kettle")])


def test_a_word_of_the_vocabulary_may_hold_blanks():
    wv = FastText([["New York", "a b"]] * 9, bucket=100, **SMALL).wv
    np.testing.assert_allclose(wv.get_sentence_vector(["New York"]), wv.get_vector("New York", norm=True), rtol=1e-6)


def test_texts_without_words(fasttext):
    wv = fasttext.wv
    plain = FastText(SENTENCES, max_n=0, **SMALL).wv
    for kv in (vectors(), wv, plain):  # no keys are an error,
        with pytest.raises(ValueError, match="at least one key"):
            kv.get_mean_vector([])
        for lists in ([], ["the"]), (["the"], []):
            with pytest.raises((ValueError, ZeroDivisionError), match="at least one key") as caught:
                kv.n_similarity(*lists)
            assert isinstance(caught.value, ValueError)
            assert isinstance(caught.value, ZeroDivisionError)
        with pytest.raises(ValueError, match="at least one key"):
            kv.most_similar([])
        with pytest.raises(ValueError, match="at least one key"):
            kv.most_similar_batch([["w1"] if kv is not wv and kv is not plain else ["the"], []])
        with pytest.raises(ValueError, match="none of the words"):
            kv.doesnt_match([])
    for text in ("", " \n", []):  # a text without words is zeros,
        assert not wv.get_sentence_vector(text).any()
        assert not plain.get_sentence_vector(text).any()
    for kv in (vectors(), plain):  # and so is what holds unknown words alone, which is similar to nothing
        assert not kv.get_mean_vector(["up", "down"]).any()
        assert kv.n_similarity(["up"], ["down"]) == 0
    assert not plain.get_sentence_vector("up down").any()
