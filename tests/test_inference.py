"""What a trained model says of text, and gensim's further methods."""

import logging
from itertools import pairwise

import numpy as np
import pytest

from fastemb import inference, vocabulary
from fastemb.kernels.topk import span_products, span_sums
from fastemb.models import Word2Vec

SENTENCES = [["a", "b", "c", "a"], ["b", "a"], ["c", "d", "a", "a", "b", "a", "e"]] * 3
SMALL = {"min_count": 1, "vector_size": 8, "workers": 1, "window": 2, "epochs": 2}


def reference(ids, vectors, node_vectors, paths, sg, window, cbow_mean, before=True, after=True):
    """Word by word."""
    starts, nodes, labels = paths
    total = 0.0
    for i, centre in enumerate(ids):
        first, last = max(0, i - window * before), min(len(ids), i + window * after + 1)
        near = [ids[j] for j in range(first, last) if j != i]
        if sg:
            inputs = [vectors[word] for word in near]
        else:
            inputs = [sum((vectors[word] for word in near), np.zeros(vectors.shape[1])) / (len(near) or 1) ** cbow_mean]
        for step in range(starts[centre], starts[centre + 1]):
            for hidden in inputs:
                x = float(hidden @ node_vectors[nodes[step]])
                total += np.log(1 / (1 + np.exp(-x if labels[step] else x)))
    return total


@pytest.mark.parametrize("sg", [True, False])
@pytest.mark.parametrize("cbow_mean", [True, False])
@pytest.mark.parametrize("window", [1, 3, 500])
@pytest.mark.parametrize("at_once", [1, 500, 10**9])
@pytest.mark.parametrize("sides", [(True, True), (True, False), (False, True)])
def test_log_likelihoods(sg, cbow_mean, window, at_once, sides, monkeypatch):
    monkeypatch.setattr(inference, "NUMBERS", at_once)
    draw = np.random.default_rng(0)
    paths = vocabulary.huffman_paths(draw.integers(1, 100, 30))
    vectors, node_vectors = draw.normal(size=(2, 30, 8)).astype(np.float32)
    sentences = [draw.integers(0, 30, size).astype(np.int32) for size in (3, 0, 1, 200, 90)]
    starts = np.cumsum([0, *map(len, sentences)])
    given = np.concatenate(sentences), starts, vectors, node_vectors, paths
    options = {"sg": sg, "window": window, "cbow_mean": cbow_mean} | dict(zip(["before", "after"], sides, strict=True))
    found = inference.log_likelihoods(*given, **options, workers=2)
    expected = [reference(ids, vectors, node_vectors, paths, **options) for ids in sentences]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_likelihood_of_a_lone_word_is_certain():
    paths = vocabulary.huffman_paths(np.array([7]))
    ids, starts, vectors = np.zeros(3, np.int32), np.array([0, 3]), np.ones((1, 2), np.float32)
    for sg in (True, False):
        assert inference.log_likelihoods(ids, starts, vectors, vectors, paths, sg=sg, window=2).tolist() == [0]


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("value", [-1, 99])
def test_damaged_trees_are_refused(part, value):
    paths = vocabulary.huffman_paths(np.array([5, 3, 2]))
    paths[part][1] = value
    vectors = np.ones((3, 2), np.float32)
    with pytest.raises(ValueError, match="nodes that are not there"):
        inference.log_likelihoods(np.array([0]), np.array([0, 1]), vectors, vectors, paths, sg=True, window=1)


def test_spans_of_rows_are_multiplied_and_summed():
    draw = np.random.default_rng(0)
    rows, vectors = draw.normal(size=(9, 5)).astype(np.float32), draw.normal(size=(7, 5)).astype(np.float32)
    spans = np.array([[0, 3], [0, 5], [2, 5], [5, 5], [7, 9]])
    chosen, starts = np.array([6, 0, 3, 3, 2, 1], np.int32), np.array([0, 2, 2, 3, 5, 6])
    scores, sums = np.empty(2 * 3 + 3 + 2, np.float32), np.empty((5, 5), np.float32)
    span_products(rows, spans, vectors, chosen, starts, np.empty((2, 5), np.float32), scores)
    pairs = zip(spans, pairwise(starts), strict=True)
    expected = [vectors[chosen[a:b]] @ rows[begin:end].T for (begin, end), (a, b) in pairs]
    np.testing.assert_allclose(scores, np.concatenate([each.ravel() for each in expected]), rtol=1e-5, atol=1e-6)
    span_sums(rows, spans, np.zeros(5), sums)
    np.testing.assert_allclose(sums, [rows[begin:end].sum(axis=0) for begin, end in spans], rtol=1e-5, atol=1e-6)


