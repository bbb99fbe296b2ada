"""A search for parameters of a classifier by trials, which a file may remember."""

from __future__ import annotations

import json
import logging
import math
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from operator import methodcaller
from typing import Any

import numpy as np

from fastemb._paths import Path, local
from fastemb._threads import run_threads
from fastemb.corpus.labelled import with_prefix
from fastemb.models._classifier_quantizing import cutoff_for
from fastemb.models._sentences import LABEL
from fastemb.models._tuning_metrics import Judge, UnknownLabel
from fastemb.models.callbacks import CallbackAny2Vec
from fastemb.models.classifier import Classifier
from fastemb.training import StopTraining, TrainingDiverged

logger = logging.getLogger(__name__)

TOGETHER = 4  # trials that are chosen by what was known before them, so that they may run at the same time
FIRST: dict[str, Any] = {
    "epochs": 5, "alpha": 0.1, "vector_size": 100, "word_ngrams": 1, "min_n": 0, "max_n": 0, "bucket": 2_000_000,
}  # fmt: skip
# What is multiplied by a power of 2: from, to, and how far a step goes in the beginning, in doublings.
FACTORS: dict[str, tuple[float, float, float]] = {
    "epochs": (1, 100, 2.5), "alpha": (0.01, 5, 2), "vector_size": (1, 1000, 1.4), "bucket": (10_000, 10_000_000, 2),
}  # fmt: skip
CHARACTERS = ((0, 0), (2, 5), (3, 6))
LONGEST = 5  # n-grams of words
SPAN = 3  # characters between the shortest n-grams that are asked for and the longest
WIDEST = 4  # doublings of columns that share a byte
NARROWING = 12.0  # trials after which steps are shorter by e
UNJUDGED = "its score is no number, as where no text to judge by has a label that the classifier knows"


def labels_in(texts: Any, prefix: str) -> set[str]:
    """The labels of pairs, with their prefix."""
    return {with_prefix(label, prefix) for _, labels in texts for label in labels}


@dataclass(frozen=True)
class Trial:
    """What was tried.

    Attributes
    ----------
    number : int
        From 0.
    parameters : dict
        Of the classifier; `dsub` is of its quantisation.
    score : float
        Larger is better; NaN if it failed.
    seconds : float
    error : str, optional
        Why it failed.
    """

    number: int
    parameters: dict[str, Any]
    score: float
    seconds: float
    error: str | None = None


@dataclass
class Tuned:
    """The best classifier, and what was tried.

    Attributes
    ----------
    model : Classifier
        Quantised if a size was asked for.
    parameters : dict
        With which it was trained.
    score : float
    trials : list of Trial
    """

    model: Classifier
    parameters: dict[str, Any]
    score: float
    trials: list[Trial] = field(repr=False)

    def table(self) -> str:
        """The trials, the best first, for people."""
        names = list(dict.fromkeys(name for trial in self.trials for name in trial.parameters))
        rows = [["trial", "score", "seconds", *names]]
        for trial in sorted(self.trials, key=lambda trial: -trial.score if trial.score == trial.score else math.inf):
            values = [f"{trial.parameters.get(name, ''):.4g}" for name in names]
            score = trial.error or f"{trial.score:.4f}"
            rows.append([str(trial.number), score, f"{trial.seconds:.1f}", *values])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


class Deadline(CallbackAny2Vec):
    """Ends training when the time is up, or somebody asks for it."""

    def __init__(self, until: Callable[[], float]):
        self.until, self.ended = until, False

    def due(self, model: Any) -> bool:
        return time.monotonic() > self.until()

    def on_pause(self, model: Any) -> None:
        self.on_epoch_end(model)

    def on_epoch_end(self, model: Any) -> None:
        if self.due(model):
            self.ended = True
            raise StopTraining("the time is up")


