"""Files of every version of gensim: those of its own test data where it is installed, and small ones made here."""

import gzip
import logging
import os
import pickle
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from fastemb import Doc2Vec, FastText, KeyedVectors, TaggedDocument, Word2Vec, load_vectors
from fastemb.formats.pickles import Budget, Unpickler
from fastemb.kernels.subwords import ngram_ids
from fastemb.models.fasttext import FastTextKeyedVectors, load_facebook_vectors, save_facebook_model
from fastemb.subwords import CODE_POINTS, Subwords


@pytest.fixture(scope="module")
def data():
    """The folder of gensim's own test files."""
    folder = (
        Path(pytest.importorskip("gensim", reason="gensim is not installed").__file__).parent / "test" / "test_data"
    )
    if not (folder / "word2vec_old").exists():
        pytest.skip("gensim is installed without its test data")
    return folder


def as_pickled(path):
    """The attributes of the object in a file, as they lie there, and those of its vectors."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
        saved = vars(Unpickler(file, Budget(1 << 30)).load())
    return saved, vars(saved["wv"]) if "wv" in saved else saved


# 0.12 to 0.13.3, which gensim 4 itself does not read, and so FastText before 3.7.
EARLIEST = ["w2v-lee-v0.12.0", *(f"word2vec_pre_kv_{kind}" for kind in ("py2", "py3", "py3_4", "sep_py2", "sep_py3"))]
EARLIEST += [f"old_w2v_models/w2v_{version}.mdl" for version in ("0.12.0", "0.12.4", "0.13.0", "0.13.3")]
LATER = [
    "word2vec_old",
    "word2vec_old_sep",
    "word2vec_3.3",
    "model-from-gensim-3.8.0.w2v",
    "compatible-hash-true.model",
]
LATER += [f"old_w2v_models/w2v_{version}.mdl" for version in ("0.13.4", "1.0.1", "2.3.0", "3.2.0", "3.3.0", "3.4.0")]


@pytest.mark.parametrize("name", LATER)
def test_models_are_what_gensim_reads_in_them(data, name):
    theirs = pytest.importorskip("gensim.models").Word2Vec.load(str(data / name))
    ours = Word2Vec.load(data / name)
    assert type(ours).__name__ == type(theirs).__name__
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    np.testing.assert_allclose(ours.wv.vectors, theirs.wv.vectors, atol=1e-6)
    np.testing.assert_array_equal(ours.wv.expandos["count"], theirs.wv.expandos["count"])
    for attribute in ("syn1neg", "syn1"):
        if hasattr(theirs, attribute):
            np.testing.assert_array_equal(getattr(ours, attribute), getattr(theirs, attribute))
    for attribute in (
        "vector_size",
        "alpha",
        "window",
        "min_count",
        "sample",
        "epochs",
        "negative",
        "hs",
        "sg",
        "seed",
    ):
        assert getattr(ours, attribute) == getattr(theirs, attribute), attribute
    before = ours.syn1neg.copy()
    ours.sample = 0
    ours.train([ours.wv.index_to_key[:3]] * 50, epochs=2, start_alpha=0.05)
    assert (ours.syn1neg != before).any()


@pytest.mark.parametrize("name", EARLIEST)
def test_models_whose_vectors_are_their_own_attributes(data, name):
    saved, _ = as_pickled(data / name)
    ours = Word2Vec.load(data / name)
    assert ours.wv.index_to_key == saved["index2word"]
    if "syn0" in saved:
        np.testing.assert_array_equal(ours.wv.vectors, saved["syn0"].value)
    assert ours.wv.expandos["count"].tolist() == [saved["vocab"][word].count for word in saved["index2word"]]
    assert (ours.epochs, ours.vector_size, ours.hs) == (saved["iter"], saved["vector_size"], saved["hs"])
    assert len(load_vectors(data / name)) == len(ours.wv)
    if ours.hs:
        starts, nodes, _ = ours.tree
        for row, word in enumerate(saved["index2word"]):
            assert nodes[starts[row] : starts[row + 1]].tolist() == saved["vocab"][word].point.value.tolist()


@pytest.mark.parametrize(
    "name", ["fasttext_old", "fasttext_old_sep", "ft_kv_3.6.0.model.gz", "compatible-hash-true.model"]
)
def test_rows_of_n_grams_that_words_have(data, name, tmp_path):
    _, saved = as_pickled(data / name)
    ours = KeyedVectors.load(data / name)
    assert type(ours) is FastTextKeyedVectors
    assert ours.index_to_key == saved["index2word"]
    made = saved.get("vectors", saved.get("syn0"))
    if made is not None:
        np.testing.assert_allclose(ours.vectors, made.value, atol=1e-6)
    ours.save(tmp_path / "file")
    np.testing.assert_array_equal(KeyedVectors.load(tmp_path / "file")["unseenword"], ours["unseenword"])


def test_facebooks_vectors_as_gensim_2_saved_them(data):
    ours, theirs = KeyedVectors.load(data / "lee_fasttext"), load_facebook_vectors(data / "lee_fasttext.bin")
    np.testing.assert_allclose(ours["calling"], theirs["calling"], atol=1e-4)
    for word in ("rejection", "strucks"):
        assert word not in ours.key_to_index
        np.testing.assert_allclose(ours[word], theirs[word], atol=1e-6)
    with pytest.raises(ValueError, match="without syn1neg it cannot be trained further"):
        FastText.load(data / "lee_fasttext")


def test_an_old_fasttext_model_is_trained_on(data, tmp_path):
    model = FastText.load(data / "fasttext_old")
    before = model.wv["humans"].copy()
    model.train([["human", "interface", "computer"]] * 200, epochs=2, start_alpha=0.05)
    assert (model.wv["humans"] != before).any()
    with pytest.raises(ValueError, match=r"gensim before 3\.8"):
        save_facebook_model(model, tmp_path / "file.bin")
    model.save(tmp_path / "file")
    np.testing.assert_array_equal(FastText.load(tmp_path / "file").wv["humans"], model.wv["humans"])


def test_models_of_documents_give_their_words_and_say_so(data, caplog):
    for name in ("doc2vec_old", "doc2vec_old_sep"):
        model = Word2Vec.load(data / name)
        assert (type(model), len(model.wv), model.dv.index_to_key) == (Doc2Vec, 3955, range(300))
        assert model.dv.most_similar(0, topn=1)
        assert model.infer_vector(["the", "fires"]).any()
        model.train([TaggedDocument(["the", "fires"], [3])], epochs=1, start_alpha=0.01)
    assert len(KeyedVectors.load(data / "doc2vec_old")) == 3955
    assert "vectors of its words" in caplog.text
    with pytest.raises(ValueError, match=r"asks for gensim\.models\.tfidfmodel\.TfidfModel, which fastemb has not"):
        KeyedVectors.load(data / "tfidf_model.tst")


def test_old_hashes_are_of_code_points():
    words = ["", "a", "naïve", "東京", "x\U0001f600y", "\udcff!"]

    def old_number(ngram):
        number = 2166136261
        for letter in ngram:
            number = (number ^ ord(letter)) * 16777619 % 2**32
        return number % 1000

    for shortest, longest in ((1, 3), (2, 6), (3, 3)):
        bags = Subwords(shortest, longest, 1000, encoding=CODE_POINTS).bags(words)
        for word, ids in zip(words, bags, strict=True):
            text = f"<{word}>"
            spans = [
                text[i : i + n] for i in range(len(text)) for n in range(shortest, longest + 1) if i + n <= len(text)
            ]
            assert ids.tolist() == list(map(old_number, spans))
    text = np.frombuffer(b"<plain>", np.uint8)
    for same in zip(
        ngram_ids(text, np.array([0, 7]), 3, 6, 99), ngram_ids(text, np.array([0, 7]), 3, 6, 99, True), strict=True
    ):
        np.testing.assert_array_equal(*same)


# Made here, so that gensim need not be installed.


@pytest.fixture
def pickled(monkeypatch, tmp_path):
    """A function that pickles an object of attributes as of a class of some module, with callables of others."""

    kinds, modules = {}, {}

    def make(module, name, attributes=(), base=object):
        parts = module.split(".")
        for end in range(1, len(parts) + 1):
            path = ".".join(parts[:end])
            monkeypatch.setitem(sys.modules, path, modules.setdefault(path, ModuleType(path)))
        kind = kinds.setdefault((module, name), type(name, (base,), {"__module__": module}))
        setattr(modules[module], name, kind)
        thing = kind()
        vars(thing).update(attributes)
        return thing

    def write(thing, protocol=2):
        path = tmp_path / f"file{protocol}"
        path.write_bytes(pickle.dumps(thing, protocol))
        return path

    make.write = write
    return make


def old_model(make, **more):
    words = {"a": (5, 0), "b": (3, 1)}
    vocab = {word: make("gensim.models.word2vec", "Vocab", {"count": n, "index": i}) for word, (n, i) in words.items()}
    attributes = {
        "syn0": np.arange(6, dtype=np.float32).reshape(2, 3), "index2word": ["a", "b"], "vocab": vocab,
        "syn1neg": np.ones((2, 3), np.float32), "alpha": 0.02, "iter": 4, "vector_size": 3, "hs": 0, "negative": 5,
        "min_count": 2, "syn0_lockf": np.array([1, 0], np.float32),
    }  # fmt: skip
    return make("gensim.models.word2vec", "Word2Vec", attributes | more)


@pytest.mark.parametrize("protocol", range(6))
def test_every_protocol(pickled, protocol):
    path = pickled.write(old_model(pickled), protocol)
    model = Word2Vec.load(path)
    assert model.wv.key_to_index == {"a": 0, "b": 1}
    assert model.wv.vectors.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert model.wv.expandos["count"].tolist() == [5, 3]
    assert model.wv.vectors_lockf.tolist() == [1, 0]
    assert (model.epochs, model.min_alpha_yet_reached, model.effective_min_count) == (4, 0.02, 2)
    assert load_vectors(path).vectors.tolist() == model.wv.vectors.tolist()


def test_names_of_the_users_own_become_nothing(pickled, tmp_path, caplog):
    listener = pickled("program", "Log", {"seen": [1], "model": None})
    things = {
        "callbacks": [listener], "hashfxn": type(listener), "comment": listener,
        "rows": pickled("program", "Rows", base=list), "pairs": pickled("program", "Pairs", base=dict),
        "home": Path("somewhere"), "length": len,
    }  # fmt: skip
    things["rows"].extend([1, 2])
    things["pairs"]["a"] = 1
    for protocol in range(6):
        path = pickled.write(old_model(pickled, **things), protocol)
        caplog.clear()
        model = Word2Vec.load(path)
        assert model.wv.vectors.tolist() == [[0, 1, 2], [3, 4, 5]]
        assert model.comment is None
        assert "program.Log" in caplog.text
        assert caplog.records[0].levelno == logging.WARNING


@pytest.mark.parametrize("protocol", range(6))
def test_a_subclass_is_read_as_what_it_holds(pickled, protocol, caplog):
    mine = pickled("program", "MyWord2Vec", vars(old_model(pickled)))
    assert type(Word2Vec.load(pickled.write(mine, protocol))) is Word2Vec
    assert "program.MyWord2Vec" in caplog.text
    wv = pickled("gensim.models.poincare", "PoincareKeyedVectors", {"vectors": np.ones((1, 2)), "index2word": ["a"]})
    with pytest.raises(ValueError, match="PoincareKeyedVectors, which fastemb has not"):
        KeyedVectors.load(pickled.write(wv, protocol))


class Harm:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", range(6))
def test_nothing_runs(pickled, tmp_path, protocol):
    model = old_model(pickled, harm=Harm(tmp_path / "harm"), callbacks=[Harm(tmp_path / "harm")])
    assert len(Word2Vec.load(pickled.write(model, protocol)).wv) == 2
    assert not (tmp_path / "harm").exists()
    path = pickled.write(pickled("gensim.models.word2vec", "Word2Vec", {"harm": Harm(tmp_path / "harm")}), protocol)
    with pytest.raises(ValueError, match=r"asks for .*mkdir, which no vectors need"):
        KeyedVectors.load(path)
    assert not (tmp_path / "harm").exists()


def test_models_that_were_trimmed_say_so(pickled):
    model = old_model(pickled)
    del model.syn1neg
    path = pickled.write(model)
    with pytest.raises(ValueError, match="without syn1neg it cannot be trained further"):
        Word2Vec.load(path)
    assert len(KeyedVectors.load(path)) == 2


def test_locks_of_n_grams_follow_their_rows(pickled):
    """They were matrices once, and the rows in the order in which the n-grams were met."""
    rows = np.array([[1, 1], [2, 2]], np.float32)
    vectors = {
        "vectors_vocab": np.zeros((1, 2), np.float32), "vectors_ngrams": rows, "hash2index": {7: 0, 3: 1},
        "index2word": ["a"], "min_n": 3, "max_n": 3, "bucket": 10, "compatible_hash": True,
    }  # fmt: skip
    locks = np.array([[0.5, 0.5], [0.25, 0.25]], np.float32)
    wv = pickled("gensim.models.keyedvectors", "FastTextKeyedVectors", vectors | {"vectors_ngrams_lockf": locks})
    ours = KeyedVectors.load(pickled.write(wv))
    assert ours.subwords.kept.tolist() == [[3, 0], [7, 1]]
    assert ours.vectors_ngrams.tolist() == [[2, 2], [1, 1]]
    assert ours.vectors_ngrams_lockf.tolist() == [0.25, 0.5]
    for damage in ({"hash2index": {7: 0, 10: 1}}, {"hash2index": {7: 0, 3: 2}}, {"hash2index": {-1: 0}}):
        wv = pickled("gensim.models.keyedvectors", "FastTextKeyedVectors", vectors | damage)
        with pytest.raises(ValueError, match="holds no FastText vectors, or damaged ones"):
            KeyedVectors.load(pickled.write(wv))
