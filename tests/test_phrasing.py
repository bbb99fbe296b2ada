"""Models that join phrases while they encode: as if they were trained on sentences whose phrases are joined."""

import copy
import pickle
import random

import numpy as np
import pytest

from fastemb import FastText, GloVe, Item2Vec, Phrases, Word2Vec
from fastemb.models import FrozenPhrases
from fastemb.models.callbacks import CallbackAny2Vec, Checkpoint

WORDS = [f"w{k}" for k in range(100)]


def drawn(seed=0, count=300):
    draw = random.Random(seed)
    parts = ["new york", "new york city", "los angeles", "the bank of america", *WORDS]
    return [" ".join(draw.choices(parts, k=8)).split() for _ in range(count)]


SENTENCES = drawn()
OPTIONS = {"vector_size": 8, "workers": 1, "min_count": 2, "epochs": 2}
KINDS = {
    "word2vec": lambda *a, **k: Word2Vec(*a, **OPTIONS, **k),
    "fasttext": lambda *a, **k: FastText(*a, bucket=100, **OPTIONS, **k),
    "glove": lambda *a, **k: GloVe(*a, **OPTIONS, **k),
}


def joined(passes, sentences=SENTENCES):
    for _ in range(passes):
        sentences = list(Phrases(sentences)[sentences])
    return sentences


