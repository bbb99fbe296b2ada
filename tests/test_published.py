"""Vectors that are input and output vectors together."""

import numpy as np
import pytest

from fastemb import FastText, KeyedVectors, Word2Vec
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


class Look(CallbackAny2Vec):
    def on_epoch_end(self, model):
        self.seen = model.wv.vectors.copy()


def test_callbacks_find_what_is_trained(make):
    look = Look()
    model = make(sentences(), output="sum", callbacks=[look])
    np.testing.assert_array_equal(look.seen, make(sentences()).wv.vectors)
    assert not np.array_equal(look.seen, model.wv.vectors)


def test_vectors_of_another_size_are_not_trained():
    model = Word2Vec(sentences(), output="sum", **OPTIONS)
    model.wv.add_vectors(["other"], np.ones((1, 16), np.float32))
    with pytest.raises(ValueError, match="build_vocab"):
        model.train(sentences(), total_examples=200, epochs=1)


@pytest.mark.parametrize("how", ["set", "intersect", "saved", "checkpoint", "words are added"])
def test_vectors_that_were_set_are_trained_on(how, tmp_path):
    model = Word2Vec(sentences(), output="sum", callbacks=[Checkpoint(tmp_path / "checkpoint")], **OPTIONS)
    expected, given = np.array(model.input_vectors), np.full(16, 0.5, np.float32)
    expected[(row := model.wv.key_to_index["w3"])] = given
    if how == "checkpoint":
        model = Word2Vec.load(tmp_path / "checkpoint")
    if how == "intersect":
        KeyedVectors.from_arrays(["w3", "strange"], np.stack([given, given])).save_word2vec_format(tmp_path / "text")
        model.wv.intersect_word2vec_format(tmp_path / "text")
        model.train(sentences(1), total_examples=200, epochs=1, start_alpha=0.01)
        np.testing.assert_array_equal(model.input_vectors[row], given)
        return
    model.wv["w3"] = given
    if how == "saved":
        model.save(tmp_path / "model")
        model = Word2Vec.load(tmp_path / "model", mmap="r")
    if how == "words are added":
        model.build_vocab([["new", "w3"]], update=True)
        np.testing.assert_array_equal(model.wv.vectors[:-1], expected)
    look = Look()
    model.train(sentences(1), total_examples=200, epochs=1, start_alpha=1e-9, end_alpha=1e-9, callbacks=[look])
    np.testing.assert_allclose(look.seen[: len(expected)], expected, atol=1e-6)


def test_sums_are_not_trained():
    model = Word2Vec(sentences(), output="sum", **OPTIONS)
    inputs = np.array(model.input_vectors)
    model.wv.unit_normalize_all()
    normal = np.array(model.wv.vectors)
    for call in (model.train, lambda *given, **_: model.build_vocab(*given, update=True)):
        with pytest.raises(RuntimeError, match="all vectors of wv were changed since training"):
            call(sentences(), total_examples=200, epochs=1)
        np.testing.assert_array_equal(model.wv.vectors, normal)
        np.testing.assert_array_equal(model.input_vectors, inputs)
    model.input_vectors = None  # as the error says
    model.train(sentences(), total_examples=200, epochs=1, start_alpha=1e-9, end_alpha=1e-9)
    np.testing.assert_allclose(model.input_vectors, normal, atol=1e-6)


def test_training_that_cannot_begin_leaves_sums(make):
    model = make(sentences(), output="sum", sg=0, reread=True, distance_decay=0.5)
    before, inputs = np.array(model.wv.vectors), np.array(model._inputs_of_words())
    model.window = 2**31 - 1
    with pytest.raises(MemoryError):
        model.train(sentences(), total_examples=200, epochs=1)
    np.testing.assert_array_equal(model.wv.vectors, before)
    model.window, outputs = 5, model.syn1neg
    model.syn1neg = np.zeros((len(model.wv), 3), np.float32)
    with pytest.raises(ValueError, match="syn1neg is of shape"):
        model.train(sentences(), total_examples=200, epochs=1)
    model.syn1neg = outputs
    np.testing.assert_array_equal(model.wv.vectors, before)
    np.testing.assert_array_equal(model._inputs_of_words(), inputs)


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
