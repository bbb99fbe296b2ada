"""What is said where counts, matrices or words are missing."""

import numpy as np
import pytest

from fastemb import FastText, GloVe, Word2Vec
from fastemb.models.fasttext import save_facebook_model

SENTENCES = [["the", "kettle", "sings"], ["the", "teapot", "listens"], ["a", "kettle", "and", "a", "teapot"]] * 20
SMALL = {"vector_size": 8, "min_count": 1, "epochs": 1, "workers": 1}


def test_counts_that_are_not_there(tmp_path):
    message = r"no counts: the count of each is needed here\. Set expandos\['count'\]"
    model = Word2Vec(SENTENCES, hs=1, **SMALL)
    ngrams = FastText(SENTENCES, bucket=100, **SMALL)
    for trained in (model, ngrams):
        del trained.wv.expandos["count"]
        with pytest.raises(KeyError, match=message):
            trained.train(SENTENCES)
    for call in (
        model.wv.sort_by_descending_frequency,
        lambda: model.score(SENTENCES),
        lambda: model.cum_table,
        lambda: Word2Vec(vector_size=8).reset_from(model),
    ):
        with pytest.raises(KeyError, match=message):
            call()
    for save in (lambda: save_facebook_model(ngrams, tmp_path / "model.bin"), lambda: model.save(tmp_path / "model")):
        with pytest.raises(ValueError, match=f"{message}.*could not be loaded again"):
            save()
    model.wv.expandos["count"] = np.ones(3, np.int64)
    with pytest.raises(KeyError, match="7 keys with 3 counts"):
        model.train(SENTENCES)


def test_output_matrices_that_were_never_made(tmp_path):
    model = Word2Vec(SENTENCES, **SMALL)
    assert not hasattr(model, "syn1")
    with pytest.raises(AttributeError, match="it was made with hs=0"):
        _ = model.syn1
    model.hs = 1
    message = r"no syn1: hs=1 was set after .* init_weights\(\)"
    for call in (lambda: model.train(SENTENCES), lambda: model.score(SENTENCES)):
        with pytest.raises(AttributeError, match=message):
            call()
    with pytest.raises(ValueError, match=message):
        model.save(tmp_path / "model")
    model.init_weights()
    model.train(SENTENCES)
    assert model.syn1.any()
    other = FastText(SENTENCES, hs=1, negative=0, bucket=100, **SMALL)
    other.negative = 5
    with pytest.raises(AttributeError, match="this FastText has no syn1neg: negative=5"):
        other.train(SENTENCES)
    with pytest.raises(AttributeError, match="'FastText' object has no attribute 'other'"):
        _ = other.other


def test_words_that_never_occur_in_a_text_are_told(tmp_path, caplog):
    (tmp_path / "corpus.txt").write_text("a b c\u00a0d\n" * 9, encoding="utf-8")
    GloVe(corpus_file=tmp_path / "corpus.txt", words={"a": 3, "c\u00a0d": 2, "b": 1}, vector_size=2, epochs=1)
    assert "1 words of the vocabulary never occur in a text" in caplog.text
    assert repr("c\u00a0d") in caplog.text
    caplog.clear()
    model = Word2Vec(vector_size=2, min_count=1)
    model.build_vocab_from_freq({"a": 3, "b": 1, "e\u3000f": 1, "\u2028": 1})
    model.train(corpus_file=tmp_path / "corpus.txt")
    assert "2 words of the vocabulary never occur" in caplog.text
    caplog.clear()
    model.train([["a", "e\u3000f"]], total_examples=1)
    assert "never occur" not in caplog.text
