"""Calls that fell when they were made at random (`fuzz_calls`): refused in words, and nothing is changed."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fastemb import Classifier, FastText, GloVe, Item2Vec, KeyedVectors, Word2Vec
from fastemb.models.fasttext import FastTextKeyedVectors, save_facebook_model

SENTENCES = [["a", "b", "c"], ["c", "a"]] * 3
OPTIONS = {"vector_size": 4, "min_count": 1, "epochs": 1, "workers": 1}
GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("kind", [KeyedVectors, lambda *sizes: FastTextKeyedVectors(sizes[0], 3, 6, 5, *sizes[1:])])
def test_sizes_of_vectors_are_whole_numbers_with_bounds(kind):
    for wrong in (2**31, -1):
        with pytest.raises(ValueError, match="vector_size must be at"):
            kind(wrong)
    for wrong in (1.5, "4", None):
        with pytest.raises(TypeError, match="vector_size must be a whole number"):
            kind(wrong)
        with pytest.raises(TypeError, match="count must be a whole number"):
            kind(4, wrong)
    assert kind(4, 2).vectors.shape == (2, 4)


def test_rows_without_a_key_are_not_compressed():
    wv = KeyedVectors(4, 2)
    wv.add_vector("a", np.ones(4))
    with pytest.raises(ValueError, match="rows without a key cannot be compressed"):
        wv.compress("float16")
    assert wv.compress("float16", words=1).index_to_key == ["a"]


def test_vectors_without_words_can_be_compressed():
    wv = FastText(None, bucket=5, **OPTIONS).wv.compress("float16", buckets=3)
    assert (len(wv), len(wv.vectors_ngrams)) == (0, 0)


def test_keys_are_str_or_int():
    for wv in (KeyedVectors(4), FastText(SENTENCES, bucket=5, **OPTIONS).wv):
        before = list(wv.index_to_key), wv.vectors.copy()
        for wrong in (None, float("inf"), ("a", "b"), b"a"):
            with pytest.raises(TypeError, match=f"a key must be a str or an int, not {type(wrong).__name__}"):
                wv.add_vectors(["x", wrong], np.ones((2, 4)))
        assert wv.index_to_key == before[0]
        assert (wv.vectors == before[1]).all()
        wv.add_vectors([7, np.int64(8), "x"], np.ones((3, 4)))
        assert wv.index_to_key == [*before[0], 7, 8, "x"]


def test_numbers_that_are_too_large():
    wv = KeyedVectors.from_arrays(["a"], np.ones((1, 2), np.float32))
    with pytest.raises(ValueError, match="weights: int too large"):
        wv.add_vectors(["b"], [[1, 10**400]])
    assert wv.index_to_key == ["a"]
    classifier = Classifier.load(GOLDEN / "classifier-ns.bin")
    with pytest.raises(ValueError, match="threshold is too large"):
        classifier.predict("a", threshold=10**400)
    with pytest.raises(TypeError, match="threshold must be a number"):
        classifier.predict("a", threshold="x")


def test_models_of_another_kind():
    model = Word2Vec(SENTENCES, **OPTIONS)
    with pytest.raises(TypeError, match="model must be a FastText, not Word2Vec"):
        save_facebook_model(model, "nowhere/at-all.bin")
    with pytest.raises(TypeError, match="model must be a FastText, not Item2Vec"):
        save_facebook_model(Item2Vec(SENTENCES, vector_size=4), "nowhere/at-all.bin")
    before = model.wv
    with pytest.raises(TypeError, match="other_model must be a model as this, not dict"):
        model.reset_from({})
    assert model.wv is before
    model.reset_from(model)
    assert model.wv.index_to_key == before.index_to_key
    assert (model.wv.expandos["count"] == before.expandos["count"]).all()


def test_words_that_were_added_to_the_vectors_of_a_glove_are_not_lost():
    model = GloVe(SENTENCES, **OPTIONS)
    model.wv.add_vectors(["new"], np.ones((1, 4)))
    with pytest.raises(ValueError, match="wv has 4 words, and the model rows of 3"):
        model.train(SENTENCES)
    assert model.wv.vectors.shape == (4, 4)
    assert (model.wv["new"] == 1).all()


def test_some_sequences_of_calls(tmp_path):
    pytest.importorskip("resource")
    command = [sys.executable, str(Path(__file__).with_name("fuzz_calls.py")), "--seed", "5", "--count", "30"]
    done = subprocess.run(
        [*command, "--seconds", "600", "--child", str(tmp_path / "calls")], capture_output=True, text=True
    )
    assert done.returncode == 0, (tmp_path / "calls").read_text(encoding="utf-8")[-3000:]
    assert done.stdout.split() == [str(number) for number in range(30)]
