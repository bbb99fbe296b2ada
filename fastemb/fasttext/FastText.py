"""fastText's Python module, by the same names, arguments and errors."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from fastemb.fasttext import _pybind as fasttext
from fastemb.fasttext._args import (
    OF_AUTOTUNE,
    OF_TRAINING,
    _build_args,
    _parse_loss_string,
    _parse_model_string,
    loss_name,
    model_name,
    read_args,
    supervised_default,
    unsupervised_default,
    whole,
)

__all__ = [
    "BOW",
    "EOS",
    "EOW",
    "_FastText",
    "_Meter",
    "_build_args",
    "_parse_loss_string",
    "_parse_model_string",
    "cbow",
    "eprint",
    "load_model",
    "loss_name",
    "model_name",
    "read_args",
    "skipgram",
    "supervised",
    "tokenize",
    "train_supervised",
    "train_unsupervised",
    "unsupervised_default",
]

EOS = "</s>"
BOW = "<"
EOW = ">"
NEWS = "https://fasttext.cc/blog/2019/06/25/blog-post.html"


def eprint(*args: Any, **kwargs: Any) -> None:
    """Print to the standard error."""
    print(*args, file=sys.stderr, **kwargs)


def one_line(text: Any, method: str) -> Any:
    """The text; ValueError if it has an end of line."""
    if text.find("\n") != -1:
        raise ValueError(f"{method} processes one line at a time (remove '\\n')")
    return text


class _Meter:
    """Precision and recall at other thresholds; see `_FastText.get_meter`."""

    def __init__(self, fasttext_model: Any, meter: fasttext.Meter):
        self.f, self.m = fasttext_model, meter

    def score_vs_true(self, label: str) -> tuple[NDArray[Any], NDArray[Any]]:
        """Probabilities of a label, in ascending order, and 1 where a text has it; -1 where it was not found."""
        return columns(self.m.scoreVsTrue(self.f.get_label_id(label)))

    def precision_recall_curve(self, label: str | None = None) -> tuple[NDArray[Any], NDArray[Any]]:
        """Precision and recall at each probability, from the highest down; of all labels without `label`."""
        if label:
            return columns(self.m.precisionRecallCurveLabel(self.f.get_label_id(label)))
        return columns(self.m.precisionRecallCurve())

    def precision_at_recall(self, recall: float, label: str | None = None) -> float:
        """The highest precision that goes with at least this recall."""
        if label:
            return self.m.precisionAtRecallLabel(self.f.get_label_id(label), recall)
        return self.m.precisionAtRecall(recall)

    def recall_at_precision(self, precision: float, label: str | None = None) -> float:
        """The highest recall that goes with at least this precision."""
        if label:
            return self.m.recallAtPrecisionLabel(self.f.get_label_id(label), precision)
        return self.m.recallAtPrecision(precision)


def columns(pairs: list[tuple[float, float]]) -> tuple[NDArray[Any], NDArray[Any]]:
    first, second = zip(*pairs, strict=True) if pairs else ((), ())
    return np.array(first), np.array(second)


class _FastText:
    """A model, as `load_model` and the functions that train return it."""

    def __init__(self, model_path: Any = None, args: Any = None):
        self.f = fasttext.fasttext()
        if model_path is not None:
            self.f.loadModel(model_path)
        self._words: list[str] | None = None
        self._labels: list[str] | None = None
        self.set_args(args)

    def set_args(self, args: Any = None) -> None:
        """Take the arguments of training as attributes."""
        if args:
            for name in OF_TRAINING:
                setattr(self, name, getattr(args, name))

    def is_quantized(self) -> bool:
        """Whether rows are product-quantised."""
        return self.f.isQuant()

    def get_dimension(self) -> int:
        """Numbers in a vector."""
        return self.f._there().wv.vector_size

    def get_word_vector(self, word: str) -> NDArray[np.float32]:
        """The vector of a word, known or not, shape (dim,)."""
        return self.f._there().vector(fasttext.name(word))

    def get_sentence_vector(self, text: str) -> NDArray[np.float32]:
        """The vector of a line of text, shape (dim,); ValueError if it has an end of line."""
        return self.f._there().wv.get_sentence_vector(one_line(text, "predict"))

    def get_nearest_neighbors(self, word: str, k: int = 10, on_unicode_error: str = "strict") -> fasttext.Found:
        """Pairs of a cosine and a word, the nearest first."""
        return self.f.getNN(word, k, on_unicode_error)

    def get_analogies(
        self, wordA: str, wordB: str, wordC: str, k: int = 10, on_unicode_error: str = "strict"
    ) -> fasttext.Found:
        """Pairs of a cosine and a word, nearest to A - B + C."""
        return self.f.getAnalogies(wordA, wordB, wordC, k, on_unicode_error)

    def get_word_id(self, word: str) -> int:
        """The row of a word, -1 for one that is not known; labels come after the words."""
        return self.f.getWordId(word)

    def get_label_id(self, label: str) -> int:
        """The number of a label, -1 for one that is not known."""
        return self.f.getLabelId(label)

    def get_subword_id(self, subword: str) -> int:
        """The row of the input matrix that an n-gram is hashed to."""
        return self.f.getSubwordId(subword)

    def get_subwords(self, word: str, on_unicode_error: str = "strict") -> tuple[list[str], NDArray[Any]]:
        """A word, if it is known, and its n-grams; and their rows."""
        names, rows = self.f.getSubwords(word, on_unicode_error)
        return names, np.array(rows)

    def get_input_vector(self, ind: int) -> NDArray[np.float32]:
        """A row of the input matrix, shape (dim,)."""
        return self.f._there().row(whole(ind))

    def predict(self, text: Any, k: int = 1, threshold: float = 0.0, on_unicode_error: str = "strict") -> Any:
        """The `k` most probable labels of a line, all with -1, above a threshold; of each of a list of lines.

        Returns
        -------
        tuple of str, ndarray of float64
            Labels and their probabilities; of a list of lines a list of lists, and a list of arrays of float32.

        Raises
        ------
        ValueError
            If a line has an end of line, or the model is not supervised.
        """
        if type(text) is list:
            lines = [one_line(entry, "predict") for entry in text]
            return self.f.multilinePredict(lines, k, threshold, on_unicode_error)
        return self.f.labels_of(one_line(text, "predict"), k, threshold, on_unicode_error)

    def get_input_matrix(self) -> NDArray[np.float32]:
        """A copy of the rows of words and n-grams; ValueError if they are quantised."""
        if self.f.isQuant():
            raise ValueError("Can't get quantized Matrix")
        return self.f.getInputMatrix()

    def get_output_matrix(self) -> NDArray[np.float32]:
        """A copy of the rows of labels, of unsupervised models of words; ValueError if the input is quantised."""
        if self.f.isQuant():
            raise ValueError("Can't get quantized Matrix")
        return self.f.getOutputMatrix()

    def get_words(self, include_freq: bool = False, on_unicode_error: str = "strict") -> Any:
        """The words, with `include_freq` and their counts."""
        words, counts = self.f.getVocab(on_unicode_error)
        return (words, np.array(counts)) if include_freq else words

    def get_labels(self, include_freq: bool = False, on_unicode_error: str = "strict") -> Any:
        """The labels, with `include_freq` and their counts; of unsupervised models the words."""
        if self.f._there().classifier is None:
            return self.get_words(include_freq)
        labels, counts = self.f.getLabels(on_unicode_error)
        return (labels, np.array(counts)) if include_freq else labels

    def get_line(self, text: Any, on_unicode_error: str = "strict") -> Any:
        """The words of a line, with the </s> of its end, and its labels that are known; of many lines two lists."""
        if type(text) is list:
            return self.f.multilineGetLine([one_line(entry, "get_line") + "\n" for entry in text], on_unicode_error)
        return self.f.getLine(one_line(text, "get_line") + "\n", on_unicode_error)

    def save_model(self, path: Any) -> None:
        """Write a file that fastText reads."""
        self.f.saveModel(path)

    def test(self, path: Any, k: int = 1, threshold: float = 0.0) -> tuple[int, float, float]:
        """The number of texts in a file, and precision and recall of the first `k` labels."""
        return self.f.test(path, k, threshold)

    def test_label(self, path: Any, k: int = 1, threshold: float = 0.0) -> dict[str, dict[str, float]]:
        """'precision', 'recall' and 'f1score' of each label, NaN where there is none."""
        return self.f.testLabel(path, k, threshold)

    def get_meter(self, path: Any, k: int = -1) -> _Meter:
        """What gives precision and recall at any threshold, of a file of texts."""
        return _Meter(self, self.f.getMeter(path, k))

    def quantize(
        self, input: Any = None, qout: bool = False, cutoff: int = 0, retrain: bool = False, epoch: int | None = None,
        lr: float | None = None, thread: int | None = None, verbose: int | None = None, dsub: int = 2,
        qnorm: bool = False,
    ) -> None:  # fmt: skip
        """Make the model smaller, in place; ``fastemb.Classifier.quantize`` says how.

        With `retrain` those rows that `cutoff` keeps are trained again, on the texts of `input`.
        """
        given = self.f.getArgs()
        epoch, lr, thread = epoch or given.epoch, lr or given.lr, thread or given.thread
        if retrain and not input:
            raise ValueError("Need input file path if retraining")
        verbose = verbose or given.verbose
        self.f.quantize(input or "", qout, cutoff, retrain, epoch, lr, thread, verbose, dsub, qnorm)
        self._words = None  # others may be left

    def set_matrices(self, input_matrix: NDArray[Any], output_matrix: NDArray[Any]) -> None:
        """Replace the rows of words and n-grams, and those of labels (or words); they may have another width."""
        self.f.setMatrices(input_matrix.astype(np.float32), output_matrix.astype(np.float32))

    @property
    def words(self) -> list[str]:
        if self._words is None:
            self._words = self.get_words()
        return self._words

    @property
    def labels(self) -> list[str]:
        if self._labels is None:
            self._labels = self.get_labels()
        return self._labels

    def __getitem__(self, word: str) -> NDArray[np.float32]:
        return self.get_word_vector(word)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and word in self.f._there().wv.key_to_index


def load_model(path: Any) -> _FastText:
    """Read a .bin or .ftz file of fastText's."""
    return _FastText(model_path=path)


