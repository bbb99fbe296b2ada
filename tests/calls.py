"""Calls of the public API that `fuzz_calls` makes at random: what, with which arguments, and what must hold after.

Each function of the lists at the end takes the `Case`; `case.call` writes down what it calls before it does.
"""

import copy
import pickle
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fastemb import Classifier, FastText, GloVe, KeyedVectors, TrainingDiverged, Word2Vec, load_vectors
from fastemb.models.callbacks import CallbackAny2Vec
from fastemb.models.fasttext import FastTextKeyedVectors, load_facebook_model, save_facebook_model

# What the documentation says that calls raise; anything else is a failure.
DOCUMENTED = (TypeError, ValueError, KeyError, RuntimeError, OSError, MemoryError, ImportError, TrainingDiverged)
NOT_THESE = (RecursionError, NotImplementedError, UnboundLocalError)  # though they are some of those
GOLDEN = Path(__file__).parent / "golden"
WORDS = [*"abcdefgh", "é", "語", "a b", "", "x" * 300, 5, "</s>", "__label__x", "\udcff", "neverseen"]
WRONG = [
    *(None, -1, 0, 1.5, 2**31, 2**63, 2**70, float("nan"), float("inf"), "", "x", b"x", [], {}, (), object(), True),
    *([None], [[]], ["a"], [["a"], None], {"a": 1}, np.zeros((0, 4)), np.full((2, 4), np.nan), np.array("a"), 10**400),
]
KINDS = {"Word2Vec": Word2Vec, "FastText": FastText, "GloVe": GloVe}
LARGE = 200  # a parameter above this is not tried unless it must be refused: it would only take long


class Case:
    """The objects of one sequence of calls.

    Attributes
    ----------
    draw : random.Random
    folder : Path
        Files that calls write.
    models, vectors, classifiers, graphs : list
    """

    def __init__(self, seed: str, folder: Path, log: Callable[[str], None]):
        self.draw, self.folder, self.log = random.Random(seed), folder, log
        self.models: list[Any] = []
        self.vectors: list[Any] = []
        self.graphs: list[Any] = []
        self.classifiers: list[Any] = [Classifier.load(GOLDEN / self.draw.choice(CLASSIFIERS))]

    def call(self, name: str, function: Any, *arguments: Any, **options: Any) -> Any:
        """What a call gives, or None where it refuses as it should."""
        given = [shown(value) for value in arguments] + [f"{key}={shown(value)}" for key, value in options.items()]
        self.log(f"{name}({', '.join(given)})")
        try:
            return function(*arguments, **options)
        except DOCUMENTED as error:
            if isinstance(error, NOT_THESE) or not str(error):
                raise AssertionError(f"{type(error).__name__} {error} is not what is documented") from error
            self.log(f"    {type(error).__name__}: {error}"[:300])
            return None

    def any_of(self, things: list[Any]) -> Any:
        return self.draw.choice(things) if things else None

    def often(self, right: Any) -> Any:
        """The right argument, or seldom a wrong one."""
        return right if self.draw.random() < 0.85 else self.draw.choice(WRONG)

    def word(self) -> Any:
        return self.draw.choice(WORDS)

    def words(self, most: int = 6) -> list[Any]:
        return [self.word() for _ in range(self.draw.randrange(most))]

    def sentences(self) -> Any:
        words = WORDS[:8] if self.draw.random() < 0.7 else WORDS
        return [self.draw.choices(words, k=self.draw.randrange(12)) for _ in range(self.draw.randrange(20))]

    def rows(self, *shape: int) -> Any:
        numbers = np.array([self.draw.uniform(-1, 1) for _ in range(int(np.prod(shape)))]).reshape(shape)
        return numbers.astype(self.draw.choice(["f4", "f4", "f8", "f2"]))

    def path(self, *names: str) -> Path:
        return self.folder / self.draw.choice(names)

    def keep(self, things: list[Any], made: Any) -> None:
        if made is not None:
            things.append(made)
            del things[:-3]


CLASSIFIERS = sorted(path.name for path in GOLDEN.iterdir() if path.name.startswith("classifier"))


def shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 2000 else text[:2000] + "…"


class Saves(CallbackAny2Vec):
    """Saves the model after its first epoch."""

    def __init__(self, path: Path):
        self.path = path

    def on_epoch_end(self, model: Any) -> None:
        if model.run.progress.epochs == 1:
            model.save(self.path)


# Models.


