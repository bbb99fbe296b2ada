"""Vectors of texts, by Doc2Vec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from fastemb.models.doc2vec import Doc2Vec, TaggedDocument
from fastemb.sklearn.base import TextTransformer
from fastemb.sklearn.texts import Tokenizer, Words

PARAMETERS = (
    *("vector_size", "dm", "dbow_words", "window", "min_count", "hs", "negative", "sample", "alpha", "epochs"),
)


class Doc2VecTransformer(TextTransformer):
    """Vectors of texts, by `fastemb.models.Doc2Vec`: each text to be learnt from is a document with a tag of its own.

    What `transform` gives is inferred, of texts that were learnt from as of others, so that all can be compared;
    ``model_.dv`` has the vectors that were trained.

    Parameters
    ----------
    vector_size, window, min_count, hs, negative, sample, epochs, dbow_words
        As of `fastemb.models.Doc2Vec`.
    dm : {0, 1}, default 0
        0 for PV-DBOW, which is the one to begin with; 1 for PV-DM.
    alpha : float, default 0.05
        The learning rate in the beginning.
    infer_epochs : int, optional
        How often each text is trained to infer its vector; by default `epochs`.
    options : dict, optional
        Further parameters of `fastemb.models.Doc2Vec`: ``{"dm_mean": 0}``.
    tokenizer : callable, optional
        ``tokenizer(text)`` gives the words of a text that is a str, which otherwise is split at blanks.
    n_jobs : int, optional
        Threads, as joblib counts them: one by default, and with -1 one for each core. With one, the same
        `random_state` gives the same vectors, to the bit.
    random_state : int, RandomState or None, default 1
        The seed.

    Attributes
    ----------
    model_ : Doc2Vec

    Examples
    --------
    >>> from fastemb.sklearn import Doc2VecTransformer
    >>> texts = ["cat say meow", "dog say woof"]
    >>> Doc2VecTransformer(vector_size=10, min_count=1).fit_transform(texts).shape
    (2, 10)
    """

    def __init__(
        self,
        *,
        vector_size: int = 100,
        dm: int = 0,
        dbow_words: int = 0,
        window: int = 5,
        min_count: int = 5,
        hs: int = 0,
        negative: int = 5,
        sample: float = 1e-3,
        alpha: float = 0.05,
        epochs: int = 10,
        infer_epochs: int | None = None,
        options: Mapping[str, Any] | None = None,
        tokenizer: Tokenizer | None = None,
        n_jobs: int | None = None,
        random_state: Any = 1,
    ):
        self.vector_size, self.dm, self.dbow_words, self.window = vector_size, dm, dbow_words, window
        self.min_count, self.hs, self.negative, self.sample = min_count, hs, negative, sample
        self.alpha, self.epochs, self.infer_epochs, self.options = alpha, epochs, infer_epochs, options
        self.tokenizer, self.n_jobs, self.random_state = tokenizer, n_jobs, random_state

    def fit(self, X: Any, y: Any = None) -> Doc2VecTransformer:
        """Train the model.

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
            If texts are not such, no word is frequent enough, or a parameter is out of range.
        """
        words = Words(self._texts_to_fit(X))
        given = {name: getattr(self, name) for name in PARAMETERS}
        given |= {"workers": self._workers(), "seed": self._seed()} | dict(self.options or {})
        self.model_ = Doc2Vec((TaggedDocument(own, [number]) for number, own in enumerate(words)), **given)
        self._n_features_out = self.model_.vector_size
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Infer a vector for each text.

        Parameters
        ----------
        X
            As of `fit`.

        Returns
        -------
        ndarray of float32, shape (texts, vector_size)
            The vector of a text depends neither on other texts nor on `n_jobs`; zeros for one without a known word.
        """
        check_is_fitted(self)
        words = Words(self._texts(X))
        return self.model_.infer_vectors(words, epochs=self.infer_epochs, workers=self._workers())
