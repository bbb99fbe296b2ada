"""Vectors of texts, made of those of their words."""

from __future__ import annotations

import os
from collections.abc import Mapping
from copy import copy
from inspect import signature
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from fastemb.models.files import load_vectors, vectors_in
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.models.word2vec import Word2Vec
from fastemb.pooling import SIF, USIF, Max, Mean, PowerMeans, Tfidf
from fastemb.pooling.base import Pooling
from fastemb.sklearn.base import TextTransformer
from fastemb.sklearn.texts import Text, Tokenizer, Words

POOLINGS: dict[str, type[Pooling]] = {
    "mean": Mean, "tfidf": Tfidf, "sif": SIF, "usif": USIF, "max": Max, "power_means": PowerMeans,
}  # fmt: skip


class PooledTransformer(TextTransformer):
    """What those share that pool the vectors of words; a subclass has `pooling` and `pooling_options`."""

    pooling: str | type[Pooling]
    pooling_options: Mapping[str, Any] | None

    def _unfitted(self) -> Pooling:
        """The pooling, without vectors, so that wrong parameters are found before anything is trained."""
        kind = POOLINGS.get(self.pooling) if isinstance(self.pooling, str) else self.pooling
        if not isinstance(kind, type) or not issubclass(kind, Pooling):
            names = ", ".join(map(repr, POOLINGS))
            raise ValueError(f"pooling must be one of {names}, or a class of fastemb.pooling, not {self.pooling!r}")
        options = {"workers": self._workers()} | dict(self.pooling_options or {})
        return kind(None, **options)

    def _fit_pooling(self, unfitted: Pooling, vectors: KeyedVectors, texts: list[Text]) -> None:
        self.pooling_ = unfitted.set_params(wv=vectors).fit(texts)
        self._n_features_out = self.pooling_.transform([[]]).shape[1]

    def transform(self, X: Any) -> NDArray[np.float32]:
        """A vector for each text.

        Parameters
        ----------
        X
            As of `fit`.

        Returns
        -------
        ndarray of float32, shape (texts, width)
            Zeros for a text without words, or none of whose words has a vector.
        """
        check_is_fitted(self)
        pooling = copy(self.pooling_)  # `n_jobs` may have been set since
        pooling.workers = (self.pooling_options or {}).get("workers", self._workers())
        return pooling.transform(self._texts(X))


class DocumentVectorizer(PooledTransformer):
    """Vectors of texts, of given vectors of words: any pooling of ``fastemb.pooling``.

    Parameters
    ----------
    vectors : KeyedVectors, or a model that has them as `wv`, or str or os.PathLike
        Or a file of them, of any format that `fastemb.models.load_vectors` reads, as `fit` does. Clones share them.
    pooling : {'mean', 'tfidf', 'sif', 'usif', 'max', 'power_means'}, or a class, default 'mean'
        A class of ``fastemb.pooling``.
    pooling_options : dict, optional
        Parameters of that class: ``{"components": 5}``.
    tokenizer : callable, optional
        ``tokenizer(text)`` gives the words of a text that is a str, which otherwise is split at blanks. Let it
        prepare texts as those were on which the vectors were trained.
    n_jobs : int, optional
        Threads, as joblib counts them: one by default, and with -1 one for each core. The result does not depend on it.

    Attributes
    ----------
    pooling_ : an object of that class

    Examples
    --------
    >>> from fastemb import Word2Vec
    >>> from fastemb.sklearn import DocumentVectorizer
    >>> model = Word2Vec([["cat", "say", "meow"], ["dog", "say", "woof"]], min_count=1, vector_size=10)
    >>> DocumentVectorizer(model, pooling="tfidf").fit_transform(["cat say", "dog say"]).shape
    (2, 10)
    """

    def __init__(
        self,
        vectors: Any = None,
        *,
        pooling: str | type[Pooling] = "mean",
        pooling_options: Mapping[str, Any] | None = None,
        tokenizer: Tokenizer | None = None,
        n_jobs: int | None = None,
    ):
        self.vectors, self.pooling, self.pooling_options = vectors, pooling, pooling_options
        self.tokenizer, self.n_jobs = tokenizer, n_jobs

    def fit(self, X: Any, y: Any = None) -> DocumentVectorizer:
        """Learn what the pooling learns: how often words occur, and what all texts have in common.

        Parameters
        ----------
        X : iterable of str or of lists of words
            Or a table or an array of one column.
        y
            Without effect.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            If texts are not such, or a parameter is out of range.
        """
        texts, unfitted, given = self._texts_to_fit(X), self._unfitted(), vectors_in(self.vectors)
        if isinstance(given, (str, os.PathLike)):
            given = load_vectors(given)
        if not isinstance(given, KeyedVectors):
            raise TypeError(f"vectors must be KeyedVectors, a model or a path, not {type(given).__name__}")
        self._fit_pooling(unfitted, given, texts)
        return self


