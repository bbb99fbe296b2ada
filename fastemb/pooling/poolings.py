"""Means, weighted by the frequency of words or not, and extremes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from fastemb._numbers import measure
from fastemb.kernels.text.batch import extremes, weighted_means
from fastemb.pooling.base import Given, Pooling, Singles, Texts, Weighted


class Mean(Pooling):
    """The mean of the vectors of a text's words.

    Parameters
    ----------
    wv : KeyedVectors, or a model that has them as `wv`
    normalize : bool, default True
        Divide the vectors of words by their lengths first.
    columns : sequence of str, or mapping of str to int, optional
        The words of the columns of sparse matrices: ``vectorizer.get_feature_names_out()``, or its `vocabulary_`.
    workers : int, optional
        Threads; one for each core by default, and with -1. The result does not depend on it.

    Examples
    --------
    >>> from fastemb import Word2Vec
    >>> from fastemb.pooling import Mean
    >>> model = Word2Vec([["cat", "say", "meow"], ["dog", "say", "woof"]], min_count=1, vector_size=10)
    >>> Mean(model).transform(["cat say meow", "nothing"]).shape
    (2, 10)
    """

    def _pool(self, given: Given, found: Singles) -> None:
        weighted_means(given.vectors, np.ones(len(given.vectors)), given.ids, given.starts, found, given.values)


class Tfidf(Weighted):
    """The mean of the vectors of words, each weighed by ln((1 + n) / (1 + d)) + 1, if d of n texts have the word.

    That is the inverse document frequency of scikit-learn's TfidfVectorizer (Spärck Jones 1972); the frequency in the
    text comes in as a word counts wherever it stands. `fit` learns d and n. To a matrix that TfidfVectorizer
    has made, `Mean` is to be applied.

    Parameters
    ----------
    wv, normalize, columns, workers
        As of `Mean`.

    Attributes
    ----------
    word_weights : ndarray of float64, shape (len(wv),)
    unseen : float
        What a word weighs that no text had.
    """

    FITTED = ("word_weights", "unseen")

    def fit(self, texts: Texts, y: Any = None) -> Tfidf:
        """Count in how many texts each word is; see `Mean.fit`."""
        counts, _, number = self._counts(texts, of_texts=True)
        self.word_weights = np.log((1 + number) / (1 + counts)) + 1
        self.unseen = float(np.log(1 + number) + 1)
        return self

    def _pool(self, given: Given, found: Singles) -> None:
        weights = self._weights(given.rows)
        vectors = given.vectors * weights.astype(np.float32)[:, np.newaxis]
        weighted_means(vectors, weights, given.ids, given.starts, found, given.values)


class Max(Pooling):
    """The highest of each number among the vectors of a text's words.

    Parameters
    ----------
    wv, normalize, columns, workers
        As of `Mean`. The numbers of a matrix only say which words a text has.
    """

    def _pool(self, given: Given, found: Singles) -> None:
        extremes(given.vectors, given.ids, given.starts, found)


class PowerMeans(Pooling):
    """Power means beside each other (Rücklé, Eger, Peyrard and Gurevych 2018, "Concatenated p-mean word embeddings").

    Parameters
    ----------
    wv : KeyedVectors, or a model that has them as `wv`
    powers : sequence of float, default (1, inf, -inf)
        Each gives (mean of x ** p) ** (1 / p), of each number: 1 is the mean, and ±infinity the highest and the
        lowest. Others must be odd whole numbers from 3 on, whose roots have a sign.
    normalize, columns, workers
        As of `Mean`.
    """

    PARAMETERS = ("powers", "normalize")

    def __init__(
        self,
        wv: Any,
        powers: Sequence[float] = (1, np.inf, -np.inf),
        normalize: bool = True,
        columns: Any = None,
        workers: int | None = None,
    ):
        super().__init__(wv, normalize, columns, workers)
        self.powers = powers
        for power in self.powers:
            if not np.isinf(checked := measure("powers", power)) and not (checked > 0 and checked % 2 == 1):
                raise ValueError(f"powers must be odd whole numbers, or ± infinity, not {power}")
        if not len(self.powers):
            raise ValueError("powers: give at least one")

    def _width(self) -> int:
        return super()._width() * len(self.powers)

    def _pool(self, given: Given, found: Singles) -> None:
        size = super()._width()
        for number, power in enumerate(self.powers):
            own = np.empty((len(found), size), np.float32)
            if abs(power) == np.inf:
                extremes(given.vectors, given.ids, given.starts, own, power > 0)
            elif power == 1:
                weighted_means(given.vectors, np.ones(len(given.vectors)), given.ids, given.starts, own, given.values)
            else:
                power_means(given, int(power), own)
            found[:, number * size : (number + 1) * size] = own


def power_means(given: Given, power: int, found: Singles) -> None:
    """Of each text, of an odd power; of numbers divided by the largest of the text, lest their powers vanish."""
    for text, (begin, end) in enumerate(pairwise(given.starts.tolist())):
        known = given.ids[begin:end] >= 0
        rows = given.vectors[given.ids[begin:end][known]].astype(np.float64)
        values = np.ones(len(rows)) if given.values is None else given.values[begin:end][known]
        largest = np.abs(rows).max(axis=0, initial=0)
        largest[largest == 0] = 1
        mean = values @ (rows / largest) ** power / (np.abs(values).sum() or 1)
        found[text] = np.copysign(np.abs(mean) ** (1 / power), mean) * largest
