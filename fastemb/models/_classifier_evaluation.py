"""How good a classifier is: precision, recall, F1, and what it takes for what."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import is_open_file
from fastemb.corpus.labelled import is_file, pairs, with_prefix
from fastemb.io.textfile import TextFile, decode_line, lines_of
from fastemb.models._sentences import WORDS_OF_LABELLED, before_end

if TYPE_CHECKING:
    from fastemb.models._classifier_answers import Answers as Classifier

TOGETHER = 1 << 14  # texts that are tested at a time
Examples = Iterator[tuple[str, list[int]]]


@dataclass(frozen=True)
class Evaluation:
    """Counts of labels that texts have and that were found, and what follows from them.

    Attributes
    ----------
    labels : list of str
    texts : int
        With labels that are known and words that have rows; others are left out, as fastText does.
    gold, found, right : ndarray of int64, shape (labels,)
        For each label the texts that have it, those for which it was found, and those of them that have it.
    pairs : ndarray of int32, shape (n, 2)
        For each label of each text: its number, and that of the label that was found to be the most probable.
    """

    labels: list[str]
    texts: int
    gold: NDArray[np.int64]
    found: NDArray[np.int64]
    right: NDArray[np.int64]
    pairs: NDArray[np.int32]

    @property
    def precision(self) -> float:
        """The share of the found labels that are right (micro average); NaN if none was found."""
        return ratio(self.right.sum(), self.found.sum())

    @property
    def recall(self) -> float:
        """The share of the texts' labels that were found (micro average); NaN if they have none."""
        return ratio(self.right.sum(), self.gold.sum())

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall (micro average)."""
        return ratio(2 * self.right.sum(), self.found.sum() + self.gold.sum())

    @property
    def macro_f1(self) -> float:
        """The mean of the F1 of each label that a text has, or for which one was found."""
        seen = self.gold + self.found > 0
        return ratio((2 * self.right[seen] / (self.gold + self.found)[seen]).sum(), seen.sum())

    def by_label(self) -> dict[str, dict[str, float]]:
        """'precision', 'recall' and 'f1score' of each label that a text has, or that was found; NaN for 0 / 0."""
        return {
            self.labels[k]: {
                "precision": ratio(self.right[k], self.found[k]),
                "recall": ratio(self.right[k], self.gold[k]),
                "f1score": ratio(2 * self.right[k], self.found[k] + self.gold[k]),
            }
            for k in np.flatnonzero(self.gold + self.found).tolist()
        }

    def confusion(self) -> NDArray[np.int64]:
        """Texts with label i for which label j was found to be the most probable, shape (labels, labels)."""
        count = len(self.labels)
        cells = self.pairs[:, 0].astype(np.int64) * count + self.pairs[:, 1]
        return np.bincount(cells, minlength=count * count).reshape(count, count)


def ratio(part: Any, whole: Any) -> float:
    return float(part) / float(whole) if whole else float("nan")


def evaluated(model: Classifier, data: Any, k: int, threshold: float, workers: int | None) -> Evaluation:
    """Label texts, and compare with the labels that they have."""
    count = len(model.labels)
    gold, found, right = (np.zeros(count, np.int64) for _ in range(3))
    pairs = array("i")
    texts = 0
    for labels, numbers, _ in answered(model, data, k, threshold, workers):
        texts += 1
        np.add.at(gold, labels, 1)
        found[numbers] += 1
        right[[number for number in numbers if number in labels]] += 1
        if numbers:
            for label in labels:
                pairs.extend((label, numbers[0]))
    return Evaluation(model.labels, texts, gold, found, right, np.array(pairs, np.int32).reshape(-1, 2))


def answered(
    model: Classifier, data: Any, k: int, threshold: float, workers: int | None
) -> Iterator[tuple[list[int], list[int], list[float]]]:
    """Of each text that has labels and rows: the numbers of its labels, of those found, and their probabilities."""
    for some, own in batches(examples(model, data)):
        begin = 0
        for found in model._find(some, k, threshold, workers):
            for numbers, probabilities, n in zip(
                found.numbers, found.probabilities, found.counts.tolist(), strict=True
            ):
                if n >= 0 and own[begin]:
                    yield own[begin], numbers[:n].tolist(), probabilities[:n].tolist()
                begin += 1


def batches(given: Examples) -> Iterator[tuple[list[str], list[list[int]]]]:
    texts: list[str] = []
    labels: list[list[int]] = []
    for text, own in given:
        texts.append(text)
        labels.append(own)
        if len(texts) == TOGETHER:
            yield texts, labels
            texts, labels = [], []
    if texts:
        yield texts, labels


def examples(model: Classifier, data: Any) -> Examples:
    """Texts, and the numbers of their labels that the model knows."""
    index = {label: number for number, label in enumerate(model.labels)}
    if is_file(data):
        for line in lines_of(TextFile(data)):
            text = line.decode("utf-8", "surrogateescape")
            words = before_end(WORDS_OF_LABELLED.findall(text))
            yield text, [index[word] for word in words if word in index]
        return
    prefix = model.args["label_prefix"]
    for text, labels in pairs(data, None):
        own = (with_prefix(label, prefix) for label in labels)
        yield text, [index[label] for label in own if label in index]


def readable_again(data: Any, labels: Any, prefix: str, unicode_errors: str = "strict", as_list: bool = False) -> Any:
    """Texts that can be read several times: a path, or a list of pairs."""
    if not is_file(data) or labels is not None:
        return list(pairs(data, labels))
    return pairs_of_file(data, prefix, unicode_errors) if as_list or is_open_file(data) else data


def pairs_of_file(path: Any, prefix: str, unicode_errors: str) -> list[tuple[str, list[str]]]:
    """The texts of a file in fastText's form, and their labels."""
    made = []
    file = TextFile(path, unicode_errors)
    for number, line in enumerate(lines_of(file), 1):
        labels: list[str] = []
        text: list[str] = []
        for word in before_end(WORDS_OF_LABELLED.findall(decode_line(line, file, number))):
            (labels if word.startswith(prefix) else text).append(word)
        made.append((" ".join(text), labels))
    return made
