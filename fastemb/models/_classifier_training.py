"""How classifiers are trained: words and labels of texts, what the kernels are given, and scores by epoch."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import rate, whole
from fastemb.corpus import Chunk, Limits
from fastemb.corpus.labelled import LabelledCorpus, count_texts
from fastemb.kernels.noise import NoiseTable
from fastemb.kernels.sgd import specs
from fastemb.kernels.text.labelled import first_met
from fastemb.models._classifier_evaluation import readable_again
from fastemb.models._classifier_files import rows_to_train
from fastemb.models._classifier_vocabulary import Draft, extended, label_numbers, meaning_of
from fastemb.models._label_tree import label_paths
from fastemb.models._random import RandomRows
from fastemb.models.callbacks import CallbackAny2Vec, Callbacks
from fastemb.models.word2vec import trainable
from fastemb.training import Run, Schedule, SgdTrainer, StopTraining, Task, TrainingDiverged, fit

if TYPE_CHECKING:
    from fastemb.models.classifier import Classifier

logger = logging.getLogger(__name__)

NOISE = 0.5  # the exponent of labels' counts, as in fastText
NEAR = 1 << 15  # bytes of rows of labels that stay in the nearest cache; more are gone through
TOGETHER = 4  # texts at a time: with the 735 labels of the cooking questions 2.3 times as fast, and P@1 is the same,
STEEPER = 0.5  # unless they have so much in common that their steps together would be longer by more than this
SAMPLE = 1024  # texts by which that is measured
ROWS = 64  # that are prefetched for a text
Weight = NDArray[np.float32]


@dataclass(frozen=True)
class Texts:
    """Texts to be trained on, by the numbers of the classifier that they are for.

    Attributes
    ----------
    corpus : LabelledCorpus
    text_weights : ndarray of float32, shape (texts,), optional
    label_weights : ndarray of float32, shape (labels,), optional
    met : ndarray of int
        The rows of n-grams that training changes, among those in memory.
    before : Draft
        What the classifier consisted of without their words and labels.
    """

    corpus: LabelledCorpus
    text_weights: Weight | None
    label_weights: Weight | None
    met: NDArray[np.intp]
    before: Draft


def prepared(
    model: Classifier, data: Any, labels: Any, class_weight: Any, sample_weight: Any, add: bool = True
) -> Texts:
    """Read texts; give the classifier their words and labels, if these are to be added."""
    limits = Limits(model.workers, model.memory_budget)
    counted = count_texts(data, labels, limits, model.unicode_errors)
    draft = extended(model, counted) if add else Draft.of(model)
    meaning, vocabulary = meaning_of(draft, counted), len(draft.wv)
    numbers = None if counted.beside is None else label_numbers(draft, counted.beside.names)
    corpus = LabelledCorpus(counted, meaning, numbers, vocabulary, model.workers)
    weights = weights_of_texts(corpus, sample_weight), weights_of_labels(draft, corpus, class_weight)
    texts = Texts(corpus, *weights, place_rows(draft, corpus), Draft.of(model))
    draft.commit(model)
    return texts


def weights_of_texts(corpus: LabelledCorpus, given: Any) -> Weight | None:
    """`sample_weight`, checked."""
    if given is None:
        return None
    with np.errstate(over="ignore"):
        weights = np.ascontiguousarray(given, np.float32)
    if weights.shape != (corpus.sentences,):
        raise ValueError(f"sample_weight is of shape {weights.shape}, and there are {corpus.sentences} texts")
    if not np.isfinite(weights).all() or weights.min(initial=0) < 0:
        raise ValueError("sample_weight must be finite, and not negative")
    return weights


def weights_of_labels(draft: Draft, corpus: LabelledCorpus, given: Any) -> Weight | None:
    """`class_weight`, as a number for each label."""
    if given is None:
        return None
    count = len(draft.labels)
    weights = np.ones(count, np.float32)
    if isinstance(given, str) and given == "balanced":
        met = np.bincount(np.concatenate([chunk.labels[1] for chunk in corpus.chunks]), minlength=count)
        weights[met > 0] = np.sum(met) / (np.count_nonzero(met) * met[met > 0])
        return weights
    if not isinstance(given, Mapping):
        raise TypeError(f"class_weight must be 'balanced' or a mapping of labels to weights, not {given!r:.60}")
    numbers = label_numbers(draft, list(given))
    for number, (label, weight) in zip(numbers.tolist(), given.items(), strict=True):
        if number < 0:
            raise ValueError(f"class_weight names {label!r}, which is no label")
        with np.errstate(over="ignore"):
            weights[number] = rate(f"class_weight of {label!r}", weight)
        if weights[number] == np.inf:
            raise ValueError(f"class_weight of {label!r} is more than a float32 holds: {weight!r}")
    return weights


def place_rows(draft: Draft, corpus: LabelledCorpus) -> NDArray[np.intp]:
    """Take the rows of all n-grams that are met into memory; where they are."""
    wv, rows = draft.wv, draft.wv.ngram_rows
    if not len(rows):
        return np.empty(0, np.intp)
    if (kept := wv.subwords.kept) is not None:
        places = np.full(wv.subwords.bucket, -1, np.int32)
        places[kept[:, 0]] = kept[:, 1]
        corpus.place(places)
    marks = np.zeros(len(rows), np.uint8)
    # In this order the rows of a text lie near each other, and those of frequent words before all others.
    new = [first_met(wv.buckets_word.ids, 0, marks), *(chunk.first_met(marks) for chunk in corpus.chunks)]
    met = np.concatenate(new)
    if isinstance(rows, RandomRows):
        met = rows.hold(met)
        if rows.places is not None:
            corpus.place(rows.places)
    return met.astype(np.intp)


# What the kernels are given.


@dataclass(frozen=True)
class TextsTask(Task):
    """As `Task`, of texts; `inputs` says what words are.

    Attributes
    ----------
    texts : Texts
    labels : int
    """

    texts: Texts | None = None
    labels: int = 0

    def inputs_of(self, part: list[Chunk]) -> specs.Inputs:
        """The input side of some chunks of the corpus, with their labels."""
        assert self.texts is not None
        corpus, weights = self.texts.corpus, self.texts.text_weights
        starts, ids = corpus.targets(part)
        if weights is not None:
            first = corpus.texts_before(part)
            weights = weights[first : first + len(starts) - 1]
        return specs.Texts(self.inputs.words, ROWS, self.labels, starts, ids, weights, self.texts.label_weights)


def task_of(model: Classifier, texts: Texts, number: int) -> TextsTask:
    """What call `number` of `train` trains, and how."""
    wv, one = model.wv, np.ones(1, np.float32)
    wv.vectors_vocab = trainable(rows_to_train(wv.vectors_vocab))
    words = specs.Rows(wv.vectors_vocab, one)
    if len(wv.ngram_rows):
        if not isinstance(wv.ngram_rows, RandomRows):
            wv.ngram_rows = trainable(rows_to_train(wv.ngram_rows))
        ngrams, bags = wv.ngrams_in_use()
        if len(ngrams):
            ids = specs.Ngrams(bags.starts, bags.ids, len(ngrams))
            words = specs.Bags(wv.vectors_vocab, one, rows_to_train(ngrams), one, ids, False)
    model.output = trainable(rows_to_train(model.output))
    return TextsTask(
        inputs=specs.Inputs(words, ROWS),
        objectives=[objective_of(model, texts)],
        team=specs.Team(model.workers),
        seed=(model.seed, number),
        measure=model.compute_loss,
        texts=texts,
        labels=len(model.labels),
    )


def objective_of(model: Classifier, texts: Texts) -> specs.Objective:
    """The output side, of labels."""
    output, counts = model.output, model.label_counts
    assert isinstance(output, np.ndarray)
    if model.loss == "hs":
        return specs.Tree(output, specs.Paths(*label_paths(counts)))
    if model.loss == "ns":
        chances = np.maximum(counts, 1) ** NOISE
        return specs.Negatives(output, NoiseTable(chances / chances.sum()), model.negative, model.negative, 1)
    centres = 1
    if output.nbytes > NEAR:
        centres = max(1, min(TOGETHER, int(1 + STEEPER / max(in_common(texts.corpus), 1e-9))))
    return specs.Labels(output, {"softmax": "softmax", "ova": "one-vs-all"}[model.loss], centres)


def in_common(corpus: LabelledCorpus) -> float:
    """The product of the means of two texts, expected over pairs, beside that of a mean with itself; rows apart."""
    ids, starts = corpus.chunks[0].arrays()
    starts = starts[: SAMPLE + 1]
    lengths = np.diff(starts)
    texts = np.repeat(np.arange(len(lengths)), lengths)
    ids, texts = ids[: starts[-1]][ids[: starts[-1]] >= 0].astype(np.int64), texts[ids[: starts[-1]] >= 0]
    if not len(ids):
        return 1.0
    pairs, counts = np.unique(texts * (ids.max() + 1) + ids, return_counts=True)
    shares = counts / lengths[pairs // (ids.max() + 1)]
    mean = np.bincount(pairs % (ids.max() + 1), shares) / len(lengths)
    return float(mean @ mean) / float((shares @ shares) / len(lengths))


def train(model: Classifier, texts: Texts, run: Run, callbacks: Iterable[Any]) -> None:
    """Train from where a run stands to the end; if nothing is left of it, the classifier has no new words, either."""
    run.take_corpus(texts.corpus)
    run.met = lambda epoch: {"wv.vectors_ngrams": texts.met} if len(texts.met) else {}
    schedule = Schedule(model.alpha, 0.0, model.epochs * run.total_words)
    make: Callable[[], Task] = partial(task_of, model, texts, run.number)
    rows = model.wv.ngram_rows
    with rows.lent() if isinstance(rows, RandomRows) else nullcontext():
        given = make, repeat(texts.corpus), schedule, run.progress, model._vectors_changed
        try:
            pairs = fit(model, SgdTrainer(*given, unit="features"), run, Callbacks(callbacks, model))
        except BaseException as error:
            undone = isinstance(error, TrainingDiverged) and error.checkpoint is None and run.number > 0
            if undone or model.train_count == run.number:
                texts.before.commit(model)
            raise
    if not any(pairs) and not run.stopped:
        logger.warning("no text had both a label and a feature: nothing was trained")


# Scores.


class Validation(CallbackAny2Vec):
    """After each epoch, add F1 of some texts to the model's `validation_scores`; end training when it does not grow.

    Parameters
    ----------
    data
        As of `Classifier.evaluate`.
    patience : int, optional
        End after so many epochs in a row that were no better than the best before them.
    prefix, unicode_errors : str
        Of labels in a file, and as of `Classifier`.
    """

    def __init__(self, data: Any, patience: int | None, prefix: str, unicode_errors: str):
        self.data, self.patience = readable_again(data, None, prefix, unicode_errors), patience

    def on_epoch_end(self, model: Any) -> None:
        found = model.evaluate(self.data)
        if not found.texts and not model.validation_scores:
            logger.warning("no text to validate by has a label and a word that the classifier knows: F1 is NaN")
        model.validation_scores.append(found.f1)
        scores = model.validation_scores
        if self.patience is None:
            return
        before, last = scores[: -self.patience], scores[-self.patience :]
        if before and not max(last) > max(before):
            raise StopTraining(f"F1 was no better than {max(before):.4f} for {self.patience} epochs: {last}")


def with_validation(model: Classifier, validation: Any, patience: int | None, callbacks: Iterable[Any]) -> list[Any]:
    """The callbacks, and before them the one that validates, if there is something to validate by."""
    if patience is not None and validation is None:
        raise ValueError("patience is for validation: give texts to validate by")
    if patience is not None:
        patience = whole("patience", patience, 1)
    reading = model.label_prefix, model.unicode_errors
    first = [] if validation is None else [Validation(validation, patience, *reading)]
    return [*first, *callbacks]