class Word2VecVectorizer(PooledTransformer):
    """Vectors of texts, of vectors of words that `fastemb.models.Word2Vec` is trained for on these texts.

    Parameters
    ----------
    vector_size, window, min_count, sg, hs, negative, sample, alpha, epochs
        As of `fastemb.models.Word2Vec`.
    options : dict, optional
        Further parameters of `fastemb.models.Word2Vec`: ``{"shared_noise": False}``. With ``{"preset": "best"}`` the
        preset says what the parameters above are, where they have their defaults.
    pooling, pooling_options, tokenizer
        As of `DocumentVectorizer`.
    n_jobs : int, optional
        Threads, as joblib counts them: one by default, and with -1 one for each core. With one, the same
        `random_state` gives the same vectors, to the bit.
    random_state : int, RandomState or None, default 1
        The seed.

    Attributes
    ----------
    model_ : Word2Vec
    pooling_ : an object of ``fastemb.pooling``

    Examples
    --------
    >>> from fastemb.sklearn import Word2VecVectorizer
    >>> texts = ["cat say meow", "dog say woof"]
    >>> Word2VecVectorizer(vector_size=10, min_count=1).fit_transform(texts).shape
    (2, 10)
    """

    def __init__(
        self,
        *,
        vector_size: int = 100,
        window: int = 5,
        min_count: int = 5,
        sg: int = 0,
        hs: int = 0,
        negative: int = 5,
        sample: float = 1e-3,
        alpha: float = 0.025,
        epochs: int = 5,
        options: Mapping[str, Any] | None = None,
        pooling: str | type[Pooling] = "mean",
        pooling_options: Mapping[str, Any] | None = None,
        tokenizer: Tokenizer | None = None,
        n_jobs: int | None = None,
        random_state: Any = 1,
    ):
        self.vector_size, self.window, self.min_count, self.sg, self.hs = vector_size, window, min_count, sg, hs
        self.negative, self.sample, self.alpha, self.epochs, self.options = negative, sample, alpha, epochs, options
        self.pooling, self.pooling_options = pooling, pooling_options
        self.tokenizer, self.n_jobs, self.random_state = tokenizer, n_jobs, random_state

    def fit(self, X: Any, y: Any = None) -> Word2VecVectorizer:
        """Train vectors of words, and learn what the pooling learns.

        Parameters
        ----------
        X, y
            As of `DocumentVectorizer.fit`.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            If texts are not such, no word is frequent enough, or a parameter is out of range.
        """
        texts, unfitted = self._texts_to_fit(X), self._unfitted()
        own = ("vector_size", "window", "min_count", "sg", "hs", "negative", "sample")
        given, options = {name: getattr(self, name) for name in (*own, "alpha", "epochs")}, dict(self.options or {})
        if options.get("preset") is not None:  # to which what is given here would be the user's own
            defaults = signature(Word2VecVectorizer).parameters
            given = {name: value for name, value in given.items() if value != defaults[name].default}
        given |= {"workers": self._workers(), "seed": self._seed()} | options
        model = Word2Vec(Words(texts), **given)
        self._fit_pooling(unfitted, model.wv, texts)
        self.model_ = model
        return self
