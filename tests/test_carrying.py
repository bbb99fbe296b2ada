"""Exceptions that end training have the model, but do not take it to other processes."""

import concurrent.futures
import gc
import multiprocessing
import pickle
import weakref

import numpy as np
import pytest

from fastemb import FastText, GloVe, Word2Vec
from fastemb.models.callbacks import CallbackAny2Vec
from fastemb.training import TrainingDiverged
from fastemb.training.carrying import carry

SENTENCES = [["a", "b", "c", "d"], ["b", "c", "e"]] * 50
SIZE = 5000


class Strict(Exception):
    def __setattr__(self, name, value):
        if not name.startswith("__"):
            raise AttributeError(f"{name} must not be set")
        super().__setattr__(name, value)


class Own(Exception):
    def __init__(self, *, code):
        super().__init__(f"code {code}")
        self.code = code

    def __reduce__(self):
        return made_again, (self.code,)


def made_again(code):
    return Own(code=code)


ERRORS = {
    "KeyError": lambda: KeyError("of the user's own"),
    "KeyboardInterrupt": KeyboardInterrupt,
    "Own": lambda: Own(code=7),
    "Strict": lambda: Strict("strict"),
    "OSError": lambda: OSError(28, "no room", "there"),
    "TrainingDiverged": lambda: TrainingDiverged("ran away"),
}


class Raise(CallbackAny2Vec):
    def __init__(self, name):
        self.name, self.unpicklable = name, lambda: None

    def on_epoch_end(self, model):
        model.unpicklable = self.unpicklable
        raise ERRORS[self.name]()


def train(name, kind=Word2Vec):
    options = {"bucket": 50} if kind is FastText else {}
    kind(SENTENCES, min_count=1, vector_size=SIZE, workers=1, epochs=2, callbacks=[Raise(name)], **options)


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("kind", [Word2Vec, FastText, GloVe])
@pytest.mark.parametrize("python", [False, True])
def test_a_pickled_error_is_small_and_as_it_was(name, kind, python):
    with pytest.raises(type(ERRORS[name]())) as caught:
        train(name, kind)
    error = caught.value
    assert error.model.wv.vectors.shape == (5, SIZE)
    assert np.isfinite(error.model.wv.vectors).all()
    data = (pickle._dumps if python else pickle.dumps)(error)
    assert len(data) < 1000
    copied = pickle.loads(data)
    assert type(copied) is type(error)
    assert str(copied) == str(error)
    assert copied.args == error.args
    assert getattr(copied, "model", None) is None
    assert {key for key in vars(copied) if key != "checkpoint"} == vars(ERRORS[name]()).keys()


@pytest.mark.parametrize("name", ["KeyError", "Own", "TrainingDiverged"])
def test_the_users_own_error_reaches_a_parent_process(name):
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, context) as pool:
        error = pool.submit(train, name).exception()
    assert type(error) is type(ERRORS[name]())
    assert getattr(error, "model", None) is None
    assert len(pickle.dumps(error)) < 1000


def test_the_memory_of_the_model_goes_with_the_error():
    gc.disable()
    try:
        model = Word2Vec(min_count=1)
        gone, error = weakref.ref(model), ValueError("x")
        carry(error, model)
        del model
        assert gone() is error.model
        del error
        assert gone() is None
    finally:
        gc.enable()


def test_an_error_that_cannot_be_pickled_has_the_model_all_the_same():
    class Unpicklable(Exception):
        def __reduce__(self):
            raise TypeError("not to be pickled")

    error = Unpicklable("x")
    assert carry(error, model := Word2Vec()) is error
    assert error.model is model
    with pytest.raises(TypeError, match="not to be pickled"):
        pickle.dumps(error)


def test_a_model_that_the_error_has_already_stays():
    error = ValueError("x")
    error.model = "mine"
    carry(error, Word2Vec())
    assert error.model == "mine"
    assert vars(pickle.loads(pickle.dumps(error))) == {"model": "mine"}
