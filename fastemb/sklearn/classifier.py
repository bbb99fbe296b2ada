"""fastText's classifier, as one of scikit-learn's."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils import check_array, check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted

from fastemb.corpus.columns import decoded, is_missing, missing
from fastemb.models.classifier import Classifier
from fastemb.sklearn.base import TextEstimator
from fastemb.sklearn.texts import Text, Tokenizer, line_of

PARAMETERS = (
    *("loss", "vector_size", "alpha", "epochs", "word_ngrams", "min_n", "max_n", "bucket", "min_count", "negative"),
    "init_from",
)
PREFIX = "__label__"


class FastTextClassifier(ClassifierMixin, TextEstimator):
    """fastText's classifier of texts (Joulin et al. 2017): `fastemb.models.Classifier`, as scikit-learn's are.

    Parameters
    ----------
    loss : {'softmax', 'hs', 'ns', 'ova'}, default 'softmax'
        As of `fastemb.models.Classifier`. For texts that have several labels it must be 'ova'.
    vector_size, alpha, epochs, word_ngrams, min_n, max_n, bucket, min_count, negative, init_from
        As of `fastemb.models.Classifier`.
    class_weight : 'balanced' or mapping of class to float, optional
        What the gradients of each class are multiplied by, 1 for those that are not named.
    tokenizer : callable, optional
        ``tokenizer(text)`` gives the words of a text that is a str, which otherwise is split at blanks: lower case
        and punctuation are as they stand. `fastemb.utils.simple_preprocess` is one.
    n_jobs : int, optional
        Threads, as joblib counts them: one by default, and with -1 one for each core. With one, the same
        `random_state` gives the same model, to the bit.
    random_state : int, RandomState or None, default 1
        The seed.

    Attributes
    ----------
    classes_ : ndarray, shape (classes,)
        For texts that have several labels, the numbers of the columns.
    multilabel_ : bool
        Whether texts have several labels.
    model_ : Classifier
        Its labels are the classes as str, with blanks as '_'; or their numbers, if that would not tell them apart.

    Examples
    --------
    >>> from fastemb.sklearn import FastTextClassifier
    >>> texts, y = ["a fine day", "a grey day"], ["good", "bad"]
    >>> FastTextClassifier(epochs=50, alpha=1).fit(texts, y).predict(["fine"])
    array(['good'], dtype='<U4')
    """

    classes_: NDArray[Any]
    multilabel_: bool
    model_: Classifier

    def __init__(
        self,
        *,
        loss: str = "softmax",
        vector_size: int = 100,
        alpha: float = 0.1,
        epochs: int = 5,
        word_ngrams: int = 1,
        min_n: int = 0,
        max_n: int = 0,
        bucket: int = 2_000_000,
        min_count: int = 1,
        negative: int = 5,
        init_from: Any = None,
        class_weight: str | Mapping[Any, float] | None = None,
        tokenizer: Tokenizer | None = None,
        n_jobs: int | None = None,
        random_state: Any = 1,
    ):
        self.loss, self.vector_size, self.alpha, self.epochs = loss, vector_size, alpha, epochs
        self.word_ngrams, self.min_n, self.max_n, self.bucket = word_ngrams, min_n, max_n, bucket
        self.min_count, self.negative, self.init_from = min_count, negative, init_from
        self.class_weight, self.tokenizer = class_weight, tokenizer
        self.n_jobs, self.random_state = n_jobs, random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = self.loss == "ova"
        return tags

    # Training.

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> FastTextClassifier:
        """Train anew.

        Parameters
        ----------
        X : iterable of str or of lists of words
            Or a table or an array of one column. Words of a list must not hold blanks.
        y : array_like, shape (texts,), or of 0 and 1, shape (texts, labels)
            A class for each text; or, with the loss 'ova', which labels each has. Texts without one teach nothing.
        sample_weight : array_like of float, shape (texts,), optional
            What the gradients of each text are multiplied by. Texts of weight 0 are as if they were not there.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            If texts, classes and weights are not such, or do not fit together, or a parameter is out of range.
        """
        self._train_anew(*self._checked(X, y), None, sample_weight, self.epochs)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> FastTextClassifier:
        """Go on with training: one epoch of these texts, in which the learning rate falls from `alpha` to 0.

        Words that are new are added.

        Parameters
        ----------
        X, y, sample_weight
            As of `fit`.
        classes : array_like, shape (classes,)
            All classes there will be; for the first call. For texts that have several labels, their numbers.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            As of `fit`; or if `classes` are missing in the first call, or differ in another.
        """
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' is not for partial_fit, which cannot know how often classes occur"
            )
        texts, y = self._checked(X, y)
        if hasattr(self, "model_"):
            if classes is not None and not np.array_equal(self.classes_, np.unique(classes)):
                raise ValueError(f"classes={classes!r:.80} are not those of the first call to partial_fit")
            self._train(texts, y, sample_weight, 1)
        elif classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        else:
            self._train_anew(texts, y, classes, sample_weight, 1)
        return self

    def _checked(self, X: Any, y: Any) -> tuple[list[Text], NDArray[Any]]:
        """Texts, and a class of each, or 0 and 1 for each label."""
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None")
        texts = self._texts_to_fit(X)
        y = y.toarray() if hasattr(y, "toarray") else y
        y = check_array(decoded(y), ensure_2d=False, dtype=None, input_name="y", estimator=self)
        if y.dtype.kind == "O" and (without := [row for row, each in enumerate(y.tolist()) if is_missing(each)]):
            missing("y", without[0])
        check_classification_targets(y)
        if type_of_target(y) != "multilabel-indicator":
            y = column_or_1d(y, warn=True)
        elif self.loss != "ova":
            raise ValueError(f"loss must be 'ova' for texts that have several labels, not {self.loss!r}")
        check_consistent_length(texts, y)
        return texts, y

    def _train_anew(self, texts: list[Text], y: NDArray[Any], classes: Any, sample_weight: Any, epochs: int) -> None:
        """Train another model, which is taken when that has ended well."""
        made, given = copy(self), {name: getattr(self, name) for name in PARAMETERS}
        made.multilabel_ = y.ndim == 2
        found = np.arange(y.shape[1]) if made.multilabel_ else np.unique(y)
        made.classes_ = found if classes is None else np.unique(classes)
        if made.multilabel_ and not np.array_equal(made.classes_, found):
            raise ValueError(f"classes must be the numbers of the {len(found)} columns of y, not {classes!r:.80}")
        made.model_ = Classifier(**given, label_prefix=PREFIX, workers=self._workers(), seed=self._seed())
        made._train(texts, y, sample_weight, epochs)
        self.multilabel_, self.classes_, self.model_ = made.multilabel_, made.classes_, made.model_

    def _train(self, texts: list[Text], y: NDArray[Any], sample_weight: Any, epochs: int) -> None:
        names = np.array(names_of(self.classes_), object)
        if self.multilabel_ is not (y.ndim == 2) or (self.multilabel_ and y.shape[1] != len(names)):
            raise ValueError(f"y is of shape {y.shape}, and there are {len(names)} classes")
        labels = [names[row != 0] for row in y] if self.multilabel_ else names[self._numbers(y)].tolist()
        lines = [line_of(text, number) for number, text in enumerate(texts)]
        if (weights := weights_of(sample_weight, len(texts))) is not None:
            used = np.flatnonzero(weights).tolist()
            lines, labels, weights = [lines[k] for k in used], [labels[k] for k in used], weights[used]
        if self.multilabel_ and not any(len(own) for own in labels):
            raise ValueError("no text has a label: y is 0 in all rows, or in all that have a weight")
        self.model_.workers = self._workers()
        given = {"class_weight": self._class_weight(labels), "sample_weight": weights}
        self.model_.train(lines, labels, epochs=epochs, alpha=self.alpha, **given)

    def _numbers(self, y: NDArray[Any]) -> NDArray[np.intp]:
        """The numbers of classes."""
        numbers = np.minimum(np.searchsorted(self.classes_, y), len(self.classes_) - 1)
        if (unknown := self.classes_[numbers] != y).any():
            raise ValueError(
                f"y has {y[unknown].tolist()[0]!r}, which is none of the classes of the first call to partial_fit"
            )
        return numbers

    def _class_weight(self, labels: list[Any]) -> Any:
        """`class_weight` by the labels of the model; of classes that it has not met yet none."""
        if not isinstance(self.class_weight, Mapping):
            return self.class_weight
        names = dict(zip(self.classes_.tolist(), names_of(self.classes_), strict=True))
        if unknown := [each for each in self.class_weight if each not in names]:
            raise ValueError(f"The classes, {unknown}, are in class_weight, but not in y")
        here = set(np.concatenate(labels) if self.multilabel_ else labels)
        here.update(label.removeprefix(PREFIX) for label in self.model_.labels)
        named = {names[each]: weight for each, weight in self.class_weight.items()}
        return {name: weight for name, weight in named.items() if name in here}

    # Answers.

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """The probability of each class.

        Parameters
        ----------
        X
            As of `fit`.

        Returns
        -------
        ndarray of float64, shape (texts, classes)
            In the order of `classes_`. Rows sum to 1, except for texts that have several labels, each of which has a
            probability of its own.
        """
        check_is_fitted(self)
        lines = [line_of(text, number) for number, text in enumerate(self._texts(X))]
        found = self.model_.predict_proba(lines, self._workers())
        place = {PREFIX + name: number for number, name in enumerate(names_of(self.classes_))}
        probabilities = np.zeros((len(found), len(self.classes_)))
        probabilities[:, [place[label] for label in self.model_.labels]] = found
        if self.multilabel_:
            return np.minimum(probabilities, 1)
        sums = probabilities.sum(axis=1, keepdims=True)
        return np.where(sums > 0, probabilities / np.where(sums > 0, sums, 1), 1 / len(self.classes_))

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class of each text; or which labels it has, those with a probability above 1/2.

        Parameters
        ----------
        X
            As of `fit`.

        Returns
        -------
        ndarray, shape (texts,); or of int, shape (texts, labels)
        """
        probabilities = self.predict_proba(X)
        if self.multilabel_:
            return (probabilities > 0.5).astype(int)
        return self.classes_[probabilities.argmax(axis=1)]


def names_of(classes: NDArray[Any]) -> list[str]:
    """What classes are called in a classifier; different names, without blanks and without the prefix."""
    names = ["_".join(str(each).split()) for each in classes.tolist()]
    if len(set(names)) == len(names) and not any(name.startswith(PREFIX) or not name for name in names):
        return names
    return [str(number) for number in range(len(names))]


def weights_of(given: Any, count: int) -> NDArray[np.float64] | None:
    """`sample_weight`, a number for each text; that they are finite and not negative the classifier looks at."""
    if given is None:
        return None
    weights = np.asarray(decoded(given), np.float64)
    weights = np.full(count, weights) if not weights.ndim else weights
    if weights.ndim != 1:
        raise ValueError("Sample weights must be 1D array or scalar")
    if weights.shape != (count,):
        raise ValueError(f"sample_weight.shape == {weights.shape}, expected {(count,)}!")
    if not weights.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return weights