def tokenize(text: str) -> list[str]:
    """Split a text as fastText does; ends of lines are </s>."""
    return fasttext.fasttext().tokenize(text)


def trained(arguments: tuple[dict[str, Any], set[str]]) -> _FastText:
    given = _build_args(*arguments)
    model = _FastText(args=given)
    fasttext.train(model.f, given)
    model.set_args(model.f.getArgs())
    return model


def train_supervised(*kargs: Any, **kwargs: Any) -> _FastText:
    """Train a classifier on a file of texts with labels, a text a line.

    Parameters
    ----------
    input, lr, dim, ws, epoch, minCount, minCountLabel, minn, maxn, neg, wordNgrams, loss, bucket, thread, lrUpdateRate
        fastText's; by default a rate of 0.1, 100 numbers, 5 epochs, words and labels that occur once, no n-grams,
        the loss 'softmax', and a thread less than there are cores.
    t, label, verbose, pretrainedVectors, seed, autotuneValidationFile, autotuneMetric, autotunePredictions
        fastText's.
    autotuneDuration, autotuneModelSize
        fastText's.
    """
    names = ("input", *OF_TRAINING, "seed", *OF_AUTOTUNE)
    return trained(read_args(kargs, kwargs, names, supervised_default))


def train_unsupervised(*kargs: Any, **kwargs: Any) -> _FastText:
    """Train vectors of words and their n-grams on a text file.

    Parameters
    ----------
    input, model, lr, dim, ws, epoch, minCount, minCountLabel, minn, maxn, neg, wordNgrams, loss, bucket, thread
        fastText's; `model` is 'skipgram' or 'cbow', `loss` 'ns' or 'hs'.
    lrUpdateRate, t, label, verbose, pretrainedVectors
        fastText's.
    """
    return trained(read_args(kargs, kwargs, ("input", "model", *OF_TRAINING), unsupervised_default))


def cbow(*kargs: Any, **kwargs: Any) -> NoReturn:
    """Not there any more, as in fastText."""
    raise Exception(f"`cbow` is gone: use `train_unsupervised` with model='cbow'. See {NEWS}")


def skipgram(*kargs: Any, **kwargs: Any) -> NoReturn:
    """Not there any more, as in fastText."""
    raise Exception(f"`skipgram` is gone: use `train_unsupervised` with model='skipgram'. See {NEWS}")


def supervised(*kargs: Any, **kwargs: Any) -> NoReturn:
    """Not there any more, as in fastText."""
    raise Exception(f"`supervised` is gone: use `train_supervised`. See {NEWS}")
