"""The cells of a matrix of co-occurrences in strips, in memory or in a temporary file.

The vectors of all words are more than the processor's caches hold, and a cell is trained faster than its vectors come
from memory. So the rarer words of the cells of a strip are all in one band of the vocabulary, either all rows or all
columns, and stay in the cache; and the cells are sorted, roughly, by their more frequent words, most of which have
several cells in the strip. Both are fetched once for many cells.

Words are fitted to the cells of a strip while these pass by, so the fewer strips a band has, the further the costs
that are measured on the way are below those of cells in random order. They stay closer when the strips of each band
are spread evenly over an epoch.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.corpus.cooccurrence import Cells
from fastemb.io.spill import SpillFile
from fastemb.kernels import glove

BAND = 2048  # words whose vectors stay in the cache
STRIP = 2**16  # cells; few enough to be shuffled in the cache
LEAST_STRIPS = 20  # of a group of cells: those of a band in the rows, or in the columns
FINER = 4  # so many times more parts than strips: groups differ in size, and strips are made of whole parts
MOST_BANDS = 128
MOST_PARTS = 2**13  # of all groups together


class Strips:
    """Cells that are trained together, with the vectors of few words in each strip.

    Parameters
    ----------
    words : int
        Size of the vocabulary, with frequent words first; in another order training is slower.
    estimate : int
        About how many cells there will be.
    seed : int
    memory : int
        Bytes for cells in memory; what is more goes to a temporary file.

    Attributes
    ----------
    cells : int
        Cells so far.
    """

    def __init__(self, words: int, estimate: int, seed: int, memory: int):
        self.words = words
        self.seed = seed
        self.band = max(BAND, -(-words // MOST_BANDS))
        self.groups = 2 * -(-words // self.band)
        self.parts = max(LEAST_STRIPS, min(FINER * estimate // STRIP, MOST_PARTS) // self.groups)
        self.cells = 0
        self.memory = memory
        self.file: SpillFile | None = None
        self.chunks: list[tuple[NDArray[Any] | int, NDArray[Any]]] = []  # the cells, or their place in the file

    def scattered(self, cells: Cells) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Cells by group and part, and where each part begins; may be called in any thread.

        Raises
        ------
        ValueError
            If a cell is outside the matrix, or its value is not positive and finite.
        """
        return glove.scatter(*cells, self.words, self.seed, self.band, self.parts)

    def append(self, scattered: tuple[NDArray[Any], NDArray[np.int64]]) -> None:
        """Add what `scattered` returned."""
        cells = scattered[0]
        starts: NDArray[Any] = scattered[1].astype(np.min_scalar_type(len(cells)))  # of few bytes: there are many
        self.cells += len(cells)
        if self.cells * cells.itemsize <= self.memory:
            self.chunks.append((cells, starts))
            return
        self.file = self.file or SpillFile("the cells")
        self.chunks.append((self.file.append(cells), starts))

    def order(self, random: np.random.Generator) -> list[tuple[int, int]]:
        """Strips of all cells so far, those of each group at random times, but spread evenly.

        Returns
        -------
        list of (int, int)
            A strip has those parts of a group from the first number to before the second.
        """
        ends = np.sum([starts[self.parts :: self.parts] for _, starts in self.chunks], axis=0, dtype=np.int64)
        strips: list[tuple[int, int]] = []
        times: list[float] = []
        for group, cells in enumerate(np.diff(ends, prepend=0).tolist()):
            count = min(self.parts, max(LEAST_STRIPS, cells // STRIP))
            strips += pairwise(group * self.parts + part * self.parts // count for part in range(count + 1))
            times += ((random.permutation(count) + random.random(count)) / count).tolist()
        return [strips[k] for k in np.argsort(times)]

    def cells_before(self, order: list[tuple[int, int]]) -> NDArray[np.int64]:
        """How many cells come before each of these strips; at last, how many they hold together."""
        edges = np.array(order, np.int64).reshape(-1, 2)
        counts = [starts[edges[:, 1]].astype(np.int64) - starts[edges[:, 0]] for _, starts in self.chunks]
        return np.cumsum([0, *sum(counts, start=np.zeros(len(order), np.int64))])

    def load(self, strip: tuple[int, int], seed: int) -> NDArray[Any]:
        """The cells of a strip, in a random order that keeps few vectors busy at a time."""
        first, last = strip
        pieces, edges, count = [np.empty(0, np.int32)], [], 0
        for cells, starts in self.chunks:
            begin, end = int(starts[first]), int(starts[last])
            if begin == end:
                continue
            if isinstance(cells, np.ndarray):
                piece = cells[begin:end]
            else:
                assert self.file is not None
                piece = self.file.read(cells + begin * glove.CELL.itemsize, glove.CELL, end - begin)
            pieces.append(piece.view(np.int32))  # as numbers: NumPy copies records one by one
            edges.append(starts[first : last + 1].astype(np.int64) + (count - begin))
            count += end - begin
        # Part after part: so how the cells were cut into chunks makes no difference.
        of_parts = np.array(edges, np.int64).reshape(-1, last - first + 1).T
        whole = np.concatenate(pieces).view(glove.CELL)
        return glove.arrange(whole, of_parts[:-1].ravel(), of_parts[1:].ravel(), seed, self.words)
