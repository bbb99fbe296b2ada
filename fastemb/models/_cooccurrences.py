"""What GloVe is trained on: words, and how often they meet, from text, a matrix or files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import whole
from fastemb._paths import local
from fastemb._tables import TABLES, origin
from fastemb.corpus import EncodedCorpus
from fastemb.corpus.cooccurrence import Cells, Means, Window, count_cooccurrences
from fastemb.formats.cooccurrence import count_records, read_cooccurrences, records
from fastemb.formats.word2vec import read_counts
from fastemb.io.outputs import replacing
from fastemb.kernels.checksum import crc32
from fastemb.models.parameters import Path
from fastemb.training import Fingerprint, Strips, progress_bar

Vocabulary = Mapping[str | int, int] | Iterable[str | int] | Path
ADDED_FOR_A_CELL = 8  # about so many pairs of words in a text are one cell; only the number of strips depends on it


@dataclass(frozen=True)
class CountedCells:
    """Cells that were counted elsewhere.

    Attributes
    ----------
    blocks : iterable of Cells
        In the order of rows and columns.
    estimate : int
        What `cells_in` says.
    """

    blocks: Iterable[Cells]
    estimate: int


def cells_in(words: int, longest: int, vocabulary: int, window: Window) -> int:
    """About how many cells a text has; by it the cells of a corpus and `CountedCells` come into the same strips."""
    return min(words * window.reach(words, longest) * (2 if window.symmetric else 1) // ADDED_FOR_A_CELL, vocabulary**2)


@dataclass(frozen=True)
class Counting:
    """How the cells of a matrix of co-occurrences are counted, and kept for training.

    Attributes
    ----------
    words : int
        Size of the vocabulary.
    window : Window
    workers : int
    memory : int
        Bytes for counting, and as many for the cells; what is more goes to temporary files.
    seed : int
        For the order of the cells.
    progress : bool
        Show a progress bar.
    """

    words: int
    window: Window
    workers: int
    memory: int
    seed: int
    progress: bool

    def of_corpus(self, corpus: EncodedCorpus) -> Strips:
        """The cells of a corpus."""
        strips = self._new_strips(cells_in(corpus.words, corpus.longest, self.words, self.window))
        self._count(corpus, strips.scattered, strips.append)
        return not_empty(strips)

    def of_matrix(self, given: Any) -> tuple[Strips, Fingerprint]:
        """The cells of a sparse matrix or of Stanford's file, and what tells them apart."""
        blocks, count = read_matrix(given, self.words)
        strips, checksum = self._new_strips(count), 0
        with naming(given):
            for cells in blocks:
                for array in cells:
                    checksum = crc32(np.ascontiguousarray(array).view(np.uint8), checksum)
                strips.append(strips.scattered(cells))
            not_empty(strips)
        return strips, Fingerprint(self.words, strips.cells, checksum, 0)

    def write(self, path: Path, corpus: EncodedCorpus) -> int:
        """Write the cells of a corpus to a file of Stanford's; return how many they are."""
        with replacing(path) as file:
            written = 0

            def take(block: NDArray[Any]) -> None:
                nonlocal written
                file.write(block.data)
                written += len(block)

            self._count(corpus, records, take)
        return written

    def _count(self, corpus: EncodedCorpus, prepare: Any, take: Any) -> None:
        bar = progress_bar(corpus.words, "words", "counting") if self.progress else None

        def report(done: int) -> None:
            if bar is not None:
                bar.update(done - bar.n)

        try:
            count_cooccurrences(
                corpus, self.words, self.window, prepare, take, Means(self.workers, self.memory, report)
            )
            report(corpus.words)  # those that are no words of the model were not told
        finally:
            if bar is not None:
                bar.close()

    def _new_strips(self, estimate: int) -> Strips:
        return Strips(self.words, estimate, self.seed, self.memory)


def not_empty(strips: Strips) -> Strips:
    if not strips.cells:
        raise ValueError("there is nothing to train on: no two words of the vocabulary occur near each other")
    return strips


@contextmanager
def naming(given: Any) -> Iterator[None]:
    """Let an error name the file that is read, if it is one and is not named."""
    try:
        yield
    except ValueError as error:
        if not isinstance(given, (str, os.PathLike)) or local(given) in str(error):
            raise
        raise ValueError(f"{local(given)}: {error}") from None


def read_words(words: Vocabulary, unicode_errors: str) -> tuple[list[Any], dict[str, NDArray[Any]]]:
    """The words of a vocabulary, and what is known of them."""
    if isinstance(words, (str, os.PathLike)):
        words = read_counts(words, unicode_errors=unicode_errors, numbered=True)
    if not isinstance(words, Iterable):
        raise TypeError(f"words must be words with their counts, words, or a path, not {type(words).__name__}")
    kind, keys = origin(words)[1], list(words)
    if kind in TABLES or (kind == "Series" and not isinstance(keys[0] if keys else "", str)):
        raise TypeError(
            f"words must be words with their counts, words, or a path, not a {kind}: give a dict, or a list"
        )
    for key in keys:
        if not isinstance(key, (str, int, np.integer)):
            raise TypeError(f"a word must be str or int, not {key!r:.50}")
    if not keys or len(set(keys)) < len(keys):
        raise ValueError("words must not be empty" if not keys else "words must not hold a word twice")
    if not isinstance(words, Mapping):
        return keys, {}
    return keys, {"count": np.array([whole("a count", count, 0) for count in words.values()], np.int64)}


def read_matrix(given: Any, words: int) -> tuple[Iterator[Cells], int]:
    """The cells of a sparse matrix or of Stanford's file, in blocks, and their number, about."""
    if isinstance(given, CountedCells):
        return iter(given.blocks), given.estimate
    if isinstance(given, (str, os.PathLike)):
        return read_cooccurrences(given, words), count_records(given)
    if not hasattr(given, "tocsr"):
        raise TypeError(f"cooccurrences must be a sparse matrix of SciPy or a path, not {type(given).__name__}")
    if given.shape != (words, words):
        raise ValueError(f"cooccurrences is {' × '.join(map(str, given.shape))}, but there are {words} words")
    if np.dtype(given.dtype).kind not in "biuf":
        raise TypeError(f"cooccurrences must hold real numbers, not {given.dtype}")
    matrix = given.tocsr().tocoo()  # the former adds up what a cell has several times
    cells = Cells(matrix.row.astype(np.int32), matrix.col.astype(np.int32), matrix.data.astype(np.float64))
    return iter([cells]), len(cells.values)