def parameters(case: Case, kind: str) -> dict[str, Any]:
    draw = case.draw
    options = {"vector_size": 4, "min_count": draw.choice([1, 1, 1, 2]), "epochs": draw.choice([1, 2]), "seed": 3}
    some = {
        "window": [1, 3, 2**31 - 1], "workers": [1, 2, 4], "sample": [0, 0, 1e-3], "alpha": [0.05, 0, 1e30],
        "sg": [0, 1], "hs": [0, 1], "negative": [0, 1, 5], "cbow_mean": [0, 1], "shrink_windows": [True, False],
        "deterministic": [True, False], "compute_loss": [True], "max_final_vocab": [2, None], "sorted_vocab": [0, 1],
        "null_word": [1], "position_weights": [True], "corrected_cbow": [True], "shared_noise": [False],
        "freeze": [True], "reread": [True], "batch_words": [1, 100], "memory_budget": [None, 10**6],
        "ns_exponent": [0.75, 0, -1], "min_alpha": [0.0001, 0], "init_from": [case.any_of(case.vectors)],
        "distance_decay": [0.5, 2], "context": ["before", "after"], "output": ["sum"], "preset": ["best", "fast"],
        "sentence_weights": [[1], [0.5, 2]],
    }  # fmt: skip
    if kind == "GloVe":
        some = {key: some[key] for key in ("window", "workers", "freeze", "memory_budget", "init_from")}
        some |= {"x_max": [10, 0.5], "eta": [0.05, 1e30], "symmetric": [False], "output": ["word", "both", "sum"]}
    elif kind == "FastText":
        some |= {"bucket": [0, 1, 20, 2000], "min_n": [0, 1, 3, 5], "max_n": [0, 2, 6, 2**31 - 1]}
    for name in draw.sample(list(some), draw.randrange(6)):
        options[name] = draw.choice(some[name])
    if draw.random() < 0.15:
        name, value = draw.choice([*options, *some]), draw.choice(WRONG)
        number = isinstance(value, (int, float)) and LARGE < value < 2**63
        if not number and (value is not True or name not in ("epochs", "workers")):
            options[name] = value
    return options


def make(case: Case) -> None:
    kind = case.draw.choice([*KINDS])
    options = parameters(case, kind)
    first = case.often(case.sentences()) if case.draw.random() < 0.8 else None
    callbacks = [Saves(case.folder / f"{kind}.run")] if case.draw.random() < 0.3 else ()
    case.keep(case.models, case.call(kind, KINDS[kind], first, **options, callbacks=callbacks))


def build(case: Case) -> None:
    model = case.any_of(case.models)
    if model is not None:
        update = {} if isinstance(model, GloVe) else {"update": case.often(case.draw.random() < 0.7)}
        case.call("build_vocab", model.build_vocab, case.often(case.sentences()), **update)


def build_from_counts(case: Case) -> None:
    model = case.any_of(case.models)
    if hasattr(model, "build_vocab_from_freq"):
        counts = {word: case.often(case.draw.choice([0, 1, 5, 10**6])) for word in case.words()}
        update = case.draw.random() < 0.5
        case.call("build_vocab_from_freq", model.build_vocab_from_freq, case.often(counts), update=update)


def train(case: Case) -> None:
    model = case.any_of(case.models)
    if model is None:
        return
    epochs = case.draw.choice([1, 2, -1, 0, 1.5, None, "x"]) if case.draw.random() < 0.2 else 1
    options = {"epochs": epochs}
    if not isinstance(model, GloVe):
        options |= {"start_alpha": case.draw.choice([None, 0.1, 1e30, -1]), "compute_loss": case.draw.random() < 0.3}
    case.call("train", model.train, case.often(case.sentences()), **options)


def resume(case: Case) -> None:
    kind = case.draw.choice([*KINDS])
    path = case.path(*(f"{each}.run" for each in KINDS), "nothing", f"{kind}.run")
    case.keep(case.models, case.call(f"{kind}.resume", KINDS[kind].resume, path, case.often(case.sentences())))


def ask_model(case: Case) -> None:
    model = case.any_of(case.models)
    if not isinstance(model, Word2Vec):
        return
    kind, name = type(model), case.draw.choice(["score", "predict", "estimate", "init", "reset", "loss", "sims"])
    if name == "score":
        case.call("score", model.score, case.often(case.sentences()))
    elif name == "predict":
        case.call("predict_output_word", model.predict_output_word, case.often(case.words()), case.often(3))
    elif name == "estimate":
        case.call("estimate_memory", model.estimate_memory, case.often(10))
    elif name == "init":
        case.call("init_weights", model.init_weights)
    elif name == "reset":
        others = [other for other in case.models if type(other) is kind]
        case.call("reset_from", model.reset_from, case.often(case.any_of(others)))
    elif name == "loss":
        case.call("get_latest_training_loss", model.get_latest_training_loss)
    else:
        case.call("init_sims", model.init_sims, case.often(case.draw.random() < 0.5))


def put_arrays(case: Case) -> None:
    """Other arrays of the same shape, as a user may put them there."""
    model = case.any_of(case.models)
    if model is None or not len(model.wv):
        return
    rows, name = (
        case.rows(len(model.wv), model.wv.vector_size),
        case.draw.choice(["vectors", "vectors_lockf", "syn1neg"]),
    )
    if name == "vectors_lockf":
        rows = case.rows(len(model.wv)).astype(np.float32)
    if name == "syn1neg" and not getattr(model, "negative", 0):
        return
    made = case.draw.choice([rows, np.asfortranarray(rows), rows[::-1], np.repeat(rows, 2, axis=0)[::2]])
    made = made.astype(np.float32) if name == "syn1neg" else made
    case.log(f"{name} = {shown(made)}")
    setattr(model if name == "syn1neg" else model.wv, name, made)


