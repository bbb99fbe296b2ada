"""Scores of a classifier against the labels that texts have, as fastText's `Meter` keeps them."""

from __future__ import annotations

from array import array
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
        labels, scores, gold, right = array("i"), array("d"), array("i"), bytearray()
        for own, numbers, probabilities in found:
            missed = [label for label in own if label not in numbers]
            gold.extend(own)
            labels.extend(numbers + missed)
            scores.extend(probabilities + [MISSED] * len(missed))
            right.extend([number in own for number in numbers] + [True] * len(missed))
        ascending = np.minimum(np.array(scores, np.float64), 1.0)
        order = np.lexsort((np.frombuffer(right, np.uint8), ascending))
        self.labels, self.scores = np.array(labels, np.int32)[order], ascending[order]
        self.right = np.array(right, np.uint8)[order]
        self.gold = np.bincount(np.array(gold, np.int32))

    def _of(self, label: int) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
        """Scores in ascending order, and whether each is right (1) or not (0)."""
        if label == ALL_LABELS:
            return self.scores, self.right
        there = self.labels == label
        return self.scores[there], self.right[there]

    def scoreVsTrue(self, label: int) -> Pairs:
        scores, right = self._of(label)
        return list(zip(scores.tolist(), right.astype(np.float64).tolist(), strict=True))

    def _curve(self, label: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Precision and recall at each score that occurs, from the highest on; and 1 and 0 at the end."""
        scores, right = self._of(label)
        scores, right = scores[::-1], right[::-1]
        count = int(np.count_nonzero(scores >= 0))
        if not count:
            return np.empty(0), np.empty(0)
        last = np.append(scores[1:count] != scores[: count - 1], True)  # of those that have the same score
        true = np.cumsum(right[:count], dtype=np.int64)[last]
        all_found = (np.arange(count) + 1.0)[last]
        gold = self.gold.sum() if label == ALL_LABELS else (self.gold[label] if label < len(self.gold) else 0)
        end = min(int(np.searchsorted(true, gold)) + 1, len(true))
        recall = true[:end] / gold if gold else np.full(end, np.nan)
        return np.append(true[:end] / all_found[:end], 1.0), np.append(recall, 0.0)

    def precisionRecallCurveLabel(self, label: int) -> Pairs:
        precision, recall = self._curve(label)
        return list(zip(precision.tolist(), recall.tolist(), strict=True))

    def precisionRecallCurve(self) -> Pairs:
        return self.precisionRecallCurveLabel(ALL_LABELS)

    def precisionAtRecallLabel(self, label: int, recall: Any) -> float:
        precisions, recalls = self._curve(label)
        return float(precisions[recalls >= recall].max(initial=0.0))

    def precisionAtRecall(self, recall: Any) -> float:
        return self.precisionAtRecallLabel(ALL_LABELS, recall)

    def recallAtPrecisionLabel(self, label: int, precision: Any) -> float:
        precisions, recalls = self._curve(label)
        return float(recalls[precisions >= precision].max(initial=0.0))

    def recallAtPrecision(self, precision: Any) -> float:
        return self.recallAtPrecisionLabel(ALL_LABELS, precision)
