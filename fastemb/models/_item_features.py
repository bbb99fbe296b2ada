"""What items share: categories, brands, words of a title; each is a row, as those of n-grams are."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.corpus.columns import codes_of, is_missing, names_of_columns, values_of
from fastemb.formats import native
from fastemb.kernels.ragged import starts_of
from fastemb.models._attributes import Key
from fastemb.subwords import Bags

PREFIX = "features."
OF_ITEMS = "features.items."
TRAINED = "features.trained"


class ItemFeatures:
    """Which features items have; in the place of `fastemb.subwords.Subwords`.

    Parameters
    ----------
    names : sequence of str
        The features, in the order of their rows.
    items : dict of str or int to int
        Numbers of the items.
    bags : Bags
        For each of these the rows of its features.
    """

    min_n = max_n = bucket = 0
    kept = None
    encoding = "features of items"
    as_in_fasttext = False

    def __init__(self, names: Sequence[str] = (), items: Mapping[Key, int] | None = None, bags: Bags | None = None):
        self.names, self.items = list(names), dict(items or {})
        self.of_items = bags or Bags(np.zeros(1, np.int64), np.empty(0, np.int32))
        self.labels: dict[str, int] = {}
        self.trained = np.zeros(len(self.names), bool)  # those of items that were met in training

    @classmethod
    def of(cls, given: Any) -> ItemFeatures:
        """The features that a user gave.

        Raises
        ------
        TypeError
            If it is neither a mapping of items to features nor a table, or an item or feature is of another type.
        ValueError
            If a table has no column of features, or an item is missing.
        """
        if given is None or isinstance(given, cls):
            return given or cls()
        if hasattr(given, "columns"):
            given = of_table(given)
        if not isinstance(given, Mapping):
            raise TypeError(
                f"features must be a dict of items to lists of features, or a table, not {type(given).__name__}"
            )
        rows: dict[str, int] = {}
        bags: list[list[int]] = []
        for item, features in given.items():
            if not isinstance(item, (str, int)) or isinstance(item, bool):
                raise TypeError(f"an item must be a str or an int, not {item!r:.50}")
            names = dict.fromkeys(names_of(item, features))
            bags.append([rows.setdefault(name, len(rows)) for name in names])
        starts = starts_of([len(bag) for bag in bags])
        ids = np.array([row for bag in bags for row in bag], np.int32)
        return cls(list(rows), {item: number for number, item in enumerate(given)}, Bags(starts, ids))

    @property
    def used(self) -> bool:
        """Whether there are features at all."""
        return bool(self.names)

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self.names)

    def same_as(self, others: Any) -> bool:
        """Whether rows mean the same."""
        return isinstance(others, ItemFeatures) and self.names == others.names

    def bags(self, keys: Sequence[Any]) -> Bags:
        """The rows of the features of each key, in arrays that are read-only."""
        bags = [self.of_word(key) for key in keys]
        starts, ids = starts_of([len(bag) for bag in bags]), np.concatenate([np.empty(0, np.int32), *bags])
        starts.setflags(write=False)
        ids.setflags(write=False)
        return Bags(starts, ids)

    def of_word(self, key: Any) -> NDArray[np.int32]:
        """The rows of the features of an item."""
        number = self.items.get(key)
        return np.empty(0, np.int32) if number is None else self.of_items[number]

    def of_unseen(self, key: Any) -> NDArray[np.int32]:
        """The same of an item that was not trained: those rows that others have trained."""
        rows = self.of_word(key)
        return rows[self.trained[rows]]

    def has(self, key: Any) -> bool:
        """Whether an item has a feature that was trained."""
        return len(self.of_unseen(key)) > 0

    def note(self, keys: Sequence[Any]) -> None:
        """These items are trained."""
        self.trained[:] = False
        for key in keys:
            self.trained[self.of_word(key)] = True

    def with_others(self, others: ItemFeatures, but: Container[Any]) -> ItemFeatures:
        """The same with further items, but for some; of their features those count that are known; later ones count."""
        rows = {name: row for row, name in enumerate(self.names)}
        numbers = [rows.get(name, -1) for name in others.names]
        bags = {item: self.of_items[number].tolist() for item, number in self.items.items()}
        for item, number in others.items.items():
            if item in but:
                continue
            bags[item] = [numbers[row] for row in others.of_items[number].tolist() if numbers[row] >= 0]
        ids = np.array([row for bag in bags.values() for row in bag], np.int32)
        made = ItemFeatures(
            self.names, {item: k for k, item in enumerate(bags)}, Bags(starts_of(list(map(len, bags.values()))), ids)
        )
        made.trained = self.trained
        return made

    def check_lengths(self, keys: Iterable[Any]) -> None:
        """No item is too long."""

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, as arrays of a file."""
        arrays = {PREFIX + name: array for name, array in native.pack_keys(self.names).items()}
        arrays |= {OF_ITEMS + name: array for name, array in native.pack_keys(list(self.items)).items()}
        arrays |= {"features.starts": self.of_items.starts, "features.ids": self.of_items.ids}
        return arrays | {TRAINED: self.trained}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> ItemFeatures:
        """The opposite of `to_arrays`; `name` is the file's, for messages."""
        try:
            names, items = (
                native.unpack_keys({key[len(begin) :]: arrays[key] for key in arrays if key.startswith(begin)}, name)
                for begin in (PREFIX, OF_ITEMS)
            )
            starts, ids = arrays["features.starts"], arrays["features.ids"]
            fits = starts.dtype == np.int64 and ids.dtype == np.int32 and starts.ndim == ids.ndim == 1
            if not fits or len(starts) != len(items) + 1 or starts[0] != 0 or starts[-1] != len(ids):
                raise ValueError("bags of other sizes")
            if (np.diff(starts) < 0).any() or (len(ids) and not 0 <= ids.min() <= ids.max() < len(names)):
                raise ValueError("bags of rows that there are not")
            trained = np.array(arrays.get(TRAINED, np.zeros(len(names), bool)))
            if trained.dtype != bool or trained.shape != (len(names),):
                raise ValueError("not one flag for each feature")
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{name}: the features of its items are damaged ({error})") from None
        index = {item: number for number, item in enumerate(items)}
        made = cls([str(each) for each in names], index, Bags(starts, ids))
        made.trained = trained
        return made


