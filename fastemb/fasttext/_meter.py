"""Scores of a classifier against the labels that texts have, as fastText's `Meter` keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALL_LABELS = -1
MISSED = -1.0  # the score of a label that a text has, and that was not found
Pairs = list[tuple[float, float]]


class Meter:
    """What was found for texts, and what is right.

    Parameters
    ----------
    found : iterable of (list of int, list of int, list of float)
        Of each text the labels that it has, those that were found, and their probabilities.
    """

    def __init__(self, found: Iterable[tuple[list[int], list[int], list[float]]]):
        labels: list[int] = []
        scores: list[float] = []
        right: list[float] = []
        gold: list[int] = []
        for own, numbers, probabilities in found:
            gold += own
            missed = [label for label in own if label not in numbers]
            labels += numbers + missed
            scores += [min(score, 1.0) for score in probabilities] + [MISSED] * len(missed)
            right += [float(number in own) for number in numbers] + [1.0] * len(missed)
        order = np.lexsort((right, scores))
        self.labels = np.array(labels, np.int64)[order]
        self.scores, self.right = np.array(scores, np.float64)[order], np.array(right, np.float64)[order]
        self.gold = np.bincount(np.array(gold, np.int64))

    def _of(self, label: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Scores in ascending order, and whether each is right (1) or not (0)."""
        if label == ALL_LABELS:
            return self.scores, self.right
        there = self.labels == label
        return self.scores[there], self.right[there]

    def scoreVsTrue(self, label: int) -> Pairs:
        return list(zip(*(part.tolist() for part in self._of(label)), strict=True))

    def precisionRecallCurveLabel(self, label: int) -> Pairs:
        """Precision and recall at each score that occurs, from the highest on; and (1, 0) at the end."""
        scores, right = self._of(label)
        scores, right = scores[::-1], right[::-1]
        count = int(np.count_nonzero(scores >= 0))
        if not count:
            return []
        last = np.append(scores[1:count] != scores[: count - 1], True)  # of those that have the same score
        true = np.cumsum(right[:count])[last]
        all_found = (np.arange(count) + 1.0)[last]
        gold = self.gold.sum() if label == ALL_LABELS else (self.gold[label] if label < len(self.gold) else 0)
        end = min(int(np.searchsorted(true, gold)) + 1, len(true))
        recall = true[:end] / gold if gold else np.full(end, np.nan)
        precision = true[:end] / all_found[:end]
        return [*zip(precision.tolist(), recall.tolist(), strict=True), (1.0, 0.0)]

    def precisionRecallCurve(self) -> Pairs:
        return self.precisionRecallCurveLabel(ALL_LABELS)

    def precisionAtRecallLabel(self, label: int, recall: Any) -> float:
        return max((one for one, other in self.precisionRecallCurveLabel(label) if other >= recall), default=0.0)

    def precisionAtRecall(self, recall: Any) -> float:
        return self.precisionAtRecallLabel(ALL_LABELS, recall)

    def recallAtPrecisionLabel(self, label: int, precision: Any) -> float:
        return max((other for one, other in self.precisionRecallCurveLabel(label) if one >= precision), default=0.0)

    def recallAtPrecision(self, precision: Any) -> float:
        return self.recallAtPrecisionLabel(ALL_LABELS, precision)
