"""NaN and infinity."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._threads import run_threads, usable_cores
from fastemb.io.spill import SpillFile

SAMPLE = 256  # rows that are looked at while workers train: the most frequent words, which meet all others
BLOCK = 1 << 14  # rows that are copied at a time
WORTH_A_THREAD = 1 << 24  # bytes of a matrix that are worth a thread
FEW = 4  # to look at all rows in their order takes no longer than to look at one of so many


class TrainingDiverged(FloatingPointError):
    """NaN or infinity was found in the matrices of a model: its learning rate is too high.

    Attributes
    ----------
    checkpoint : str or None
        The file that holds the last good state, if a `Checkpoint` has written one.
    model : object
        The model, brought back to that state; without a checkpoint, to the end of the epoch before. If it was
        never trained before, it has the matrices as they are. None after pickling, as from another process.
    """

    checkpoint: str | None = None
    model: Any = None

    @classmethod
    def in_epoch(cls, number: int) -> TrainingDiverged:
        """The error for epoch `number`, from 1."""
        return cls(f"NaN or infinity was found in epoch {number}")


class LastGood:
    """Matrices as they were when they were last seen to be finite; in a temporary file.

    Parameters
    ----------
    matrices : mapping of str to ndarray
    rows : mapping of str to ndarray of int
        Of those matrices of which only some rows may change: these rows.

    Raises
    ------
    OSError
        If there is no room for them.
    """

    def __init__(self, matrices: Mapping[str, NDArray[Any]], rows: Mapping[str, NDArray[np.intp]]):
        self.file = SpillFile("the last good state")
        self.rows = rows
        self.places = {
            name: [self.file.append(matrix[piece].reshape(-1)) for piece in pieces(rows.get(name))]
            for name, matrix in matrices.items()
        }

    def put_back(self, matrices: Mapping[str, NDArray[Any]]) -> None:
        """Write them over what stands in `matrices`."""
        for name, matrix in matrices.items():
            for place, piece in zip(self.places[name], pieces(self.rows.get(name)), strict=True):
                shape = matrix[piece].shape
                matrix[piece] = self.file.read(place, matrix.dtype, math.prod(shape)).reshape(shape)


def pieces(rows: NDArray[np.intp] | None) -> Iterator[Any]:
    """What to index a matrix by, to go through all of it or some rows, one piece after the other."""
    if rows is None:
        yield slice(None)
    else:
        yield from (rows[begin : begin + BLOCK] for begin in range(0, len(rows), BLOCK))


def not_finite(matrices: Mapping[str, NDArray[Any]], rows: Mapping[str, NDArray[np.intp]] | None = None) -> str | None:
    """Name of the first matrix that holds NaN or infinity, or None; of those in `rows`, look at these rows alone."""
    for name, matrix in matrices.items():
        some = None if rows is None else rows.get(name)
        if some is not None and FEW * len(some) > len(matrix):
            some = None
        if not all(all_finite(matrix[piece]) for piece in pieces(some)):
            return name
    return None


def refuse_not_finite(matrices: Mapping[str, NDArray[Any]], rows: Mapping[str, NDArray[np.intp]] | None = None) -> None:
    """Raise ValueError if one holds NaN or infinity, of those in `rows` in these rows: before anything changes."""
    if (bad := not_finite(matrices, rows)) is not None:
        raise ValueError(f"{bad} holds NaN or infinity before any training")


def all_finite(matrix: NDArray[Any]) -> bool:
    """Whether no number is NaN or infinite; of a large matrix, in a thread for each core."""
    parts = min(usable_cores(), matrix.nbytes // WORTH_A_THREAD, len(matrix))
    if parts < 2:
        return part_finite(matrix)
    cuts = [len(matrix) * part // parts for part in range(parts + 1)]
    return all(run_threads([partial(part_finite, matrix[begin:end]) for begin, end in pairwise(cuts)], lambda: None))


def part_finite(matrix: NDArray[Any]) -> bool:
    """As `all_finite`, in one thread."""
    with np.errstate(all="ignore"):
        # A sum is finite if its terms are, and takes no memory, but it may overflow.
        return bool(np.isfinite(matrix.sum())) or all(
            np.isfinite(matrix[begin : begin + BLOCK]).all() for begin in range(0, len(matrix), BLOCK)
        )