def of_table(table: Any) -> dict[Key, list[str]]:
    """The features of items by a table of pandas, polars or Arrow, in which an item may be in several rows."""
    columns = names_of_columns(table)
    of = "item" if "item" in columns else columns[0] if columns else None
    if len(columns) < 2:
        raise ValueError(f"a table of features has a column of items and others, not {columns}")
    codes, items = codes_of(str(of), table[of])
    found: dict[Key, list[str]] = {item: [] for item in items}
    for field in columns:
        values = () if field == of else values_of(str(field), table[field])
        for code, value in zip(codes.tolist(), values, strict=field != of):
            found[items[code]] += names_of(items[code], {field: value})
    return found


def cell(field: str, value: Any) -> Iterable[Any]:
    """The values of a cell of a table, or of a field of a dict: one, or several in a list, an array or a column."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        return [value]
    return values_of(field, value) if hasattr(value, "dtype") or hasattr(value, "to_pylist") else in_order(value)


def in_order(values: Iterable[Any]) -> list[Any]:
    """In a list; those of a set, whose own order is another in each process, by their names."""
    return sorted(values, key=str) if isinstance(values, Set) else list(values)


def names_of(item: Any, features: Any) -> list[str]:
    """The names of an item's features; those of a mapping are `field=value`."""
    if isinstance(features, str) or not isinstance(features, Iterable):
        raise TypeError(f"the features of {item!r} must be a list of str, or a dict, not {features!r:.50}")
    if isinstance(features, Mapping):
        found = [
            f"{field}={value}"
            for field, values in features.items()
            for value in cell(str(field), values)
            if not is_missing(value)
        ]
    else:
        found = in_order(features)
    if bad := [name for name in found if not isinstance(name, str)]:
        raise TypeError(f"a feature of {item!r} must be a str, not {bad[0]!r:.50}")
    return found
