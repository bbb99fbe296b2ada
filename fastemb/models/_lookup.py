"""A map from keys to vectors: look-up, attributes, change."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from numbers import Integral
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fastemb import queries
from fastemb.models._lifecycle import Lifecycle
from fastemb.models._random import random_vectors
from fastemb.models._tree import ATTRIBUTES, OfTheTree

logger = logging.getLogger(__name__)

Key = str | int
KEY_TYPES = (str, int, np.integer)
Self = TypeVar("Self", bound="Lookup")


class Lookup(OfTheTree, Lifecycle):
    """The part of KeyedVectors that finds and changes vectors; see there."""

    def __init__(self, vector_size: int, count: int = 0, dtype: Any = np.float32, mapfile_path: Any = None):
        self.vector_size = int(vector_size)
        self.index_to_key: list[Key] = [None] * count  # type: ignore[list-item]
        self.key_to_index: dict[Key, int] = {}
        self.vectors: NDArray[Any] = np.zeros((count, self.vector_size), dtype)
        self.norms: NDArray[Any] | None = None
        self.next_index = 0
        self.vectors_lockf: NDArray[np.float32] = np.ones(1, np.float32)
        self.expandos: dict[str, NDArray[Any]] = {}
        self.mapfile_path = mapfile_path

    @classmethod
    def from_arrays(
        cls: type[Self], keys: Iterable[Key], vectors: NDArray[Any], expandos: dict[str, NDArray[Any]] | None = None
    ) -> Self:
        """Vectors with these keys, row by row; the array is not copied.

        Raises
        ------
        ValueError
            If a key occurs twice, or the sizes differ.
        """
        keys = list(keys)
        index = dict(zip(keys, range(len(keys)), strict=True))
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

    def __str__(self) -> str:
        return f"{type(self).__name__}<vector_size={self.vector_size}, {len(self)} keys>"

    def __len__(self) -> int:
        return len(self.index_to_key)

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
        """Row of `key`; an int that is not a key is a row itself, as in gensim.

        Raises
        ------
        KeyError
            If there is no such key and no `default`.
        """
        found = self.key_to_index.get(key, -1)
        if found >= 0:
            return found
        if isinstance(key, Integral) and 0 <= key < len(self.index_to_key):  # type: ignore[operator]
            return int(key)
        if default is not None:
            return default
        raise KeyError(f"Key '{key}' not present")

    def __getitem__(self, key_or_keys: Any) -> NDArray[Any]:
        """The vector of a key, shape (vector_size,); of a list of keys, shape (keys, vector_size)."""
        if isinstance(key_or_keys, KEY_TYPES):
            return self.get_vector(key_or_keys)
        return np.vstack([self.get_vector(key) for key in key_or_keys])

    def get_vector(self, key: Any, norm: bool = False) -> NDArray[Any]:
        """The vector of a key, shape (vector_size,), read-only; with `norm`, divided by its length.

        Raises
        ------
        KeyError
            If there is no such key.
        """
        row = self.get_index(key)
        result = self.vectors[row]
        if norm:  # by an array: NumPy 1 would divide float16 by a number in float16
            result = result / queries.divisors(self._norms()[row : row + 1])
        result.setflags(write=False)
        return result

    def fill_norms(self, force: bool = False) -> None:
        """Compute the lengths of the vectors, if they are not known or with `force`."""
        if self.norms is None or force or len(self.norms) != len(self.vectors):
            self.norms = queries.lengths(self.vectors)

    def _norms(self) -> NDArray[Any]:
        self.fill_norms()
        assert self.norms is not None
        return self.norms

    def get_normed_vectors(self) -> NDArray[Any]:
        """All vectors divided by their lengths, shape (len(self), vector_size)."""
        return self.vectors / queries.divisors(self._norms())[:, np.newaxis]

    # Attributes.

    def get_vecattr(self, key: Key, attr: str) -> Any:
        """An attribute of a key, for example its 'count'; in vectors of a model with ``hs=1``, 'code' and 'point', too.

        Raises
        ------
        KeyError
            If there is no such key, or no such attribute.
        """
        if attr in ATTRIBUTES and self.tree and attr not in self.expandos:
            return self.way(self.get_index(key), attr)
        if attr not in self.expandos:
            raise KeyError(f"Attribute '{attr}' not present: keys have {sorted(self.expandos)}")
        return self.expandos[attr][self.get_index(key)]

    def set_vecattr(self, key: Key, attr: str, val: Any) -> None:
        """Set an attribute of a key; for the others it begins as zero.

        Raises
        ------
        TypeError
            If the attribute has another type already, that cannot hold `val`.
        """
        row = self.get_index(key)
        dtype = self.expandos[attr].dtype if attr in self.expandos else np.asarray(val).dtype
        if dtype.kind != "O" and not np.can_cast(np.min_scalar_type(val), dtype, "same_kind"):
            raise TypeError(f"attribute {attr!r} is of type {dtype} and cannot be {val!r}")
        self.allocate_vecattrs([attr], [dtype])
        self.expandos[attr] = np.require(self.expandos[attr], requirements="W")
        self.expandos[attr][row] = val

    def allocate_vecattrs(self, attrs: Iterable[str] | None = None, types: Iterable[Any] | None = None) -> None:
        """Make attributes as long as there are keys, those that begin here of zeros.

        Parameters
        ----------
        attrs : iterable of str, optional
            All that there are by default.
        types : iterable of dtype, optional
            Their types. Texts are kept as objects, and so are not cut.

        Raises
        ------
        TypeError
            If an attribute has another type already.
        """
        if attrs is None:
            attrs, types = list(self.expandos), [values.dtype for values in self.expandos.values()]
        for name, kind in zip(attrs, types or [], strict=True):
            dtype = np.dtype(np.int64 if kind is int else kind)
            if dtype.kind in "US":
                dtype = np.dtype(object)
            before = self.expandos.get(name, np.empty(0, dtype))
            if not np.issubdtype(dtype, before.dtype):
                raise TypeError(f"attribute {name!r} is of type {before.dtype} and cannot be of {dtype}")
            if name not in self.expandos or len(before) != len(self):
                self.expandos[name] = values = np.zeros((len(self), *before.shape[1:]), before.dtype)
                values[: len(before)] = before[: len(self)]

    # Change.

    def add_vector(self, key: Key, vector: Any) -> int:
        """Add one vector, in a slot made by `count` if there is one; return its row.

        A key that is there already keeps its vector.
        """
        row = self.next_index
        if key in self.key_to_index or row >= len(self) or self.index_to_key[row] is not None:
            self.add_vectors([key], [vector])
            return self.key_to_index[key]
        self._editable()[row] = self._as_rows([vector], 1)[0]
        self.index_to_key[row] = key
        self.key_to_index[key] = row
        self.norms = None
        self.next_index = row + 1
        return row

    def _editable(self) -> NDArray[Any]:
        """The vectors, as a copy if they were read-only: those of a mapped file are."""
        self.vectors = np.require(self.vectors, requirements="W")
        return self.vectors

    def _as_rows(self, weights: Any, count: int) -> NDArray[Any]:
        rows = np.asarray(weights, self.vectors.dtype)
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
            If the shape of `weights`, or the length of an attribute, is another.
        TypeError
            If an attribute has another type already.
        """
        if isinstance(keys, KEY_TYPES):
            keys, weights = [keys], np.reshape(weights, (1, -1))
        if len(keys) == 0:
            return
        rows = self._as_rows(weights, len(keys))
        attributes = {name: np.asarray(values) for name, values in (extras or {}).items()}
        for name, values in attributes.items():
            if values.shape[:1] != (len(keys),):
                raise ValueError(f"attribute {name!r} must be of shape ({len(keys)}, …), not {values.shape}")
        self.allocate_vecattrs(attributes, [values.dtype for values in attributes.values()])

        new: dict[Key, int] = {}
        for number, key in enumerate(keys):
            if key not in self.key_to_index and (replace or key not in new):
                new[key] = number
        taken = list(new.values())
        old = [number for number, key in enumerate(keys) if key in self.key_to_index] if replace else []
        places = [self.key_to_index[keys[number]] for number in old]
        if old:
            self._editable()[places] = rows[old]
        if new:
            self.vectors = np.concatenate([self.vectors, rows[taken]])
        before = len(self)
        for key in new:
            self.key_to_index[key] = len(self.index_to_key)
            self.index_to_key.append(key)
        self.allocate_vecattrs()
        for name, values in attributes.items():
            self.expandos[name] = np.require(self.expandos[name], requirements="W")
            self.expandos[name][before:] = values[taken]
            self.expandos[name][places] = values[old]
        if self.next_index == before:  # no slots were free
            self.next_index = len(self)
        self.norms = None

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
        order = np.argsort(self.expandos["count"], kind="stable")[::-1]
        self.index_to_key = [self.index_to_key[row] for row in order]
        self.key_to_index = {key: row for row, key in enumerate(self.index_to_key)}
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
