"""What is saved can be loaded, and is what it was: parameters set by hand, vectors that were changed or cut."""

import json

import numpy as np
import pytest

from fastemb import FastText, GloVe, Word2Vec
from fastemb.formats.native import read_native, write_native
from fastemb.models.fasttext import save_facebook_model

SENTENCES = [["one", "two", "three", "four"]] * 20
SMALL = {"min_count": 1, "vector_size": 4, "workers": 1, "epochs": 1}

# Parameters.


@pytest.mark.parametrize(
    ("kind", "name", "value", "error"),
    [
        (Word2Vec, "workers", -2, ValueError),
        (Word2Vec, "epochs", 0, ValueError),
        (Word2Vec, "window", 0, ValueError),
        (Word2Vec, "negative", 0, ValueError),
        (Word2Vec, "seed", -1, ValueError),
        (Word2Vec, "min_count", None, TypeError),
        (Word2Vec, "alpha", float("nan"), ValueError),
        (Word2Vec, "comment", b"bytes", TypeError),
        (Word2Vec, "unicode_errors", "loose", ValueError),
        (FastText, "min_n", 9, ValueError),
        (FastText, "max_n", 2.5, TypeError),
        (GloVe, "x_max", 0, ValueError),
        (GloVe, "output", "mean", ValueError),
    ],
)
def test_parameters_that_could_not_be_loaded_are_refused_by_name(tmp_path, kind, name, value, error):
    model = kind(SENTENCES, **SMALL)
    setattr(model, name, value)
    with pytest.raises(error, match=name):
        model.save(tmp_path / "model")
    assert not list(tmp_path.iterdir())
    with pytest.raises(error, match=name):
        model.train(SENTENCES)
    with pytest.raises(error, match=name):
        kind(SENTENCES, **SMALL | {name: value})


@pytest.mark.parametrize(
    ("name", "value", "saved"),
    [
        ("alpha", np.float32(0.01), float(np.float32(0.01))),
        ("window", np.int64(3), 3),
        ("epochs", 2.0, 2),
        ("sample", None, 0.0),
        ("sg", True, 1),
        ("compute_loss", np.True_, True),
        ("corpus_count", np.int32(7), 7),
        ("min_alpha_yet_reached", np.float32(0.5), 0.5),
        ("epoch_losses", np.array([1.5, 2.5], np.float32), [1.5, 2.5]),
    ],
)
def test_numbers_of_numpy_and_the_like_come_back_as_pythons(tmp_path, name, value, saved):
    model = Word2Vec(SENTENCES, **SMALL)
    setattr(model, name, value)
    model.save(tmp_path / "model")
    found = getattr(Word2Vec.load(tmp_path / "model"), name)
    assert found == saved
    assert type(found) is type(saved)


def test_a_loss_of_nan_comes_back(tmp_path):
    model = Word2Vec(SENTENCES, **SMALL)
    model.epoch_losses = [float("nan")]
    model.save(tmp_path / "model")
    assert np.isnan(Word2Vec.load(tmp_path / "model").epoch_losses).all()


def test_counters_of_the_wrong_type_are_damage(tmp_path):
    Word2Vec(SENTENCES, **SMALL).save(tmp_path / "model")
    arrays, metadata = read_native(tmp_path / "model")
    saved = json.loads(metadata["parameters"]) | {"train_count": "x"}
    write_native(tmp_path / "model", arrays, metadata | {"parameters": json.dumps(saved)})
    with pytest.raises(ValueError, match="parameters are damaged.*train_count"):
        Word2Vec.load(tmp_path / "model")


@pytest.mark.parametrize(
    ("kind", "name", "value", "message"),
    [
        (Word2Vec, "vector_size", 7, r"wv.vectors is of shape \(4, 4\), not \(4, 7\)"),
        (Word2Vec, "hs", 1, "there is no syn1"),
        (FastText, "bucket", 99, "bucket=99, but the vectors were made with 50"),
        (FastText, "vector_size", 7, r"wv.vectors_vocab is of shape \(4, 4\)"),
        (GloVe, "vector_size", 7, r"parameters.vectors is of shape \(2, 4, 4\)"),
        (GloVe, "output", "both", r"wv.vectors is of shape \(4, 4\), not \(4, 8\)"),
    ],
)
def test_parameters_that_do_not_fit_the_matrices_are_refused(tmp_path, kind, name, value, message):
    model = kind(SENTENCES, **SMALL, **{"bucket": 50} if kind is FastText else {})
    setattr(model, name, value)
    with pytest.raises(ValueError, match=message):
        model.save(tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_facebooks_file_is_of_parameters_that_its_reader_takes(tmp_path):
    for name, value in {"window": 0, "vector_size": 7, "negative": 0}.items():
        model = FastText(SENTENCES, **SMALL, bucket=50)
        setattr(model, name, value)
        with pytest.raises(ValueError, match=name if name != "vector_size" else "vectors_vocab"):
            save_facebook_model(model, tmp_path / "model.bin")
    assert not list(tmp_path.iterdir())
