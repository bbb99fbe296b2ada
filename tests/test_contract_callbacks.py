"""What holds for callbacks of every model, and for interrupts: their order, and what becomes of what they raise."""

import _thread
import signal
import threading

import numpy as np
import pytest
from contract import (
    Calling,
    Unchanged,
    arrays_of,
    each_kind,
    each_kind_that_trains,
    each_that_trains,
    goes_on,
    planted,
    raising,
    same_arrays,
)

from fastemb.models.callbacks import CallbackAny2Vec, Checkpoint, StopTraining

EVENTS = ["on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end"]


class Watch(CallbackAny2Vec):
    """Note the events, and how far training has come at each."""

    def __init__(self):
        self.seen = []
        for event in EVENTS:
            setattr(self, event, lambda model, event=event: self.seen.append((event, model.run.progress.epochs)))


def order(epochs):
    inner = [(event, k + (event == "on_epoch_end")) for k in range(epochs) for event in EVENTS[1:3]]
    return [("on_train_begin", 0), *inner, ("on_train_end", epochs)]


@each_that_trains
def test_callbacks_are_called_in_order(entry):
    watch = Watch()
    model = entry(planted(), epochs=2, callbacks=[watch])
    assert watch.seen == order(2)
    model.train(planted(), epochs=3, callbacks=[watch, watch])
    assert watch.seen[6:] == [event for event in order(3) for _ in range(2)]
    assert (model.train_count, model.epochs, model.run) == (2, 3, None)
    assert model.total_train_time > 0


@each_kind_that_trains
def test_objects_with_gensims_four_methods_are_callbacks(entry):
    class Plain:
        def on_epoch_begin(self, model): ...

        on_epoch_end = on_train_begin = on_train_end = on_epoch_begin

    assert entry(planted(), callbacks=[Plain()]).train_count == 1


@each_kind
def test_what_is_no_callback_is_refused_before_anything_is_done(entry):
    model = entry.built(planted())
    with Unchanged(model), pytest.raises(TypeError, match="a callback of class str has no method on_train_begin"):
        model.train(planted(), callbacks=["print"])
    with pytest.raises(TypeError, match="has no method on_train_begin"):
        entry(planted(), callbacks=[print])


def train(entry, *callbacks, **more):
    return entry(planted(), epochs=4, callbacks=callbacks, **entry.measured, **more)


@pytest.mark.parametrize("event", EVENTS)
@each_kind
def test_a_callback_stops_training_in_good_order(entry, event, tmp_path):
    watch, path = Watch(), tmp_path / "checkpoint"
    stop = Calling(event, raising(StopTraining("enough")), epoch=None if "train" in event else 2)
    model = train(entry, stop, watch, Checkpoint(path))
    done = {"on_train_begin": 0, "on_train_end": 4}.get(event, 2)
    begun = [("on_epoch_begin", 2)] if event == "on_epoch_begin" else []
    assert watch.seen == [*order(done)[:-1], *begun, ("on_train_end", done)]
    assert len(model.epoch_losses) == done
    assert (model.train_count, model.epochs) == (1, 4)
    assert same_arrays(entry.kind.resume(path, planted()).to_arrays(), model.to_arrays())
    kept = []
    keep = Calling("on_epoch_end", lambda model: kept.append(arrays_of(model)))
    untouched = entry.built(planted(), epochs=4)
    kept.append(arrays_of(untouched))
    untouched.train(planted(), callbacks=[keep])
    if done:
        assert same_arrays(kept[done], arrays_of(model))


@pytest.mark.parametrize("kind", [LookupError, KeyboardInterrupt])
@pytest.mark.parametrize("event", EVENTS)
@each_kind_that_trains
def test_what_a_callback_raises_reaches_the_user(entry, event, kind):
    error = kind("of the user's own")
    with pytest.raises(kind) as caught:
        train(entry, Calling(event, raising(error), epoch=None if "train" in event else 2))
    assert caught.value is error
    assert threading.active_count() == 1
    model, begun = error.model, event != "on_train_begin"  # what it raises refuses to train
    assert (model.total_train_time > 0) == begun
    if hasattr(model, "min_alpha_yet_reached"):
        share = {"on_train_begin": 0, "on_train_end": 1}.get(event, 0.5)
        assert model.min_alpha_yet_reached == pytest.approx(0.025 + (0.0001 - 0.025) * share)
    assert (type(model), model.train_count, model.run) == (entry.kind, begun, None)
    assert goes_on(model)
    assert model.train_count == 1 + begun


@pytest.mark.parametrize("event", EVENTS[:3])
@each_kind_that_trains
def test_training_within_training_is_refused(entry, event):
    again = Calling(event, lambda model: model.train(planted(), epochs=1))
    with pytest.raises(RuntimeError, match=r"train\(\) .*of the (same )?model"):
        train(entry, again)
    assert again.calls == 1


@each_that_trains
def test_an_interrupt_is_raised_once_the_workers_have_stopped(entry):
    """By a signal, at any moment: from a thread that is started with an epoch."""
    threads = []

    def begin(model):
        threads.append(threading.Thread(target=_thread.interrupt_main))
        threads[-1].start()

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt) as caught:
        entry(planted(), workers=2, epochs=10**6, callbacks=[Calling("on_epoch_begin", begin, epoch=2)])
    for thread in threads:
        thread.join()
    assert threading.active_count() == 1
    model = caught.value.model
    assert np.isfinite(model.wv.vectors).all()
    assert (model.train_count, model.run) == (1, None)
    model.workers = 1
    assert goes_on(model)
