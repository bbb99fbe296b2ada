"""Phrases joined in texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sklearn.utils.validation import check_is_fitted

from fastemb._numbers import whole
from fastemb.models.phrases import Phrases
from fastemb.sklearn.base import TextTransformer
from fastemb.sklearn.texts import Tokenizer, Words


class PhrasesTransformer(TextTransformer, auto_wrap_output_keys=None):  # type: ignore[call-arg]
    """Texts to lists of words, in which phrases are joined by `fastemb.models.phrases.Phrases`, for other estimators.

    Parameters
    ----------
    passes : int, default 1
        With 2, pairs of what the first pass has joined are joined as well, and so on.
    min_count, threshold, scoring, delimiter, connector_words
        As of `fastemb.models.phrases.Phrases`.
    tokenizer : callable, optional
        ``tokenizer(text)`` gives the words of a text that is a str, which otherwise is split at blanks.
    n_jobs : int, optional
        Threads, as joblib counts them: one by default, and with -1 one for each core. The result does not depend on it.

    Attributes
    ----------
    phrasers_ : list of FrozenPhrases
        One for each pass.

    Examples
    --------
    >>> from fastemb.sklearn import PhrasesTransformer
    >>> texts = ["new york", "in new york", "new cars"]
    >>> PhrasesTransformer(min_count=1, threshold=0.5).fit_transform(texts)
    [['new_york'], ['in', 'new_york'], ['new', 'cars']]
    """

    def __init__(
        self,
        *,
        passes: int = 1,
        min_count: float = 5,
        threshold: float = 10.0,
        scoring: Any = "default",
        delimiter: str = "_",
        connector_words: Iterable[str] = (),
        tokenizer: Tokenizer | None = None,
        n_jobs: int | None = None,
    ):
        self.passes, self.min_count, self.threshold, self.scoring = passes, min_count, threshold, scoring
        self.delimiter, self.connector_words = delimiter, connector_words
        self.tokenizer, self.n_jobs = tokenizer, n_jobs

    def fit(self, X: Any, y: Any = None) -> PhrasesTransformer:
        """Learn phrases.

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
        sentences: Any = Words(self._texts_to_fit(X))
        names = ("min_count", "threshold", "scoring", "delimiter", "connector_words")
        given = {name: getattr(self, name) for name in names} | {"workers": self._workers()}
        phrasers = []
        for _ in range(whole("passes", self.passes, 1)):
            phrasers.append(Phrases(sentences, **given).freeze())
            sentences = phrasers[-1][sentences]
        self.phrasers_, self._n_features_out = phrasers, 1
        return self

    def transform(self, X: Any) -> list[list[str]]:
        """The words of each text, with its phrases joined.

        Parameters
        ----------
        X
            As of `fit`.

        Returns
        -------
        list of list of str
        """
        check_is_fitted(self)
        found = list(Words(self._texts(X)))
        for phrases in self.phrasers_:
            found = [phrases[words] for words in found]
        return found

    def set_output(self, *, transform: Any = None) -> PhrasesTransformer:
        """Without effect, for pipelines: texts are lists of words, whatever becomes of the vectors behind them."""
        return self
