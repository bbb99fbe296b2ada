"""What holds for the training of every model: it grows, holds rows still, and runs away and comes back."""

import pickle

import numpy as np
import pytest
from contract import (
    Calling,
    arrays_of,
    as_trained,
    counters_of,
    each,
    each_kind,
    each_that_trains,
    goes_on,
    inputs_of,
    planted,
    same_arrays,
    topics,
)

from fastemb import KeyedVectors, TrainingDiverged
from fastemb.models.callbacks import Checkpoint

# More words.


@each
def test_new_words_get_vectors_and_old_ones_keep_theirs(entry):
    model = entry(planted())
    words, before = list(model.wv.index_to_key), inputs_of(model).copy()
    outputs = {name: getattr(model, name).copy() for name in entry.outputs}
    counts = model.wv.expandos["count"].copy()
    model.build_vocab([["new", words[3], "newer", "newer"]], update=True)
    assert model.wv.index_to_key == [*words, "newer", "new"]
    assert model.wv.vectors[:-2].tobytes() == before.tobytes()
    assert np.abs(model.wv.vectors[-2:]).max(axis=1).min() > 0
    counts[3] += 1
    assert model.wv.expandos["count"].tolist() == [*counts.tolist(), 2, 1]
    for name in set(outputs) - {"position_vectors"}:
        assert getattr(model, name).shape == (26, 16)
        kept = getattr(model, name)[:-2] == outputs[name]
        assert kept.all() if name != "syn1" else not getattr(model, name).any()  # the tree is another
    before = model.wv.vectors.copy()
    model.train([[words[3], "new", "newer"] * 3] * 5, epochs=2)
    changed = np.flatnonzero((inputs_of(model) != before).any(axis=1)).tolist()
    assert changed == [3, 24, 25] or (entry.unseen and {*changed} > {3, 24, 25})  # where others share n-grams
    assert np.isfinite(model.wv.vectors).all()


@each
def test_a_vocabulary_that_is_built_anew_forgets_the_old(entry):
    model = entry(planted())
    model.build_vocab([["other", "words", "other"]])
    assert same_arrays(model.to_arrays(), entry.built([["other", "words", "other"]]).to_arrays())


# Vectors to begin with, and rows that are held.

FEW = [[*list(topics())[:4], "new", "newer"]] * 30
GIVEN = ["vectors", "model", "saved model", "saved vectors", "text", "binary"]


def given(large, form, folder):
    if form == "saved model":
        large.save(folder / "file")
    elif form == "saved vectors":
        large.wv.save(folder / "file")
    elif form not in ("vectors", "model"):
        large.wv.save_word2vec_format(folder / "file", binary=form == "binary")
    return {"vectors": large.wv, "model": large}.get(form, folder / "file")


@pytest.mark.parametrize("form", GIVEN)
@each_kind
def test_training_begins_with_other_vectors(entry, tmp_path, form):
    large = entry(planted())
    options = entry.learn | {"seed": 5}
    model = entry.built(FEW, init_from=given(large, form, tmp_path), **options)
    known = list(topics())[:4]
    np.testing.assert_allclose(model.wv[known], large.wv[known], rtol=1e-4, atol=1e-6)
    if not entry.unseen or form not in ("text", "binary"):  # which have no n-grams
        assert same_arrays(model.to_arrays(), entry.built(FEW, init_from=large.wv, **options).to_arrays())
    before = model.wv.vectors.copy()
    model.train(FEW)
    assert (model.wv.vectors != before).any(axis=1).all()


@each
def test_rows_are_held_where_they_are(entry, tmp_path):
    large, known = entry(planted()), list(topics())[:4]
    if entry.rows is None:
        with pytest.raises(TypeError, match="unexpected keyword argument 'freeze'"):
            entry(init_from=large, freeze=True)
        return
    model = entry(init_from=large.wv, freeze=True, sample=0)
    model.build_vocab(FEW)
    for _ in range(2):
        rows = [model.wv.key_to_index[word] for word in known]
        before = entry.own_rows(model).copy()
        model.train(FEW, epochs=2)
        changed = (entry.own_rows(model) != before).any(axis=1)
        assert not changed[rows].any()
        assert changed.sum() == len(changed) - 4 == 2
        model.save(tmp_path / "model")
        model = entry.kind.load(tmp_path / "model")


@each
def test_single_rows_are_locked(entry):
    model = entry.built(planted())
    if entry.rows is None:
        model.wv.vectors_lockf = np.zeros(1, np.float32)  # says nothing to a model that trains other matrices
        before = model.wv.vectors.copy()
        model.train(planted(), epochs=1)
        assert (model.wv.vectors != before).any(axis=1).all()
        return
    before = entry.own_rows(model).copy()
    setattr(model.wv, entry.locks, np.zeros(1, np.float32))
    model.train(planted(), epochs=1)
    assert entry.own_rows(model).tobytes() == before.tobytes()
    locks = np.ones(len(model.wv), np.float32)
    locks[3] = 0
    setattr(model.wv, entry.locks, locks)
    model.build_vocab([["new", "newer", next(iter(topics()))]], update=True)
    assert getattr(model.wv, entry.locks).tolist() == [*locks, 1, 1]
    model.train([*planted(), ["new", "newer"] * 9], epochs=1)
    changed = (entry.own_rows(model)[:24] != before).any(axis=1)
    assert np.flatnonzero(~changed).tolist() == [3]


