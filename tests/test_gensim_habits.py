"""What programs written for gensim do, and what they get."""

import logging
from itertools import islice

import numpy as np
import pytest

from fastemb import FastText, KeyedVectors, Word2Vec
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
