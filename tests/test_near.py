"""Words that may have been meant."""

import inspect
import unicodedata

import numpy as np
import pytest

from fastemb import FastText, GloVe, KeyedVectors, Word2Vec, load_vectors
from fastemb.cli import main
from fastemb.models._near import near_words
from fastemb.models.fasttext import FastTextKeyedVectors, load_facebook_model, load_facebook_vectors

WORDS = ["king", "queen", "kings", "King", "new_york", "straße", "x" * 100]


@pytest.fixture
def vectors():
    return KeyedVectors.from_arrays(WORDS, np.eye(len(WORDS), dtype=np.float32))


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("kingg", ["king", "kings"]),
        ("knig", ["king"]),
        ("kng", ["king"]),
        ("kinq", ["king"]),
        ("KING", ["king", "King"]),
        ("Queen", ["queen"]),
        ("new york", ["new_york"]),
        ("strasse", []),
        ("strae", ["straße"]),
        (" king", ["king"]),
        ("X" * 100, ["x" * 100]),
        ("y" * 10_000, []),
        ("", []),
    ],
)
def test_near_words(word, near, vectors):
    assert near_words(word, vectors.key_to_index) == near


@pytest.mark.parametrize(
    "call",
    [
        lambda vectors: vectors.most_similar("kingg"),
        lambda vectors: vectors.most_similar(positive=["queen"], negative=["kingg"]),
        lambda vectors: vectors.most_similar([("kingg", 2.0)]),
        lambda vectors: vectors.most_similar_batch(["queen", "kingg"]),
        lambda vectors: vectors.most_similar_cosmul(["queen", "kingg"]),
        lambda vectors: vectors.similar_by_word("kingg"),
        lambda vectors: vectors.get_mean_vector(["kingg"], ignore_missing=False),
    ],
)
def test_a_misspelt_word_is_told_with_those_near_it(call, vectors):
    with pytest.raises(KeyError) as error:
        call(vectors)
    assert error.value.args == ("Key 'kingg' not present; near it: 'king', 'kings'",)


def test_other_unknown_keys_are_told_alone(vectors):
    for key in ("zebra", 100):
        with pytest.raises(KeyError) as error:
            vectors.most_similar([key])
        assert error.value.args == (f"Key '{key}' not present",)


