"""What other threads, and callbacks, may do with a model while it is trained."""

import threading
import time

import numpy as np
import pytest

from fastemb import FastText, GloVe, KeyedVectors, Word2Vec
from fastemb.models.callbacks import CallbackAny2Vec, Checkpoint
from fastemb.models.files import save_vectors
from fastemb.training import trainer

SMALL = {"vector_size": 16, "min_count": 1, "workers": 2, "seed": 3}
KINDS = {
    "skip-gram": (Word2Vec, {"sg": 1}),
    "CBOW": (Word2Vec, {"hs": 1}),
    "FastText": (FastText, {"bucket": 500}),
    "GloVe": (GloVe, {"epochs": 25}),
}
each_kind = pytest.mark.parametrize(("kind", "options"), KINDS.values(), ids=KINDS)


@pytest.fixture(scope="module")
def sentences():
    draw = np.random.default_rng(5)
    return [[f"w{k}" for k in draw.zipf(1.4, 12) % 200] for _ in range(1500)]


@pytest.fixture(autouse=True)
def look_often(monkeypatch):
    monkeypatch.setattr(trainer, "POLL", 0.002)


class Meanwhile(CallbackAny2Vec):
    """Does something in another thread, again and again while training runs."""

    def __init__(self, action):
        self.action, self.done, self.errors = action, 0, []
        self.ended = threading.Event()

    def on_train_begin(self, model):
        self.thread = threading.Thread(target=self.repeat, args=[model])
        self.thread.start()

    def on_epoch_begin(self, model):
        # So that something is done in each epoch.
        self.before = self.done

    def repeat(self, model):
        try:
            while not self.ended.is_set():
                self.action(model, self.done)
                self.done += 1
        except Exception as error:
            self.errors.append(error)

    def on_train_end(self, model):
        self.ended.set()
        self.thread.join()


@each_kind
def test_what_another_thread_saves_is_whole(sentences, tmp_path, kind, options):
    meanwhile = Meanwhile(lambda model, number: model.save(tmp_path / str(number % 200)))
    model = kind(sentences, **SMALL | options, callbacks=[meanwhile])
    assert not meanwhile.errors
    assert meanwhile.done > 2
    for number in range(min(meanwhile.done, 200)):
        assert kind.load(tmp_path / str(number)).wv.index_to_key == model.wv.index_to_key


@each_kind
def test_a_state_that_another_thread_saved_is_where_it_says(sentences, tmp_path, monkeypatch, kind, options):
    """Saved in the middle of training with one worker, it goes on to the same bits."""
    options = SMALL | options | {"workers": 1}
    whole = kind(sentences, **options)
    places = []

    def save(model, number):
        if model.run is not None and number < 5:
            model.save(tmp_path / str(number))
            places.append(number)

    meanwhile = Meanwhile(save)
    saved = kind(sentences, **options, callbacks=[meanwhile])
    assert not meanwhile.errors
    np.testing.assert_array_equal(saved.wv.vectors, whole.wv.vectors)
    resumed = [kind.resume(tmp_path / str(number), sentences) for number in places]
    assert resumed
    for model in resumed:
        np.testing.assert_array_equal(model.wv.vectors, whole.wv.vectors)


@each_kind
def test_what_another_thread_saves_knows_its_corpus(sentences, tmp_path, kind, options):
    model = kind(**SMALL | options)
    model.build_vocab(sentences)
    training = threading.Thread(target=model.train, args=[sentences], kwargs={"epochs": 300})
    training.start()
    while model.run is None and training.is_alive():
        time.sleep(0.001)
    model.save(tmp_path / "model")
    training.join()
    with pytest.raises(ValueError, match="another corpus"):
        kind.resume(tmp_path / "model", sentences[1:])


