"""What a classifier answers: labels of texts, their probabilities, and how good these are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import measure
from fastemb._paths import Readable
from fastemb._tables import several_texts
from fastemb._threads import thread_count
from fastemb.formats.quantized import Rows
from fastemb.kernels.text.labels import joined, joined_lists, lists_of
from fastemb.models._classifier_evaluation import Evaluation, evaluated
from fastemb.models._labelling import LOCK, Found, Labeller
from fastemb.models._subword_vectors import FastTextKeyedVectors


class Answers:
    """The part of `Classifier` that answers; see there."""

    wv: FastTextKeyedVectors
    labels: list[str]
    label_counts: NDArray[np.int64]
    output: Rows
    loss: str
    args: dict[str, Any]
    _labeller: Labeller | None = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_labeller": None}  # which borrows what may be another's

    def _find(
        self, texts: Iterable[str], k: int, threshold: float, workers: int | None,
        make: Callable[[Found], Any] = lambda found: found,
    ) -> Iterator[Any]:  # fmt: skip
        """What is made of the labels of texts, in parts; counts of -1 stand for texts without rows."""
        if k != -1 and k < 1:
            raise ValueError(f"k must be at least 1, or -1 for all labels, not {k}")
        count = len(self.labels)
        if not count:
            raise ValueError("this classifier was not trained: it has no labels")
        k = count if k == -1 else min(k, count)
        given, prefix = (self.wv, self.labels, self.output, self.loss), self.args["label_prefix"]
        with LOCK:
            labeller = self._labeller
            if labeller is None or labeller.prefix != prefix or not labeller.is_of(*given):
                labeller = Labeller(self.wv, self.labels, prefix, self.output, self.loss, self.label_counts)
                self._labeller = labeller
        return labeller.find_all(texts, k, measure("threshold", threshold), thread_count(workers), make)

    def predict(
        self, texts: str | Iterable[str], k: int = 1, threshold: float = 0.0, workers: int | None = None
    ) -> tuple[Any, Any]:
        """The most probable labels of a text, or of each of many, as fastText's ``predict`` finds them.

        A text is split at ASCII blanks; what begins as a label is left out. fastText adds 1e-5 to each probability,
        and so does this.

        Parameters
        ----------
        texts : str, or iterable of str
            One text, or several, of one line each.
        k : int, default 1
            Labels of a text; -1 for all.
        threshold : float, default 0.0
            Leave out labels that are less probable. With the loss 'hs' those below 1e-5 always are.
        workers : int, optional
            Threads; one for each core by default, and with -1. The result does not depend on it.

        Returns
        -------
        labels : tuple of str, or list of list of str
            With their prefix, the most probable first; none for a text none of whose words and n-grams has a row.
        probabilities : ndarray of float64, shape (labels,), or list of ndarray of float32

        Raises
        ------
        ValueError
            If a text holds an end of line, or `k` or `workers` is less than 1 and not -1.
        TypeError
            If a text is no str, or `texts` is a table and not a column.
        RuntimeError
            If a list of texts changes its size meanwhile.
        """
        if isinstance(texts, str):
            (found,) = self._find([texts], k, threshold, 1)
            n = max(0, int(found.counts[0]))
            labels = tuple(self.labels[number] for number in found.numbers[0, :n].tolist())
            return labels, found.probabilities[0, :n].astype(np.float64)
        known, texts = self.labels, several_texts(texts)
        found = list(self._find(texts, k, threshold, workers, lambda found: lists_of(*found, known)))
        return joined_lists([names for names, _ in found]), joined([probabilities for _, probabilities in found])

    def predict_proba(self, texts: Iterable[str], workers: int | None = None) -> NDArray[np.float32]:
        """The probability of every label for each text, as of `predict` with ``k=-1``.

        Parameters
        ----------
        texts : iterable of str
        workers : int, optional
            As of `predict`.

        Returns
        -------
        ndarray of float32, shape (texts, labels)
            In the order of `labels`; 0 for those that `predict` leaves out.

        Raises
        ------
        ValueError, TypeError, RuntimeError
            As of `predict`.
        """
        texts = several_texts(texts)
        parts = [np.empty((0, len(self.labels)), np.float32)]
        return np.concatenate([*parts, *self._find(texts, -1, 0.0, workers, in_order_of_labels)])

    # How good it is.

    def evaluate(
        self, data: Readable | Iterable[Any], k: int = 1, threshold: float = 0.0, workers: int | None = None
    ) -> Evaluation:
        """Label texts whose labels are known, and compare.

        Parameters
        ----------
        data : str, os.PathLike or open file, or iterable of (text, label) or (text, labels)
            A file has a text in each line, with its labels before or between the words; it may be packed. In pairs,
            labels may be without their prefix. Labels that the model does not know are left out.
        k, threshold, workers
            As of `predict`.

        Returns
        -------
        Evaluation

        Raises
        ------
        TypeError
            If an example is no text with its labels; it is named by its number, from 0.
        ValueError
            If a text holds an end of line, or as of `predict`.
        """
        return evaluated(self, data, k, threshold, workers)

    def test(
        self, data: Readable | Iterable[Any], k: int = 1, threshold: float = 0.0, workers: int | None = None
    ) -> tuple[int, float, float]:
        """The number of texts, precision and recall, as of fastText's ``test``; parameters as of `evaluate`."""
        found = self.evaluate(data, k, threshold, workers)
        return found.texts, found.precision, found.recall

    def test_label(
        self, data: Readable | Iterable[Any], k: int = 1, threshold: float = 0.0, workers: int | None = None
    ) -> dict[str, dict[str, float]]:
        """Precision, recall and F1 of each label, as of fastText's ``test_label``; parameters as of `evaluate`."""
        return self.evaluate(data, k, threshold, workers).by_label()


def in_order_of_labels(found: Found) -> NDArray[np.float32]:
    """The probabilities of all labels, 0 of those that were left out."""
    there = np.arange(found.numbers.shape[1]) < found.counts[:, np.newaxis]
    order = np.argsort(complete(found), axis=1)
    return np.take_along_axis(np.where(there, found.probabilities, np.float32(0)), order, axis=1)


def complete(found: Found) -> NDArray[np.int64]:
    """The numbers of all labels in each row: those that were left out stand behind the others."""
    numbers = found.numbers.copy()
    width = numbers.shape[1]
    for row in np.flatnonzero(found.counts < width).tolist():
        n = max(0, int(found.counts[row]))
        left_out = np.ones(width, bool)
        left_out[numbers[row, :n]] = False
        numbers[row, n:] = np.flatnonzero(left_out)
    return numbers
