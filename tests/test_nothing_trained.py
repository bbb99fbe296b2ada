"""Training that trains nothing, or next to nothing, says so."""

import logging
import math

import numpy as np
import pytest

from fastemb import FastText, Word2Vec
from fastemb.models.callbacks import CallbackAny2Vec


def train(caplog, sentences, kind=Word2Vec, **options):
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        given = {"min_count": 1, "vector_size": 8, "workers": 1} | options
        model = kind(sentences, **given | ({"bucket": 50} if kind is FastText else {}))
    return model, caplog.text


@pytest.mark.parametrize("options", [{"sg": 1}, {"sg": 0}, {"hs": 1, "negative": 0}, {"hs": 1}, {"compute_loss": True}])
@pytest.mark.parametrize("kind", [Word2Vec, FastText])
def test_two_words_that_sub_sampling_leaves_out(caplog, options, kind):
    model, text = train(caplog, [["a", "b"]] * 3, kind, **options)
    assert "nothing was trained: no two words met: sample=0.001 keeps 4.7% of the words" in text
    assert not model.compute_loss or all(map(math.isnan, model.epoch_losses))
    model, text = train(caplog, [["a", "b"]] * 300, kind, **options)
    assert "no two words met: sample=0.001 keeps 4.7% of the words" in text
    model, text = train(caplog, [["a", "b"]] * 30_000, kind, **options)
    assert "little was trained: sample=0.001 keeps 4.7% of the words: it is for large vocabularies" in text
    assert not model.compute_loss or not any(map(math.isnan, model.epoch_losses))
    assert "was trained" not in train(caplog, [["a", "b"]] * 300, kind, sample=0, **options)[1]


def test_sentences_of_one_word(caplog):
    text = train(caplog, [["a"], ["b"]] * 300, sample=0)[1]
    assert "nothing was trained: no two words met: as in sentences of one known word" in text


def test_usual_corpora_are_no_cause_for_a_warning(caplog, planted):
    assert "was trained" not in train(caplog, planted)[1]


@pytest.mark.parametrize("compute_loss", [False, True])
def test_pairs_are_counted_and_the_loss_only_if_it_is_measured(compute_loss, planted):
    class Watch(CallbackAny2Vec):
        def on_epoch_end(self, model):
            progress = model.run.progress
            seen.append((progress.pairs, progress.mean_loss, progress.shown_loss))

    seen = []
    Word2Vec(planted, sg=1, workers=1, vector_size=8, callbacks=[Watch()], compute_loss=compute_loss)
    for pairs, loss, shown in seen:
        assert pairs > 1000
        assert math.isnan(loss) is not compute_loss
        assert bool(shown) is compute_loss
    assert len(seen) == 5


def test_a_small_corpus_names_what_to_change(caplog):
    # As in text, most of the words are frequent ones, and most of the vocabulary is rare.
    draw = np.random.default_rng(0)
    corpus = [[f"w{k}" for k in np.minimum(draw.zipf(1.3, 20), 3000)] for _ in range(3000)]
    assert "are much alike" in train(caplog, corpus, FastText, vector_size=50)[1]
    model, text = train(caplog, corpus, vector_size=50)
    assert len(model.wv) > 1000
    assert "are much alike: a mean cosine of" in text
    more = int(text.split("Try epochs=")[1].split(",")[0])
    assert "alike" not in train(caplog, corpus, vector_size=50, epochs=more)[1]
    assert "alike" not in train(caplog, [sentence[:5] for sentence in corpus[:50]])[1]  # as in examples
    assert "alike" in train(caplog, corpus, vector_size=50, output="sum")[1]
