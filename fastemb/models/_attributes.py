"""Attributes of keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.models._lifecycle import Lifecycle
from fastemb.models._tree import ATTRIBUTES, OfTheTree

Key = str | int
USUAL = {int: "i8", np.int64: "i8", float: "f8", np.float64: "f8"}  # types of attributes that hold such values

FEWEST = 20  # keys whose counts are looked at: of so many that were counted, some of the rare ones have the same


def made_up(counts: Any) -> bool:
    """Whether counts fall by one from key to key: as we, and gensim, number vectors that were read without counts."""
    values = np.asarray(counts)
    if values.ndim != 1 or len(values) < FEWEST or values.dtype.kind not in "iuf":
        return False
    return np.array_equal(values, values[0] - np.arange(len(values)))


class Attributes(OfTheTree, Lifecycle):
    """The part of KeyedVectors that keeps attributes of keys; see there."""

    index_to_key: list[Key]
    key_to_index: dict[Key, int]
    expandos: dict[str, NDArray[Any]]
    vectors_lockf: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.index_to_key)

    def get_index(self, key: Any, default: int | None = None) -> int:
        """Row of a key."""
        raise NotImplementedError

    def _row_of(self, key: Any) -> int:
        """Row of what is a key here, and -1 of all else, numbers of rows too: elsewhere they would be other keys."""
        return self.key_to_index.get(key, -1)

    def get_vecattr(self, key: Key, attr: str) -> Any:
        """An attribute of a key, for example its 'count'; in vectors of a model with ``hs=1``, 'code' and 'point', too.

        Raises
        ------
        KeyError
            If there is no such key, or no such attribute.
        """
        values = self.expandos.get(attr)
        if values is not None:
            return values[self.get_index(key)]
        if attr in ATTRIBUTES and self.tree:
            return self.path(self.get_index(key), attr)
        raise KeyError(f"Attribute '{attr}' not present: keys have {sorted(self.expandos)}")

    def _counts(self) -> NDArray[Any]:
        """The attribute 'count' of all keys, shape (len(self),); a KeyError says what to do where there is none."""
        counts = self.expandos.get("count")
        if counts is None or len(counts) != len(self):
            have = "no counts" if counts is None else f"{len(counts)} counts"
            raise KeyError(
                f"vectors of {len(self)} keys with {have}: the count of each is needed here. Set expandos['count'] to "
                "an array of them, in the order of index_to_key, or each by set_vecattr(key, 'count', …)"
            )
        return counts

    def _counted(self) -> NDArray[Any] | None:
        """The attribute 'count', unless there is none, or it was made up where vectors were read without counts."""
        counts = self.expandos.get("count")
        return None if counts is None or made_up(counts) else counts

    def set_vecattr(self, key: Key, attr: str, val: Any) -> None:
        """Set an attribute of a key; for the others it begins as zero.

        Raises
        ------
        TypeError
            If the attribute has another type already, that cannot hold `val`.
        """
        row = self.get_index(key)
        values = self.expandos.get(attr)
        new = np.dtype(object) if isinstance(val, (list, tuple, np.ndarray)) and np.ndim(val) else np.asarray(val).dtype
        dtype = new if values is None else values.dtype
        usual = USUAL.get(type(val)) == dtype.str[1:] and -(2**63) <= val < 2**63
        if not usual and dtype.kind != "O" and not np.can_cast(np.min_scalar_type(val), dtype, "same_kind"):
            raise TypeError(f"attribute {attr!r} is of type {dtype} and cannot be {val!r}")
        if values is None or len(values) != len(self.index_to_key) or not values.flags.writeable:
            self.allocate_vecattrs([attr], [dtype])
            values = self.expandos[attr] = np.require(self.expandos[attr], requirements="W")
        values[row] = val

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
            for name, values in self.expandos.items():
                if len(values) != len(self):
                    self.expandos[name] = self._as_long_as_keys(values)
            return
        for name, kind in zip(attrs, types or [], strict=True):
            dtype = np.dtype(np.int64 if kind is int else kind)
            if dtype.kind in "US":
                dtype = np.dtype(object)
            before = self.expandos.get(name, np.empty(0, dtype))
            if dtype != before.dtype and not np.issubdtype(dtype, before.dtype):
                raise TypeError(f"attribute {name!r} is of type {before.dtype} and cannot be of {dtype}")
            if name not in self.expandos or len(before) != len(self):
                self.expandos[name] = self._as_long_as_keys(before)

    def _attributes_of(self, given: Mapping[str, Any], keys: int) -> dict[str, NDArray[Any]]:
        """Attributes of some keys as arrays, checked: a value for each key, of the shape that others have."""
        found = {name: np.asarray(values) for name, values in given.items()}
        for name, values in found.items():
            known = self.expandos.get(name, values)
            if values.shape != (keys, *known.shape[1:]):
                wanted = ", ".join(map(str, known.shape[1:])) or "…"
                raise ValueError(f"attribute {name!r} must be of shape ({keys}, {wanted}), not {values.shape}")
        return found

    def _allocate_as(self, attributes: Mapping[str, NDArray[Any]]) -> None:
        """As `allocate_vecattrs`, for attributes of any shape."""
        for name, values in attributes.items():
            dtype = np.dtype(object) if values.dtype.kind in "US" else values.dtype
            self.expandos.setdefault(name, np.zeros((0, *values.shape[1:]), dtype))
        self.allocate_vecattrs(attributes, [values.dtype for values in attributes.values()])

    def _as_long_as_keys(self, before: NDArray[Any]) -> NDArray[Any]:
        values = np.zeros((len(self), *before.shape[1:]), before.dtype)
        values[: len(before)] = before[: len(self)]
        return values

    def _lock(self, rows: Sequence[int], factor: float) -> None:
        """Let training multiply its changes of the vectors of these rows by `factor`."""
        self.vectors_lockf = np.resize(self.vectors_lockf, len(self))
        self.vectors_lockf[rows] = factor

    def copy_vecattrs_to(self, others: Attributes) -> None:
        """Give the keys of other vectors the attributes that they have here; zeros, and no ways, where they are not."""
        rows = np.array(list(map(self._row_of, others.index_to_key)), np.int64)
        for name, values in self.expandos.items():
            others.expandos[name] = np.zeros((len(rows), *values.shape[1:]), values.dtype)
            others.expandos[name][rows >= 0] = values[rows[rows >= 0]]
        if self.tree:
            with suppress(KeyError):  # without counts there are no ways here either
                others.tree = self.tree_of(rows)
