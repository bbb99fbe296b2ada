"""Vectors to begin with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._threads import run_threads, usable_cores
from fastemb.kernels.pcg64 import random_rows

CROWD = 1 << 20  # numbers that are worth a thread


def pseudorandom_weak_vector(
    size: int, seed_string: Any = None, hashfxn: Callable[[Any], int] = hash
) -> NDArray[np.float32]:
    """A short random vector, uniform in ±0.5 / size, the same each time for the same `hashfxn(seed_string)`."""
    generator = np.random.Generator(np.random.SFC64(hashfxn(seed_string) & 0xFFFFFFFF if seed_string else None))
    return ((generator.random(size).astype(np.float32) - 0.5) / size).astype(np.float32)


def random_vectors(shape: tuple[int, int], seed: int) -> NDArray[np.float32]:
    """Vectors uniform in ±1 / vector_size, the same numbers as gensim's."""
    return some_random_vectors(np.arange(shape[0]), shape[1], random_root(seed))


def random_root(seed: int) -> tuple[int, int]:
    """State and increment of a generator to begin with."""
    state = np.random.PCG64(seed).state["state"]
    return state["state"], state["inc"]


def some_random_vectors(rows: NDArray[Any], size: int, root: tuple[int, int]) -> NDArray[np.float32]:
    """Those rows of what `random_vectors` makes. Many are made in several threads."""
    vectors = np.empty((len(rows), size), np.float32)
    numbers = rows.astype(np.int64, copy=False)
    workers = max(1, min(usable_cores(), len(rows) * size // CROWD))
    step = max(1, CROWD // size)
    stopped = threading.Event()

    def fill(first: int, last: int) -> None:
        for begin in range(first, last, step):
            if stopped.is_set():
                return
            part = slice(begin, min(begin + step, last))
            random_rows(*root, numbers[part], vectors[part])

    if workers == 1:
        fill(0, len(rows))
    else:
        cuts = [len(rows) * worker // workers for worker in range(workers + 1)]
        run_threads([partial(fill, *cut) for cut in pairwise(cuts)], stopped.set)
    return vectors


class RandomRows:
    """The matrix of `random_vectors`, of which only those rows are in memory that may differ from it.

    Attributes
    ----------
    shape : (int, int)
    rows : ndarray of float32, shape (held, shape[1])
        The rows in memory; they may be changed.
    places : ndarray of int32, shape (shape[0],)
        For each row of the matrix its number in `rows`, or -1.
    on_loan : bool
        Whether others change `rows` now, so that a copy of the matrix does not stay the same.
    """

    dtype = np.dtype(np.float32)

    def __init__(self, shape: tuple[int, int], seed: int):
        self.shape, self.root, self.on_loan = shape, random_root(seed), False
        self.rows: NDArray[np.float32] = np.empty((0, shape[1]), np.float32)
        self.places: NDArray[np.int32] = np.full(shape[0], -1, np.int32)

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def nbytes(self) -> int:
        """Of the whole matrix."""
        return self.dtype.itemsize * self.shape[0] * self.shape[1]

    def numbers(self) -> NDArray[np.int32]:
        """The numbers of `rows` in the matrix, shape (held,)."""
        held = np.flatnonzero(self.places >= 0).astype(np.int32)
        numbers = np.empty_like(held)
        numbers[self.places[held]] = held
        return numbers

    def hold(self, numbers: NDArray[np.int32]) -> None:
        """Take these rows into memory too, in the order in which their numbers are first met."""
        new = numbers[self.places[numbers] < 0]
        if not len(new):
            return
        places = self.places.copy()  # which shallow copies of this share
        turn = np.arange(len(new), dtype=np.int32)
        places[new[::-1]] = turn[::-1]  # of equals the last stands, which was the first
        new = new[places[new] == turn]
        places[new] = np.arange(len(self.rows), len(self.rows) + len(new), dtype=np.int32)
        made = some_random_vectors(new, self.shape[1], self.root)
        self.rows = np.concatenate([self.rows, made]) if len(self.rows) else made
        self.places = places

    def matrix(self) -> NDArray[np.float32]:
        """All rows."""
        matrix = some_random_vectors(np.arange(len(self)), self.shape[1], self.root)
        matrix[self.numbers()] = self.rows
        return matrix

    def __getitem__(self, which: slice | NDArray[Any]) -> NDArray[np.float32]:
        """A copy of some rows, by their numbers or a slice."""
        if isinstance(which, slice):
            if which == slice(None):
                return self.matrix()
            which = np.arange(*which.indices(len(self)))
        places = self.places[which]
        held = places >= 0
        rows = np.empty((len(places), self.shape[1]), np.float32)
        rows[held] = self.rows[places[held]]
        rows[~held] = some_random_vectors(which[~held], self.shape[1], self.root)
        return rows

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Inside this, `rows` are on loan."""
        self.on_loan = True
        try:
            yield
        finally:
            self.on_loan = False

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"on_loan": False}  # a copy has rows of its own
