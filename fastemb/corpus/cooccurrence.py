"""How often words occur near each other, counted over an encoded corpus.

The text is cut into segments that fit the memory. The rows of each are counted by threads and come
out in order; with more segments than one they go to a temporary file, and are added up from there.
Everything is a whole number of some unit, so the result is the same however the work was cut.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from fastemb._threads import run_in_order
from fastemb.corpus.chunks import EncodedCorpus
from fastemb.io.spill import SpillFile
from fastemb.kernels.cooccurrence import Segment, Sums, add_rows, separate
from fastemb.kernels.ragged import starts_of

Prepared = TypeVar("Prepared")

LARGEST = 2**63 - 1
SEGMENT = 2**30  # a segment has at most so many words, whatever the memory
RANGE = 2**21  # a worker counts about so many cells at a time
SMALLEST_RANGE = 2**16
WORD_BYTES, CELL_BYTES = 12, 64  # of a segment's word, and of a cell while it is counted and passed on


@dataclass(frozen=True)
class Window:
    """Which pairs of words count, and how much.

    Attributes
    ----------
    size : int
        Words up to so far apart, in words of the vocabulary.
    symmetric : bool, default True
        The row of a word has the words before and after it; else only those after it.
    distance_weighting : bool, default True
        A pair d words apart counts 1/d; else 1.
    across_sentences : bool, default False
        Windows go on across the ends of sentences.
    """

    size: int
    symmetric: bool = True
    distance_weighting: bool = True
    across_sentences: bool = False

    def reach(self, words: int, longest: int) -> int:
        """How far apart two words of a corpus of so many words, and so long a sentence, can be; at least 1."""
        return max(1, min(self.size, words if self.across_sentences else longest))

    def weights(self, words: int, reach: int | None = None) -> tuple[NDArray[np.int64], int]:
        """What a pair 1, 2, … words apart counts, up to `reach`, in whole units, and how many units are 1.

        The unit is 1/lcm(1, …, size), which makes all weights exact, if the sums over a corpus of so
        many words fit 64 bits; else the smallest power of two with which they fit.
        """
        reach = self.size if reach is None else reach
        if not self.distance_weighting:
            return np.ones(reach, np.int64), 1
        # No cell can have more than all words at both sides of all words.
        most = math.ceil(2 * max(words, 1) * (1 + math.log(self.size)))
        unit = math.lcm(*range(1, self.size + 1)) if self.size < 64 else LARGEST
        if unit > LARGEST // most:
            unit = 1 << (LARGEST // most).bit_length() - 1
        distances = np.arange(1, reach + 1, dtype=np.uint64)
        weights = (np.uint64(2 * unit) + distances) // (np.uint64(2) * distances)
        return np.maximum(weights, 1).astype(np.int64), unit


class Cells(NamedTuple):
    """Cells of a matrix of co-occurrences.

    Attributes
    ----------
    rows, columns : ndarray of int32
        Numbers of words, from 0.
    values : ndarray of float64
    """

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Means:
    """What counting may use, and whom it tells.

    Attributes
    ----------
    workers : int, default 1
        Threads.
    memory : int, default 2**30
        About so many bytes.
    report : callable, optional
        Called in the calling thread now and then, with the words counted so far.
    """

    workers: int = 1
    memory: int = 2**30
    report: Callable[[int], None] = lambda done: None


class Run:
    """The rows of one segment in three temporary files: columns, counts, and where each row begins."""

    def __init__(self, files: tuple[SpillFile, SpillFile, SpillFile]):
        self.files = files
        self.places = [file.size for file in files]
        self.lengths: list[NDArray[np.int64]] = []

    def append(self, rows: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]) -> None:
        """Write the next rows."""
        self.lengths.append(rows[0])
        self.files[0].append(rows[1])
        self.files[1].append(rows[2])

    def finish(self) -> NDArray[np.int64]:
        """Write where the rows begin; return their lengths."""
        lengths = np.concatenate(self.lengths)
        self.lengths = []
        self.files[2].append(starts_of(lengths))
        return lengths

    def read(self, first: int, last: int) -> tuple[NDArray[Any], ...]:
        """Where the rows `first` … `last` - 1 begin and the last ends, and their columns and counts."""
        starts = self.files[2].read(self.places[2] + 8 * first, np.int64, last + 1 - first)
        begin, end = starts[0], starts[-1]
        arrays = [
            file.read(int(place + begin * np.dtype(kind).itemsize), kind, int(end - begin))
            for file, place, kind in zip(self.files[:2], self.places[:2], (np.int32, np.int64), strict=True)
        ]
        return starts - begin, *arrays


def count_cooccurrences(
    corpus: EncodedCorpus,
    words: int,
    window: Window,
    prepare: Callable[[Cells], Prepared],
    take: Callable[[Prepared], object],
    means: Means | None = None,
    whole: int | None = None,
) -> None:
    """Count the pairs of words in a corpus.

    Parameters
    ----------
    corpus : EncodedCorpus
    words : int
        Size of the vocabulary.
    window : Window
    prepare : callable
        Called in several threads, with cells of whole rows in the order of rows and columns.
    take : callable
        Called with what `prepare` returned, for one part of the cells at a time, in the order of rows.
    means : Means, optional
    whole : int, optional
        Words of the corpus of which this is a part, in whose unit it is to be counted.

    Raises
    ------
    OSError
        If the temporary file cannot be written.
    """
    means = means or Means()
    reach = window.reach(corpus.words, corpus.longest)
    weights, unit = window.weights(corpus.words if whole is None else whole, reach)
    cells_at_once = max(SMALLEST_RANGE, min(RANGE, means.memory // (4 * CELL_BYTES * means.workers)))
    runs: list[Run] = []
    files: tuple[SpillFile, SpillFile, SpillFile] | None = None
    lengths = np.zeros(words, np.int64)  # of the rows of all runs together
    done = 0

    def prepared(first: int, last: int, rows: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]) -> Any:
        lengths, columns, counts = rows
        return prepare(Cells(np.repeat(np.arange(first, last, dtype=np.int32), lengths), columns, counts / unit))

    def count(segment: Segment, finish: Callable[..., Any], take: Callable[..., Any]) -> None:
        nonlocal done
        occurrences = np.diff(segment.starts)
        bounds = np.minimum(occurrences * (2 if window.symmetric else 1) * reach, words)
        run_in_order(
            cut_rows(bounds, cells_at_once),
            lambda rows, sums: finish(*rows, segment.count(*rows, weights, window.symmetric, sums)),
            take,
            means.workers,
            lambda: Sums(words),
            lambda rows: means.report(done + int(segment.starts[rows[1]])),
        )
        done += int(segment.starts[-1])

    for segment, is_last in segments(corpus, words, window, means.memory):
        if is_last and not runs:
            count(segment, prepared, take)
            return
        files = files or (SpillFile("co-occurrences"), SpillFile("co-occurrences"), SpillFile("co-occurrences"))
        run = Run(files)
        count(segment, lambda first, last, rows: rows, run.append)
        lengths += run.finish()
        runs.append(run)
        del segment  # before the next one is made
    run_in_order(
        cut_rows(lengths, cells_at_once // 2),
        lambda rows, sums: prepared(*rows, add_rows([run.read(*rows) for run in runs], rows[1] - rows[0], sums)),
        take,
        means.workers,
        lambda: Sums(words),
        lambda rows: means.report(done),
    )


def cooccurrences(corpus: EncodedCorpus, words: int, window: Window, means: Means | None = None) -> Cells:
    """All cells of a corpus at once, in the order of rows and columns; see `count_cooccurrences`."""
    parts: list[Cells] = []
    count_cooccurrences(corpus, words, window, lambda cells: cells, parts.append, means)
    return Cells(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def segments(corpus: EncodedCorpus, words: int, window: Window, memory: int) -> Iterator[tuple[Segment, bool]]:
    """The text in segments that each take about a quarter of the memory, and whether it is the last."""
    size = max(1, min(SEGMENT, memory // 4 // WORD_BYTES))
    before, reach = np.empty(0, np.int32), window.reach(corpus.words, corpus.longest)
    for pieces, is_last in cut_text(texts(corpus, window.across_sentences), size):
        text = np.concatenate(pieces) if len(pieces) != 1 else pieces[0]
        del pieces
        yield Segment(text, before, words), is_last
        before = np.concatenate([before, text[-reach:]])[-reach:]
        ends = np.flatnonzero(before < 0)  # of sentences, beyond which no window reaches
        before = before[ends[-1] if len(ends) else 0 :]


def texts(corpus: EncodedCorpus, across_sentences: bool) -> Iterator[NDArray[np.int32]]:
    for part in corpus.parts():
        for ids, starts in corpus.load(part):
            yield separate(ids, starts, across_sentences)


def cut_text(texts: Iterator[NDArray[np.int32]], size: int) -> Iterator[tuple[list[NDArray[np.int32]], bool]]:
    """Pieces of about `size` words together, at least one; and whether they are the last."""
    pieces: list[NDArray[np.int32]] = []
    room = size
    for text in texts:
        while len(text) > room:
            yield [*pieces, text[:room]], False
            text, pieces, room = text[room:], [], size
        pieces.append(text)
        room -= len(text)
    yield pieces or [np.empty(0, np.int32)], True


def cut_rows(bounds: NDArray[np.int64], size: int) -> list[tuple[int, int]]:
    """Ranges of rows with at most about `size` cells, from the most that each row may have."""
    groups = np.cumsum(bounds) // max(size, 1)
    cuts = [0, *(np.flatnonzero(np.diff(groups)) + 1).tolist(), len(bounds)]
    return [(first, last) for first, last in pairwise(cuts) if first < last]