# Files.


def copied(case: Case, kind: str, thing: Any) -> Any:
    """The same, from a file or by pickle or deepcopy; the calls must succeed."""
    how = case.draw.choice(["file", "mmap", "pickle", "deepcopy"])
    case.log(f"{kind} by {how}")
    if how == "pickle":
        return pickle.loads(pickle.dumps(thing))
    if how == "deepcopy":
        return copy.deepcopy(thing)
    path = case.folder / f"{kind}.{case.draw.randrange(2)}.fastemb"
    thing.save(path)
    options = {"mmap": "r"} if how == "mmap" and kind != "classifier" else {}
    return type(thing).load(path, **options)


def save_model(case: Case) -> None:
    """What cannot be saved says so; what was saved is loaded as it was."""
    model = case.any_of(case.models)
    if model is None or case.call("save", model.save, case.folder / "model") is not None:
        return
    if not (case.folder / "model").exists():
        return
    found = case.call("load", type(model).load, case.folder / "model")
    (case.folder / "model").unlink()
    if found is None:
        raise AssertionError("what save() wrote cannot be loaded")
    equal(model.wv, found.wv)
    case.keep(case.models, found)


def save_to_facebook(case: Case) -> None:
    model = case.any_of(case.models)
    if isinstance(model, Word2Vec):
        path = case.folder / "facebook.bin"
        path.unlink(missing_ok=True)
        case.call("save_facebook_model", save_facebook_model, model, path)
        if path.exists():
            case.keep(case.models, case.call("load_facebook_model", load_facebook_model, path))


def save_vectors(case: Case) -> None:
    wv = case.any_of(case.vectors)
    if wv is None:
        return
    name = case.draw.choice(["v.fastemb", "v.txt", "v.bin", "v.npz", "v.txt.gz", "v.vec", "v"])
    path = case.folder / name
    path.unlink(missing_ok=True)
    if name in ("v.txt", "v.bin", "v.txt.gz"):
        case.call("save_word2vec_format", wv.save_word2vec_format, path, binary=name == "v.bin")
    else:
        case.call("save", wv.save, path)
    if path.exists():
        case.keep(case.vectors, case.call("load_vectors", load_vectors, path, check_finite=False))


def read_damaged(case: Case) -> None:
    """A file of before, cut short or with another byte."""
    files = [path for path in case.folder.iterdir() if path.is_file()]
    if not files:
        return
    data = bytearray(case.draw.choice(files).read_bytes())
    if data and case.draw.random() < 0.5:
        data[case.draw.randrange(len(data))] ^= 1 << case.draw.randrange(8)
    else:
        del data[case.draw.randrange(len(data) + 1) :]
    path = case.path("damaged.bin", "damaged.txt", "damaged", "damaged.npz", "damaged.txt.gz")
    path.write_bytes(data)
    reader = case.draw.choice([load_vectors, KeyedVectors.load, Word2Vec.load, FastText.load, Classifier.load])
    case.call(getattr(reader, "__qualname__", "reader"), reader, path)


def equal(one: Any, other: Any) -> None:
    """Whether two sets of vectors are the same to the bit."""
    assert list(one.index_to_key) == list(other.index_to_key), "other keys"
    assert np.array_equal(np.asarray(one.vectors), np.asarray(other.vectors), equal_nan=True), "other vectors"


def check(thing: Any) -> None:
    """What must hold of the vectors of a model, of vectors, or of a classifier, whatever was called."""
    wv = getattr(thing, "wv", thing)
    count, shape = len(wv.index_to_key), np.shape(wv.vectors)
    assert shape == (count, wv.vector_size), f"{shape} for {count} words of {wv.vector_size}"
    known = [(row, key) for row, key in enumerate(wv.index_to_key) if key is not None]
    assert len(wv.key_to_index) == len(known), f"{len(wv.key_to_index)} of {len(known)} words"
    assert all(wv.key_to_index[key] == row for row, key in known), "words and rows differ"
    for name, values in wv.expandos.items():
        assert len(values) == count, f"{len(values)} of {name} for {count} words"
    if isinstance(wv, FastTextKeyedVectors):
        assert len(wv.vectors_vocab) == count, f"{len(wv.vectors_vocab)} own rows for {count} words"
        assert len(wv.buckets_word) == count, f"{len(wv.buckets_word)} bags for {count} words"


def copy_something(case: Case) -> None:
    things = case.draw.choice([case.models, case.vectors, case.classifiers])
    thing = case.any_of(things)
    if thing is None:
        return
    kind = "classifier" if isinstance(thing, Classifier) else type(thing).__name__
    made = case.call("copied", copied, case, kind, thing)  # it may have no name for a row, or NaN
    if made is not None:
        equal(getattr(thing, "wv", thing), getattr(made, "wv", made))
        case.keep(things, made)


MODELS = [make, make, build, build_from_counts, train, train, resume, ask_model, put_arrays]
FILES = [save_model, save_to_facebook, save_vectors, read_damaged, copy_something]