def test_log_sigmoid_does_not_overflow():
    extremes = np.array([-1e30, -200, 200], np.float32)
    np.testing.assert_array_equal(inference.log_sigmoid(extremes), np.array([-1e30, -200, 0], np.float32))


def test_score_is_higher_for_what_was_trained(planted):
    model = Word2Vec(planted, hs=1, negative=0, **SMALL)
    shuffled = [[f"topic{k % 4}word{k % 10}" for k in range(n, n + 12)] for n in range(50)]
    assert model.score(planted[:50]).mean() > model.score(shuffled).mean()
    assert model.score([]).shape == (0,)
    assert model.score([["unknown"]])[0] == 0


@pytest.mark.parametrize("sg", [0, 1])
def test_score_looks_where_the_model_does(sg):
    texts = [["a", "b"] * 4, ["c", "b"] * 4] * 30
    before, after = (
        Word2Vec(texts, hs=1, negative=0, sg=sg, sample=0, context=side, **SMALL) for side in ("before", "after")
    )
    paths = vocabulary.huffman_paths(before.wv.expandos["count"])
    ids = [before.wv.key_to_index[word] for word in "abcb"]
    for model, sides in ((before, (True, False)), (after, (False, True))):
        expected = reference(ids, model.wv.vectors, model.syn1, paths, sg, 2, True, *sides)
        assert model.score([list("abcb")])[0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("option", [{"position_weights": True}, {"distance_decay": 1.0}])
def test_score_of_contexts_that_are_weighed_is_refused(option):
    model = Word2Vec(SENTENCES, hs=1, negative=0, **SMALL, **option)
    with pytest.raises(ValueError, match="not with position_weights or distance_decay"):
        model.score(SENTENCES)


def test_score_stops_with_a_warning(caplog):
    model = Word2Vec(SENTENCES, hs=1, negative=0, **SMALL)
    assert model.score(iter(SENTENCES), total_sentences=2).shape == (2,)
    assert "only the first 2 sentences" in caplog.text
    caplog.clear()
    assert model.score(iter(SENTENCES), total_sentences=9).shape == (9,)
    assert not caplog.text


def test_score_and_prediction_need_the_right_model():
    with pytest.raises(RuntimeError, match="vocabulary"):
        Word2Vec(hs=1).score([["a"]])
    with pytest.raises(RuntimeError, match="hs=1"):
        Word2Vec(SENTENCES, **SMALL).score([["a"]])
    with pytest.raises(RuntimeError, match="negative"):
        Word2Vec(SENTENCES, hs=1, negative=0, **SMALL).predict_output_word(["a"])


@pytest.mark.parametrize("cbow_mean", [0, 1])
def test_predict_output_word(cbow_mean, caplog):
    model = Word2Vec(SENTENCES, cbow_mean=cbow_mean, **SMALL)
    hidden = model.wv["a"] + model.wv["b"]
    powers = np.exp(model.syn1neg @ (hidden / 2 if cbow_mean else hidden))
    found = model.predict_output_word(["a", "unknown", "b"], topn=3)
    assert [word for word, _ in found] == [model.wv.index_to_key[row] for row in np.argsort(-powers)[:3]]
    np.testing.assert_allclose([p for _, p in found], np.sort(powers / powers.sum())[::-1][:3], rtol=1e-5)
    assert model.predict_output_word(["unknown"]) is None
    assert "none of the words" in caplog.text


def test_probabilities_do_not_overflow():
    model = Word2Vec(SENTENCES, **SMALL)
    model.syn1neg[:] = 1000
    model.wv.vectors[:] = 1000
    assert model.predict_output_word(["a"], topn=1)[0][1] == pytest.approx(1 / 5)


# Steps of the vocabulary.


def test_vocabulary_in_steps_is_that_of_build_vocab():
    whole, steps = Word2Vec(**SMALL), Word2Vec(**SMALL)
    whole.build_vocab(SENTENCES)
    assert steps.scan_vocab(SENTENCES) == (39, 9)
    assert steps.raw_vocab == {"a": 18, "b": 9, "c": 6, "d": 3, "e": 3}
    expected = {"drop_unique": 2, "retain_total": 33, "downsample_unique": 3, "num_retained_words": 3}
    report = steps.prepare_vocab(min_count=4, dry_run=True)
    assert report == expected | {"downsample_total": report["downsample_total"]}
    assert 0 < report["downsample_total"] < 33
    assert len(steps.wv) == 0
    steps.prepare_vocab()
    steps.prepare_weights()
    steps.create_binary_tree()
    assert steps.wv.index_to_key == whole.wv.index_to_key
    np.testing.assert_array_equal(steps.wv.vectors, whole.wv.vectors)
    steps.scan_vocab([["a", "new"]])
    steps.prepare_vocab(update=True)
    steps.prepare_weights(update=True)
    assert steps.wv.get_vecattr("a", "count") == 19
    np.testing.assert_array_equal(steps.wv["a"], whole.wv["a"])
    steps.add_null_word()
    assert steps.wv.index_to_key[-1] == "\0"
    with pytest.raises(RuntimeError, match="vocabulary"):
        Word2Vec().update_weights()


def test_build_vocab_takes_min_count_and_sample():
    model = Word2Vec()
    model.build_vocab(SENTENCES, min_count=6, sample=0.5)
    assert (model.min_count, model.sample, len(model.wv)) == (6, 0.5, 3)


def test_reset_from_shares_nothing():
    first, second = Word2Vec(SENTENCES, **SMALL), Word2Vec(**SMALL | {"vector_size": 4})
    second.reset_from(first)
    assert second.wv.vectors.shape == (5, 4)
    assert (second.corpus_count, second.corpus_total_words) == (9, 39)
    second.build_vocab([["new"]], update=True)
    second.train(SENTENCES)
    assert len(first.wv) == 5
    assert first.wv.get_vecattr("a", "count") == 18


def test_cum_table_says_how_noise_is_drawn():
    model = Word2Vec(SENTENCES, **SMALL)
    powers = np.array([18, 9, 6, 3, 3]) ** 0.75
    np.testing.assert_array_equal(model.cum_table, np.rint(np.cumsum(powers / powers.sum()) * (2**31 - 1)))
    assert model.cum_table.dtype == np.uint32
    assert Word2Vec().cum_table is None
    assert Word2Vec(SENTENCES, hs=1, negative=0, **SMALL).cum_table is None


def test_cum_table_may_be_set():
    model = Word2Vec(**SMALL, seed=3)
    model.build_vocab(SENTENCES)
    model.cum_table = np.array([0, 0, 0, 0, 7])  # only the last word is noise
    model.train(SENTENCES)
    noise_only = model.syn1neg.copy()
    model.init_weights()
    model.make_cum_table()
    assert model.cum_table[0] > 0
    model.train(SENTENCES)
    assert not np.array_equal(noise_only, model.syn1neg)
    for wrong in ([1, 2], [5, 4, 3, 2, 1], [0, 0, 0, 0, 0], [1, 2, 3, 4, np.inf]):
        with pytest.raises(ValueError, match="5 numbers"):
            model.cum_table = wrong
    model.cum_table = [1, 2, 3, 4, 5]
    model.build_vocab([["new"]], update=True)
    assert len(model.cum_table) == 6


# Diary, warnings, hooks.


def test_diary_holds_what_became_of_the_model():
    model = Word2Vec(SENTENCES, **SMALL)
    assert [event["event"] for event in model.lifecycle_events] == ["build_vocab", "train", "created"]
    assert model.lifecycle_events[-1]["params"] == str(model)
    model.lifecycle_events = None
    model.add_lifecycle_event("mine", of=1)
    assert model.lifecycle_events is None


def test_warnings_in_the_situations_of_gensim(caplog):
    Word2Vec(trim_rule=lambda *_: 0, callbacks=[object()])
    assert "trim_rule is without effect" in caplog.text
    assert "callbacks are without effect" in caplog.text
    caplog.clear()
    model = Word2Vec(SENTENCES, hs=1, **SMALL)
    assert "hs=1 with negative=5 trains both" in caplog.text
    assert "is above" not in caplog.text
    model.train(SENTENCES, start_alpha=0.5)
    assert "alpha=0.5 is above" in caplog.text


def test_old_methods_warn():
    model = Word2Vec(SENTENCES, **SMALL)
    with pytest.warns(DeprecationWarning, match="seeded_vector"):
        assert model.seeded_vector("a", 3).shape == (3,)
    with pytest.warns(DeprecationWarning, match="init_sims"):
        model.init_sims(replace=True)
    np.testing.assert_allclose(np.linalg.norm(model.wv.vectors, axis=1), 1, rtol=1e-6)
    assert model.layer1_size == 8
    assert model.random.randint(2**31) == np.random.RandomState(1).randint(2**31)


def test_hooks_that_would_never_be_called_are_refused():
    with pytest.raises(TypeError, match=r"Mine\._get_next_alpha would never be called"):
        type("Mine", (Word2Vec,), {"_get_next_alpha": lambda *_: 0.1})
    with pytest.raises(TypeError, match="scan_vocab"):
        type("Mine", (type("Between", (Word2Vec,), {}),), {"scan_vocab": lambda *_: (0, 0)})


def test_do_train_job_may_replace_sentences():
    batches = []

    class Mine(Word2Vec):
        def _do_train_job(self, sentences, alpha, inits):
            work, _ = inits
            assert work.shape == (8,)
            batches.append(len(sentences))
            return super()._do_train_job([["a", "b", "c"] for _ in sentences], alpha, inits)

    model = Mine(vector_size=8, min_count=1, workers=1, sample=0, batch_words=20)
    model.build_vocab(SENTENCES)
    before = model.wv.vectors.copy()
    assert model.train(SENTENCES, epochs=2) == (54, 54)
    assert sum(batches) == 18
    assert max(batches) > 1
    changed = (model.wv.vectors != before).any(axis=1)
    assert [word for word, new in zip(model.wv.index_to_key, changed, strict=True) if new] == ["a", "b", "c"]
    assert len(Mine(SENTENCES, vector_size=8, min_count=1, sample=0, workers=1).wv) == 5
    with pytest.raises(TypeError, match="generator"):
        model.train(iter(SENTENCES), epochs=2)


def test_do_train_job_must_hand_on_what_is_trained():
    def silent(self, sentences, alpha, inits):
        return 0, 0

    def slower(self, sentences, alpha, inits):
        return Word2Vec._do_train_job(self, sentences, alpha / 2, inits)

    for hook, message in ((silent, "did not call that of its base class"), (slower, "not another alpha")):
        mine = type("Mine", (Word2Vec,), {"_do_train_job": hook})
        with pytest.raises(TypeError, match=message):
            mine(SENTENCES, **SMALL)


def test_constructor_calls_overridden_train_and_build_vocab():
    calls = []

    class Mine(Word2Vec):
        def build_vocab(self, corpus_iterable=None, **more):
            calls.append("build_vocab")
            return super().build_vocab(corpus_iterable, **more)

        def train(self, corpus_iterable=None, total_examples=None, epochs=None, **more):
            calls.append((total_examples, epochs))
            return super().train(corpus_iterable, total_examples=total_examples, epochs=epochs, **more)

    plain = Word2Vec(SENTENCES, **SMALL)
    np.testing.assert_array_equal(Mine(SENTENCES, **SMALL).wv.vectors, plain.wv.vectors)
    assert calls == ["build_vocab", (9, 2)]
    with pytest.raises(TypeError, match="generator"):
        Mine(iter(SENTENCES), **SMALL)


@pytest.fixture(autouse=True)
def info(caplog):
    caplog.set_level(logging.WARNING)
