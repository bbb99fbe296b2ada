"""Vectors that are input and output vectors together."""

import numpy as np
import pytest

from fastemb import FastText, Word2Vec
from fastemb.models.callbacks import CallbackAny2Vec, Checkpoint

KINDS = {"word2vec": Word2Vec, "fasttext": lambda *given, **options: FastText(*given, bucket=200, **options)}
OPTIONS = {"min_count": 1, "vector_size": 16, "epochs": 2, "workers": 1, "negative": 3}


@pytest.fixture(params=KINDS, name="make")
def each_kind(request):
    return lambda corpus, **changes: KINDS[request.param](corpus, **OPTIONS | changes)


def sentences(seed=0):
    draw = np.random.default_rng(seed)
    return [[f"w{k}" for k in draw.integers(0, 40, 9)] for _ in range(200)]


def published(model):
    inputs, outputs = (m / np.linalg.norm(m, axis=1, keepdims=True) for m in (model.wv.vectors, model.syn1neg))
    sums = inputs + 2 * outputs
    return sums - sums.mean(axis=0)


def test_they_are_the_sum_of_unit_vectors_less_its_mean(make):
    one, other = make(sentences()), make(sentences(), output="sum")
    np.testing.assert_array_equal(one.syn1neg, other.syn1neg)
    np.testing.assert_allclose(other.wv.vectors, published(one), rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(other.wv["w3"], other.wv.vectors[other.wv.key_to_index["w3"]])
    assert one.input_vectors is None


def test_training_goes_on_with_what_was_trained(make, tmp_path):
    one, other = make(sentences()), make(sentences(), output="sum")
    other.save(tmp_path / "model")
    loaded = type(other).load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.wv.vectors, other.wv.vectors)
    for model in (one, other, loaded):
        model.train(sentences(1), total_examples=200, epochs=1, start_alpha=0.01)
    np.testing.assert_array_equal(one.syn1neg, other.syn1neg)
    np.testing.assert_array_equal(loaded.wv.vectors, other.wv.vectors)
    np.testing.assert_allclose(other.wv.vectors, published(one), rtol=1e-4, atol=1e-6)


def test_words_may_be_added(make):
    one, other = make(sentences()), make(sentences(), output="sum")
    for model in (one, other):
        model.build_vocab([["w1", "new"], ["new", "w2"]], update=True)
        model.train([["w1", "new"], ["new", "w2"]], total_examples=2, epochs=1, start_alpha=0.01)
    np.testing.assert_array_equal(one.syn1neg, other.syn1neg)
    assert other.wv["new"].any()


def test_callbacks_find_what_is_trained(make):
    class Look(CallbackAny2Vec):
        def on_epoch_end(self, model):
            self.seen = model.wv.vectors.copy()

    look = Look()
    model = make(sentences(), output="sum", callbacks=[look])
    np.testing.assert_array_equal(look.seen, make(sentences()).wv.vectors)
    assert not np.array_equal(look.seen, model.wv.vectors)


def test_vectors_of_another_size_are_not_trained():
    model = Word2Vec(sentences(), output="sum", **OPTIONS)
    model.wv.add_vectors(["other"], np.ones((1, 16), np.float32))
    with pytest.raises(RuntimeError, match="build_vocab"):
        model.train(sentences(), total_examples=200, epochs=1)


def test_there_must_be_output_vectors_of_words():
    with pytest.raises(ValueError, match="output='sum' needs output vectors"):
        Word2Vec(output="sum", hs=1, negative=0)
    with pytest.raises(ValueError, match=r"output='sum' \(preset='fast' sets it\) needs"):
        Word2Vec(preset="fast", hs=1, negative=0)
    with pytest.raises(ValueError, match="output must be one of"):
        Word2Vec(output="both")


@pytest.mark.parametrize("kind", [Word2Vec, FastText])
def test_callbacks_save_what_is_published(kind, tmp_path):
    class Save(CallbackAny2Vec):
        def on_epoch_end(self, model):
            self.inputs = np.array(model._inputs_of_words())
            model.save(tmp_path / "model")

    options = OPTIONS | ({"bucket": 200} if kind is FastText else {})
    save = Save()
    model = kind(sentences(), output="sum", callbacks=[save], **options)
    saved = kind.load(tmp_path / "model")
    np.testing.assert_allclose(saved.wv.vectors, model.wv.vectors, atol=1e-6)
    np.testing.assert_array_equal(saved._inputs_of_words(), save.inputs)


def test_others_begin_with_what_was_trained(make, tmp_path):
    model = make(sentences(), output="sum")
    model.save(tmp_path / "model")
    for given in (model, tmp_path / "model"):
        for kind in KINDS.values():
            other = kind(init_from=given, **OPTIONS)
            other.build_vocab(sentences(1))
            for word in other.wv.index_to_key:
                row = model._inputs_of_words()[model.wv.key_to_index[word]]
                np.testing.assert_allclose(other.wv[word], row, atol=1e-6)
    assert abs(model.wv.vectors - model._inputs_of_words()).max() > 0.5


def test_predictions_are_those_of_what_was_trained(make):
    for options in ({"hs": 1}, {"sg": 1, "hs": 1}):
        one, other = make(sentences(), **options), make(sentences(), output="sum", **options)
        assert one.predict_output_word(["w1", "w2"]) == other.predict_output_word(["w1", "w2"])
        np.testing.assert_array_equal(one.score(sentences()[:5]), other.score(sentences()[:5]))


def test_training_that_was_interrupted_goes_on(make, tmp_path):
    class Interrupt(CallbackAny2Vec):
        def on_epoch_begin(self, model):
            if model.run.progress.epochs == 1:
                raise KeyboardInterrupt

    whole = make(sentences(), output="sum")
    with pytest.raises(KeyboardInterrupt) as caught:
        make(sentences(), output="sum", callbacks=[Checkpoint(tmp_path / "model", epochs=1), Interrupt()])
    half = caught.value.model
    np.testing.assert_array_equal(half.wv.vectors.mean(axis=0).round(5), np.zeros(16))
    resumed = type(whole).resume(tmp_path / "model", sentences())
    np.testing.assert_array_equal(resumed.wv.vectors, whole.wv.vectors)
