"""A map from keys to vectors: look-up, attributes, change."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fastemb import queries
from fastemb._floats import as_dtype
from fastemb._gates import changing
from fastemb._numbers import whole
from fastemb.models._attributes import Attributes, Key
from fastemb.models._random import random_vectors

logger = logging.getLogger(__name__)

INTEGERS = (int, np.integer)
KEY_TYPES = (str, *INTEGERS)
Self = TypeVar("Self", bound="Lookup")


class Lookup(Attributes):
    """The part of KeyedVectors that finds and changes vectors; see there."""

    moved: NDArray[np.int64] | None = None  # the former rows of keys, if they were sorted since a model asked

    def __init__(self, vector_size: int, count: int = 0, dtype: Any = np.float32, mapfile_path: Any = None):
        self.vector_size, count = whole("vector_size", vector_size, 0), whole("count", count, 0)
        self.vectors: NDArray[Any] = np.zeros((count, self.vector_size), dtype)  # first: its MemoryError has words
        self.index_to_key: list[Key] = [None] * count  # type: ignore[list-item]
        self.key_to_index: dict[Key, int] = {}
        self.norms: NDArray[Any] | None = None
        self.next_index = 0
        self.vectors_lockf: NDArray[np.float32] = np.ones(1, np.float32)
        self.expandos: dict[str, NDArray[Any]] = {}
        self.mapfile_path = mapfile_path

    def __sklearn_clone__(self: Self) -> Self:
        return self  # so that clones of an estimator share what none of them changes

    @classmethod
    def from_arrays(
        cls: type[Self], keys: Iterable[Key], vectors: NDArray[Any], expandos: dict[str, NDArray[Any]] | None = None
    ) -> Self:
        """Vectors with these keys, row by row; the array is not copied.

        Raises
        ------
        ValueError
            If a key occurs twice or is None, or the sizes differ.
        """
        keys, vectors = list(keys), np.asanyarray(vectors)
        index = dict(zip(keys, range(len(keys)), strict=True))
        if None in index:
            raise ValueError(f"the row {keys.index(None)} has no key")  # type: ignore[arg-type]
        if vectors.ndim != 2:
            raise ValueError(f"vectors must be a matrix, not of shape {vectors.shape}")
        if len(index) != len(vectors) or len(keys) != len(vectors):
            raise ValueError(f"{len(keys)} keys, of which {len(index)} differ, for {len(vectors)} vectors")
        return cls.from_index(index, vectors, expandos)

    @classmethod
    def from_index(
        cls: type[Self], index: dict[Any, int], vectors: NDArray[Any], expandos: dict[str, NDArray[Any]] | None = None
    ) -> Self:
        """As `from_arrays`, of a dict of the keys, in the order of the rows, to their rows; it is not copied."""
        keyed = cls(vectors.shape[1])
        keyed.index_to_key = list(index)
        keyed.key_to_index = index
        keyed.vectors = vectors
        keyed.next_index = len(vectors)
        keyed.expandos = dict(expandos or {})
        return keyed

    def __repr__(self) -> str:
        return f"{type(self).__name__}<vector_size={self.vector_size}, {len(self)} keys>"

    @property
    def _dtype(self) -> np.dtype[Any]:
        """Of the vectors."""
        return self.vectors.dtype

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "vectors":  # also by `vectors *= 2`
            self.norms = None

    def __iter__(self) -> Iterator[NDArray[Any]]:
        """The vectors, read-only, in the order of `index_to_key`."""
        vectors = self.vectors[:]
        vectors.setflags(write=False)
        return iter(vectors)

    # Look-up.

    def __contains__(self, key: object) -> bool:
        return self.has_index_for(key)

    def has_index_for(self, key: object) -> bool:
        """Whether `key` has a vector."""
        return self.get_index(key, -1) >= 0

    def get_index(self, key: Any, default: int | None = None) -> int:
        """Row of `key`; an int that is not a key is a row itself, as in gensim, unless the key there is another int.

        Raises
        ------
        KeyError
            If there is no such key and no `default`.
        """
        found = self.key_to_index.get(key, -1)
        if found < 0 and isinstance(key, INTEGERS) and self._is_row(key):
            found = int(key)
        if found >= 0:
            return found
        if default is not None:
            return default
        raise KeyError(f"Key '{key}' not present")

    def _is_row(self, key: Any) -> bool:
        """Whether an int that is no key is the number of a row: where keys are ints, others are unknown ones."""
        keys = self.index_to_key
        return 0 <= key < len(keys) and (not isinstance(keys[key], INTEGERS) or keys[key] == key)

    def __getitem__(self, key_or_keys: Any) -> NDArray[Any]:
        """The vector of a key, shape (vector_size,); of a list of keys, shape (keys, vector_size)."""
        if isinstance(key_or_keys, KEY_TYPES):
            return self.get_vector(key_or_keys)
        keys = list(key_or_keys)
        vectors, places = self._find(keys)
        if places is not None:
            raise KeyError(f"Key '{keys[first_missing(places)]}' not present")
        return vectors

    def get_vector(self, key: Any, norm: bool = False) -> NDArray[Any]:
        """The vector of a key, shape (vector_size,), read-only; with `norm`, divided by its length.

        Raises
        ------
        KeyError
            If there is no such key.
        """
        row = self.key_to_index.get(key, -1)
        vector = self.vectors[row if row >= 0 else self.get_index(key)]
        if norm:
            vector = queries.unit(vector)
        vector.setflags(write=False)
        return vector

    def _find(self, keys: Sequence[Any]) -> tuple[NDArray[Any], list[int] | None]:
        """The vectors of those keys that have one, as a new array, and these keys' places; None for all of them."""
        rows: list[Any] = list(map(self.key_to_index.get, keys))
        return self._find_each(keys) if None in rows else (self._vectors_of(rows), None)

    def _find_each(self, keys: Sequence[Any]) -> tuple[NDArray[Any], list[int] | None]:
        """The same where some keys are rows, or unknown."""
        rows = [self.get_index(key, -1) for key in keys]
        places = [place for place, row in enumerate(rows) if row >= 0]
        return self._vectors_of([rows[place] for place in places]), None if len(places) == len(rows) else places

    def _will_find(self, count: int) -> None:
        """Make ready for so many different words of texts."""

    def _find_rows(self, keys: Any, rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any] | None]:
        """As `_find`, of keys whose rows are known to be these; -1 stands for a key that has none."""
        places = np.flatnonzero(rows >= 0)
        return self._vectors_of(rows[places]), None if len(places) == len(rows) else places

    def _vectors_of(self, rows: Sequence[int] | NDArray[Any]) -> NDArray[Any]:
        return self.vectors.take(rows, axis=0) if len(rows) else self.vectors[:0].copy()

    def fill_norms(self, force: bool = False) -> None:
        """Compute the lengths of the vectors, if they are not known or with `force`."""
        if self.norms is None or force:
            self.norms = queries.lengths(self.vectors)

    def _norms(self) -> NDArray[Any]:
        return self._with_norms()[1]

    def _with_norms(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """The vectors and their lengths, which belong together whatever other threads add meanwhile."""
        vectors, norms = self.vectors, self.norms
        if norms is None or len(norms) != len(vectors):
            norms = queries.lengths(vectors)
            if self.vectors is vectors:
                self.norms = norms
        return vectors, norms

    def get_normed_vectors(self) -> NDArray[Any]:
        """All vectors divided by their lengths, shape (len(self), vector_size)."""
        vectors, norms = self._with_norms()
        return vectors / queries.divisors(norms)[:, np.newaxis]

    # Change.

    def add_vector(self, key: Key, vector: Any) -> int:
        """Add one vector, in a slot made by `count` if there is one; return its row.

        A key that is there already keeps its vector.
        """
        row = self.next_index
        free = row < len(self) and self.index_to_key[row] is None
        if not free or not isinstance(key, KEY_TYPES) or key in self.key_to_index:
            self.add_vectors([key], [vector])
            return self.key_to_index[key]
        given = self._as_rows([vector], 1)
        self._give(np.require(self.vectors, requirements="W"), [row])[row] = given[0]
        self.index_to_key[row] = key
        self.key_to_index[key] = row
        self.next_index = row + 1
        return row

    def _editable(self) -> NDArray[Any]:
        """The vectors, as a copy if they were read-only: those of a mapped file are."""
        self.vectors = np.require(self.vectors, requirements="W")
        return self.vectors

    def _give(self, vectors: NDArray[Any], rows: Sequence[int]) -> NDArray[Any]:
        """Let these be the vectors, of which those rows are given by the user."""
        self.vectors = vectors
        return vectors

    def _as_rows(self, weights: Any, count: int) -> NDArray[Any]:
        rows = as_dtype("weights", weights, self.vectors.dtype)
        if rows.shape != (count, self.vector_size):
            raise ValueError(f"weights must be of shape ({count}, {self.vector_size}), not {rows.shape}")
        return rows

    def add_vectors(
        self,
        keys: Sequence[Key] | Key,
        weights: Any,
        extras: Mapping[str, NDArray[Any]] | None = None,
        replace: bool = False,
    ) -> None:
        """Append vectors; a key that is there already keeps its vector unless `replace`.

        Parameters
        ----------
        keys : sequence of str or int
        weights : array_like, shape (keys, vector_size)
        extras : mapping of str to ndarray, shape (keys, …), optional
            Their attributes.
        replace : bool, default False

        Raises
        ------
        ValueError
            If the shape of `weights`, or the length of an attribute, is another, or a number is too large.
        TypeError
            If an attribute has another type already, a key is neither str nor int, or weights are complex.
        """
        if isinstance(keys, KEY_TYPES):
            keys, weights = [keys], np.reshape(weights, (1, -1))
        if len(keys) == 0:
            return
        rows = self._as_rows(weights, len(keys))
        attributes = self._attributes_of(extras or {}, len(keys))
        with changing(self):
            self._add(keys, rows, attributes, replace)

    def _add(self, keys: Sequence[Key], rows: NDArray[Any], attributes: dict[str, NDArray[Any]], replace: bool) -> None:
        index, before = self.key_to_index, len(self)
        new: dict[Key, int] = {}
        for number, key in enumerate(keys):
            if key not in index and (replace or key not in new):
                new[key] = number
        for kind in {type(key) for key in new}:
            if not issubclass(kind, KEY_TYPES):
                raise TypeError(f"a key must be a str or an int, not {kind.__name__}")
        if attributes:
            self._allocate_as(attributes)
        taken: Any = list(new.values()) if len(new) < len(keys) else slice(None)
        old = [number for number, key in enumerate(keys) if key in index] if replace and len(new) < len(keys) else []
        places = [index[keys[number]] for number in old]
        if old:
            self._give(np.require(self.vectors, requirements="W"), places)[places] = rows[old]
        if new:
            # In this order other threads find for each row its key, and for each key its row.
            added, vectors = range(before, before + len(new)), np.concatenate([self.vectors, rows[taken]])
            self.index_to_key.extend(new)
            try:
                self._give(vectors, added)
            except (TypeError, ValueError):  # these cannot be changed, or such words not be added
                del self.index_to_key[before:]
                raise
            self.allocate_vecattrs()
            index.update(zip(new, added, strict=True))
        for name, values in attributes.items():
            self.expandos[name] = np.require(self.expandos[name], requirements="W")
            self.expandos[name][before:] = values[taken]
            self.expandos[name][places] = values[old]
        if self.next_index == before:  # no slots were free
            self.next_index = len(self)

    def __setitem__(self, keys: Any, weights: Any) -> None:
        """Set the vector of a key, or of each of a list of keys; unknown keys are added."""
        self.add_vectors(keys, weights, replace=True)

    def resize_vectors(self, seed: int = 0) -> None:
        """Give each of `index_to_key` a row and attributes; new rows are random, the same numbers as gensim's."""
        shape = len(self), self.vector_size
        if self.vectors.shape != shape:
            dtype = self.vectors.dtype
            vectors = random_vectors(shape, seed).astype(dtype, copy=False)
            kept = tuple(map(slice, np.minimum(shape, self.vectors.shape)))
            vectors[kept] = self.vectors[kept]
            self.vectors = vectors
        self.allocate_vecattrs()
        self.norms = None

    def sort_by_descending_frequency(self) -> None:
        """Order the keys by their attribute 'count', the most frequent first; of equals the last first, as in gensim.

        Raises
        ------
        KeyError
            If there are keys but no counts.
        """
        if not len(self):
            return
        order = np.argsort(self._counts(), kind="stable")[::-1]
        before = np.arange(len(order)) if self.moved is None else self.moved
        self.moved = np.append(before, np.arange(len(before), len(order)))[order]
        self.index_to_key = [self.index_to_key[row] for row in order.tolist()]
        self.key_to_index = {key: row for row, key in enumerate(self.index_to_key) if key is not None}
        self.next_index = [*self.index_to_key, None].index(None)  # where the first free slot is
        for name, values in self.expandos.items():
            self.expandos[name] = values[order]
        if len(self.vectors):
            self.vectors = self.vectors[order]
        if len(self.vectors_lockf) == len(order):
            self.vectors_lockf = self.vectors_lockf[order]
        self.norms = None

    def unit_normalize_all(self) -> None:
        """Divide all vectors by their lengths, for good."""
        norms = self._norms()
        vectors = self._editable()
        vectors /= queries.divisors(norms)[:, np.newaxis]
        self.norms = np.where(norms == 0, norms, 1)


def first_missing(places: Sequence[int]) -> int:
    """The first number that is not among ascending ones from 0 on."""
    return next((number for number, place in enumerate(places) if place != number), len(places))
