"""What programs written for gensim do, and what they get."""

import logging
from itertools import islice

import numpy as np
import pytest

from fastemb import FastText, GloVe, KeyedVectors, Word2Vec
from fastemb.models.fasttext import FastTextKeyedVectors

SENTENCES = [["a", "b", "c"], ["b", "c", "d"]] * 5
SMALL = {"min_count": 1, "vector_size": 6, "workers": 1, "epochs": 1}


@pytest.mark.parametrize("model", [Word2Vec(SENTENCES, **SMALL), FastText(SENTENCES, bucket=20, **SMALL)], ids=str)
def test_iteration_gives_the_vectors_and_ends(model):
    for wv in (model.wv, model.wv.compress("int8") if isinstance(model, FastText) else model.wv):
        rows = list(islice(wv, 10))
        assert len(rows) == 4
        for (word, row), wanted in zip(zip(wv.index_to_key, wv, strict=True), wv.vectors, strict=True):
            np.testing.assert_array_equal(row, wanted)
            np.testing.assert_allclose(row, wv[word], atol=1e-6)
            assert not row.flags.writeable
        np.testing.assert_array_equal(np.array(wv), wv.vectors)
        assert wv.vectors.flags.writeable
    assert list(KeyedVectors(3)) == []


def state(model):
    outputs = {name: getattr(model, name).copy() for name in ("syn1", "syn1neg") if hasattr(model, name)}
    numbers = model.wv.expandos["count"].tolist(), model.corpus_count, model.corpus_total_words, model.wv.index_to_key
    return outputs | {"vectors": model.wv.vectors.copy()}, numbers


@pytest.mark.parametrize("options", [{}, {"hs": 1, "negative": 0}], ids=str)
@pytest.mark.parametrize("kind", [Word2Vec, FastText])
def test_an_update_without_words_changes_nothing(kind, options, caplog):
    model = kind(SENTENCES, **SMALL, **options, **({"bucket": 20} if kind is FastText else {}))
    before = state(model)
    for empty in ([], [[]], iter(())):
        caplog.clear()
        model.build_vocab(empty, update=True)
        assert [record.levelno for record in caplog.records] == [logging.WARNING]
    model.min_count = 5
    for update in (
        lambda: model.build_vocab([["new"]], update=True),
        lambda: model.build_vocab_from_freq({"new": 4}, update=True),
        lambda: model.build_vocab_from_freq({}, update=True),
    ):
        caplog.clear()
        update()
        assert "none is added" in caplog.text
        after = state(model)
        assert after[0].keys() == before[0].keys()
        for name, matrix in after[0].items():
            np.testing.assert_array_equal(matrix, before[0][name])
        assert after[1][0] == before[1][0]
    with pytest.raises(ValueError, match="no words"):
        kind(**SMALL).build_vocab([], update=True)
    with pytest.raises(ValueError, match="no words"):
        model.build_vocab([])


@pytest.mark.parametrize("base", [KeyedVectors, FastTextKeyedVectors])
def test_vectors_whose_saving_is_overridden_are_refused(base):
    with pytest.raises(TypeError, match=r"Smaller\._save_specials would never be called.*compress\(\)"):

        class Smaller(base):
            def _save_specials(self, *_):
                pass

    class Fine(base):
        def adjust_vectors(self):
            pass


# Attributes and exceptions that gensim's programs know.


def test_paths_through_the_tree_are_attributes_of_words():
    for kind, options in ((Word2Vec, {}), (FastText, {"bucket": 20})):
        model = kind(SENTENCES, hs=1, negative=0, **SMALL, **options)
        for _ in range(2):
            starts, nodes, labels = model._paths()
            for row, word in enumerate(model.wv.index_to_key):
                place = slice(starts[row], starts[row + 1])
                code, point = model.wv.get_vecattr(word, "code"), model.wv.get_vecattr(word, "point")
                assert code.dtype == np.uint8
                assert code.tolist() == (1 - labels[place]).tolist()
                assert point.tolist() == nodes[place].tolist()
            model.build_vocab([["a"] * 9, ["e"] * 3], update=True)
    with pytest.raises(KeyError, match="Attribute 'code' not present"):
        Word2Vec(SENTENCES, **SMALL).wv.get_vecattr("a", "code")


def test_paths_are_those_of_gensim(tmp_path):
    gensim = pytest.importorskip("gensim.models", reason="gensim is not installed")
    theirs = gensim.Word2Vec(SENTENCES, hs=1, negative=0, **SMALL)
    theirs.save(str(tmp_path / "model"))
    ours = Word2Vec.load(tmp_path / "model")
    ours.save(tmp_path / "ours")
    for model in (ours, Word2Vec.load(tmp_path / "ours")):
        for word in theirs.wv.index_to_key:
            for attribute in ("code", "point"):
                mine, other = model.wv.get_vecattr(word, attribute), theirs.wv.get_vecattr(word, attribute)
                assert mine.tolist() == other.tolist()


