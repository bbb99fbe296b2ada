"""Means in which frequent words weigh little, without what the vectors of all texts share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fastemb._floats import rank_of
from fastemb._numbers import positive, whole
from fastemb.kernels.text.batch import weighted_means
from fastemb.pooling.base import Given, Singles, Texts, Weighted, compressed, kept

BLOCK = 1 << 14  # texts whose vectors are in memory at a time,
NEAR = 1 << 8  # and in the cache


class WithoutCommon(Weighted):
    """What SIF and USIF share.

    Parameters
    ----------
    wv : KeyedVectors, or a model that has them as `wv`
    components : int
        How many principal components of the vectors of texts to take away.
    counts : {'model', 'texts'}, optional
        Where the frequencies of words are from: the counts of `wv`, or the texts that it is fitted on. By default `wv`
        where words were counted; vectors that were read from text have counts that are made up, and texts are taken.
    normalize, columns, workers
        As of `Mean`.
    """

    FITTED: tuple[str, ...] = ("word_weights", "unseen", "common", "shares")
    PARAMETERS: tuple[str, ...] = ("components", "counts", "normalize")

    common: NDArray[np.float64]  # (components, vector_size): of length 1
    shares: NDArray[np.float64]  # of each that is taken away

    def __init__(
        self,
        wv: Any,
        components: int,
        counts: Literal["model", "texts"] | None,
        normalize: bool,
        columns: Any,
        workers: int | None,
    ):
        super().__init__(wv, normalize, columns, workers)
        self.components = whole("components", components, 0)
        if counts not in (None, "model", "texts"):
            raise ValueError(f"counts must be 'model' or 'texts', not {counts!r}")
        self.counts = counts

    def fit(self, texts: Texts, y: Any = None) -> Any:
        """Find the weights of words, and the components that texts have in common.

        Parameters
        ----------
        texts : iterable of str, or of sequences of str; or sparse matrix, shape (texts, words)
            Read up to two times; what can be read but once is held in memory. Where words are counted in a matrix, a
            number is how often its word is there, fractions as those of tf-idf, too.
        y
            For scikit-learn's sake, without effect.

        Returns
        -------
        self
        """
        before = {name: vars(self).pop(name) for name in self.FITTED if name in vars(self)}
        try:
            self._learn(kept(texts))
        except BaseException:
            for name in self.FITTED:
                vars(self).pop(name, None)
            vars(self).update(before)
            raise
        return self

    def _learn(self, texts: Texts) -> None:
        size = self._width()
        self._learn_weights(texts)
        self.common, self.shares = np.empty((0, size)), np.empty(0)
        if self.components:
            products = np.zeros((size, size))
            for vectors in self._blocks(texts):
                own = vectors.astype(np.float64)
                products += own.T @ own
            values, found = np.linalg.eigh(products)  # of the squares of singular values, in rising order
            number = min(self.components, size, rank_of(values))
            self.common = np.ascontiguousarray(found[:, ::-1][:, :number].T)
            self.shares = self._shares(values[::-1][:number])

    def _learn_weights(self, texts: Texts) -> None:
        raise NotImplementedError

    def _shares(self, squares: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much of each component is taken away, by the squares of its singular values."""
        return np.ones(len(squares))

    def _frequencies(self, texts: Texts) -> tuple[NDArray[np.float64], float]:
        """The share of each row among all words, and the mean of the words of a text, where it is asked for."""
        wv = self._vectors()
        counts = None if self.counts == "texts" else wv._counted()
        if self.counts == "model" and counts is None:
            have = "such as were made up when they were read" if "count" in wv.expandos else "none"
            raise ValueError(f"the vectors need counts of words, and have {have}: give counts='texts'")
        of_texts, words, number = self._counts(texts)
        counts = np.asarray(of_texts if counts is None else counts, np.float64)
        return counts / max(counts.sum(), 1), words / max(number, 1)

    def _blocks(self, texts: Texts) -> Iterator[Singles]:
        """The vectors of texts, with everything in them, some at a time."""
        if compressed(texts) is not None:
            yield self._each(texts, self._width(), self._fill)
            return
        iterator = iter(texts)
        while some := list(islice(iterator, BLOCK)):
            yield self._each(some, self._width(), self._fill)

    def _pool(self, given: Given, found: Singles) -> None:
        """The sum of vectors by their weights, divided by the number of words; without the common components."""
        weights = self._weights(given.rows)
        vectors = given.vectors * weights.astype(np.float32)[:, np.newaxis]
        weighted_means(vectors, np.ones(len(vectors)), given.ids, given.starts, found, given.values)
        take_away(found, self.common.astype(np.float32), self.shares.astype(np.float32))


