"""Vectors of texts, by an encoder."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from fastemb.encoder import Encoder
from fastemb.sklearn.base import TextTransformer
from fastemb.sklearn.texts import Tokenizer


class EncoderVectorizer(TextTransformer):
    """Vectors of texts, by a `fastemb.Encoder` that you have, which learns nothing of them.

    Parameters
    ----------
    encoder : Encoder, or str or os.PathLike
        Or the folder of one, of model2vec's or sentence-transformers', too. Clones share it.
    dimensions : int, optional
        Keep the first so many numbers of each vector; all by default.
    tokenizer : callable, optional
        ``tokenizer(text)`` gives the words of a text that is a str, which are joined by blanks, as those of lists are:
        the encoder cuts them again.
    n_jobs : int, optional
        Threads, as joblib counts them: one by default, and with -1 one for each core. The result does not depend on it.

    Attributes
    ----------
    encoder_ : Encoder

    Examples
    --------
    >>> from fastemb import Encoder, Word2Vec
    >>> from fastemb.sklearn import EncoderVectorizer
    >>> model = Word2Vec([["cat", "say", "meow"], ["dog", "say", "woof"]], min_count=1, vector_size=10)
    >>> EncoderVectorizer(Encoder.from_keyed_vectors(model)).fit_transform(["A cat!", "dogs, woof"]).shape
    (2, 10)
    """

    def __init__(
        self,
        encoder: Any = None,
        *,
        dimensions: int | None = None,
        tokenizer: Tokenizer | None = None,
        n_jobs: int | None = None,
    ):
        self.encoder, self.dimensions, self.tokenizer, self.n_jobs = encoder, dimensions, tokenizer, n_jobs

    def fit(self, X: Any, y: Any = None) -> EncoderVectorizer:
        """Read the encoder, if it is a folder, and check the texts.

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
        FileNotFoundError
            If a file of the folder is missing.
        """
        self._texts_to_fit(X)
        encoder = Encoder.load(self.encoder) if isinstance(self.encoder, (str, os.PathLike)) else self.encoder
        if not isinstance(encoder, Encoder):
            raise TypeError(f"encoder must be an Encoder or the path of a folder, not {type(encoder).__name__}")
        self.encoder_ = encoder if self.dimensions is None else encoder.truncate(self.dimensions)
        self._n_features_out = self.encoder_.vector_size
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """A vector for each text.

        Parameters
        ----------
        X
            As of `fit`.

        Returns
        -------
        ndarray of float32, shape (texts, vector_size)
            Zeros for a text without a known token.
        """
        check_is_fitted(self)
        texts = [text if isinstance(text, str) else " ".join(text) for text in self._texts(X)]
        return self.encoder_.encode(texts, workers=self._workers())
