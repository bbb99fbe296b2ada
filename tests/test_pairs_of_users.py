"""Words and contexts that users pair."""

from contextlib import nullcontext

import numpy as np
import pytest

from fastemb import FastText, Item2Vec, Word2Vec
from fastemb.corpus import Pairs

OPTIONS = {"min_count": 1, "vector_size": 16, "workers": 1, "sample": 0, "epochs": 20, "alpha": 0.1}


def planted(seed=0):
    """Two kinds of words, each with contexts of its own, one of which both have."""
    draw = np.random.default_rng(seed)
    words = draw.integers(0, 20, 4000)
    return [(f"w{k}", "both" if draw.random() < 0.2 else f"c{k % 2}{draw.integers(0, 5)}") for k in words]


@pytest.mark.parametrize("sg", [0, 1])
@pytest.mark.parametrize("kind", [Word2Vec, FastText])
def test_words_with_the_same_contexts_are_near(kind, sg, tmp_path):
    more = {"bucket": 50, "max_n": 0} if kind is FastText else {}
    model = kind(pairs=planted(), sg=sg, **OPTIONS, **more)
    near = [word for word, _ in model.wv.most_similar("w4", topn=25) if word.startswith("w")][:9]
    assert all(int(word[1:]) % 2 == 0 for word in near)
    model.save(tmp_path / "model")
    loaded = kind.load(tmp_path / "model")
    assert loaded.context == "before"
    for each in (model, loaded):
        each.train(Pairs(planted(1)), total_examples=4000, epochs=1, start_alpha=0.01)
    np.testing.assert_array_equal(model.wv.vectors, loaded.wv.vectors)


def test_words_are_inputs_and_contexts_outputs():
    model, fresh = Word2Vec(pairs=planted(), sg=1, **OPTIONS), Word2Vec(context="before", **OPTIONS)
    fresh.build_vocab(Pairs(planted()))
    for word, row in model.wv.key_to_index.items():
        trained = not np.array_equal(model.wv.vectors[row], fresh.wv.vectors[row])
        assert trained == word.startswith("w")
        assert model.syn1neg[row].any() == (not word.startswith("w"))  # words are no noise


def test_noise_is_drawn_by_counts_of_contexts():
    pairs = [("a", "x"), ("b", "x"), ("x", "b")]
    model = Word2Vec(pairs=pairs, **OPTIONS)
    noise = dict(zip(model.wv.index_to_key, model._frequencies().noise, strict=True))
    assert noise["a"] == 0
    assert noise["x"] / noise["b"] == pytest.approx(2**0.75)
    assert sum(noise.values()) == pytest.approx(1)


def noise_of(model):
    return dict(zip(model.wv.index_to_key, model._frequencies().noise, strict=True))


def test_contexts_of_further_pairs_are_added(tmp_path):
    first, more = planted(), [("new", "fresh"), ("w1", "both")] * 15
    model, whole = Word2Vec(pairs=first, **OPTIONS), Word2Vec(pairs=first + more, **OPTIONS)
    model.save(tmp_path / "model")
    for each in (model, Word2Vec.load(tmp_path / "model")):
        each.build_vocab(Pairs(more), update=True)
        assert noise_of(each) == pytest.approx(noise_of(whole))
        assert each.wv.get_vecattr("fresh", "context_count") == 15


def test_words_were_their_own_contexts_before_pairs_came():
    model = Word2Vec([["a", "x"]] * 4, context="before", **OPTIONS)
    model.build_vocab(Pairs([("b", "x")] * 4), update=True)
    assert noise_of(model) == pytest.approx({"a": 1 / (1 + 2**0.75), "x": 2**0.75 / (1 + 2**0.75), "b": 0})
    model.build_vocab([["a", "b"]], update=True)
    assert noise_of(model)["b"] > 0


@pytest.mark.parametrize("update", [False, True])
def test_noise_outlives_a_vocabulary_that_is_refused(update):
    model, cut = Word2Vec(pairs=planted(), **OPTIONS), Word2Vec([["a", "b"]], **OPTIONS)
    cut.cum_table = [1, 4]
    for each in (model, cut):
        before = noise_of(each)
        # An update adds what it counts of known words.
        for corpus in ([["q"]], Pairs([("w1", "both")])) if each is model and not update else ([["q"]],):
            with nullcontext() if update else pytest.raises(ValueError, match="min_count"):
                each.build_vocab(corpus, update=update, min_count=10)
            assert noise_of(each) == before


def test_pairs_may_have_weights():
    pairs = [("a", "x"), ("b", "y")] * 50
    model, fresh = Word2Vec(pairs=pairs, sentence_weights=[1, 0] * 50, **OPTIONS), Word2Vec(**OPTIONS)
    fresh.build_vocab(pairs)
    row = model.wv.key_to_index["b"]
    np.testing.assert_array_equal(model.wv.vectors[row], fresh.wv.vectors[row])


def test_numbers_and_generators():
    model = Word2Vec(pairs=((k % 3, k % 2) for k in range(30)), **OPTIONS)
    assert {*model.wv.index_to_key} == {0, 1, 2}


def test_contexts_are_not_trained_as_words():
    model = Word2Vec([["a", "x"]], **OPTIONS)
    for call in (model.build_vocab, model.train):
        with pytest.raises(ValueError, match=r"context='both', with which .* context='before'"):
            call(Pairs([("a", "x")]))


def test_others_are_refused():
    for pairs, error, message in [
        ([("a", "b"), ("a", "b", "c")], ValueError, "pair 1 has 3 parts"),
        (["ab"], TypeError, "pair 0 is 'ab'"),
        ("ab", TypeError, "pairs must be an iterable of .word, context."),
        (3, TypeError, "not int"),
        ([("a", "b"), 3], TypeError, "pair 1 is 3, not .word, context."),
    ]:
        with pytest.raises(error, match=message):
            Word2Vec(pairs=pairs, **OPTIONS)
    with pytest.raises(TypeError, match="can be read only once"):
        Word2Vec(pairs=iter([("a", "b")]), reread=True, **OPTIONS)
    with pytest.raises(TypeError, match="can be read only once"):
        type("Own", (Word2Vec,), {"train": Word2Vec.build_vocab})(pairs=iter([("a", "b")]), **OPTIONS)
    with pytest.raises(ValueError, match="phrases are of sentences"):
        Word2Vec(pairs=[("a", "b")], phrases=1, **OPTIONS)
    with pytest.raises(TypeError, match=r"Item2Vec\(\) has no pairs"):
        Item2Vec(pairs=[("a", "b")])
    with pytest.raises(TypeError, match="only one of them"):
        Word2Vec([["a", "b"]], pairs=[("a", "b")])
