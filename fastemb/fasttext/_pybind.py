"""What fastText's Python module gets from its compiled part, `fasttext_pybind`: by the same names, over `Model`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import Path
from fastemb.fasttext._args import args, loss_name, model_name, real, text, whole
from fastemb.fasttext._model import Model, strings, tokens_of
from fastemb.fasttext._training import fasttexts_errors, readable, trained
from fastemb.models import Classifier
from fastemb.models._classifier_evaluation import Evaluation, answered
from fastemb.models._classifier_meter import Meter

__all__ = ["DenseMatrix", "Meter", "Vector", "args", "fasttext", "loss_name", "model_name", "train"]

NaN = float("nan")
Found = list[tuple[float, str]]


def Vector(size: int) -> NDArray[np.float32]:
    """A vector that methods fill."""
    return np.zeros(size, np.float32)


def DenseMatrix(rows: int = 0, columns: int = 0) -> NDArray[np.float32]:
    return np.zeros((rows, columns), np.float32)


def name(word: Any) -> str:
    """A word as str; bytes are taken as fastText takes them."""
    if isinstance(word, bytes):
        return word.decode("utf-8", "surrogateescape")
    if not isinstance(word, str):
        raise TypeError(f"incompatible function arguments: a word must be a str, not {type(word).__name__}")
    return word


class fasttext:
    """A model, or none yet. `_FastText.f` is of this class."""

    model: Model | None = None

    def _there(self) -> Model:
        if self.model is None:
            raise RuntimeError("Model never trained")
        return self.model

    def _classifier(self) -> Classifier:
        classifier = self._there().classifier
        if classifier is None:
            raise ValueError("Model needs to be supervised for prediction!")
        return classifier

    def loadModel(self, path: Path) -> None:
        self.model = Model.read(text(path))

    def saveModel(self, path: Path) -> None:
        self._there().write(text(path))

    def getArgs(self) -> args:
        return self._there().args.copy()

    def isQuant(self) -> bool:
        return self.model is not None and self.model.is_quantized

    # Words and labels.

    def getVocab(self, errors: str) -> tuple[list[str], list[int]]:
        model = self._there()
        return strings(model.words, errors), model.counts.tolist()

    def getLabels(self, errors: str) -> tuple[list[str], list[int]]:
        model = self._there()
        return strings(model.labels, errors), model.label_counts.tolist()

    def getWordId(self, word: str | bytes) -> int:
        return self._there().number(name(word))

    def getLabelId(self, label: str | bytes) -> int:
        number = self._there().number(name(label))
        return number if number < 0 else number - len(self._there().words)

    def getSubwordId(self, ngram: str | bytes) -> int:
        return self._there().subword_number(name(ngram))

    def getSubwords(self, word: str | bytes, errors: str) -> tuple[list[str], list[int]]:
        names, rows = self._there().subwords_of(name(word))
        return [each.decode("utf-8", errors) for each in names], rows

    def tokenize(self, line: str | bytes) -> list[str]:
        return tokens_of(name(line))

    def getLine(self, line: str, errors: str) -> tuple[list[str], list[str]]:
        words, labels = self._there().line(line)
        return strings(words, errors), strings(labels, errors)

    def multilineGetLine(self, lines: list[str], errors: str) -> tuple[list[list[str]], list[list[str]]]:
        found = [self.getLine(line, errors) for line in lines]
        return [words for words, _ in found], [labels for _, labels in found]

    # Vectors.

    def getWordVector(self, vector: NDArray[np.float32], word: str | bytes) -> None:
        vector[:] = self._there().vector(name(word))

    def getSentenceVector(self, vector: NDArray[np.float32], line: str | bytes) -> None:
        vector[:] = self._there().wv.get_sentence_vector(name(line).partition("\n")[0])

    def getInputVector(self, vector: NDArray[np.float32], number: int) -> None:
        vector[:] = self._there().row(whole(number))

    def getNN(self, word: str | bytes, k: int, errors: str) -> Found:
        model, own = self._there(), name(word)
        return decoded_names(model.nearest(model.vector(own), whole(k), {own}), errors)

    def getAnalogies(self, first: str | bytes, second: str | bytes, third: str | bytes, k: int, errors: str) -> Found:
        model, words = self._there(), [name(word) for word in (first, second, third)]
        a, b, c = (vector / (np.linalg.norm(vector) + 1e-8) for vector in map(model.vector, words))
        return decoded_names(model.nearest((a - b + c).astype(np.float32), whole(k), set(words)), errors)

    def getInputMatrix(self) -> NDArray[np.float32]:
        self._refuse_quantized()
        return self._there().input_matrix()

    def getOutputMatrix(self) -> NDArray[np.float32]:
        if not isinstance(self._there().output, np.ndarray):
            self._refuse_quantized()
        return np.array(self._there().output[:])

    def _refuse_quantized(self) -> None:
        if self._there().is_quantized:
            raise RuntimeError("Can't export quantized matrix")

    def setMatrices(self, inputs: NDArray[np.float32], output: NDArray[np.float32]) -> None:
        self.model = self._there().with_matrices(inputs, output)

    # Labels of texts.

    def predict(self, line: str | bytes, k: int, threshold: float, errors: str) -> Found:
        labels, probabilities = self.labels_of(name(line).partition("\n")[0], k, threshold, errors)
        return list(zip(probabilities.tolist(), labels, strict=True))

    def labels_of(self, line: str, k: int, threshold: float, errors: str) -> tuple[tuple[str, ...], NDArray[Any]]:
        """The labels and probabilities of one line without its end."""
        k, threshold = whole(k), real(threshold)  # before all else, as pybind11 does
        labels, probabilities = self._classifier().predict(line, checked(k), threshold)
        return tuple(strings(labels, errors)), probabilities

    def multilinePredict(
        self, lines: list[str], k: int, threshold: float, errors: str
    ) -> tuple[list[list[str]], list[NDArray[np.float32]]]:
        k, threshold, texts = whole(k), real(threshold), [line.partition("\n")[0] for line in lines]
        labels, probabilities = self._classifier().predict(texts, checked(k), threshold)
        if labels and not all(map(is_text, self._there().labels)):
            labels = [strings(some, errors) for some in labels]
        return labels, probabilities

    def _evaluated(self, path: Path, k: int, threshold: float) -> Evaluation:
        file, k, threshold = opened(path), whole(k), real(threshold)
        return self._classifier().evaluate(file, checked(k), threshold)

    def test(self, path: Path, k: int, threshold: float) -> tuple[int, float, float]:
        found = self._evaluated(path, k, threshold)
        return found.texts, found.precision, found.recall

    def testLabel(self, path: Path, k: int, threshold: float) -> dict[str, dict[str, float]]:
        found = self._evaluated(path, k, threshold)
        nothing = {"precision": NaN, "recall": NaN, "f1score": NaN}
        return {label: dict(nothing) for label in found.labels} | found.by_label()

    def getMeter(self, path: Path, k: int) -> Meter:
        file = opened(path)
        return Meter(answered(self._classifier(), file, checked(whole(k)), 0.0, None))

    # Change.

    def quantize(
        self, input: Path, qout: bool, cutoff: int, retrain: bool, epoch: int, lr: float, thread: int, verbose: int,
        dsub: int, qnorm: bool,
    ) -> None:  # fmt: skip
        model = self._there()
        if model.classifier is None:
            raise ValueError("For now we only support quantization of supervised models")
        more: dict[str, Any] = {}
        if retrain and 0 < cutoff < model.rows:  # else fastText does not train, either
            more = {
                "retrain": readable(text(input), "training"),
                "epochs": epoch,
                "alpha": lr,
                "workers": max(1, thread),
            }
        with fasttexts_errors():
            small = model.classifier.quantize(whole(cutoff), bool(qnorm), bool(qout), whole(dsub), **more)
        given = model.args.copy()
        given.qout, given.input = qout, input
        self.model = Model.of_classifier(small, given)


def train(model: fasttext, given: args) -> None:
    """Train what the arguments say."""
    model.model = trained(given)


def checked(k: int) -> int:
    """A number of labels, or -1 for all."""
    if k != -1 and k < 1:
        raise ValueError("k needs to be 1 or higher!")
    return k


def opened(path: Path) -> str:
    """The path of a file that can be read."""
    given = text(path)
    try:
        with open(given, "rb"):
            return given
    except OSError as error:
        raise ValueError(f"Test file cannot be opened! ({error})") from error


def is_text(label: str) -> bool:
    """Whether it was UTF-8."""
    return label.isascii() or not any("\ud800" <= character <= "\udfff" for character in label)


def decoded_names(found: Found, errors: str) -> Found:
    names = strings([word for _, word in found], errors)
    return [(score, word) for (score, _), word in zip(found, names, strict=True)]