def take_away(vectors: Singles, common: Singles, shares: Singles) -> None:
    """Subtract from each vector its projections on rows of length 1, by their shares.

    Each row of a sum is by itself here; in products of matrices its last bits depend on how many rows there are.
    """
    for begin in range(0, len(vectors) if len(common) else 0, NEAR):
        some = vectors[begin : begin + NEAR]
        some -= np.einsum("ik,kj->ij", np.einsum("ij,kj->ik", some, common) * shares, common)


class SIF(WithoutCommon):
    """Smooth inverse frequency (Arora, Liang and Ma 2017).

    A word of frequency p weighs a / (a + p); of the mean, the projections on the first principal components of the
    vectors of the texts that it was fitted on are taken away.

    Parameters
    ----------
    wv : KeyedVectors, or a model that has them as `wv`
    a : float, default 1e-3
    components : int, default 1
        How many; more are often better.
    counts : {'model', 'texts'}, optional
        Where the frequencies of words are from: the counts of `wv`, or the texts that it is fitted on. By default `wv`
        where words were counted; vectors that were read from text have counts that are made up, and texts are taken.
    normalize, columns, workers
        As of `Mean`.

    Attributes
    ----------
    word_weights : ndarray of float64, shape (len(wv),)
    common : ndarray of float64, shape (components, vector_size)
    """

    PARAMETERS = ("a", *WithoutCommon.PARAMETERS)

    def __init__(
        self,
        wv: Any,
        a: float = 1e-3,
        components: int = 1,
        counts: Literal["model", "texts"] | None = None,
        normalize: bool = True,
        columns: Any = None,
        workers: int | None = None,
    ):
        super().__init__(wv, components, counts, normalize, columns, workers)
        self.a = positive("a", a)

    def _learn_weights(self, texts: Texts) -> None:
        frequencies, _ = self._frequencies(texts)
        self.word_weights, self.unseen = self.a / (self.a + frequencies), 1.0


class USIF(WithoutCommon):
    """Unsupervised smooth inverse frequency (Ethayarajh 2018), which has nothing to be tuned.

    A word of frequency p weighs a / (a / 2 + p), where a comes from the number of words N and the mean length n of the
    texts: with α the share of words that are likelier than 1 - (1 - 1 / N) ** n, a = (1 - α) / (α N / 2). Of the m
    components the i-th is taken away by the share σᵢ² / Σσ² of its singular value.

    Parameters
    ----------
    wv : KeyedVectors, or a model that has them as `wv`
    components : int, default 5
    counts, normalize, columns, workers
        As of `SIF`.

    Attributes
    ----------
    word_weights : ndarray of float64, shape (len(wv),)
    common : ndarray of float64, shape (components, vector_size)
    shares : ndarray of float64, shape (components,)
    """

    def __init__(
        self,
        wv: Any,
        components: int = 5,
        counts: Literal["model", "texts"] | None = None,
        normalize: bool = True,
        columns: Any = None,
        workers: int | None = None,
    ):
        super().__init__(wv, components, counts, normalize, columns, workers)

    def _learn_weights(self, texts: Texts) -> None:
        frequencies, length = self._frequencies(texts)
        words = max(1, int(np.count_nonzero(frequencies)))
        likely = int(np.count_nonzero(frequencies > 1 - (1 - 1 / words) ** length))
        share = max(likely, 1) / words
        a = max((1 - share) / (share * words / 2), 1e-12)
        self.word_weights, self.unseen = a / (a / 2 + frequencies), 2.0

    def _shares(self, squares: NDArray[np.float64]) -> NDArray[np.float64]:
        return squares / squares.sum() if len(squares) else squares
