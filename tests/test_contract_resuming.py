"""What holds for checkpoints of every model, and for pauses within an epoch: training goes on to the same bits."""

import os
import threading
from functools import cache

import numpy as np
import pytest
from contract import (
    Calling,
    Pauses,
    Unchanged,
    arrays_of,
    as_trained,
    each_kind,
    each_kind_that_trains,
    each_that_trains,
    planted,
    raising,
    same,
    same_arrays,
    topics,
)

from fastemb import Word2Vec
from fastemb.models.callbacks import Checkpoint, StopTraining
from fastemb.training import trainer

TRIES = 99


@pytest.fixture
def often(monkeypatch):
    """Ask callbacks ten thousand times a second whether they are due."""
    monkeypatch.setattr(trainer, "POLL", 0.0001)


@cache
def larger():
    """Sentences of 200,000 words: many spans and strips, after each of which workers can pause."""
    draw, words = np.random.default_rng(0), [*topics(), *(f"{word}{k}" for word in topics() for k in range(9))]
    return [[words[k] for k in row] for row in draw.zipf(1.3, (5000, 40)).clip(max=len(words)) - 1]


# From the end of an epoch.


@each_that_trains
def test_resumed_training_ends_with_the_same_bits(entry, tmp_path):
    pauses = Pauses(tmp_path, pauses=0)
    whole = entry(planted(), callbacks=[pauses], **entry.measured)
    assert len(pauses.files) == 3
    assert same(whole, entry(planted(), **entry.measured))
    for path in pauses.files:
        assert same(whole, entry.kind.resume(path, planted()))
    given = {"vector_size": 16, "epochs": 3} | entry.options | entry.measured
    assert same(whole, entry.kind.resume(pauses.files[0], planted(), **given))


@each_that_trains
def test_interrupted_training_goes_on_to_the_same_bits(entry, tmp_path):
    path = tmp_path / "checkpoint"
    interrupt = Calling("on_epoch_begin", raising(KeyboardInterrupt()), epoch=2)
    with pytest.raises(KeyboardInterrupt) as caught:
        entry(planted(), callbacks=[Checkpoint(path), interrupt])
    kept = entry.kind.load(path).to_arrays()
    assert same_arrays(as_trained(caught.value.model.to_arrays()), as_trained(kept))
    seen = []
    resumed = entry.kind.resume(
        path, planted(), callbacks=[Calling("on_epoch_end", lambda model: seen.append(model.run.progress.epochs))]
    )
    assert seen == [3]
    assert same(resumed, entry(planted()))


@each_kind_that_trains
def test_a_second_call_of_train_is_resumed(entry, tmp_path):
    model = entry(planted())
    model.train(planted(1), epochs=3, callbacks=[Pauses(tmp_path, pauses=0)])
    for name in "012":
        assert same(entry.kind.resume(tmp_path / name, planted(1)), model)


@each_kind_that_trains
def test_a_checkpoint_is_a_model(entry, tmp_path):
    model = entry(planted(), epochs=2, callbacks=[Pauses(tmp_path, pauses=0)])
    loaded = entry.kind.load(tmp_path / "0")
    loaded.train(planted(), epochs=1)
    assert loaded.train_count == model.train_count
    loaded.save(tmp_path / "model")
    with pytest.raises(ValueError, match="model: no checkpoint of training: use load"):
        entry.kind.resume(tmp_path / "model", planted())


@each_kind
def test_another_corpus_or_other_parameters_are_refused(entry, tmp_path):
    sentences = planted()
    entry(sentences, callbacks=[Pauses(tmp_path, pauses=0)])
    path = tmp_path / "0"
    turned = [*sentences[:-1], sentences[-1][::-1]]
    moved = [sentences[0] + sentences[1][:1], sentences[1][1:], *sentences[2:]]
    message = r"0: training was on another corpus(: of 4000 words in 400 sentences| than this one)"
    for corpus in (sentences[:-1], turned, moved):
        with pytest.raises(ValueError, match=message):
            entry.kind.resume(path, corpus)
    for change in ({"window": 7}, {"vector_size": 3}, {"epochs": 4}, {"seed": 2}):
        with pytest.raises(ValueError, match=r"0: was made with .*=\d+, not \d"):
            entry.kind.resume(path, sentences, **change)
    with pytest.raises(TypeError, match="unexpected keyword argument 'windows'"):
        entry.kind.resume(path, sentences, windows=3)
    with pytest.raises(TypeError, match="not both"):
        entry.kind.resume(path)
    assert entry.kind.resume(path, sentences, workers=2, comment="other").comment == "other"


def test_a_corpus_in_place_of_a_parameter_is_refused_unread(tmp_path):
    pairs = [("a", "x"), ("b", "y")] * 50
    Word2Vec(pairs=pairs, callbacks=[Checkpoint(tmp_path / "model", epochs=1)], min_count=1, vector_size=4)
    for name in ("pairs", "init_from", "freeze"):
        given = iter(pairs)
        with pytest.raises(TypeError, match=f"no {name}; the corpus is given as .* sentences=fastemb.corpus.Pairs"):
            Word2Vec.resume(tmp_path / "model", **{name: given})
        assert len(list(given)) == len(pairs)


