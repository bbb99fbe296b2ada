"""Texts to labels, as fastText's supervised models do it (Joulin et al. 2017)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import Path, Readable, local
from fastemb._threads import thread_count
from fastemb.formats.quantized import Rows
from fastemb.kernels.text.labels import lists_of
from fastemb.models import _classifier_files as files
from fastemb.models._classifier_evaluation import Evaluation, evaluated
from fastemb.models._classifier_quantizing import quantized
from fastemb.models._labelling import LOCK, Found, Labeller
from fastemb.models._subword_vectors import FastTextKeyedVectors

LOSSES = ("softmax", "hs", "ns", "ova")
# fastText's names and defaults; what a file does not say is as here.
ARGUMENTS: dict[str, Any] = {
    "dim": 100, "ws": 5, "epoch": 5, "min_count": 1, "min_count_label": 0, "neg": 5, "word_ngrams": 1,
    "bucket": 2_000_000, "minn": 0, "maxn": 0, "lr": 0.1, "lr_update_rate": 100, "t": 1e-4,
    "label_prefix": "__label__", "tokens": 0,
}  # fmt: skip


class Classifier:
    """A linear classifier of texts over the mean of the vectors of their words and n-grams, as fastText's.

    Make one by training, or by `load`.

    Attributes
    ----------
    wv : FastTextKeyedVectors
        The rows of words, and of n-grams of characters and of words. They may be quantised.
    labels : list of str
        With their prefix, by descending count, as fastText has them.
    label_counts : ndarray of int64, shape (labels,)
    output : ndarray of float32, or quantised rows, shape (labels, dim)
        A row for each label. With the loss 'hs' row k is of inner node k of the tree, and the last is not used.
    loss : {'softmax', 'hs', 'ns', 'ova'}
    args : dict
        Of training, by fastText's names: `dim`, `ws`, `epoch`, `min_count`, `min_count_label`, `neg`, `word_ngrams`,
        `bucket`, `minn`, `maxn`, `lr`, `lr_update_rate`, `t`; `label_prefix`; and `tokens`, the words and labels of the
        corpus.
    """

    wv: FastTextKeyedVectors
    labels: list[str]
    label_counts: NDArray[np.int64]
    output: Rows
    loss: str
    args: dict[str, Any]
    _labeller: Labeller | None = None

    @classmethod
    def _from_parts(
        cls,
        wv: FastTextKeyedVectors,
        labels: Sequence[str],
        label_counts: NDArray[np.int64],
        output: Rows,
        loss: str,
        args: Mapping[str, Any],
    ) -> Classifier:
        """A classifier of these parts, of which nothing is copied; `args` that are missing are fastText's defaults.

        Raises
        ------
        ValueError
            If the parts do not fit together.
        """
        model = cls.__new__(cls)
        model.wv, model.labels, model.output, model.loss = wv, list(labels), output, loss
        model.label_counts = np.ascontiguousarray(label_counts, np.int64)
        model.args = ARGUMENTS | dict(args) | {"dim": wv.vector_size}
        check_parts(model)
        return model

    def __repr__(self) -> str:
        sizes = f"{len(self.labels)} labels, {len(self.wv)} words, dim={self.wv.vector_size}, loss={self.loss!r}"
        return f"{type(self).__name__}({sizes})"

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_labeller": None}  # which borrows what may be another's

    # Files.

    @classmethod
    def load(cls, path: Path) -> Classifier:
        """Read a classifier of fastText's, a .bin or .ftz file of any version, or what `save` wrote.

        Rows are mapped into memory where they stand such that they can be used, and not read before they are.

        Parameters
        ----------
        path : str or os.PathLike

        Raises
        ------
        ValueError
            If it is another file, as one of unsupervised vectors, or damaged or cut short; the message names it.
        """
        parts = files.parts_of_file(path)
        try:
            return cls._from_parts(*parts)
        except ValueError as error:
            raise ValueError(f"{local(path)}: {error}") from None

    def save(self, path: Path) -> None:
        """Write everything to one file, in the layout of safetensors; see `fastemb.formats.native`.

        Parameters
        ----------
        path : str or os.PathLike
            The file appears whole or not at all.
        """
        files.write_native(path, self)

    def save_fasttext(self, path: Path) -> None:
        """Write a file that fastText's program reads: .bin, or, where the rows are product-quantised, .ftz.

        Parameters
        ----------
        path : str or os.PathLike
            The file appears whole or not at all.

        Raises
        ------
        ValueError
            If that format cannot hold the model: pruned buckets of rows that are not quantised; words without counts.
        """
        files.write_fasttext(path, self)

    # Labels of texts.

    def _find(self, texts: Iterable[str], k: int, threshold: float, workers: int | None) -> Iterator[Found]:
        """The labels of texts in parts; counts of -1 stand for texts without rows."""
        if k != -1 and k < 1:
            raise ValueError(f"k must be at least 1, or -1 for all labels, not {k}")
        count = len(self.labels)
        k = count if k == -1 else min(k, count)
        given = self.wv, self.labels, self.output, self.loss
        with LOCK:
            labeller = self._labeller
            if labeller is None or not labeller.is_of(*given):
                prefix = self.args["label_prefix"]
                labeller = Labeller(self.wv, self.labels, prefix, self.output, self.loss, self.label_counts)
                self._labeller = labeller
        return labeller.find_all(texts, k, float(threshold), thread_count(workers))

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
            If a text is no str.
        """
        if isinstance(texts, str):
            (found,) = self._find([texts], k, threshold, 1)
            n = max(0, int(found.counts[0]))
            labels = tuple(self.labels[number] for number in found.numbers[0, :n].tolist())
            return labels, found.probabilities[0, :n].astype(np.float64)
        names: list[list[str]] = []
        probabilities: list[NDArray[np.float32]] = []
        for found in self._find(texts, k, threshold, workers):
            some = lists_of(*found, self.labels)
            names += some[0]
            probabilities += some[1]
        return names, probabilities

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
        """
        if isinstance(texts, str):
            raise TypeError("texts must be several texts, not one str: put it into a list, [text]")
        parts = [np.empty((0, len(self.labels)), np.float32)]
        for found in self._find(texts, -1, 0.0, workers):
            probabilities = np.where(np.arange(len(self.labels)) < found.counts[:, np.newaxis], found.probabilities, 0)
            order = np.argsort(complete(found), axis=1)
            parts.append(np.take_along_axis(probabilities, order, axis=1))
        return np.concatenate(parts)

    def quantize(
        self, cutoff: int = 0, qnorm: bool = False, qout: bool = False, dsub: int = 2, seed: int = 1
    ) -> Classifier:
        """The same classifier in less memory, nearly, as of fastText's ``quantize``; this one stays as it is.

        Parameters
        ----------
        cutoff : int, default 0
            Keep so many of the rows of words and n-grams, the longest; 0 is for all. The others are as if they were
            not there.
        qnorm : bool, default False
            Keep the lengths of rows apart, a number for each; in fastText's files they are one of 256.
        qout : bool, default False
            Quantise the output, too.
        dsub : int, default 2
            Columns that share a byte.
        seed : int, default 1
            For the sample that centroids are fitted to.

        Raises
        ------
        ValueError
            If it is quantised already, or a number is too small.
        """
        return quantized(self, cutoff, qnorm, qout, dsub, seed)

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


def check_parts(model: Classifier) -> None:
    """Raise ValueError if the parts of a classifier do not fit together."""
    wv, count = model.wv, len(model.labels)
    if model.loss not in LOSSES:
        raise ValueError(f"loss must be one of {', '.join(map(repr, LOSSES))}, not {model.loss!r}")
    if not count:
        raise ValueError("a classifier needs at least one label")
    if len(set(model.labels)) != count or model.label_counts.shape != (count,):
        raise ValueError(
            f"{count} labels, of which {len(set(model.labels))} differ, and {model.label_counts.shape} counts"
        )
    if tuple(model.output.shape) != (count, wv.vector_size):
        raise ValueError(f"the output must be of shape {(count, wv.vector_size)}, not {tuple(model.output.shape)}")
    if wv.supervised is None:
        raise ValueError("the vectors are not those of a supervised model")
    if wv.subwords.encoding != "utf-8":
        raise ValueError(f"words of a classifier are hashed as UTF-8, not as {wv.subwords.encoding}")
    if model.loss == "hs" and (np.any(np.diff(model.label_counts) > 0) or np.any(model.label_counts < 0)):
        raise ValueError("the counts of labels must descend for the tree of the loss 'hs'")
