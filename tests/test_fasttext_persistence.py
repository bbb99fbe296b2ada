"""FastText models that outlive their process: files, checkpoints, copies, gensim's; as test_persistence.py has them."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import topics_found
from contract import Pauses, same
from test_persistence import larger  # noqa: F401  (a fixture)

from fastemb import FastText, KeyedVectors, TrainingDiverged, Word2Vec, load_vectors
from fastemb.models.fasttext import FastTextKeyedVectors
from fastemb.training import trainer

GOLDEN = Path(__file__).parent / "golden"
SMALL = {"min_count": 1, "vector_size": 16, "bucket": 1000, "workers": 1}


@pytest.mark.parametrize("mmap", [None, "r"])
def test_files_of_every_version_are_read(mmap):
    model = FastText.load(GOLDEN / "fasttext-2.model", mmap=mmap)
    rows = np.arange(6, dtype=np.float32).reshape(3, 2)
    assert model.wv.index_to_key == ["ein", "zwei", 7]
    np.testing.assert_array_equal(model.wv.vectors_vocab, rows)
    np.testing.assert_array_equal(model.wv.vectors_ngrams, np.arange(20, dtype=np.float32).reshape(10, 2))
    np.testing.assert_array_equal(model.syn1neg, -rows)
    np.testing.assert_array_equal(model.syn1, rows / 2)
    assert (model.wv.min_n, model.wv.max_n, model.wv.bucket, model.window) == (2, 4, 10, 3)
    assert model.wv.vectors_vocab_lockf.tolist() == [1, 0, 0.5]
    assert model.wv.vectors_ngrams_lockf.tolist() == [0.25]
    ids = model.wv.buckets_word[1]
    mean = (rows[1] + model.wv.vectors_ngrams[ids].sum(axis=0)) / (len(ids) + 1)
    np.testing.assert_allclose(model.wv["zwei"], mean, rtol=1e-6)
    np.testing.assert_allclose(load_vectors(GOLDEN / "fasttext-2.model")["zwei"], mean, rtol=1e-6)
    model.train([["ein", "zwei", 7]])


def test_locks_are_saved(planted, tmp_path):
    model = FastText(planted, **SMALL)
    model.wv.vectors_ngrams_lockf = np.array([0, 0.5], np.float32)
    model.wv.vectors_vocab_lockf = np.array([0], np.float32)
    model.save(tmp_path / "model")
    loaded = FastText.load(tmp_path / "model")
    model.wv.save(tmp_path / "vectors")
    for wv in (loaded.wv, FastTextKeyedVectors.load(tmp_path / "vectors")):
        assert wv.vectors_ngrams_lockf.tolist() == [0, 0.5]
        assert wv.vectors_lockf.tolist() == [0]


@pytest.mark.parametrize("options", [{"window": 20}, {"sg": 1, "memory_budget": 100_000}], ids=str)
def test_resumed_training_ends_with_the_same_bits(larger, tmp_path, monkeypatch, options):  # noqa: F811
    monkeypatch.setattr(trainer, "POLL", 0.001)
    options = {"epochs": 2, "compute_loss": True, **SMALL} | options
    pauses = Pauses(tmp_path)
    paused = FastText(larger, callbacks=[pauses], **options)
    whole = FastText(larger, **options)
    assert pauses.inside
    assert same(whole, paused)
    for path in pauses.files:
        assert same(whole, FastText.resume(path, larger, **options))


def test_resuming_with_other_ngrams_is_refused(planted, tmp_path):
    FastText(planted, epochs=2, callbacks=[Pauses(tmp_path)], **SMALL)
    with pytest.raises(ValueError, match="was made with max_n=6, not 5"):
        FastText.resume(tmp_path / "0", planted, max_n=5)


def test_divergence_of_ngrams_alone_is_noticed():
    # A row that a word has a thousand times gets a thousand times the change of the word's own row.
    words = ["a" * 1000, "b" * 1000]
    model = FastText(sg=1, sample=0, min_n=3, max_n=3, epochs=1, **SMALL | {"vector_size": 32})
    model.build_vocab([words])
    with pytest.raises(TrainingDiverged, match="is too high"), np.errstate(all="ignore"):
        model.train([words], start_alpha=1e28, end_alpha=1e28)
    assert [name for name, rows in model._matrices().items() if not np.isfinite(rows).all()] == ["wv.vectors_ngrams"]


@pytest.mark.parametrize("other_ngrams", [False, True])
@pytest.mark.parametrize("freeze", [False, True])
def test_training_begins_with_other_vectors(planted, tmp_path, other_ngrams, freeze):
    large = FastText(planted, epochs=10, **SMALL)
    large.save(tmp_path / "large")
    small = [["topic0word0", "topic0word1", "new"], ["topic1word0", "topic1word1", "new"]] * 30
    options = SMALL | ({"bucket": 77} if other_ngrams else {})
    model = FastText(init_from=tmp_path / "large", freeze=freeze, sample=0, **options)
    model.build_vocab(small)
    known = ["topic0word0", "topic0word1", "topic1word0", "topic1word1"]
    for word in known:
        np.testing.assert_allclose(model.wv[word], large.wv[word], rtol=1e-4, atol=1e-5)
    if not other_ngrams:
        np.testing.assert_array_equal(model.wv["neverseen"], large.wv["neverseen"])
    before = model.wv[[*known, "new"]]
    model.train(small)
    changed = np.abs(model.wv[[*known, "new"]] - before).max(axis=1) > 1e-5
    assert changed.tolist() == [not freeze] * 4 + [True]


def test_load_vectors_gives_vectors_of_ngrams(planted, tmp_path):
    model = FastText(planted, **SMALL)
    model.save(tmp_path / "model")
    model.wv.save(tmp_path / "vectors")
    model.wv.compress("int8").save(tmp_path / "small")
    for name in ("model", "vectors", "small"):
        for wv in (load_vectors(tmp_path / name), KeyedVectors.load(tmp_path / name)):
            assert isinstance(wv, FastTextKeyedVectors)
            np.testing.assert_allclose(wv["neverseen"], model.wv["neverseen"], atol=0.01)


def test_classes_load_their_subclasses(planted, tmp_path):
    """As in gensim; but what goes on must be what it was called."""

    class Mine(FastText):
        pass

    mine = Mine(planted, **SMALL)
    mine.save(tmp_path / "mine")
    for kind in (Word2Vec, FastText, Mine):
        model = kind.load(tmp_path / "mine")
        assert type(model) is Mine
        np.testing.assert_array_equal(model.wv["neverseen"], mine.wv["neverseen"])
    FastText(planted, **SMALL).save(tmp_path / "model")
    with pytest.raises(ValueError, match=r"holds FastText, not Mine: use FastText.load\(\)"):
        Mine.load(tmp_path / "model")
    with pytest.raises(ValueError, match="holds FastText, not Word2Vec"):
        Word2Vec.resume(tmp_path / "model", planted)


def test_counts_bring_words_into_order(planted):
    model = FastText(planted, sorted_vocab=0, epochs=1, **SMALL)
    before = {word: model.wv[word] for word in model.wv.index_to_key}
    model.wv.sort_by_descending_frequency()
    assert (np.diff(model.wv.expandos["count"]) <= 0).all()
    for word, vector in before.items():
        np.testing.assert_allclose(model.wv[word], vector, rtol=1e-6)


# gensim's. The model in the folder `golden` was saved by gensim 4.4.


@pytest.mark.parametrize("mmap", [None, "r"])
def test_a_model_of_gensim_is_read_without_gensim(mmap):
    model = FastText.load(GOLDEN / "gensim-fasttext.model", mmap=mmap)
    vectors = json.loads((GOLDEN / "gensim-fasttext.json").read_text(encoding="utf-8"))
    assert (model.sg, model.hs, model.negative, model.train_count) == (1, 1, 2, 1)
    assert (model.wv.min_n, model.wv.max_n, model.wv.bucket) == (model.min_n, model.max_n, model.bucket) == (2, 3, 20)
    for wv in (model.wv, load_vectors(GOLDEN / "gensim-fasttext.model")):
        for word, vector in vectors.items():
            np.testing.assert_allclose(wv[word], vector, rtol=1e-5, err_msg=word)
    before = model.wv.vectors.copy()
    model.sample = 0
    model.train([["ein", "zwei", "vier"]] * 20, epochs=3)
    assert (model.wv.vectors != before).any()


def test_what_a_file_of_gensim_holds_says_what_is_loaded():
    assert type(Word2Vec.load(GOLDEN / "gensim-fasttext.model")) is FastText
    assert type(KeyedVectors.load(GOLDEN / "gensim-fasttext.model")) is FastTextKeyedVectors


def test_a_model_of_gensim_is_saved_as_ours(tmp_path):
    model = FastText.load(GOLDEN / "gensim-fasttext.model")
    model.save(tmp_path / "model")
    assert same(FastText.load(tmp_path / "model"), model)
    wv = FastTextKeyedVectors.load(GOLDEN / "gensim-fasttext.model")
    wv.save(tmp_path / "vectors")
    assert list(FastTextKeyedVectors.load(tmp_path / "vectors").expandos) == ["count"]


def test_locks_of_gensims_model_are_kept(planted, tmp_path):
    gensim = pytest.importorskip("gensim.models", reason="gensim is not installed")
    theirs = gensim.FastText(planted, min_count=1, vector_size=24, bucket=99, workers=1, epochs=1)
    locks = np.linspace(0, 1, len(theirs.wv), dtype=np.float32)
    theirs.wv.vectors_vocab_lockf, theirs.wv.vectors_ngrams_lockf = locks, np.array([0.5], np.float32)
    theirs.save(str(tmp_path / "model"))
    theirs.wv.save(str(tmp_path / "vectors"))
    for wv in (FastText.load(tmp_path / "model").wv, FastTextKeyedVectors.load(tmp_path / "vectors")):
        np.testing.assert_array_equal(wv.vectors_vocab_lockf, locks)
        assert wv.vectors_ngrams_lockf.tolist() == [0.5]


@pytest.mark.parametrize("options", [{"sg": 1}, {"hs": 1}, {"max_n": 0}, {"min_n": 5, "max_n": 4}], ids=str)
def test_training_of_gensims_model_goes_on(planted, tmp_path, options):
    gensim = pytest.importorskip("gensim.models", reason="gensim is not installed")
    theirs = gensim.FastText(planted, min_count=1, vector_size=24, bucket=99, workers=1, epochs=1, **options)
    path = str(tmp_path / "model")
    theirs.save(path, sep_limit=0)
    ours = FastText.load(path)
    np.testing.assert_allclose(ours.wv.vectors, theirs.wv.vectors, rtol=1e-4, atol=1e-6)
    if ours.wv.subwords.used:
        np.testing.assert_allclose(ours.wv["neverseen"], theirs.wv["neverseen"], rtol=1e-4, atol=1e-6)
    ours.train(planted, epochs=10, start_alpha=0.1)
    assert topics_found(ours.wv) == 1
