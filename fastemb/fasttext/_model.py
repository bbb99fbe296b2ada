"""A model of fastText's, supervised or not: its words, labels and rows, by fastText's numbers."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb import subwords
from fastemb._paths import local
from fastemb.fasttext import _args as arguments
from fastemb.formats import fasttext as facebook
from fastemb.formats.fasttext_names import as_strings
from fastemb.formats.fasttext_supervised import write_model
from fastemb.formats.quantized import ProductRows, Rows, decoded
from fastemb.formats.recognise import recognise
from fastemb.models import Classifier
from fastemb.models._classifier_files import LOSSES, joined, ngram_rows_of, parts_of
from fastemb.models._facebook import vectors_of
from fastemb.models.fasttext import FastTextKeyedVectors
from fastemb.subwords import END_OF_SENTENCE, encode_word, hash_word

TOKENS = re.compile(r"[^ \t\n\r\v\f\0]+|\n")
NOTHING = 1e-8  # a query shorter than this is near to nothing
CANNOT_BE_OPENED = FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError


def tokens_of(text: str) -> list[str]:
    """The words of a text, with a </s> for each end of line."""
    return [END_OF_SENTENCE if word == "\n" else word for word in TOKENS.findall(text)]


def strings(names: list[str], errors: str) -> list[str]:
    """Names as a Python that decodes them with these `errors` has them."""
    try:
        "".join(names).encode()
    except UnicodeEncodeError:
        return [encode_word(name).decode("utf-8", errors) for name in names]
    return list(names)


@dataclass
class Model:
    """The parts of a model.

    Attributes
    ----------
    wv : FastTextKeyedVectors
    output : ndarray of float32, or quantised rows
        A row for each label of a supervised model, else one for each word.
    labels, label_counts
        Of unsupervised models those that the corpus had by chance.
    args : args
    tokens : int
        Of the corpus.
    classifier : Classifier, optional
        Of supervised models; it has the same parts.
    """

    wv: FastTextKeyedVectors
    output: Rows
    labels: list[str]
    label_counts: NDArray[np.int64]
    args: arguments.args
    tokens: int
    classifier: Classifier | None = None

    @classmethod
    def of_classifier(cls, classifier: Classifier, given: arguments.args) -> Model:
        own = classifier
        return cls(own.wv, own.output, own.labels, own.label_counts, given, int(own.args["tokens"]), own)

    @classmethod
    def read(cls, path: str) -> Model:
        """Read a .bin or .ftz file of fastText's, or a classifier that fastemb saved in its own format.

        Raises
        ------
        ValueError
            If it cannot be opened, or is another file; what fastText raises.
        """
        try:
            if recognise(path) == "facebook":
                return cls._of_file(facebook.read_fasttext(path, mmap=True), local(path))
            classifier = Classifier.load(path)
        except CANNOT_BE_OPENED as error:
            if isinstance(error, IsADirectoryError):
                raise ValueError(f"{path} has wrong file format!") from error
            raise ValueError(f"{path} cannot be opened for loading!") from error
        except ValueError as error:
            raise ValueError(f"{path} has wrong file format! ({error})") from error
        return cls.of_classifier(classifier, args_of_classifier(classifier))

    @classmethod
    def _of_file(cls, file: facebook.FastTextFile, name: str) -> Model:
        kinds = {facebook.MODELS["cbow"]: "cbow", facebook.MODELS["sg"]: "skipgram"}
        kind = kinds.get(file.arguments["model"])
        if kind is None:
            classifier = Classifier._from_parts(*parts_of(file, name))
            return cls.of_classifier(classifier, arguments.args_of(file.arguments, classifier.loss, "supervised"))
        given = arguments.args_of(file.arguments, LOSSES[file.arguments["loss"]], kind)
        labels = as_strings(file.labels)
        assert file.outputs is not None
        return cls(vectors_of(file, name, "utf-8"), file.outputs, labels, file.label_counts, given, file.tokens)

    def write(self, path: str) -> None:
        """Write a file that fastText reads.

        Raises
        ------
        ValueError
            If it cannot be opened; what fastText raises.
        """
        try:
            if self.classifier is not None:
                self.classifier.save_fasttext(path)
            else:
                write_model(path, self._to_file())
        except CANNOT_BE_OPENED as error:
            raise ValueError(f"{os.fspath(path)} cannot be opened for saving!") from error

    def _to_file(self) -> facebook.FastTextFile:
        wv = self.wv
        bucket = wv.subwords.bucket if wv.subwords.kept is not None else len(wv.ngram_rows)
        return facebook.FastTextFile(
            self.args.to_file() | {"bucket": bucket, "dim": wv.vector_size},
            [encode_word(word) for word in wv.index_to_key],
            self.counts,
            self.tokens,
            joined(wv.vectors_vocab, wv.ngram_rows),  # type: ignore[arg-type]  # rows of two matrices
            self.output,
            wv.subwords.kept,
            [encode_word(label) for label in self.labels],
            self.label_counts,
        )

    # Words and labels.

    @property
    def words(self) -> list[str]:
        return self.wv.index_to_key  # type: ignore[return-value]  # none of them is an int

    @property
    def counts(self) -> NDArray[np.int64]:
        return np.asarray(self.wv.expandos["count"], np.int64)

    @property
    def is_quantized(self) -> bool:
        return isinstance(self.wv.vectors_vocab, ProductRows)

    @cached_property
    def numbers_of_labels(self) -> dict[str, int]:
        return {label: number for number, label in enumerate(self.labels)}

    def number(self, word: str) -> int:
        """Of a word, or of a label, which come after the words; -1 of what is neither."""
        number = self.wv.key_to_index.get(word, -1)
        if number < 0 and word in self.numbers_of_labels:
            return len(self.wv) + self.numbers_of_labels[word]
        return number

    def line(self, text: str) -> tuple[list[str], list[str]]:
        """The words of the first line, and its labels that are known; see `Dictionary::getLine`."""
        words, labels = [], []
        for token in tokens_of(text):
            if token in self.numbers_of_labels:
                labels.append(token)
            elif token in self.wv.key_to_index or not token.startswith(self.args.label):
                words.append(token)
            if token == END_OF_SENTENCE:
                break
        return words, labels

    # Rows.

    @property
    def rows(self) -> int:
        """Of the input matrix: of words, then of n-grams."""
        return len(self.wv) + len(self.wv.ngram_rows)

    def row(self, number: int) -> NDArray[np.float32]:
        """A row of the input matrix."""
        if not 0 <= number < self.rows:
            raise IndexError(f"row {number} is not one of {self.rows}")
        words = len(self.wv)
        rows: Any = self.wv.vectors_vocab if number < words else self.wv.ngram_rows
        return np.array(decoded(rows, [number if number < words else number - words])[0])

    def input_matrix(self) -> NDArray[np.float32]:
        return np.concatenate([self.wv.vectors_vocab[:], ngram_rows_of(self.wv)[:]])

    def subword_number(self, ngram: str) -> int:
        """The row of what is an n-gram, before any were pruned."""
        if not self.args.bucket:
            raise ValueError("this model has no rows of n-grams (bucket=0)")
        return len(self.wv) + hash_word(encode_word(ngram)) % int(self.args.bucket)

    def subwords_of(self, word: str) -> tuple[list[bytes], list[int]]:
        """A word, if it is known, and its n-grams; and the rows of those that have one."""
        parameters, number = self.wv.subwords, self.number(word)
        names = [] if number < 0 else [encode_word(word)]
        rows = [] if number < 0 else [number]
        if parameters.used:
            names += subwords.ngrams(parameters.between_marks(word), parameters.min_n, parameters.max_n)
            rows += [len(self.wv) + row for row in parameters.of_word(word).tolist()]
        return names, rows

    def vector(self, word: str) -> NDArray[np.float32]:
        """The mean of a word's rows; zeros if it has none."""
        if word in self.wv.key_to_index:
            return np.array(self.wv.get_vector(word))
        rows = self.subwords_of(word)[1]
        if not rows:
            return np.zeros(self.wv.vector_size, np.float32)
        if max(rows) >= self.rows:
            raise ValueError(f"{word!r} is a label, and has no row in the input matrix")
        matrix = decoded(self.wv.ngram_rows, [row - len(self.wv) for row in rows])
        return subwords.mean_row(matrix)

    def nearest(self, query: NDArray[np.float32], k: int, others: set[str]) -> list[tuple[float, str]]:
        """The words nearest to a vector, all with a negative `k`, but for others; the nearest first."""
        count = len(self.wv) if k < 0 else min(k + len(others), len(self.wv))
        if not count or not k:
            return []
        if np.linalg.norm(query) < NOTHING:
            found: Any = [(word, 0.0) for word in self.words[:count]]
        else:
            found = self.wv.most_similar([query], topn=count)
        return [(score, str(word)) for word, score in found if word not in others][: None if k < 0 else k]

    # Change.

    def with_matrices(self, inputs: NDArray[np.float32], output: NDArray[np.float32]) -> Model:
        """The same words and labels with other rows.

        Raises
        ------
        ValueError
            If there are not as many rows as before.
        """
        shapes = inputs.shape, output.shape
        if [len(shape) for shape in shapes] != [2, 2] or shapes[0][1] != shapes[1][1]:
            raise ValueError(f"two matrices of as many columns are needed, not {shapes[0]} and {shapes[1]}")
        if (len(inputs), len(output)) != (self.rows, len(self.output)):
            raise ValueError(f"{self.rows} and {len(self.output)} rows are needed, not {len(inputs)} and {len(output)}")
        words, old = len(self.wv), self.wv
        wv = FastTextKeyedVectors.from_bags(
            list(self.words), inputs[:words], inputs[words:], old.subwords, dict(old.expandos), old.supervised
        )
        changed = self.args.copy()
        changed.dim = inputs.shape[1]
        if self.classifier is None:
            return Model(wv, output, self.labels, self.label_counts, changed, self.tokens)
        own = self.classifier
        made = own._with_rows(wv, output)
        return Model.of_classifier(made, changed)


def args_of_classifier(classifier: Classifier) -> arguments.args:
    made = arguments.args_of(classifier.args, classifier.loss, "supervised")
    made.lr, made.minCountLabel = classifier.args["lr"], classifier.args["min_count_label"]
    made.label = classifier.args["label_prefix"]
    return made
