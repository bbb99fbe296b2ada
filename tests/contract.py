"""The models that the contract is held against, a corpus with a planted answer, and how states of models are compared.

A new model is one more entry of `ENTRIES`. What it does otherwise than others stands there, and is tested as such.
"""

import copy
import pickle
import random
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pytest
from conftest import same_bits

from fastemb import Classifier, Doc2Vec, FastText, GloVe, Item2Vec, TaggedDocument, Word2Vec
from fastemb.corpus.documents import Documents
from fastemb.models.callbacks import CallbackAny2Vec

TOPICS, OF_A_TOPIC = 4, 6


@cache
def topics():
    """Words that share no n-grams to speak of, and the topic of each."""
    draw = random.Random(0)
    words = ["".join(draw.choices(string.ascii_lowercase, k=7)) for _ in range(TOPICS * OF_A_TOPIC)]
    return {word: number // OF_A_TOPIC for number, word in enumerate(words)}


def planted(seed=0, count=400):
    """Sentences about one topic each, and some of all words: GloVe learns nothing from words that never meet."""
    draw, words = random.Random(seed), list(topics())
    sentences = []
    for _ in range(count):
        begin = draw.randrange(TOPICS) * OF_A_TOPIC
        choice = words if draw.random() < 0.15 else words[begin : begin + OF_A_TOPIC]
        sentences.append(draw.choices(choice, k=10))
    return sentences


def partners_found(model):
    """Share of each word's neighbours, as many as it has partners, that are of its own topic."""
    of = topics()
    near = {word: [key for key, _ in model.wv.most_similar(word, topn=OF_A_TOPIC - 1)] for word in of}
    return float(np.mean([of[key] == of[word] for word, keys in near.items() for key in keys]))


def faster(model, corpus, **more):
    """Train with a learning rate that is far too high."""
    model.train(corpus, start_alpha=1e30, end_alpha=1e30, **more)


def faster_without_clipping(model, corpus, **more):
    model.eta = model.grad_clip = 1e30
    model.train(corpus, **more)


class Numbered:
    """Sentences as documents, each with its number as its tag."""

    def __init__(self, sentences):
        self.sentences = sentences

    def __iter__(self):
        return (TaggedDocument(sentence, [number]) for number, sentence in enumerate(self.sentences))


class Doc2VecOfSentences(Doc2Vec):
    """Takes the same corpora as the other models."""

    def _source(self, corpus_iterable, corpus_file, passes=1):
        source = super()._source(corpus_iterable, corpus_file, passes)
        return Documents(Numbered(source.documents), source.look_up) if isinstance(source, Documents) else source


def labelled(sentences):
    """Sentences as texts, each with the topic that most of its words have, or that of words that have none."""
    of = topics()
    for words in sentences:
        found = [of.get(word, TOPICS) for word in words]
        yield " ".join(words), f"topic{max(found, key=found.count)}"


class ClassifierOfSentences(Classifier):
    """Takes the same corpora as the other models, and their topics for labels."""

    def __init__(self, sentences=None, **options):
        super().__init__(None if sentences is None else labelled(sentences), **options)

    def train(self, sentences, start_alpha=None, end_alpha=None, **options):
        super().train(labelled(sentences), **options | ({"alpha": start_alpha} if start_alpha else {}))

    @classmethod
    def resume(cls, path, sentences, **options):
        return super().resume(path, labelled(sentences), **options)


def topics_found(model):
    """Share of texts, which it was not trained on, whose topic is predicted."""
    texts, labels = zip(*labelled(planted(seed=99)), strict=True)
    found = model.predict(list(texts))[0]
    return float(np.mean([own[0] == f"__label__{label}" for own, label in zip(found, labels, strict=True)]))


@dataclass(frozen=True)
class Entry:
    """A model with a choice of parameters.

    Attributes
    ----------
    name : str
    kind : class
    options : dict
        What makes the choice, beside what all of that class have.
    outputs : tuple of str
        The matrices beside those of words; each has a row for each word, but `position_vectors`.
    learn : dict
        What the planted answer needs beside.
    measured : dict
        What it takes to have the loss measured.
    answer : callable
        Of a model: the share of the planted answer that it found.
    diverge : callable
        Train with steps that are too long; what is to be lowered then is `rate`, of the parameters.
    copies : bool
        What is trained are copies of the matrices: what callbacks write there is lost, and an epoch that ran away too.
    rows : str or None
        The matrix of words' own rows, which `locks` beside it hold still; None if nothing does so to the bit.
    unseen : bool
        Words that were never seen have vectors.
    alone : bool
        A word is trained that has no other beside it.
    empty : str or None
        What is said of training on nothing, which is an error; None if it is only warned of.
    """

    name: str
    kind: type
    options: dict[str, Any]
    outputs: tuple[str, ...] = ()
    learn: dict[str, Any] = field(default_factory=lambda: {"epochs": 15, "alpha": 0.1, "sample": 0})
    measured: dict[str, Any] = field(default_factory=lambda: {"compute_loss": True})
    answer: Callable[[Any], float] = partners_found
    diverge: Callable[..., None] = faster
    rate: str = "alpha"
    copies: bool = False
    rows: str | None = "vectors"
    locks: str = "vectors_lockf"
    unseen: bool = False
    alone: bool = False
    empty: str | None = None

    def __str__(self):
        return self.name

    def __call__(self, *given, **more):
        """The model, with these arguments."""
        common = {"vector_size": 16, "min_count": 1, "workers": 1, "epochs": 3}
        return self.kind(*given, **common | self.options | more)

    def built(self, corpus, **more):
        """The model with its vocabulary, untrained."""
        model = self(**more)
        model.build_vocab(corpus)
        return model

    def own_rows(self, model):
        """The matrix of words' own rows that is trained."""
        return inputs_of(model) if self.rows == "vectors" else getattr(model.wv, self.rows)

    @property
    def size(self):
        """Numbers of a vector in `wv`."""
        return 32 if self.options.get("output") == "both" else 16


def of_word2vec(name, outputs="syn1neg", **options):
    return Entry(f"word2vec-{name}", Word2Vec, options, tuple(outputs.split()))


def of_fasttext(name, outputs="syn1neg", **options):
    own = {"rows": "vectors_vocab", "locks": "vectors_vocab_lockf", "unseen": True}
    return Entry(f"fasttext-{name}", FastText, {"bucket": 500} | options, tuple(outputs.split()), **own)


def of_doc2vec(name, outputs="syn1neg", **options):
    return Entry(f"doc2vec-{name}", Doc2VecOfSentences, options, tuple(outputs.split()), alone=True)


def of_item2vec(name, **options):
    """Of sessions: of sets, each item counts once in a basket."""
    own = {"rows": "vectors_vocab", "locks": "vectors_vocab_lockf"}
    return Entry(f"item2vec-{name}", Item2Vec, {"sample": 1e-3, "window": 5} | options, ("syn1neg",), **own)


def of_glove(output):
    return Entry(
        f"glove-{output}", GloVe, {"output": output, "x_max": 10}, learn={"epochs": 15}, measured={},
        diverge=faster_without_clipping, rate="eta", copies=True, rows=None,
        empty="there is nothing to train on: no two words of the vocabulary occur near each other",
    )  # fmt: skip


def of_classifier(name, **options):
    """It has no vocabulary apart from training, and words are no sentences to it: a part of the tests is for it."""
    own = {"learn": {"epochs": 15, "alpha": 0.5}, "answer": topics_found, "unseen": "max_n" in options}
    return Entry(f"classifier-{name}", ClassifierOfSentences, {"bucket": 500} | options, ("output",), **own)


ENTRIES = {
    entry.name: entry
    for entry in (
        of_word2vec("sg", sg=1),
        of_word2vec("sg-tree", "syn1", sg=1, hs=1, negative=0),
        of_word2vec("sg-both", "syn1neg syn1", sg=1, hs=1),
        of_word2vec("cbow", sg=0),
        of_word2vec("cbow-sum", sg=0, cbow_mean=0),
        of_word2vec("cbow-tree", "syn1", sg=0, hs=1, negative=0),
        of_word2vec("cbow-both", "syn1neg syn1", sg=0, hs=1),
        of_word2vec("cbow-positions", "syn1neg position_vectors", sg=0, position_weights=True),
        of_word2vec("cbow-published", sg=0, output="sum"),
        of_fasttext("sg", sg=1),
        of_fasttext("sg-tree", "syn1", sg=1, hs=1, negative=0),
        of_fasttext("cbow", sg=0),
        of_fasttext("cbow-both", "syn1neg syn1", sg=0, hs=1),
        of_fasttext("cbow-positions", "syn1neg position_vectors", sg=0, position_weights=True),
        of_fasttext("sg-published", sg=1, output="sum"),
        of_doc2vec("dbow", dm=0, dbow_words=1),
        of_doc2vec("dbow-both", "syn1neg syn1", dm=0, dbow_words=1, hs=1),
        of_doc2vec("dm", dm=1),
        of_doc2vec("dm-sum-tree", "syn1", dm=1, dm_mean=0, hs=1, negative=0),
        of_item2vec("sessions", sets=False),
        of_glove("sum"),
        of_glove("word"),
        of_glove("both"),
    )
}
CLASSIFIERS = {
    entry.name: entry
    for entry in (
        of_classifier("softmax"),
        of_classifier("tree-characters", loss="hs", min_n=2, max_n=3),
        of_classifier("noise-bigrams", loss="ns", word_ngrams=2),
        of_classifier("one-vs-all", loss="ova"),
    )
}
# One of each class, for what does not depend on what is trained.
KINDS = {name: ENTRIES[name] for name in ("word2vec-sg", "fasttext-cbow", "doc2vec-dm", "glove-sum")}

each = pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
each_that_trains = pytest.mark.parametrize("entry", [*ENTRIES.values(), *CLASSIFIERS.values()], ids=str)
each_kind_that_trains = pytest.mark.parametrize("entry", [*KINDS.values(), CLASSIFIERS["classifier-softmax"]], ids=str)
each_kind = pytest.mark.parametrize("entry", KINDS.values(), ids=KINDS)


def arrays_of(model):
    """All arrays of a model, to be compared with later ones."""
    return {name: np.array(array) for name, array in model.to_arrays().items()}


def as_trained(arrays):
    """Arrays of a model as they are while it trains, whatever it publishes after."""
    found = dict(arrays)
    if "input_vectors" in found:
        found["vectors"] = found.pop("input_vectors")
    elif "vectors_vocab" in found:  # what words and n-grams have, of which the others are made
        found.pop("vectors", None)
    return found


def inputs_of(model):
    """The vectors of words that are trained, or made of what is trained."""
    return model._inputs_of_words() if hasattr(model, "_inputs_of_words") else model.wv.vectors


def counters_of(model):
    """Parameters and counters of a model, but for what a clock says."""
    names = set(model.PARAMETERS + model.STATE) - {"total_train_time"}
    return {name: getattr(model, name) for name in names}


def same_arrays(one, other):
    """Whether dicts of arrays are the same to the bit."""
    assert one.keys() == other.keys()
    for name in one:
        assert same_bits(np.asarray(one[name]), np.asarray(other[name])), name
    return True


def same(one, other):
    """Whether two models have the same words, matrices and counters."""
    assert one.wv.index_to_key == other.wv.index_to_key
    assert same_arrays(one.to_arrays(), other.to_arrays())
    sums = ("epoch_losses", "running_training_loss")  # which may be put together from other parts
    first, second = counters_of(one), counters_of(other)
    for name in first.keys() & {*sums}:
        assert first.pop(name) == pytest.approx(second.pop(name), nan_ok=True), name
    assert first == second
    return True


def copies(thing, folder):
    """Copies of a model, or of vectors, of every kind."""
    yield copy.copy(thing)
    yield copy.deepcopy(thing)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        yield pickle.loads(pickle.dumps(thing, protocol))
    joblib = pytest.importorskip("joblib")
    joblib.dump(thing, folder / "joblib")
    yield joblib.load(folder / "joblib")
    yield joblib.load(folder / "joblib", mmap_mode="r")


class Unchanged:
    """Inside this a model must stay as it is."""

    def __init__(self, model, but=()):
        self.model, self.but = model, but

    def state(self):
        return {name: value for name, value in counters_of(self.model).items() if name not in self.but}

    def __enter__(self):
        self.before = arrays_of(self.model), self.state(), list(self.model.wv.index_to_key)

    def __exit__(self, kind, *_):
        if kind is None:
            assert same_arrays(self.before[0], arrays_of(self.model))
            assert self.before[1:] == (self.state(), self.model.wv.index_to_key)


class Calling(CallbackAny2Vec):
    """Do something at one event, each time or in one epoch, and count how often."""

    def __init__(self, event, action, epoch=None):
        self.calls, self.action, self.epoch = 0, action, epoch
        if event == "on_pause":
            self.due = lambda model: True
        setattr(self, event, self.call)

    def call(self, model):
        if self.epoch in (None, model.run.progress.epochs):
            self.calls += 1
            return self.action(model)
        return None


class Pauses(CallbackAny2Vec):
    """Save in the first pauses and after every epoch, each time to another file."""

    def __init__(self, folder, pauses=3):
        self.folder, self.pauses = folder, pauses
        self.files, self.inside = [], 0

    def due(self, model):
        return self.inside < self.pauses

    def on_pause(self, model):
        assert model.run.progress.position > 0
        self.inside += 1
        self.on_epoch_end(model)

    def on_epoch_end(self, model):
        self.files.append(self.folder / str(len(self.files)))
        model.save(self.files[-1])


def raising(error):
    def fail(model):
        raise error

    return fail


def goes_on(model):
    """Train as if nothing had happened."""
    if hasattr(model, "eta"):
        model.eta, model.grad_clip = 0.05, 100.0
    model.train(planted(), epochs=1, **{} if hasattr(model, "eta") else {"start_alpha": 0.02, "end_alpha": 0.01})
    return np.isfinite(model.wv.vectors).all()
