"""How good a classifier is, as one number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fastemb.corpus.labelled import with_prefix
from fastemb.models._classifier_evaluation import answered
from fastemb.models._classifier_meter import Meter
from fastemb.models.classifier import Classifier

Judge = Callable[[Classifier, Any], float]


def judge_of(metric: str | Callable[[Classifier], float], k: int) -> Judge:
    """What gives the score of a classifier by some texts; larger is better."""
    if callable(metric):
        return lambda model, texts: float(metric(model))
    name, *rest = metric.split(":", 2)
    try:
        if name == "loss" and not rest:
            return lambda model, texts: -mean_loss(model, texts)
        if name in ("f1", "precision", "recall", "macro_f1") and not rest:
            return lambda model, texts: float(getattr(model.evaluate(texts, k, workers=1), name))
        if name in ("f1", "precision", "recall") and rest:
            return lambda model, texts: of_label(model, texts, k, ":".join(rest), name)
        if name in ("precisionAtRecall", "recallAtPrecision") and rest:
            share = float(rest[0]) / 100
            return lambda model, texts: at_share(model, texts, name, share, rest[1] if rest[1:] else None)
    except ValueError:
        pass
    raise ValueError(f"metric {metric!r} is none that is known; see fastemb.autotune")


def of_label(model: Classifier, texts: Any, k: int, label: str, name: str) -> float:
    found = model.evaluate(texts, k, workers=1).by_label()
    number = number_of(model, label)
    return found.get(model.labels[number], {}).get({"f1": "f1score"}.get(name, name), math.nan)


class UnknownLabel(ValueError):
    """A metric is of a label that the classifier does not know."""

    def __init__(self, label: str):
        super().__init__(f"the metric names {label!r}, which is no label")
        self.label = label


def number_of(model: Classifier, label: str) -> int:
    full = with_prefix(label, model.label_prefix)
    if full not in model.labels:
        raise UnknownLabel(label)
    return model.labels.index(full)


def at_share(model: Classifier, texts: Any, name: str, share: float, label: str | None) -> float:
    number = -1 if label is None else number_of(model, label)
    meter = Meter(answered(model, texts, -1, 0.0, 1))
    return float(getattr(meter, f"{name}Label")(number, share))


def mean_loss(model: Classifier, texts: Any) -> float:
    """The mean of -log of the probability of each label of each text."""
    losses: list[float] = []
    for own, numbers, probabilities in answered(model, texts, -1, 0.0, 1):
        known = dict(zip(numbers, probabilities, strict=True))
        losses += [-math.log(max(known.get(label, 0.0), 1e-9)) for label in own]
    return float(np.mean(losses)) if losses else math.nan
