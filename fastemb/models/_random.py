"""Vectors to begin with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._threads import run_threads, usable_cores
from fastemb.kernels.pcg64 import give_places, random_or_held_rows, random_rows

WORTH_A_THREAD = 1 << 20  # numbers that are worth a thread
LINE = 64  # bytes
MAKING = threading.Lock()  # for whole matrices: who asks at the same time gets the same


def pseudorandom_weak_vector(
    size: int, seed_string: Any = None, hashfxn: Callable[[Any], int] = hash
) -> NDArray[np.float32]:
    """A short random vector, uniform in ±0.5 / size, the same each time for the same `hashfxn(seed_string)`."""
    generator = np.random.Generator(np.random.SFC64(hashfxn(seed_string) & 0xFFFFFFFF if seed_string else None))
    return ((generator.random(size).astype(np.float32) - 0.5) / size).astype(np.float32)


def empty_rows(shape: tuple[int, int]) -> NDArray[np.float32]:
    """A matrix of any numbers, which begins where a cache line does: short rows then lie in as few as they can."""
    count, size = shape
    room = np.empty(4 * count * size + LINE, np.uint8)
    begin = -room.ctypes.data % LINE
    return room[begin : begin + 4 * count * size].view(np.float32).reshape(shape)


def random_vectors(shape: tuple[int, int], seed: int) -> NDArray[np.float32]:
    """Vectors uniform in ±1 / vector_size, the same numbers as gensim's."""
    vectors = empty_rows(shape)
    fill_randomly(vectors, random_root(seed))
    return vectors


def random_root(seed: int) -> tuple[int, int]:
    """State and increment of a generator to begin with."""
    state = np.random.PCG64(seed).state["state"]
    return state["state"], state["inc"]


def fill_randomly(vectors: NDArray[np.float32], root: tuple[int, int], rows: NDArray[Any] | None = None) -> None:
    """Make what `random_vectors` makes, or those rows of it alone. Many are made in several threads."""
    count, size = vectors.shape
    if count * size < WORTH_A_THREAD:
        numbers = np.arange(count) if rows is None else rows
        random_rows(*root, numbers.astype(np.int64, copy=False), vectors)
        return
    workers = min(usable_cores(), count * size // WORTH_A_THREAD)
    step = WORTH_A_THREAD // max(1, size) + 1
    stopped = threading.Event()

    def fill(first: int, last: int) -> None:
        for begin in range(first, last, step):
            if stopped.is_set():
                return
            end = min(begin + step, last)
            numbers = np.arange(begin, end) if rows is None else rows[begin:end]
            random_rows(*root, numbers.astype(np.int64, copy=False), vectors[begin:end])

    if workers == 1:
        fill(0, count)
    else:
        cuts = [count * worker // workers for worker in range(workers + 1)]
        run_threads([partial(fill, *cut) for cut in pairwise(cuts)], stopped.set)


class RandomRows:
    """The matrix of `random_vectors`, of which only those rows are in memory that may differ from it.

    Attributes
    ----------
    shape : (int, int)
    rows : ndarray of float32, shape (held, shape[1])
        The rows in memory; they may be changed.
    places : ndarray of int32, shape (shape[0],), or None
        For each row of the matrix its number in `rows`, or -1; None if all are there, in their order.
    on_loan : bool
        Whether training writes to `rows`, so that they must not be replaced.
    """

    dtype = np.dtype(np.float32)

    def __init__(self, shape: tuple[int, int], seed: int):
        self.shape, self.root, self.on_loan = shape, random_root(seed), False
        self.rows: NDArray[np.float32] = np.empty((0, shape[1]), np.float32)
        self.places: NDArray[np.int32] | None = np.full(shape[0], -1, np.int32)
        self.found: tuple[Any, ...] = ()  # what `hold` was given and has answered last

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def nbytes(self) -> int:
        """Of the whole matrix."""
        return self.dtype.itemsize * self.shape[0] * self.shape[1]

    def numbers(self) -> NDArray[np.int64]:
        """The numbers of `rows` in the matrix, shape (held,)."""
        if self.places is None:
            return np.arange(len(self))
        held = np.flatnonzero(self.places >= 0)
        numbers = np.empty_like(held)
        numbers[self.places[held]] = held
        return numbers

    def hold(self, numbers: NDArray[np.int32]) -> NDArray[np.int32]:
        """Take these rows into memory, in the order in which their numbers are first met; their numbers in `rows`.

        Raises
        ------
        RuntimeError
            If there are new ones while `rows` are on loan.
        """
        if self.places is None:
            return numbers
        if self.found and self.found[0] is numbers and self.found[1] is self.places:
            return self.found[2]
        found = self.places[numbers]
        if len(found) and found.min() < 0:
            if self.on_loan:
                raise RuntimeError("words with new n-grams cannot be added while the model is in training")
            held, places = len(self.rows), self.places.copy()  # which shallow copies of this share
            new, found = give_places(numbers, places, held)
            rows = empty_rows((held + len(new), self.shape[1]))
            rows[:held] = self.rows
            fill_randomly(rows[held:], self.root, new)
            self.rows, self.places = rows, places
        self.found = numbers, self.places, found
        self.found[2].setflags(write=False)
        return self.found[2]

    def hold_all(self) -> None:
        """Take all rows into memory, in their order, unless some are on loan."""
        with MAKING:
            if not self.on_loan and self.places is not None:
                self.rows, self.places, self.found = self.matrix(), None, ()

    def matrix(self) -> NDArray[np.float32]:
        """All rows; `rows` themselves if these are all."""
        if self.places is None:
            return self.rows
        matrix = np.empty(self.shape, np.float32)
        fill_randomly(matrix, self.root)
        matrix[self.numbers()] = self.rows
        return matrix

    def __getitem__(self, which: slice | Sequence[int] | NDArray[Any]) -> NDArray[np.float32]:
        """Some rows, by their numbers or a slice."""
        if self.places is None:
            return self.rows[which]
        if isinstance(which, slice):
            if which == slice(None):
                return self.matrix()
            which = np.arange(*which.indices(len(self)))
        numbers = np.asarray(which)
        if len(numbers) * self.shape[1] < WORTH_A_THREAD:
            rows = np.empty((len(numbers), self.shape[1]), np.float32)
            random_or_held_rows(*self.root, numbers.astype(np.int64, copy=False), self.places, self.rows, rows)
            return rows
        places = self.places.take(numbers)
        (absent,) = np.nonzero(places < 0)
        if not len(absent):
            return self.rows.take(places, axis=0)
        made = np.empty((len(absent), self.shape[1]), np.float32)
        fill_randomly(made, self.root, numbers[absent])
        if len(absent) == len(numbers):
            return made
        rows = self.rows.take(places, axis=0, mode="wrap")
        rows[absent] = made
        return rows

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Inside this, `rows` are on loan, and may be written to."""
        with MAKING:
            self.on_loan = True
            self.rows = np.require(self.rows, np.float32, ["C", "W", "ALIGNED"])
        try:
            yield
        finally:
            self.on_loan = False

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"on_loan": False, "found": ()}  # a copy has rows of its own