@each
def test_vectors_are_held_near_others(entry):
    large = entry(planted(), output="sum") if entry.rows is None else entry(planted())
    if entry.rows is not None:
        with pytest.raises(TypeError, match="unexpected keyword argument 'retrofit'"):
            entry(init_from=large, retrofit=1)
        return
    drift = []
    for strength in (0, 1, 1e9):
        model = entry(planted(), seed=5, init_from=large, retrofit=strength)
        sums = model.word_vectors + model.context_vectors
        drift.append(np.abs(sums - large.wv[model.wv.index_to_key]).max())
    assert drift[0] > drift[1] > drift[2]
    assert drift[2] < 1e-4
    few = KeyedVectors.from_arrays(["elsewhere", *model.wv.index_to_key[:3]], np.ones((4, 16), np.float32))
    model = entry(planted(), init_from=few, retrofit=1e9)
    sums = model.word_vectors + model.context_vectors
    near = np.abs(sums - 1).max(axis=1) < 1e-4
    assert np.flatnonzero(near).tolist() == model.known.tolist() == [0, 1, 2]


@each_kind
def test_vectors_that_do_not_fit_are_refused(entry, tmp_path, caplog):
    large = entry(planted())
    for wrong, error, message in (
        ({"init_from": large, "vector_size": 9}, ValueError, "init_from has vectors of size 16, not vector_size=9"),
        ({"init_from": [large]}, TypeError, "init_from must be a model, KeyedVectors or a path, not list"),
        ({"init_from": 3}, TypeError, "init_from must be a model, KeyedVectors or a path, not int"),
        ({"init_from": tmp_path / "absent"}, FileNotFoundError, "absent"),
    ):
        with pytest.raises(error, match=message):
            entry(planted(), **wrong)
    entry([["other", "words"]] * 9, init_from=large)
    assert "0 of 2 words begin with vectors from init_from" in caplog.text


# Numbers that run away.


@each_that_trains
def test_steps_that_are_too_long_are_undone(entry):
    model = entry(planted())
    before, counters = arrays_of(model), counters_of(model)
    message = rf"NaN or infinity was found in epoch 1: {entry.rate}=1e\+30.* is too high for this corpus"
    with pytest.raises(TrainingDiverged, match=message) as caught, np.errstate(all="ignore"):
        entry.diverge(model, planted(), epochs=3)
    error = caught.value
    assert same_arrays(before, arrays_of(model))
    assert (error.model, error.checkpoint, model.run) == (model, None, None)
    after = counters_of(model)
    assert (after["train_count"], after["epoch_losses"]) == (counters["train_count"], counters["epoch_losses"])
    data = pickle.dumps(error)
    assert len(data) < 1000
    assert (str(pickle.loads(data)), pickle.loads(data).model) == (str(error), None)
    assert goes_on(model)
    assert not np.array_equal(model.wv.vectors, before.get("vectors"))


@each
def test_the_first_training_of_all_has_nothing_to_go_back_to(entry):
    model = entry.built(planted())
    before = arrays_of(model)
    message = "before training" if entry.copies else "There is no good state to go back to: it had not been trained"
    with pytest.raises(TrainingDiverged, match=message), np.errstate(all="ignore"):
        entry.diverge(model, planted())
    if entry.copies:
        assert same_arrays(before, arrays_of(model))
    else:
        with pytest.raises(ValueError, match="holds NaN or infinity before any training"):
            model.train(planted())


def spoiling(name):
    """A callback that puts infinity into a row of a matrix before the third epoch."""

    def spoil(model):
        model._matrices()[name][0] = np.inf

    return Calling("on_epoch_begin", spoil, epoch=2)


@pytest.mark.parametrize("saves", [False, True])
@each
def test_an_epoch_that_runs_away_is_undone_to_the_one_before(entry, tmp_path, saves):
    path = tmp_path / "checkpoint"
    for number, name in enumerate(entry(planted())._matrices()):
        if entry.copies:
            model = entry(planted(), callbacks=[spoiling(name)])
            assert same_arrays(entry(planted()).to_arrays(), model.to_arrays())
            continue
        states = []
        keep = Calling("on_epoch_end", lambda model, states=states: states.append(arrays_of(model)))
        callbacks = [keep, spoiling(name), *[Checkpoint(path)] * saves]
        with pytest.raises(TrainingDiverged, match=r"in epoch 3.*brought back to .*") as caught:
            entry(planted(), epochs=4, callbacks=callbacks, seed=number, **entry.measured)
        model = caught.value.model
        assert len(states) == len(model.epoch_losses) == 2
        assert same_arrays(as_trained(states[1]), as_trained(arrays_of(model)))
        assert caught.value.checkpoint == (str(path) if saves else None)
        assert ("which is in" if saves else "the end of the epoch before") in str(caught.value)
        assert not saves or same_arrays(states[1], entry.kind.load(path).to_arrays())
        assert goes_on(model)
