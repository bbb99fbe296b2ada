"""Trimming, down-sampling, noise and the size of steps."""

import numpy as np
import pytest

from fastemb import FastText, GloVe, Word2Vec, vocabulary
from fastemb.training import block_limits

COUNTS = np.array([1000, 100, 10, 1])


def test_keep_probability_is_that_of_word2vec_c():
    share = COUNTS / COUNTS.sum()
    expected = np.minimum(1, np.sqrt(0.01 / share) + 0.01 / share)
    np.testing.assert_allclose(vocabulary.keep_probabilities(COUNTS, 0.01), expected)
    assert expected[0] < 0.2
    assert expected[2] == 1


def test_sample_of_0_keeps_all_and_from_1_on_is_a_count():
    assert vocabulary.keep_probabilities(COUNTS, 0).tolist() == [1, 1, 1, 1]
    kept = vocabulary.keep_probabilities(COUNTS, 100)
    assert kept[0] < 1
    assert kept[1:].tolist() == [1, 1, 1]


def test_noise_is_a_power_of_the_counts():
    np.testing.assert_allclose(vocabulary.noise_probabilities(COUNTS, 0), 0.25)
    np.testing.assert_allclose(vocabulary.noise_probabilities(COUNTS, 1), COUNTS / 1111)
    np.testing.assert_allclose(vocabulary.noise_probabilities(COUNTS, 0.75), COUNTS**0.75 / (COUNTS**0.75).sum())
    assert np.argmax(vocabulary.noise_probabilities(COUNTS, -1)) == 3
    assert np.isfinite(vocabulary.noise_probabilities(np.array([10**12, 1]), 40)).all()


def limits(vocabulary_size, **options):
    uniform = np.full(vocabulary_size, 1 / vocabulary_size)
    usual = {
        "sg": True,
        "hs": False,
        "window": 5,
        "shrink_windows": True,
        "negative": 5,
        "shared_noise": True,
        "alpha": 0.025,
        "sentence_length": 20.0,
    }
    usual |= {"sentence_length": 20.0, "words": uniform, "noise": uniform}
    return block_limits(**(usual | options))


def test_steps_are_large_for_text_and_shrink_to_one_window_for_small_vocabularies():
    assert limits(50_000) == (3, 32, 5)
    assert limits(2)[:2] == (1, 2)
    sizes = [limits(size).centres for size in (2, 20, 50, 100, 1000)]
    assert sizes == sorted(sizes)


def test_fewer_centres_may_be_asked_for_where_they_share_noise():
    assert limits(50_000, most_centres=2).centres == 2
    assert limits(50_000, most_centres=2).noise_words == 10  # as many as both would meet alone
    assert limits(50_000, most_centres=2, negative=0, hs=True) == limits(50_000, negative=0, hs=True)


def test_steps_of_skipgram_shrink_with_the_learning_rate():
    sizes = [limits(50_000, alpha=alpha)[:2] for alpha in (0.025, 0.05, 0.1, 0.15, 0.2, 0.3)]
    assert sizes == [(3, 32), (3, 32), (2, 32), (1, 11), (1, 8), (1, 5)]
    assert limits(50_000, negative=60).centres == 1
    assert limits(50_000, sg=False, alpha=0.3) == limits(50_000, sg=False, alpha=0.025)


def test_noise_that_is_not_shared_is_drawn_for_each_pair():
    assert limits(50_000, shared_noise=False, negative=7) == (1, 1, 7)
    assert limits(50_000, shared_noise=False, sg=False).centres == 1
    assert limits(50_000, shared_noise=False, hs=True, negative=0) == limits(50_000, hs=True, negative=0)


@pytest.mark.parametrize("sg", [True, False])
@pytest.mark.parametrize("negative", [*range(1, 31)])
def test_outputs_of_a_step_fill_eights(sg, negative):
    centres, _, noise_words = limits(50_000, sg=sg, negative=negative)
    assert centres == (3 if negative < 23 else 2) if sg else centres in (6, 7, 8)
    least = negative if sg else max(negative, centres)
    assert least <= noise_words < least + 8
    assert (centres + noise_words) % 8 == 0