def same(one, other):
    assert one.wv.index_to_key == other.wv.index_to_key
    np.testing.assert_array_equal(one.wv.vectors, other.wv.vectors)
    assert one.corpus_total_words == other.corpus_total_words


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("passes", [1, 2])
def test_vectors_are_those_of_joined_sentences(kind, passes, tmp_path):
    make = KINDS[kind]
    expected = make(joined(passes))
    assert ("new_york_city" in expected.wv.key_to_index) == (passes == 2)
    assert "new_york" in expected.wv.key_to_index
    model = make(SENTENCES, phrases=passes)
    same(model, expected)
    assert (model.phrases, len(model.phrasers)) == (passes, passes)
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(map(" ".join, SENTENCES)))
    same(make(corpus_file=path, phrases=passes), expected)
    model.save(tmp_path / "model")
    loaded = type(model).load(tmp_path / "model")
    for one in (loaded, copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        words = SENTENCES[0]
        for phrases in one.phrasers:
            words = phrases[words]
        assert words == joined(passes)[0]
        assert one.phrases == passes


@pytest.mark.parametrize("kind", ["word2vec", "fasttext"])
def test_later_sentences_are_joined_too(kind, tmp_path):
    more, make = drawn(1, 100), KINDS[kind]
    first = Phrases(SENTENCES)
    model, expected = make(SENTENCES, phrases=1), make(joined(1))
    model.save(tmp_path / "model")
    model = type(model).load(tmp_path / "model")
    later = list(first[more])
    for one, corpus in ((model, more), (expected, later)):
        one.build_vocab(corpus, update=True)
        one.train(corpus, total_examples=len(corpus), epochs=1)
    same(model, expected)


def test_every_epoch_is_joined():
    model = Word2Vec(SENTENCES, **OPTIONS, phrases=1, reread=True)
    same(model, Word2Vec(joined(1), **OPTIONS, reread=True))


def test_given_phrases_are_taken():
    first = Phrases(drawn(2))
    second = Phrases(first[drawn(2)])
    expected = Word2Vec(list(second[first[SENTENCES]]), **OPTIONS)
    model = Word2Vec(SENTENCES, **OPTIONS, phrases=[first, second])
    same(model, expected)
    assert [type(each) for each in model.phrasers] == [type(model.phrasers[0])] * 2
    assert isinstance(model.phrasers[0], FrozenPhrases)
    same(Word2Vec(SENTENCES, **OPTIONS, phrases=first.freeze()), Word2Vec(list(first[SENTENCES]), **OPTIONS))
    options = {"min_count": 1, "threshold": 0.2, "scoring": "npmi", "delimiter": "+", "connector_words": {"of"}}
    learning = Phrases(SENTENCES, **options)
    assert learning[["bank", "of", "america"]] == ["bank+of+america"]
    same(Word2Vec(SENTENCES, **OPTIONS, phrases=Phrases(**options)), Word2Vec(list(learning[SENTENCES]), **OPTIONS))
    assert (
        Word2Vec(SENTENCES, **OPTIONS, phrases=[first, Phrases()]).wv.index_to_key
        == Word2Vec(joined(1, list(first[SENTENCES])), **OPTIONS).wv.index_to_key
    )


def test_a_vocabulary_that_is_built_anew_learns_anew():
    model = Word2Vec(phrases=1, **OPTIONS)
    model.build_vocab(SENTENCES)
    assert "new_york" in model.phrasers[0].phrasegrams
    model.build_vocab([["old", "town"]] * 20 + [[f"v{k}"] * 2 for k in range(1000)])
    assert list(model.phrasers[0].phrasegrams) == ["old_town"]
    assert "old_town" in model.wv


@pytest.mark.parametrize("kind", [Word2Vec, GloVe])
def test_a_vocabulary_that_is_refused_leaves_what_was_learnt(kind):
    model = kind(SENTENCES, phrases=1, min_count=1, vector_size=5, workers=1, epochs=1)
    words, phrases = list(model.wv.index_to_key), list(model.phrasers[0].phrasegrams)
    model.min_count = 100
    with pytest.raises(ValueError, match="min_count"):
        model.build_vocab([["old", "town"]] * 20 + [[f"v{k}"] * 2 for k in range(1000)])
    assert (model.wv.index_to_key, list(model.phrasers[0].phrasegrams)) == (words, phrases)


def test_a_vocabulary_that_is_refused_learns_nothing(tmp_path):
    model = GloVe(phrases=1, min_count=100)
    for call in (model.build_vocab, lambda corpus: model.save_cooccurrences(tmp_path / "cells", corpus)):
        with pytest.raises(ValueError, match="min_count"):
            call(SENTENCES[:50])
        assert model.phrasers == []


def test_a_vocabulary_is_taken_over_with_its_phrases(tmp_path):
    other, model = Word2Vec(SENTENCES, phrases=1, **OPTIONS), Word2Vec(**OPTIONS)
    model.reset_from(other)
    model.train(SENTENCES, total_examples=len(SENTENCES), epochs=1)
    fresh = Word2Vec(phrases=1, **OPTIONS)
    fresh.build_vocab(SENTENCES)
    fresh.train(SENTENCES, total_examples=len(SENTENCES), epochs=1)
    same(model, fresh)
    model.save(tmp_path / "model")
    assert list(Word2Vec.load(tmp_path / "model").phrasers[0].phrasegrams) == list(other.phrasers[0].phrasegrams)
    model.phrasers.clear()
    assert len(other.phrasers) == 1
    items = Item2Vec()
    with pytest.raises(ValueError, match="Item2Vec joins no phrases"):
        items.reset_from(other)
    assert not len(items.wv)


@pytest.mark.parametrize("kind", KINDS)
def test_a_loaded_model_learns_anew_what_it_has_learnt(kind, tmp_path):
    options = {"min_count": 1, "threshold": 0.2, "scoring": "npmi", "delimiter": "+", "connector_words": {"of"}}
    given = Phrases(SENTENCES)
    later = [["old", "town"]] * 20 + [[f"v{k}"] * 2 for k in range(1000)]
    for build in (True, False):  # phrases that were learnt, and that are to be
        model = KINDS[kind](phrases=[given, Phrases(**options)])
        if build:
            model.build_vocab(SENTENCES)
        model.save(tmp_path / "model")
        loaded = type(model).load(tmp_path / "model")
        for one in (model, loaded):
            one.build_vocab(later)
        assert loaded.wv.index_to_key == model.wv.index_to_key
        assert "old+town" in loaded.wv
        assert "new_york" in loaded.phrasers[0].phrasegrams
        assert loaded.phrasers[1][["old", "town"]] == ["old+town"]


def own_scorer(worda_count, wordb_count, bigram_count, len_vocab, min_count, corpus_word_count):
    return float(bigram_count - min_count)


def test_phrases_stay_where_their_scorer_is_gone(tmp_path, monkeypatch, caplog):
    model = Word2Vec(SENTENCES, **OPTIONS, phrases=Phrases(scoring=own_scorer))
    model.save(tmp_path / "learnt")
    Word2Vec(phrases=Phrases(scoring=own_scorer), **OPTIONS).save(tmp_path / "to be learnt")
    assert Word2Vec.load(tmp_path / "learnt")._to_learn[0].scoring is own_scorer
    monkeypatch.delitem(globals(), "own_scorer")
    loaded = Word2Vec.load(tmp_path / "learnt")
    assert "its phrases stay as they were learnt" in caplog.text
    loaded.build_vocab([["new", "york"]] * 3)
    assert loaded.phrasers[0].phrasegrams == model.phrasers[0].phrasegrams
    with pytest.raises(ValueError, match="import its module before"):
        Word2Vec.load(tmp_path / "to be learnt")


def test_training_that_was_interrupted_goes_on(tmp_path):
    class Stop(CallbackAny2Vec):
        def on_epoch_end(self, model):
            raise KeyboardInterrupt

    path = tmp_path / "checkpoint"
    with pytest.raises(KeyboardInterrupt):
        Word2Vec(SENTENCES, **OPTIONS, phrases=2, callbacks=[Checkpoint(path, epochs=1), Stop()])
    same(Word2Vec.resume(path, SENTENCES), Word2Vec(SENTENCES, **OPTIONS, phrases=2))


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (-1, ValueError),
        ("two", TypeError),
        (1.5, TypeError),
        ([1], TypeError),
        ({}, TypeError),
        (101, ValueError),
        (10**12, ValueError),
        ([Phrases(), Phrases(SENTENCES)], ValueError),
    ],
)
def test_bad_phrases_are_refused(wrong, error):
    with pytest.raises(error, match="phrases"):
        Word2Vec(SENTENCES, phrases=wrong)


def test_numbers_are_no_words_of_phrases():
    with pytest.raises(TypeError, match="str, not int"):
        Word2Vec([[1, 2, 3]], phrases=1, min_count=1)


@pytest.mark.parametrize("name", ["words", "starts", "scores", "connectors"])
def test_damaged_phrases_are_refused(tmp_path, name):
    from fastemb.formats.native import read_native, write_native

    Word2Vec(SENTENCES, **OPTIONS, phrases=Phrases(connector_words={"of"})).save(tmp_path / "model")
    arrays, metadata = read_native(tmp_path / "model")
    key = f"phrases.0.{name}"
    arrays[key] = arrays[key][1:] if name != "connectors" else np.array([10**6], np.int32)
    write_native(tmp_path / "model", arrays, metadata)
    with pytest.raises(ValueError, match="model: its phrases are damaged"):
        Word2Vec.load(tmp_path / "model")