@pytest.mark.parametrize("name", ["vectors", "vectors.txt", "vectors.bin", "vectors.npz"])
def test_vectors_that_another_thread_saves_are_whole(sentences, tmp_path, name):
    meanwhile = Meanwhile(lambda model, _: save_vectors(model.wv, tmp_path / name))
    model = FastText(sentences, **SMALL, bucket=500, callbacks=[meanwhile])
    assert not meanwhile.errors
    assert meanwhile.done > 2
    found = KeyedVectors.load(tmp_path / name) if name == "vectors" else None
    assert found is None or found.index_to_key == model.wv.index_to_key


def test_a_callback_may_wait_for_a_thread_that_saves(sentences, tmp_path):
    class Saves(CallbackAny2Vec):
        def on_epoch_end(self, model):
            thread = threading.Thread(target=model.save, args=[tmp_path / "model"])
            thread.start()
            thread.join()

    model = Word2Vec(sentences, **SMALL, callbacks=[Saves()])
    np.testing.assert_array_equal(Word2Vec.load(tmp_path / "model").wv.vectors, model.wv.vectors)


def test_saving_from_due_is_refused(sentences, tmp_path):
    class Saves(CallbackAny2Vec):
        def due(self, model):
            model.save(tmp_path / "model")

    with pytest.raises(RuntimeError, match=r"let that return True, and save in on_pause\(\)"):
        Word2Vec(sentences, **SMALL, callbacks=[Saves()])
    assert not [*tmp_path.iterdir()]


class Does(CallbackAny2Vec):
    """Does something with the model once, at an event."""

    def __init__(self, action, event="on_epoch_end", epoch=2):
        self.action, self.epoch = action, epoch
        setattr(self, event, self.act)

    def act(self, model):
        self.epoch -= 1
        if not self.epoch:
            self.result = self.action(model)


def replaced(model):
    """Other arrays with other numbers, in place of those that are trained."""
    draw = np.random.default_rng(1)
    if isinstance(model, GloVe):
        model.parameters.vectors = draw.normal(0, 0.1, model.parameters.vectors.shape).astype(np.float32)
    elif isinstance(model, FastText):
        model.wv.vectors_vocab = draw.normal(0, 0.1, model.wv.vectors_vocab.shape).astype(np.float32)
    else:
        model.wv.vectors = draw.normal(0, 0.1, model.wv.vectors.shape).astype(np.float32)


@each_kind
@pytest.mark.parametrize("event", ["on_epoch_begin", "on_epoch_end", "on_train_begin"])
def test_arrays_that_a_callback_puts_there_are_trained_further(sentences, kind, options, event):
    options = SMALL | options | {"workers": 1, "epochs": 3}
    epoch = 1 if event == "on_train_begin" else 2
    trained = kind(sentences, **options, callbacks=[Does(replaced, event, epoch)])

    def copied(model):
        """The same numbers, put into the array that is there."""
        array = model.wv.vectors_vocab if kind is FastText else model.wv.vectors
        array[:] = np.random.default_rng(1).normal(0, 0.1, array.shape)

    if kind is GloVe:  # which trains copies, so that numbers that are put into its arrays are not seen
        assert not np.array_equal(trained.wv.vectors, kind(sentences, **options).wv.vectors)
        return
    same = kind(sentences, **options, callbacks=[Does(copied, event, epoch)])
    np.testing.assert_array_equal(trained.wv.vectors, same.wv.vectors)


@each_kind
@pytest.mark.parametrize(
    ("action", "message"),
    [
        (
            lambda model: model.wv.add_vectors(["new"], np.ones((1, 16), np.float32)),
            "Does.on_epoch_end has changed the words",
        ),
        (lambda model: model.wv.sort_by_descending_frequency(), "Does.on_epoch_end has changed the words"),
        (lambda model: model.build_vocab([["new", "words"]], update=True), r"build_vocab\(\) was called while"),
        (lambda model: model.train([["w1", "w2"]], epochs=1), r"train\(\) was called while"),
    ],
    ids=["add_vectors", "sort", "build_vocab", "train"],
)
def test_words_of_a_model_that_is_trained_stay(sentences, kind, options, action, message):
    options = SMALL | options | {"sorted_vocab": 0}  # so that sorting changes something
    with pytest.raises(RuntimeError, match=message):
        kind(sentences, **options, callbacks=[Does(action)])