def test_of_many_noise_words_more_windows_fill_eights():
    sizes = [limits(50_000, sg=False, negative=negative)[::2] for negative in (5, 10, 15, 16, 17, 18, 20)]
    assert sizes == [(6, 10), (6, 10), (6, 18), (8, 16), (7, 17), (6, 18), (8, 24)]


def test_wide_windows_are_cut_into_tiles():
    wide = {"window": 10_000, "sentence_length": 100.0}
    assert limits(50_000, **wide)[:2] == (2, 32)
    assert limits(50_000, hs=True, negative=0, **wide)[:2] == (3, 16)
    assert limits(50, **wide)[:2] == (1, 32)
    assert limits(20, **wide)[:2] == (1, 20)


def test_steps_shrink_as_the_learning_rate_grows():
    rates = [0.0, 0.025, 0.05, 0.1, 1.0, 10.0]
    sizes = [limits(34, alpha=alpha).centres * limits(34, alpha=alpha).rows for alpha in rates]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 1


def test_steps_through_the_tree_shrink_as_the_learning_rate_grows():
    # Every context word of a step changes the root, however large the vocabulary.
    rates = [0.025, 0.05, 0.1, 1.0]
    assert [limits(50_000, hs=True, negative=0, alpha=alpha).rows for alpha in rates] == [16, 9, 4, 1]
    assert limits(50_000, hs=True).centres == 3


@pytest.mark.parametrize("sg", [True, False])
def test_steps_never_shrink_to_nothing(sg):
    assert min(limits(1, sg=sg, negative=100, alpha=50.0)) >= 1


@pytest.mark.parametrize("kind", [Word2Vec, FastText, GloVe])
def test_known_words_gain_their_counts_however_low(kind):
    """Batches of a stream have most words once or twice, and all of them are trained."""
    model = kind([["a", "b", "c"]] * 10, min_count=5, vector_size=4)
    model.build_vocab([["a", "rare", "new"], ["a", "new"], *[["new"]] * 3], update=True)
    assert model.wv.index_to_key == ["a", "b", "c", "new"]
    assert [model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key] == [12, 10, 10, 5]
    model.build_vocab([["b", "rare"]], update=True, trim_rule=lambda word, count, least: 1)
    assert [model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key] == [12, 11, 10, 5]


def test_a_tree_stays_where_no_word_is_new(caplog):
    model = Word2Vec([["a", "b", "c", "a"]] * 10, min_count=5, vector_size=4, hs=1, negative=0, sample=0)
    nodes, paths = model.syn1.copy(), model.wv.get_vecattr("a", "code").tolist()
    model.build_vocab([["b", "c"]] * 50, update=True)
    assert np.array_equal(model.syn1, nodes)
    assert model.wv.get_vecattr("a", "code").tolist() == paths
    assert model.wv.get_vecattr("b", "count") == 10
    assert model.corpus_count == 50
    assert not caplog.records
    model.build_vocab([["rare"]], update=True)
    assert "no word is known or occurs often enough" in caplog.text


@pytest.mark.parametrize("options", [{}, {"hs": 1, "negative": 0}], ids=str)
@pytest.mark.parametrize("kind", [Word2Vec, FastText])
def test_words_that_were_put_into_wv_are_trained_after_an_update(kind, options):
    model = kind([["a", "b", "c"]] * 10, min_count=1, vector_size=4, sample=0, workers=1, **options)
    model.wv.add_vector("put", np.ones(4, np.float32))
    corpus = [["put", "a", "b"]] * 10
    with pytest.raises(ValueError, match=r"wv has 4 words, and syn1(neg)? rows of 3: .* build_vocab\(update=True\)"):
        model.train(corpus, epochs=1)
    model.build_vocab(corpus, update=True)
    before = model.wv["put"].copy()
    model.train(corpus, epochs=1, start_alpha=0.025)
    assert 0 < np.abs(model.wv["put"] - before).max() < 0.5
    assert model.wv.get_vecattr("put", "count") == 10