class OwnConstructor(Word2Vec):
    def __init__(self, sentences=None, tag="x"):
        super().__init__(sentences, min_count=1, vector_size=4, epochs=2, workers=1)
        self.tag = tag


class ItsChild(OwnConstructor):
    pass


@pytest.mark.parametrize("kind", [OwnConstructor, ItsChild])
def test_constructors_of_users_need_not_take_the_parameters(kind, tmp_path, caplog):
    model = kind(planted())
    model.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    assert type(loaded) is kind
    assert "OwnConstructor() does not take the parameters of a model" in caplog.text
    assert not hasattr(loaded, "tag")
    assert same(loaded, model)
    assert loaded.vector_size == 4


@each_kind
def test_checkpoints_that_cannot_be_written_are_noticed_before_training(entry, tmp_path):
    model = entry.built(planted())
    before = arrays_of(model)
    with pytest.raises(FileNotFoundError, match="absent"):
        model.train(planted(), callbacks=[Checkpoint(tmp_path / "absent" / "checkpoint")])
    assert same_arrays(before, arrays_of(model))
    for bad in ({"minutes": 0}, {"words": -1}, {"epochs": 0}):
        with pytest.raises(ValueError, match="must be positive"):
            Checkpoint(tmp_path / "checkpoint", **bad)


@each_kind_that_trains
def test_checkpoints_are_written_every_so_many_epochs(entry, tmp_path, monkeypatch):
    saved = []
    save = entry.kind.save
    monkeypatch.setattr(
        entry.kind, "save", lambda model, path: (saved.append(model.run.progress.epochs), save(model, path))
    )
    for every, expected in (({}, [1, 2, 3]), ({"epochs": 2}, [2, 3]), ({"minutes": 60}, [3]), ({"words": 10**9}, [3])):
        saved.clear()
        entry(planted(), callbacks=[Checkpoint(tmp_path / "checkpoint", **every)])
        assert saved == expected
        assert os.listdir(tmp_path) == ["checkpoint"]


# From the middle of an epoch.


@each_that_trains
def test_paused_and_resumed_training_ends_with_the_same_bits(entry, tmp_path, often):
    options = entry.measured | {"epochs": 4}
    whole = entry(larger(), **options)
    for _ in range(TRIES):  # on a busy machine epochs may end before the workers are looked at
        pauses = Pauses(tmp_path)
        paused = entry(larger(), callbacks=[pauses], **options)
        if pauses.inside:
            break
    assert pauses.inside
    assert same(whole, paused)
    for path in pauses.files:
        assert same(whole, entry.kind.resume(path, larger()))


@each_kind_that_trains
def test_a_callback_stops_in_the_middle_of_an_epoch(entry, often):
    model = entry(larger(), epochs=99, callbacks=[Calling("on_pause", raising(StopTraining()))], **entry.measured)
    assert (model.train_count, model.run) == (1, None)
    assert len(model.epoch_losses) < 50
    if hasattr(model, "min_alpha_yet_reached"):
        assert model.alpha * 0.5 < model.min_alpha_yet_reached < model.alpha
    model.train(planted(), epochs=1)


@pytest.mark.parametrize("kind", [LookupError, KeyboardInterrupt])
@pytest.mark.parametrize("event", ["due", "on_pause"])
@pytest.mark.parametrize("workers", [1, 3])
@each_kind_that_trains
def test_what_is_raised_while_workers_train_reaches_the_user(entry, workers, event, kind, often):
    with pytest.raises(kind) as caught:
        entry(larger(), epochs=99, workers=workers, callbacks=[Calling(event, raising(kind()))], **entry.measured)
    assert threading.active_count() == 1
    model = caught.value.model
    assert (model.train_count, model.run) == (1, None)
    assert len(model.epoch_losses) < 50
    model.train(planted(), epochs=1)
    assert np.isfinite(model.wv.vectors).all()


@each_kind_that_trains
def test_training_within_a_pause_is_refused(entry, often):
    again = Calling("on_pause", lambda model: model.train(planted(), epochs=1))
    with pytest.raises(RuntimeError, match=r"train\(\) .*of the (same )?model"):
        entry(larger(), epochs=99, callbacks=[again])
    assert again.calls == 1


@each_kind_that_trains
def test_a_file_of_a_pause_is_a_model(entry, tmp_path, often):
    pauses = Pauses(tmp_path, pauses=1)
    entry(larger(), epochs=9, callbacks=[pauses])
    model = entry.kind.load(pauses.files[0])
    with Unchanged(model), pytest.raises(ValueError, match="another corpus"):
        entry.kind.resume(pauses.files[0], planted())
    model.train(planted(), epochs=1)
    assert np.isfinite(model.wv.vectors).all()
