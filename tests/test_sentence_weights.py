"""Sentences that count more or less than others."""

import warnings

import numpy as np
import pytest

from fastemb import FastText, TrainingDiverged, Word2Vec
from fastemb.corpus import LineSentence
from fastemb.models.callbacks import Checkpoint

KINDS = {"word2vec": Word2Vec, "fasttext": lambda *given, **options: FastText(*given, bucket=200, max_n=0, **options)}
OPTIONS = {"min_count": 1, "vector_size": 8, "epochs": 3, "workers": 1, "sample": 0}


@pytest.fixture(params=KINDS, name="make")
def each_kind(request):
    return lambda *given, **changes: KINDS[request.param](*given, **OPTIONS | changes)


def sentences(count=60, seed=0):
    draw = np.random.default_rng(seed)
    return [[f"w{k}" for k in draw.integers(0, 30, draw.integers(2, 9))] for _ in range(count)]


@pytest.mark.parametrize("budget", [2**30, 1])  # in memory, or in parts in a file
@pytest.mark.parametrize("sg", [0, 1])
def test_sentences_without_weight_are_not_trained(make, sg, budget):
    corpus = [*sentences(), ["only", "here"]] * 20
    weights = np.where([len(sentence) == 2 and sentence[0] == "only" for sentence in corpus], 0, 1.5)
    model, fresh = make(corpus, sg=sg, sentence_weights=weights, memory_budget=budget), make()
    fresh.build_vocab(corpus)
    row = model.wv.key_to_index["only"]
    np.testing.assert_array_equal(model.wv.vectors[row], fresh.wv.vectors[row])
    assert not np.array_equal(model.wv.vectors[0], fresh.wv.vectors[0])


@pytest.mark.parametrize("sg", [0, 1])
def test_weights_of_one_change_nothing(make, sg):
    one, other = make(sentences(), sg=sg), make(sentences(), sg=sg, sentence_weights=[1] * 60)
    np.testing.assert_array_equal(one.wv.vectors, other.wv.vectors)
    assert other.sentence_weights is None


def test_a_checkpoint_keeps_them(make, tmp_path):
    class Stop(Exception):
        pass

    class Interrupt(Checkpoint):
        def on_epoch_end(self, model):
            super().on_epoch_end(model)
            if model.run.progress.epochs == 2:
                raise Stop

    weights = np.random.default_rng(1).random(60)
    whole = make(sentences(), sentence_weights=weights)
    with pytest.raises(Stop):
        make(sentences(), sentence_weights=weights, callbacks=[Interrupt(tmp_path / "model", epochs=1)])
    resumed = type(whole).resume(tmp_path / "model", sentences())
    np.testing.assert_array_equal(resumed.wv.vectors, whole.wv.vectors)
    resumed.save(tmp_path / "model")
    assert type(whole).load(tmp_path / "model").sentence_weights is None


def test_further_training_takes_its_own(make):
    one, other = (make(sentences()) for _ in range(2))
    one.train(sentences(9), total_examples=9, epochs=1, start_alpha=0.01)
    other.train(sentences(9), total_examples=9, epochs=1, start_alpha=0.01, sentence_weights=[2] * 9)
    assert not np.array_equal(one.wv.vectors, other.wv.vectors)


def test_wrong_ones_are_refused(make, tmp_path, caplog):
    for weights, message in [
        ([1] * 59, "there are 59 sentence_weights, and 60 sentences"),
        ([-1] * 60, "not negative"),
        ([float("nan")] * 60, "finite"),
        ([[1] * 60], "one number for each sentence"),
    ]:
        with pytest.raises(ValueError, match=message):
            make(sentences(), sentence_weights=weights)
    model = make(sentences())
    with pytest.raises(ValueError, match="there are 2 sentence_weights"):
        model.train(sentences(), total_examples=60, epochs=1, sentence_weights=[1, 2])
    assert model.sentence_weights is None
    for weights in (iter([1] * 60), ["x"] * 60):
        with pytest.raises(TypeError, match=f"sentence_weights must be .* numbers, not {type(weights).__name__}"):
            make(sentences(), sentence_weights=weights)
    with pytest.raises(ValueError, match="finite"), warnings.catch_warnings(action="error"):
        make(sentences(), sentence_weights=[1e39] * 60)
    with pytest.raises(TrainingDiverged, match=r"alpha=0.025 with sentence_weights of up to 1e\+30 is too high"):
        make(sentences(), sentence_weights=[1e30] * 60, alpha=0.025)
    (tmp_path / "text").write_text("a b c d e f\n" * 3)
    with pytest.raises(ValueError, match="max_sentence_length cuts"):
        make(LineSentence(tmp_path / "text", max_sentence_length=4), sentence_weights=[1] * 3)
    make(sentence_weights=[1])
    assert "sentence_weights are without effect" in caplog.text


def test_sentences_that_are_read_anew_have_none(make):
    for train in (make, lambda *given, **options: make(sentences(), reread=True).train(*given, **options)):
        with pytest.raises(ValueError, match="with reread=True, or a _do_train_job of a subclass, each epoch"):
            train(sentences(), sentence_weights=[1] * 60, **({"reread": True} if train is make else {"epochs": 1}))


def test_weights_beyond_a_float_are_refused():
    with pytest.raises(ValueError, match="a number is too large"):
        Word2Vec([["a", "b"]], min_count=1, sentence_weights=[10**400])