def test_training_from_two_threads_is_refused_before_anything_changes(sentences):
    refused, model = [], Word2Vec(sentences, **SMALL)

    class Other(CallbackAny2Vec):
        def on_epoch_end(self, model):
            thread = threading.Thread(target=self.train, args=[model])
            thread.start()
            thread.join()

        def train(self, model):
            before = dict(model.__dict__)
            try:
                model.train([["w1"]], total_examples=1, epochs=7, start_alpha=0.9)
            except RuntimeError as error:
                refused.append(str(error))
            assert {name: value for name, value in model.__dict__.items() if name != "run"} == {
                name: value for name, value in before.items() if name != "run"
            }

    model.train(sentences, total_examples=len(sentences), epochs=2, callbacks=[Other()])
    assert refused == ["train() was called while train() of the same model runs: wait until that has ended"] * 2
    assert model.epochs == 2
    model.train(sentences, total_examples=len(sentences), epochs=1)  # the claim is gone


def test_vectors_that_are_made_cannot_be_put_there(sentences):
    def put(model):
        model.wv.vectors = np.zeros_like(model.wv.vectors)

    with pytest.raises(RuntimeError, match=r"Does.on_epoch_end has put other wv.vectors .* change those"):
        GloVe(sentences, **SMALL, callbacks=[Does(put)])


def test_nan_that_a_callback_put_there_is_named(sentences):
    def put(model):
        model.wv.vectors = np.full_like(model.wv.vectors, np.nan)

    with pytest.raises(ValueError, match=r"wv\.vectors holds NaN or infinity, which Does.on_epoch_end has put there"):
        Word2Vec(sentences, **SMALL, callbacks=[Does(put)])


def test_checkpoints_and_other_threads_go_together(sentences, tmp_path):
    checkpoint = Checkpoint(tmp_path / "checkpoint", words=3000)
    meanwhile = Meanwhile(lambda model, number: model.save(tmp_path / "saved"))
    Word2Vec(sentences, **SMALL, callbacks=[checkpoint, meanwhile])
    assert not meanwhile.errors
    for name in ("checkpoint", "saved"):
        assert len(Word2Vec.load(tmp_path / name).wv)


# Vectors that grow while they are asked.


@pytest.mark.parametrize("kind", ["KeyedVectors", "FastText"])
def test_vectors_grow_while_others_ask_and_save(sentences, tmp_path, kind):
    draw = np.random.default_rng(2)
    if kind == "FastText":
        keyed = FastText(sentences, **SMALL | {"epochs": 1}, bucket=100).wv
    else:
        keyed = KeyedVectors(16)
        keyed.add_vectors([f"w{k}" for k in range(200)], draw.normal(0, 1, (200, 16)))
    ended, errors, asked = threading.Event(), [], [0, 0, 0]

    def ask(which, action):
        try:
            while not ended.is_set():
                action()
                asked[which] += 1
        except Exception as error:
            errors.append(error)

    actions = [
        lambda: (keyed.most_similar("w1", topn=len(keyed)), keyed.distances("w2")),
        lambda: [keyed[key] for key in list(keyed.key_to_index)[-3:]],
        lambda: keyed.save(tmp_path / "vectors"),
    ]
    threads = [threading.Thread(target=ask, args=item) for item in enumerate(actions)]
    for thread in threads:
        thread.start()
    for number in range(60):
        keyed.add_vectors([f"new{number}", f"more{number}"], draw.normal(0, 1, (2, 16)).astype(np.float32))
        while not errors and number % 20 == 19 and min(asked) < number // 20:
            threading.Event().wait(0.001)
    ended.set()
    for thread in threads:
        thread.join()
    assert not errors
    assert len(KeyedVectors.load(tmp_path / "vectors")) <= len(keyed)
    assert keyed.most_similar(positive=[keyed["more59"]], topn=1)[0][0] == "more59"