@pytest.mark.parametrize(("form", "other"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_word_in_another_normal_form_is_told(form, other, tmp_path, capsys):
    """On the screen the two are the same."""
    word = unicodedata.normalize(form, "könig")
    vectors = KeyedVectors.from_arrays([word, "kaiser"], np.eye(2, dtype=np.float32))
    asked = unicodedata.normalize(other, word)
    with pytest.raises(KeyError, match=rf"not present; unicodedata.normalize\('{form}', …\) of it is"):
        vectors.most_similar(asked)
    assert vectors.most_similar(word)
    path = str(tmp_path / "vectors.txt")
    vectors.save_word2vec_format(path)
    assert main(["neighbors", path, asked]) == 1
    assert f"but one that is the same in the normal form {form}\n" in capsys.readouterr().err


def test_words_of_ngrams_are_never_unknown():
    vectors = FastText([WORDS[:3]] * 5, min_count=1, vector_size=4, bucket=100).wv
    assert len(vectors.most_similar("kingg")) == 3


def test_the_command_names_them(vectors, tmp_path, capsys):
    path = str(tmp_path / "vectors.txt")
    vectors.save_word2vec_format(path)
    assert main(["neighbors", path, "kingg"]) == 1
    assert capsys.readouterr().err == f"fastemb: {path}: no word 'kingg'; near it: 'king', 'kings'\n"


# Parameters.

PAIR = [["a", "b"]] * 9
MODEL = {"min_count": 1, "vector_size": 4, "epochs": 1}


@pytest.mark.parametrize(
    ("call", "unknown", "meant"),
    [
        (lambda: Word2Vec(**MODEL).build_vocab(PAIR, updat=True), "updat", "update"),
        (lambda: Word2Vec(PAIR, **MODEL).train(PAIR, total_exampels=9, epochs=1), "total_exampels", "total_examples"),
        (lambda: FastText(PAIR, **MODEL).train(PAIR, total_examples=9, Epochs=1), "Epochs", "epochs"),
        (lambda: GloVe(PAIR, **MODEL).save("absent", seperately=()), "seperately", "separately"),
        (lambda: Word2Vec.load("absent", mmapp="r"), "mmapp", "mmap"),
        (lambda: KeyedVectors.load("absent", map="r"), "map", "mmap"),
        (lambda: KeyedVectors(vector_sizes=3), "vector_sizes", "vector_size"),
        (lambda: KeyedVectors(3).save_word2vec_format("absent", binarry=True), "binarry", "binary"),
        (lambda: KeyedVectors.load_word2vec_format("absent", limits=3), "limits", "limit"),
        (lambda: FastTextKeyedVectors.load_word2vec_format("absent", limits=3), "limits", "limit"),
        (lambda: KeyedVectors(3).most_similar_batch([], top_n=3), "top_n", "topn"),
        (lambda: KeyedVectors(3).compress(stores="int8"), "stores", "store"),
        (lambda: load_vectors("absent", encodings="utf-8"), "encodings", "encoding"),
        (lambda: load_facebook_vectors("absent", encodng="utf-8"), "encodng", "encoding"),
        (lambda: load_facebook_model("absent", encodng="utf-8"), "encodng", "encoding"),
    ],
)
def test_a_misspelt_parameter_is_told_with_the_one_near_it(call, unknown, meant):
    with pytest.raises(TypeError) as error:
        call()
    expected = f"got an unexpected keyword argument {unknown!r}. Did you mean {meant!r}?"
    assert str(error.value).partition("() ")[2] == expected


def test_other_errors_of_calls_are_as_ever():
    model = Word2Vec(PAIR, **MODEL)
    with pytest.raises(TypeError, match=r"train\(\) got an unexpected keyword argument 'zzz'$"):
        model.train(PAIR, zzz=3)
    with pytest.raises(TypeError, match=r"missing 1 required positional argument: 'fname'$"):
        model.wv.save_word2vec_format()
    with pytest.raises(TypeError, match=r"takes from 2 to \d+ positional arguments but 12 were given$"):
        model.wv.save_word2vec_format(*range(11))
    with pytest.raises(TypeError, match=r"^a path must be a str, not bytes$"):
        model.wv.save_word2vec_format(b"path")
    with pytest.raises(TypeError) as error:
        load_vectors(Mean(), limit=3)  # from inside
    assert str(error.value) == "got an unexpected keyword argument 'limits'"


class Mean:
    """A path that fails as a call does."""

    def __fspath__(self):
        raise TypeError("got an unexpected keyword argument 'limits'")


def test_signatures_and_names_stay():
    parameters = inspect.signature(Word2Vec.train).parameters
    assert list(parameters)[:3] == ["self", "corpus_iterable", "corpus_file"]
    assert inspect.signature(load_vectors).parameters["limit"].default is None
    assert "limit" in inspect.signature(KeyedVectors.load_word2vec_format).parameters
    assert KeyedVectors.save.__qualname__ == "KeyedVectors.save"
    assert inspect.getsource(load_vectors).startswith("@naming_near\ndef load_vectors(")
    assert Word2Vec.train is FastText.train
    assert not hasattr(KeyedVectors.most_similar, "__wrapped__")  # queries are called without one more function


def test_subclasses_are_called_with_what_they_take():
    class Named(Word2Vec):
        def train(self, sentences, total_exampels=None, **others):
            return super().train(sentences, total_examples=total_exampels, **others)

    model = Named(**MODEL)
    model.build_vocab(PAIR)
    assert model.train(PAIR, total_exampels=9, epochs=1)[1] == 18
