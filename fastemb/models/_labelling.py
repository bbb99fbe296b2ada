"""Texts to labels, by native threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from fastemb._threads import run_each
from fastemb.formats.quantized import ProductRows, Rows
from fastemb.kernels.text.features import Features
from fastemb.kernels.text.inputs import Inputs
from fastemb.kernels.text.labels import best_labels
from fastemb.kernels.text.outputs import Outputs
from fastemb.models._random import RandomRows
from fastemb.models._subword_lookup import is_plain
from fastemb.models._subword_vectors import FastTextKeyedVectors

TEXTS = 1 << 12  # that a thread is given at a time,
PIECES = 1 << 6  # so often before all wait for each other, with one label each and texts in memory; else less often,
CHARACTERS = 1 << 15  # and how many are worth a second thread
DECODED = 1 << 26  # bytes that quantised rows may take when they are decoded once and for all
Made = TypeVar("Made")


class Found(NamedTuple):
    """The most probable labels of some texts.

    Attributes
    ----------
    probabilities : ndarray of float32, shape (texts, k)
    numbers : ndarray of int64, shape (texts, k)
        Of the labels.
    counts : ndarray of int32, shape (texts,)
        How many of the k there are.
    """

    probabilities: NDArray[np.float32]
    numbers: NDArray[np.int64]
    counts: NDArray[np.int32]


class Labeller:
    """What finds labels of texts by the rows of a model, which it borrows.

    Parameters
    ----------
    wv : FastTextKeyedVectors
    labels : list of str
    prefix : str
        Words that begin so are labels.
    output, loss, counts
        As of `Classifier`.
    """

    def __init__(
        self, wv: FastTextKeyedVectors, labels: list[str], prefix: str, output: Rows, loss: str,
        counts: NDArray[np.int64],
    ):  # fmt: skip
        assert wv.supervised is not None
        self.sources, self.prefix = sources_of(wv, labels, output, loss), prefix
        subwords, ngrams = wv.subwords, wv.ngram_rows
        words: Any = wv.index_to_key
        buckets = subwords.bucket if len(ngrams) else 0
        longest, kept = subwords.max_n if subwords.used else 0, subwords.kept
        self.features = Features(
            words, labels, prefix, subwords.min_n, longest, buckets, wv.supervised.word_ngrams, kept
        )
        self.inputs = Inputs(readable(wv.vectors_vocab), readable(ngrams))
        self.outputs = Outputs(matrix_of(output), loss, counts)

    def is_of(self, wv: FastTextKeyedVectors, labels: list[str], output: Rows, loss: str) -> bool:
        """Whether these are the rows that were borrowed."""
        sources = sources_of(wv, labels, output, loss)
        return all(own is other for own, other in zip(self.sources, sources, strict=True))

    def find(self, texts: list[str], k: int, threshold: float, first: int = 0) -> Found:
        """The k most probable labels of each text; `first` is the number of the first, for messages."""
        return Found(*best_labels(texts, self.features, self.inputs, self.outputs, k, threshold, first))

    def find_all(
        self, texts: Iterable[str], k: int, threshold: float, workers: int, make: Callable[[Found], Made]
    ) -> Iterator[Made]:
        """What is made of the same for any number of texts, in parts, by several threads.

        Raises
        ------
        RuntimeError
            If a list of texts changes its size meanwhile.
        """
        begin, listed = 0, len(texts) if isinstance(texts, (list, tuple)) else None
        often = max(1, PIECES // k) if workers > 1 and listed is not None else 1
        for some in parts_of(texts, TEXTS * workers * often):
            count, together = len(some), workers if workers > 1 and enough(some) else 1
            size = -(-count // (together * -(-count // (TEXTS * together))))  # so that all have as many pieces

            def work(at: int) -> Made:
                return make(self.find(list(some[at : at + size]), k, threshold, begin + at))  # noqa: B023

            places = range(0, count, size)
            made = [work(0)] if len(places) == 1 else run_each(places, work, workers)
            if listed is not None and len(texts) != listed:  # type: ignore[arg-type]
                raise RuntimeError("the list of texts changed its size while they were read")
            yield from made
            begin += count


LOCK = threading.Lock()  # so that one thread makes what all use


def sources_of(wv: FastTextKeyedVectors, labels: list[str], output: Rows, loss: str) -> tuple[Any, ...]:
    """The objects that answers are made of."""
    return wv.vectors_vocab, wv.ngram_rows, wv.subwords, wv.index_to_key, output, labels, loss


def parts_of(texts: Iterable[str], most: int) -> Iterator[Sequence[str]]:
    """Texts, at most so many at a time; a list that is not longer itself."""
    if isinstance(texts, (list, tuple)) and 0 < len(texts) <= most:
        yield texts
        return
    given = iter(texts)
    while some := list(islice(given, most)):
        yield some


def enough(texts: Sequence[Any]) -> bool:
    """Whether texts are worth a second thread."""
    size = 0
    for text in texts:
        size += len(text) if isinstance(text, str) else 0
        if size >= CHARACTERS:
            return True
    return False


def readable(rows: Rows | RandomRows) -> Any:
    """Rows as kernels read them; decoded if they are of another kind, or few."""
    if isinstance(rows, RandomRows):
        if rows.places is not None:
            return rows.rows, rows.places, *rows.root, rows.shape[1]
        rows = rows.rows
    if isinstance(rows, ProductRows) and 4 * rows.shape[0] * rows.shape[1] > DECODED:
        codes, centroids = np.ascontiguousarray(rows.codes), np.ascontiguousarray(rows.centroids, np.float32)
        return codes, centroids, np.ascontiguousarray(rows.norms, np.float32), rows.shape[1]
    if isinstance(rows, np.ndarray) and not rows.flags.aligned and rows.dtype == np.float32 and rows.flags.c_contiguous:
        return rows.view(np.uint8), rows.shape[1]
    return matrix_of(rows)


def matrix_of(rows: Rows) -> NDArray[np.float32]:
    return rows if isinstance(rows, np.ndarray) and is_plain(rows) else np.array(rows[:], np.float32, order="C")