@dataclass
class Search:
    """A search for parameters.

    Attributes
    ----------
    texts, validation
        Paths, or lists of pairs, which `texts` are where there are folds.
    folds : int, optional
    judge : callable
    size : int, optional
        Of the quantised model.
    seed : int
    fixed : dict
    header : dict
        What must be the same for trials in a log to be of the same search.
    """

    texts: Any
    validation: Any
    folds: int | None
    judge: Judge
    size: int | None
    seed: int
    fixed: dict[str, Any]
    header: dict[str, Any]
    trials: list[Trial] = field(default_factory=list)
    best: Classifier | None = None
    best_number: int = -1
    log: str | None = None
    until: float = math.inf

    def candidate(self, number: int) -> dict[str, Any]:
        """The parameters of a trial, which follow from the seed and the scores of those rounds that ended before."""
        before = [trial for trial in self.trials if trial.number < number - number % TOGETHER]
        best = max((trial for trial in before if trial.score == trial.score), key=lambda it: it.score, default=None)
        draw = random.Random(f"{self.seed} {number}")
        made = dict(FIRST) if best is None else {name: best.parameters[name] for name in best.parameters}
        if self.size is not None:
            made.setdefault("dsub", 2)
        if number:
            mutate(made, draw, math.exp(-number / NARROWING))
        made |= {name: value for name, value in self.fixed.items() if name in made}
        if 0 < made["max_n"] < made["min_n"]:  # one of them is fixed, and the other must fit
            made |= {"min_n": made["max_n"]} if "max_n" in self.fixed else {"max_n": made["min_n"] + SPAN}
        if "bucket" in self.fixed:
            return made
        if made["word_ngrams"] == 1 and not made["max_n"]:
            made["bucket"] = 0
        elif not made["bucket"]:
            made["bucket"] = FIRST["bucket"]
        return made

    def run(self, until: float, trials: int | None, workers: int, report: Callable[[Trial], object]) -> None:
        """Try until the time is up, or so many trials have ended."""
        self.until = until
        try:
            while time.monotonic() < until and (trials is None or len(self.trials) < trials):
                first = len(self.trials) - len(self.trials) % TOGETHER
                end = first + TOGETHER if trials is None else min(first + TOGETHER, trials)
                numbers = [number for number in range(first, end) if number >= len(self.trials)]
                for begin in range(0, len(numbers), workers):
                    some = numbers[begin : begin + workers]
                    tried = run_threads([lambda number=number: self.attempt(number) for number in some], self.stop)  # type: ignore[misc]
                    for trial in tried:
                        if trial is None:
                            return
                        self.take(*trial)
                        report(trial[0])
        except KeyboardInterrupt:
            if self.best_number < 0:
                raise
            logger.warning("interrupted: the best of %d trials is kept", len(self.trials))

    def stop(self) -> None:
        self.until = -math.inf

    def take(self, trial: Trial, model: Classifier | None) -> None:
        """Note a trial, and keep its classifier if it is the best."""
        self.trials.append(trial)
        self.append(asdict(trial))
        if trial.score == trial.score and (self.best_number < 0 or trial.score > self.trials[self.best_number].score):
            self.best, self.best_number = model, trial.number

    def attempt(self, number: int) -> tuple[Trial, Classifier | None] | None:
        """Train and judge; None if the time was up before."""
        parameters, began = self.candidate(number), time.monotonic()
        model, score, error = None, math.nan, None
        try:
            if self.folds is None:
                model = self.trained(self.texts, parameters)
                score = math.nan if model is None else self.judge(model, self.validation)
            else:
                scores = [self.score_of_fold(parameters, fold) for fold in range(self.folds)]
                score = math.nan if np.isnan(scores).all() else float(np.nanmean(scores))  # some may lack a label
        except (TrainingDiverged, MemoryError) as failed:
            error = type(failed).__name__
        except ValueError as failed:
            if self.size is None or "can hold" not in str(failed):
                raise
            error = "too large"
        if time.monotonic() > self.until and error is None and (model is None or score != score):
            return None
        return Trial(number, parameters, score, time.monotonic() - began, error), model

    def score_of_fold(self, parameters: dict[str, Any], fold: int) -> float:
        assert self.folds is not None
        turns = np.random.default_rng(self.seed).permutation(len(self.texts)) % self.folds
        kept, left_out = np.flatnonzero(turns != fold), np.flatnonzero(turns == fold)
        weights = self.fixed.get("sample_weight")
        if weights is not None:
            parameters = parameters | {"sample_weight": np.asarray(weights)[kept]}
        texts = [self.texts[k] for k in kept.tolist()]
        prefix = str(self.fixed.get("label_prefix", LABEL))

        def missing() -> set[str]:
            """Labels all of whose texts are left out."""
            return labels_in(self.texts, prefix) - labels_in(texts, prefix)

        weights = self.fixed.get("class_weight")
        if isinstance(weights, Mapping):
            left = missing()
            there = {name: weights[name] for name in weights if with_prefix(name, prefix) not in left}
            parameters = parameters | {"class_weight": there}
        model = self.trained(texts, parameters)
        try:
            return math.nan if model is None else self.judge(model, [self.texts[k] for k in left_out.tolist()])
        except UnknownLabel as error:
            if with_prefix(error.label, prefix) in missing():
                return math.nan
            raise

    def trained(self, texts: Any, parameters: dict[str, Any]) -> Classifier | None:
        """The classifier with these parameters, quantised if it is to be; None if the time was up before."""
        deadline = Deadline(lambda: self.until)
        named = self.fixed | {name: value for name, value in parameters.items() if name != "dsub"}
        model = Classifier(texts, **named, workers=1, seed=self.seed, callbacks=[deadline])
        if deadline.ended or (self.size is not None and time.monotonic() > self.until):
            return None
        if self.size is None:
            return model
        qout = 4 * model.output.shape[0] * model.output.shape[1] > self.size // 4
        dsub = int(parameters["dsub"])
        cutoff = cutoff_for(model, self.size, qout, dsub)
        return model.quantize(cutoff, qnorm=True, qout=qout, dsub=dsub, seed=self.seed, retrain=texts)

    def result(self) -> Tuned:
        """The best classifier; trained again if it is from the log, or was judged by folds."""
        if self.best_number < 0:
            reasons = {trial.error or UNJUDGED for trial in self.trials} or {"there was no time"}
            raise ValueError(f"no trial came to its end: {', '.join(sorted(reasons))}")
        best = self.trials[self.best_number]
        if self.best is None:
            self.until = math.inf
            self.best = self.trained(self.texts, best.parameters)
        assert self.best is not None
        return Tuned(self.best, self.fixed | best.parameters, best.score, self.trials)

    # The log.

    def read_log(self, path: Path | None) -> None:
        """Take the trials of a log, or begin one. What was being written when a program was ended is left out."""
        if path is None:
            return
        name, text = local(path), b""
        if os.path.exists(name):
            with open(name, "rb") as file:
                text = file.read()
        whole = text.rfind(b"\n") + 1 or len(text)
        for number, line in enumerate(text[:whole].splitlines(), 1):
            self.take_line(line, number, name)
        if whole < len(text):
            logger.warning("%s: its last line was cut short, and is left out", name)
            os.truncate(name, whole)
        self.log = name
        if not text:
            self.append(self.header)

    def take_line(self, line: bytes, number: int, name: str) -> None:
        """Take line `number` of a log: its first is the header, each other a trial."""
        try:
            value = json.loads(line)
        except ValueError:
            raise ValueError(f"{name}, line {number}: damaged: {line!r:.60}") from None
        if number == 1:
            if value != self.header:
                raise ValueError(f"{name}: is of another search, with {value}, and not {self.header}")
            return
        try:
            trial = Trial(**value)
        except TypeError:
            raise ValueError(f"{name}, line {number}: no trial, but {line!r:.60}") from None
        if trial.number != len(self.trials):
            raise ValueError(f"{name}, line {number}: trial {trial.number}, not {len(self.trials)}")
        self.take(trial, None)

    def append(self, value: dict[str, Any]) -> None:
        """Write a line of the log, if there is one."""
        if self.log is not None:
            with open(self.log, "a", encoding="utf-8") as file:
                file.write(json.dumps(value, default=methodcaller("tolist")) + "\n")


def mutate(parameters: dict[str, Any], draw: random.Random, far: float) -> None:
    """Change parameters at random: `far` is 1 in the beginning, and goes to 0."""
    for name, (least, most, doublings) in FACTORS.items():
        value = parameters[name] or FIRST[name]
        value = min(max(value * 2 ** draw.gauss(0, doublings * max(far, 0.15)), least), most)
        parameters[name] = value if name == "alpha" else round(value)
    longest = parameters["word_ngrams"] + draw.gauss(0, 2 * max(far, 0.15))
    parameters["word_ngrams"] = min(max(round(longest), 1), LONGEST)
    if draw.random() < max(far, 0.15):
        parameters["min_n"], parameters["max_n"] = draw.choice(CHARACTERS)
    if "dsub" in parameters:
        doublings = math.log2(parameters["dsub"]) + draw.gauss(0, 2 * max(far, 0.15))
        parameters["dsub"] = 2 ** min(max(round(doublings), 1), WIDEST)
