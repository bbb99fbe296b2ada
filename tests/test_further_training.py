"""A further call of `train` on a short corpus: it looks at, and keeps, only what it can change."""

import copy
import pickle

import numpy as np
import pytest

from fastemb import FastText, Word2Vec
from fastemb.io.spill import SpillFile
from fastemb.models import _frequencies
from fastemb.models.callbacks import CallbackAny2Vec
from fastemb.training import TrainingDiverged, divergence

WORDS = [f"word{k}" for k in range(3000)]
COUNTS = {word: 3000 - k for k, word in enumerate(WORDS)}
SHORT = [[*WORDS[k * 100 : k * 100 + 8], "unknown", WORDS[k]] for k in range(12)]
KINDS = [
    (Word2Vec, {"sg": 1}),
    (Word2Vec, {"sg": 0}),
    (Word2Vec, {"sg": 1, "shared_noise": False, "negative": 2}),
    (Word2Vec, {"sg": 1, "hs": 1, "negative": 0}),
    (Word2Vec, {"sg": 0, "hs": 1}),
    (Word2Vec, {"sg": 1, "workers": 3, "memory_budget": 0}),
    (Word2Vec, {"sg": 1, "workers": 3, "deterministic": True}),
    (FastText, {"sg": 1, "bucket": 20_000}),
    (FastText, {"sg": 0, "hs": 1, "bucket": 20_000}),
    (FastText, {"sg": 0, "max_n": 0}),
]


def trained_before(kind, options):
    model = kind(**{"vector_size": 8, "min_count": 1, "workers": 1, "sample": 0, "alpha": 0.05} | options)
    model.build_vocab_from_freq(COUNTS)
    model.train([WORDS], epochs=1)
    return model


def matrices(model):
    return {name: matrix.copy() for name, matrix in model._matrices().items()}


def same(first, second):
    return all(np.array_equal(first[name], second[name]) for name in first.keys() | second.keys())


class Watch(CallbackAny2Vec):
    """Remember the matrices at the beginning and after each epoch, and which rows each epoch was to change."""

    def __init__(self):
        self.states, self.rows = [], []

    def on_train_begin(self, model):
        self.states.append(matrices(model))

    def on_epoch_begin(self, model):
        self.rows.append(model._rows_to_train(model.run.progress.epochs))

    def on_epoch_end(self, model):
        self.states.append(matrices(model))


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_an_epoch_changes_no_other_rows_than_those_that_are_kept(kind, options):
    watch, model = Watch(), trained_before(kind, options)
    model.train(SHORT, epochs=3, callbacks=[watch])
    deterministic = model.deterministic and model.workers > 1
    for before, after, rows in zip(watch.states, watch.states[1:], watch.rows, strict=False):
        assert deterministic or rows.keys() == before.keys()
        for name, kept in rows.items():
            changed = np.flatnonzero((before[name] != after[name]).any(axis=1))
            assert len(changed) or not len(before[name])
            assert np.isin(changed, kept).all()
            assert len(kept) < max(len(before[name]), 1)


@pytest.mark.parametrize("spoiled", [0, 1])
@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_divergence_brings_back_the_last_good_state(kind, options, spoiled, monkeypatch):
    monkeypatch.setattr(divergence, "BLOCK", 7)

    class Spoil(Watch):
        def on_epoch_begin(self, model):
            super().on_epoch_begin(model)
            if model.run.progress.epochs == spoiled:
                name, matrix = next(iter(model._matrices().items()))
                matrix[self.rows[-1].get(name, [0])[0]] = np.inf

    watch, model = Spoil(), trained_before(kind, options)
    with pytest.raises(TrainingDiverged, match="brought back to the end of the epoch before"):
        model.train(SHORT, epochs=3, callbacks=[watch])
    assert same(matrices(model), watch.states[spoiled])


@pytest.mark.parametrize(("kind", "options"), [(Word2Vec, {"sg": 1}), (FastText, {"sg": 1, "bucket": 20_000})])
def test_steps_that_are_too_long_are_undone(kind, options):
    model = trained_before(kind, options)
    before = matrices(model)
    with pytest.raises(TrainingDiverged, match=r"in epoch 1: alpha=1e\+30 is too high"):
        model.train(SHORT, epochs=3, start_alpha=1e30)
    assert same(matrices(model), before)
    model.train(SHORT, epochs=1, start_alpha=0.05)
    assert not same(matrices(model), before)


