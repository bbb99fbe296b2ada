"""What all estimators share: texts, threads, seeds, tags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import joblib
import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state

from fastemb.sklearn.texts import Text, Tokenizer, texts_of


class TextEstimator(BaseEstimator):
    """What all estimators of this package share.

    A subclass has the parameters `tokenizer` and `n_jobs`, and, if something is random, `random_state`.
    """

    tokenizer: Tokenizer | None
    n_jobs: int | None
    random_state: Any

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.non_deterministic = hasattr(self, "random_state") and self.n_jobs not in (None, 1)
        return tags

    def _texts(self, given: Any) -> list[Text]:
        """Texts to be transformed, or labelled."""
        return texts_of(given, self.tokenizer)

    def _texts_to_fit(self, given: Any) -> list[Text]:
        """Texts to be learnt from, of which there must be some."""
        self._workers()  # a wrong `n_jobs` is found before anything is done
        texts = self._texts(given)
        if not texts:
            raise ValueError(f"{type(self).__name__} found no texts: there are 0 samples, and at least 1 is needed")
        return texts

    def _workers(self) -> int:
        return int(joblib.effective_n_jobs(self.n_jobs))

    def _seed(self) -> int:
        """A whole number is taken as it is."""
        if isinstance(self.random_state, (int, np.integer)):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))


class TextTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, TextEstimator):
    """What those share that transform texts; in `fit` a subclass sets `_n_features_out`, the width of its rows."""

    _n_features_out: int

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []  # float32, whatever is given
        return tags

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Any:
        """Fit, and transform the same texts, which may be such as can be read but once.

        Parameters
        ----------
        X, y
            As of `fit`.

        Returns
        -------
        As of `transform`.
        """
        return super().fit_transform(list(X) if isinstance(X, Iterator) else X, y, **fit_params)