def test_chosen_vectors_keep_their_paths(tmp_path):
    wv = Word2Vec(SENTENCES, hs=1, negative=0, **SMALL).wv
    words = [*reversed(wv.index_to_key), "absent"]
    kept = wv.vectors_for_all(words, copy_vecattrs=True)
    for attribute in ("code", "point", "count"):
        for word in wv.index_to_key:
            assert kept.get_vecattr(word, attribute).tolist() == wv.get_vecattr(word, attribute).tolist()
    kept.save(tmp_path / "kept")
    with pytest.raises(KeyError, match="Attribute 'code' not present"):
        wv.vectors_for_all(words).get_vecattr("a", "code")
    del wv.expandos["count"]
    assert wv.vectors_for_all(words, copy_vecattrs=True).index_to_key == words[:-1]


def test_words_that_only_have_ngrams_have_no_paths():
    wv = FastText(SENTENCES, hs=1, negative=0, bucket=50, **SMALL).wv
    kept = wv.vectors_for_all(["a", "absent", "b"], copy_vecattrs=True)
    assert [len(kept.get_vecattr(word, "code")) for word in kept.index_to_key] == [
        len(wv.get_vecattr("a", "code")), 0, len(wv.get_vecattr("b", "code"))
    ]  # fmt: skip
    assert kept.get_vecattr("b", "point").tolist() == wv.get_vecattr("b", "point").tolist()
    assert len(wv.without_words().vectors_for_all(["absent"], copy_vecattrs=True)) == 1


def test_counts_of_chosen_vectors_are_made_up():
    wv = Word2Vec(SENTENCES, **SMALL).wv
    assert wv.vectors_for_all(["a", "c", "b"]).expandos["count"].tolist() == [3, 2, 1]
    assert wv.vectors_for_all(["a", "c"], copy_vecattrs=True).expandos["count"].tolist() == [5, 10]


def test_vectors_of_another_model_predict_nothing():
    wv = Word2Vec(SENTENCES, **SMALL).wv
    model = Word2Vec(vector_size=6)
    model.wv = wv
    with pytest.raises(RuntimeError, match="trained with negative sampling"):
        model.predict_output_word(["a"])
    model = Word2Vec(vector_size=6, hs=1, negative=0)
    model.wv = wv
    with pytest.raises(RuntimeError, match="hierarchical softmax"):
        model.score([["a"]])


def test_models_take_the_arguments_of_gensims_save(tmp_path):
    model = Word2Vec(SENTENCES, **SMALL)
    model.save(tmp_path / "model", sep_limit=0, separately=["vectors"], pickle_protocol=2, ignore=["cum_table"])
    assert Word2Vec.load(tmp_path / "model").wv.index_to_key == model.wv.index_to_key
    for ignored in ("syn1neg", "wv", "alpha"):
        with pytest.raises(ValueError, match=f"cannot be without {ignored}"):
            model.save(tmp_path / "other", ignore=[ignored])
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("binary", [False, True])
def test_exceptions_are_also_those_of_gensim(tmp_path, binary):
    wv = Word2Vec(SENTENCES, **SMALL).wv
    wv.save_word2vec_format(tmp_path / "file", binary=binary)
    data = (tmp_path / "file").read_bytes()
    (tmp_path / "file").write_bytes(data.replace(b"4 6", b"5 6"))
    with pytest.raises(EOFError, match=r"file: .*cut short") as caught:
        KeyedVectors.load_word2vec_format(tmp_path / "file", binary=binary)
    assert isinstance(caught.value, ValueError)
    wv.save(tmp_path / "vectors")
    with pytest.raises(AttributeError, match="holds KeyedVectors, not Word2Vec") as caught:
        Word2Vec.load(tmp_path / "vectors")
    assert isinstance(caught.value, ValueError)


def test_an_update_of_glove_without_words_changes_nothing(caplog):
    model = GloVe(SENTENCES, vector_size=3, min_count=1, epochs=1)
    before = model.wv.vectors.copy()
    for sentences in ([], [["new"]]):
        model.min_count = 3
        model.build_vocab(sentences, update=True)
        assert "nothing is changed" in caplog.text
        np.testing.assert_array_equal(model.wv.vectors, before)
        caplog.clear()


def test_load_is_a_method_of_the_class(tmp_path):
    for model in (Word2Vec(SENTENCES, **SMALL), GloVe(SENTENCES, vector_size=3, min_count=1, epochs=1)):
        model.save(tmp_path / "model")
        with pytest.raises(AttributeError, match=r"model = \w+\.load\(path\)"):
            model.load(tmp_path / "model")
        assert len(type(model).load(tmp_path / "model").wv) == 4


def test_a_word_is_at_no_distance_from_itself():
    wv = KeyedVectors.from_arrays(["a", "zero"], np.array([[0.1, 0.7, 0.3], [0, 0, 0]], np.float32))
    assert wv.distance("a", "a") == 0
    assert wv.distance("zero", "zero") == 1
    with pytest.raises(KeyError):
        wv.distance("b", "b")