def test_little_is_kept_of_large_matrices(monkeypatch):
    written = []
    append = SpillFile.append

    def counted(self, *arrays):
        written.append(sum(array.nbytes for array in arrays))
        return append(self, *arrays)

    model = trained_before(Word2Vec, {"sg": 1})
    monkeypatch.setattr(SpillFile, "append", counted)
    model.train(SHORT[:2], epochs=2)
    assert 0 < sum(written) < 4 * 8 * 600
    written.clear()
    model.train([WORDS] * 2, epochs=2)
    assert sum(written) == 2 * 2 * model.syn1neg.nbytes


@pytest.mark.parametrize("changed", ["count", "cum_table", "sample", "ns_exponent"])
@pytest.mark.parametrize("options", [{"sg": 1}, {"hs": 1, "negative": 0}])
def test_counts_that_were_changed_between_two_calls_count(options, changed):
    model = trained_before(Word2Vec, options)
    model.sample = 1e-5
    for epochs in (1, 2):
        if epochs == 2 and changed == "count":
            model.wv.expandos["count"][:] = model.wv.expandos["count"][::-1].copy()
        elif epochs == 2 and changed == "cum_table":
            model.cum_table = np.arange(1, len(WORDS) + 1)
        elif epochs == 2:
            setattr(model, changed, 0.5)
        fresh = copy.deepcopy(model)
        model.train(SHORT * 3, epochs=epochs)
        fresh.train(SHORT * 3, epochs=epochs)
        assert same(matrices(model), matrices(fresh))


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_a_corpus_of_unknown_words_changes_nothing(kind, options):
    model = trained_before(kind, options)
    before = matrices(model)
    assert model.train([["unknown"]], epochs=2) == (0, 2)
    assert same(matrices(model), before)


def test_vectors_without_counts_are_refused_in_words():
    model = trained_before(Word2Vec, {})
    del model.wv.expandos["count"]
    with pytest.raises(KeyError, match="no counts: the count of each is needed here"):
        model.train(SHORT)


# What is checked for the kernels.


@pytest.fixture
def checked(monkeypatch):
    """What was checked, one after another."""
    seen = []
    for name in ("Paths", "Ngrams"):
        check = getattr(_frequencies.specs, name)

        def checks(*given, name=name, check=check):
            seen.append(name)
            return check(*given)

        monkeypatch.setattr(_frequencies.specs, name, checks)
    return seen


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_trees_and_bags_are_checked_once(kind, options, checked):
    model = trained_before(kind, options)
    once = ["Ngrams"] * (kind is FastText and model.max_n > 0) + ["Paths"] * model.hs
    assert checked == once
    for _ in range(2):
        model.train(SHORT, epochs=2)
    assert checked == once
    model.build_vocab([["new", WORDS[0]]] * 5, update=True)
    model.train(SHORT, epochs=1)
    assert checked == once * 2


def test_ngrams_are_checked_again_when_rows_are_others(checked):
    model = trained_before(FastText, {"bucket": 200})
    model.wv.vectors_ngrams = model.wv.vectors_ngrams.copy()  # of all buckets, in place of those in use
    model.train(SHORT, epochs=1)
    model.train(SHORT, epochs=1)
    assert checked == ["Ngrams"] * 2
    with pytest.raises(ValueError, match="read-only"):
        model.wv.buckets_word.ids[0] = 10**9
    with pytest.raises(ValueError, match="read-only"):
        model.wv.buckets_word.starts[1] = 10**9


def test_a_tree_that_is_set_is_checked_and_cannot_lead_outside(checked):
    given = KINDS[3]
    model, other = trained_before(*given), trained_before(*given)
    tree = tuple(array.copy() for array in model._paths())
    model.tree = tree
    for each in (model, other):
        each.train(SHORT, epochs=1)
    assert checked == ["Paths"] * 3
    assert same(matrices(model), matrices(other))
    tree[1][:] = 10**9  # too late
    tree[0][1:] = 10**9
    for each in (model, other):
        each.train(SHORT, epochs=1)
    assert same(matrices(model), matrices(other))
    model.tree = tree
    model.train(SHORT, epochs=1)
    assert checked == ["Paths"] * 3
    model.tree = tuple(array.copy() for array in tree)
    with pytest.raises(ValueError, match="of paths"):
        model.train(SHORT, epochs=1)
    starts, nodes, labels = other._paths()
    model.tree = starts, nodes, 1 - labels  # the same paths, another way round
    for each in (model, other):
        each.train(SHORT, epochs=1)
    assert not same(matrices(model), matrices(other))


def test_what_was_checked_does_not_go_into_copies():
    model = trained_before(Word2Vec, {"hs": 1})
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        other.train(SHORT, epochs=1)
