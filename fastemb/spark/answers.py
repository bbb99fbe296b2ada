"""What executors answer with trained vectors, which each machine has once, in a file that its processes map."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyspark import SparkFiles

from fastemb.io.outputs import replacing
from fastemb.kernels.text.batch import weighted_means
from fastemb.kernels.text.columnencoder import ColumnEncoder
from fastemb.models import Classifier, Doc2Vec, KeyedVectors
from fastemb.spark.columns import add_column, refuse_lines, refuse_null, table_of, words_of
from fastemb.spark.rows import values_of
from fastemb.spark.training import PIECE

KEPT: dict[str, Any] = {}  # of this process: what was made last, by names
MOST_KEPT = 8  # so that several models may answer for the columns of one DataFrame


def kept(name: str, make: Callable[[], Any]) -> Any:
    """What was made of this name, which is among the last ones, or is made."""
    found = KEPT.get(name)
    if found is None:
        found = make()
        for oldest in list(KEPT)[: 1 - MOST_KEPT]:
            KEPT.pop(oldest, None)
        KEPT[name] = found
    return found


def loaded(files: Sequence[str], what: str, make: Callable[[str], None], load: Callable[..., Any]) -> Any:
    """What is in a file that is made once on each machine, and mapped by all its processes."""
    target = os.path.join(SparkFiles.getRootDirectory(), f"{files[0]}.{what}")

    def mapped() -> Any:
        if not os.path.exists(target):
            make_once(target, make)
        return load(target, mmap="r")

    return kept(target, mapped)


def make_once(target: str, make: Callable[[str], None]) -> None:
    """Make a file, unless another process does."""
    try:
        import fcntl
    except ImportError:  # on Windows each process makes it; it appears whole
        make(target)
        return
    with open(f"{target}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(target):
            make(target)


def save_vectors(files: Sequence[str], integers: bool, target: str) -> None:
    """Make a file of vectors of those in which Spark has stored words.

    Raises
    ------
    ValueError
        If a word lacks, or is there twice.
    """
    words: list[Any] = []
    counts, vectors = [], []
    for file in files:
        with pq.ParquetFile(SparkFiles.get(file)) as parquet:
            for batch in parquet.iter_batches(columns=["id", "word", "count", "vector"]):
                batch = batch.filter(batch.column("word").is_valid())
                words += zip(
                    batch.column("id").fill_null(-1).to_pylist(), batch.column("word").to_pylist(), strict=True
                )
                counts.append(batch.column("count").to_numpy())
                vectors.append(matrix_of(batch.column("vector")))
    numbers = np.array([number for number, _ in words], np.int64)
    order = np.argsort(numbers, kind="stable")
    check_numbers(numbers[order], "words")
    keys = [int(words[k][1]) if integers else words[k][1] for k in order.tolist()]
    matrix = np.concatenate(vectors)[order]
    KeyedVectors.from_arrays(keys, matrix, {"count": np.concatenate(counts)[order]}).save(target)


def save_pieces(files: Sequence[str], target: str) -> None:
    """Make a file of the pieces in which Spark has stored it.

    Raises
    ------
    ValueError
        If a piece lacks, or is there twice, or is shorter than others before the last.
    """
    sizes: list[tuple[int, int]] = []
    with replacing(target) as made:
        for file in files:
            with pq.ParquetFile(SparkFiles.get(file)) as parquet:
                for batch in parquet.iter_batches(64, columns=["id", "piece"]):
                    numbers = batch.column("id").fill_null(-1).to_pylist()
                    for number, piece in zip(numbers, batch.column("piece"), strict=True):
                        if piece.is_valid:
                            made.seek(PIECE * max(number, 0))
                            made.write(piece.as_buffer())
                            sizes.append((number, piece.as_buffer().size))
        order, lengths = np.array(sorted(sizes), np.int64).reshape(-1, 2).T
        check_numbers(order, "pieces")
        if (lengths[:-1] != PIECE).any() or (lengths[-1:] > PIECE).any():
            raise ValueError("what Spark has stored of a model is damaged: a piece is of another size")


def check_numbers(numbers: NDArray[np.int64], what: str) -> None:
    """Raise ValueError unless these are 0, 1, …"""
    if not len(numbers) or not np.array_equal(numbers, np.arange(len(numbers))):
        raise ValueError(f"what Spark has stored of a model is damaged: {what} lack, or are there twice")


@dataclass(frozen=True)
class Answers:
    """What a model answers for a column of lists of words; a subclass says what.

    Attributes
    ----------
    column : str
        The name of the column.
    files : list of str
        The names of the files that Spark has brought to this machine.
    integers : bool
        Words are whole numbers.
    """

    column: str
    files: list[str]
    integers: bool

    def vectors(self) -> KeyedVectors:
        """The vectors of words."""
        raise NotImplementedError

    def __call__(self, column: Any) -> NDArray[np.float32]:
        """A vector for each list."""
        raise NotImplementedError


class Means(Answers):
    """The sum of the vectors of the words of a list, divided by the number of all its words, as in MLlib."""

    def vectors(self) -> KeyedVectors:
        return loaded(
            self.files, "vectors", lambda target: save_vectors(self.files, self.integers, target), KeyedVectors.load
        )

    def __call__(self, column: Any) -> NDArray[np.float32]:
        wv = self.vectors()
        encoder = ColumnEncoder(kept(f"{self.files[0]}.table", lambda: table_of(wv.index_to_key)))
        add_column(encoder, column, self.column)
        return shares_of_rows(np.asarray(wv.vectors), *encoder.finish())


class MeansOfNgrams(Answers):
    """The same of vectors that words have which were never seen, too."""

    def vectors(self) -> KeyedVectors:
        return loaded(self.files, "vectors", partial(save_pieces, self.files), KeyedVectors.load)

    def __call__(self, column: Any) -> NDArray[np.float32]:
        wv, encoder = self.vectors(), ColumnEncoder()
        add_column(encoder, column, self.column)
        texts = words_of(encoder.table)
        words: list[Any] = [int(text) for text in texts] if self.integers else texts
        rows = np.full(len(words), -1, np.int32)
        known = [k for k, word in enumerate(words) if texts[k] and word in wv]
        rows[known] = np.arange(len(known))
        ids, starts = encoder.finish()
        found = wv[[words[k] for k in known]] if known else np.empty((0, wv.vector_size))
        return shares_of_rows(np.ascontiguousarray(found, np.float32), rows[ids], starts)


class Inferred(Answers):
    """Vectors of documents, inferred."""

    def model(self) -> Doc2Vec:
        """The model, mapped from its file."""
        return loaded(self.files, "model", partial(save_pieces, self.files), Doc2Vec.load)

    def vectors(self) -> KeyedVectors:
        return self.model().wv

    def __call__(self, column: Any) -> NDArray[np.float32]:
        refuse_null(column, self.column)
        return self.model().infer_vectors(column.to_pylist(), workers=1)


class Labels(Answers):
    """The most probable labels of texts, and the probabilities of all."""

    def model(self) -> Classifier:
        """The classifier, mapped from its file."""
        return loaded(self.files, "model", partial(save_pieces, self.files), Classifier.load)

    def labels(self) -> list[str]:
        """The labels as they were given: without the prefix that they were trained with."""
        model = self.model()
        return [label.removeprefix(model.label_prefix) for label in model.labels]

    def __call__(self, column: Any) -> Any:
        if column.null_count:
            raise ValueError(
                f"column {self.column!r} is null in {column.null_count} of {len(column)} rows: leave them out, as by "
                f"dropna(subset=[{self.column!r}])"
            )
        refuse_lines(column, self.column)
        probabilities = self.model().predict_proba(column.to_pylist(), workers=1)
        best, labels = probabilities.argmax(1), pa.array(self.labels(), pa.string())
        known = probabilities.any(1)
        found = labels.take(pa.array(best, mask=~known))
        return pa.StructArray.from_arrays([found, lists_of(probabilities)], ["label", "probabilities"])


def shares_of_rows(rows: NDArray[np.float32], ids: NDArray[np.int32], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    """The sum of some rows for each list, divided by the length of the list; zeros where it is empty.

    Parameters
    ----------
    rows : ndarray of float32, shape (rows, d)
    ids : ndarray of int32
        The rows of list k are ids[starts[k]:starts[k + 1]]; -1 stands for none.
    starts : ndarray of int64, shape (lists + 1,)

    Returns
    -------
    ndarray of float32, shape (lists, d)
    """
    found = np.zeros((len(starts) - 1, rows.shape[1]), np.float32)
    if len(rows):
        weighted_means(rows, np.ones(len(rows)), ids, starts, found)
    known = np.append(0, np.cumsum(ids >= 0))[starts]
    found *= (np.diff(known) / np.maximum(np.diff(starts), 1)).astype(np.float32)[:, None]
    return found


def matrix_of(column: Any) -> NDArray[np.float32]:
    """Vectors as they are stored, as rows."""
    return values_of(column, "<f4")[0].reshape(len(column), -1) if len(column) else np.empty((0, 1), np.float32)


def lists_of(rows: NDArray[np.float32]) -> Any:
    """The rows of a matrix as lists of Arrow."""
    ends = np.arange(0, rows.size + 1, rows.shape[1], dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(rows.reshape(-1)))
