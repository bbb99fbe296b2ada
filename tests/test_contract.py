"""What holds for every model: it finds a planted answer, is asked as others are, and is the same if its input is."""

import gzip

import numpy as np
import pytest
from contract import each, each_kind, each_that_trains, planted, same, same_arrays, topics

from fastemb import KeyedVectors
from fastemb.corpus import LineSentence, PathLineSentences

SEEDS = range(1, 6)
# Share of its planted partners that each word has for neighbours. Over five seeds, models found between 0.87 and 1,
# and what is not trained 0.11 to 0.28.
LEARNT, BY_CHANCE = 0.8, 0.45

# The planted answer.


@each
def test_planted_answer_is_found_by_training_and_not_before(entry):
    for seed in SEEDS:
        assert entry.answer(entry(planted(), **entry.learn, seed=seed)) > LEARNT
        assert entry.answer(entry.built(planted(), seed=seed)) < BY_CHANCE


@each_that_trains
def test_several_workers_find_it_as_well(entry):
    model = entry(planted(), **entry.learn | {"workers": 3})
    assert entry.answer(model) > LEARNT
    assert np.isfinite(model.wv.vectors).all()


@each_that_trains
def test_the_loss_falls(entry):
    model = entry(planted(), **entry.learn | {"epochs": 4} | entry.measured)
    assert len(model.epoch_losses) == 4
    assert 0 < model.epoch_losses[-1] < 0.99 * model.epoch_losses[0]


@each
def test_smallest_corpora(entry, caplog):
    for corpus in ([["a", "a", "a"]], [["a", "b"]]):
        assert np.isfinite(entry(corpus).wv.vectors).all()
    for corpus in ([["a"]], [["a"], ["b"]]):
        if entry.empty:
            with pytest.raises(ValueError, match=entry.empty):
                entry(corpus)
        else:
            assert len(entry(corpus, sample=0).wv) == len(corpus)
            assert entry.alone or "nothing was trained: no two words met" in caplog.text


# Asking.


@each
def test_vectors_are_asked_for(entry):
    model = entry(planted(), **entry.learn)
    wv, (word, other) = model.wv, list(topics())[:2]
    assert isinstance(wv, KeyedVectors)
    assert sorted(wv.index_to_key) == sorted(topics())
    assert (len(wv), wv.vector_size, wv.vectors.shape) == (24, entry.size, (24, entry.size))
    assert wv.vectors.dtype == np.float32
    assert wv.vectors.flags.c_contiguous
    np.testing.assert_array_equal(wv[word], wv.vectors[wv.key_to_index[word]])
    np.testing.assert_array_equal(wv[[word, other]], [wv[word], wv[other]])
    lengths = np.linalg.norm(wv.vectors, axis=1)
    cosine = wv[word] @ wv[other] / (lengths[wv.key_to_index[word]] * lengths[wv.key_to_index[other]])
    assert wv.similarity(word, other) == pytest.approx(cosine, abs=1e-5)
    near = wv.most_similar(word, topn=99)
    assert {key for key, _ in near} == set(wv.index_to_key) - {word}
    scores = [score for _, score in near]
    assert scores == sorted(scores, reverse=True)
    assert dict(near)[other] == pytest.approx(cosine, abs=1e-5)
    have = [name for name in ("syn1neg", "syn1", "position_vectors") if getattr(model, name, None) is not None]
    assert sorted(have) == sorted(entry.outputs)
    assert all(np.any(getattr(model, name)) for name in have)
    counts = [wv.get_vecattr(key, "count") for key in wv.index_to_key]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == model.corpus_total_words == 4000
    assert model.corpus_count == 400


@each
def test_unknown_words_are_named(entry):
    wv = entry(planted()).wv
    assert next(iter(topics())) in wv
    assert ("unseen" in wv) is entry.unseen
    assert "unseen" not in wv.key_to_index
    questions = [lambda: wv["unseen"], lambda: wv.most_similar("unseen"), lambda: wv.similarity("unseen", "unseen")]
    for ask in questions:
        if entry.unseen:
            assert np.size(ask())
        else:
            with pytest.raises(KeyError, match="'unseen' not present"):
                ask()
    with pytest.raises(KeyError, match="'unseen'"):
        wv.get_index("unseen")


# The same numbers from the same input.


@each_that_trains
def test_a_seed_gives_the_same_bits_and_another_others(entry):
    one, other = (entry(planted(), seed=7) for _ in range(2))
    assert same(one, other)
    assert (entry(planted(), seed=8).wv.vectors != one.wv.vectors).any()


class Again:
    """What a generator function gives, as often as it is asked for."""

    def __init__(self, function):
        self.function = function

    def __iter__(self):
        return self.function()


@each
def test_every_kind_of_input_gives_the_same(entry, tmp_path):
    sentences = planted()
    text = "".join(" ".join(sentence) + "\n" for sentence in sentences)
    folder = tmp_path / "folder"
    folder.mkdir()
    for path in (tmp_path / "corpus.txt", folder / "corpus.txt"):
        path.write_text(text)
    with gzip.open(tmp_path / "corpus.txt.gz", "wt") as packed:
        packed.write(text)
    model = entry(sentences)
    for given in (
        iter(sentences),
        tuple(map(tuple, sentences)),
        map(iter, sentences),
        Again(lambda: iter(sentences)),
        LineSentence(tmp_path / "corpus.txt"),
        LineSentence(tmp_path / "corpus.txt.gz"),
        PathLineSentences(folder),
    ):
        assert same(entry(given), model)
    for name in (tmp_path / "corpus.txt", str(tmp_path / "corpus.txt"), tmp_path / "corpus.txt.gz", folder):
        assert same(entry(corpus_file=name), model)
    assert same(entry(map(str.split, text.splitlines()), memory_budget=10_000), entry(sentences, memory_budget=10_000))


@each_kind
def test_vocabulary_and_training_apart_are_the_same_as_together(entry):
    model = entry.built(planted())
    model.train(planted())
    assert same_arrays(model.to_arrays(), entry(planted()).to_arrays())
