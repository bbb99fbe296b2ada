"""Vectors as the arrays of a file: what is written must be what can be read again."""

from __future__ import annotations

import logging
import operator
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fastemb.formats import native
from fastemb.models._attributes import Key

if TYPE_CHECKING:
    from fastemb.models.keyedvectors import KeyedVectors

logger = logging.getLogger(__name__)

ATTRIBUTE = "attribute."  # begins the names of the arrays of `expandos`
Arrays = dict[str, NDArray[Any]]


def check_rows(keyed: KeyedVectors, name: str, matrix: Any) -> None:
    """Raise ValueError if the keys do not agree with each other, or with a matrix that has a row for each."""
    keys, index = keyed.index_to_key, keyed.key_to_index
    if not (list(index) == list(keys) and all(map(operator.eq, index.values(), range(len(keys))))):  # most are in order
        check_index(keys, index)
    elif None in index:
        raise ValueError("rows without a key cannot be written")
    if len(matrix) != len(keys):
        raise ValueError(f"{len(keys)} keys and {len(matrix)} {name} could not be loaded again")


def check_index(keys: Sequence[Any], index: Mapping[Any, Any]) -> None:
    """Raise ValueError if not each key has its row in the index, which has no others."""
    if None in keys:
        raise ValueError("rows without a key cannot be written")
    if len(index) != len(keys):
        raise ValueError(f"index_to_key has {len(keys)} keys, and key_to_index {len(index)}")
    if not all(map(operator.eq, map(index.get, keys), range(len(keys)))):
        row, key = next((row, key) for row, key in enumerate(keys) if index.get(key) != row)
        raise ValueError(f"index_to_key has {key!r} in row {row}, and key_to_index in {index.get(key, 'none')}")


def check_vectors(vectors: Any, shape: tuple[int, ...] | None = None) -> NDArray[Any]:
    """Vectors as an array; ValueError if they could not be loaded, or are of another shape."""
    array = np.asarray(vectors)
    if array.ndim != 2 or array.dtype.kind != "f":
        raise ValueError(f"vectors must be a matrix of floating-point numbers, not {array.dtype} of {array.shape}")
    if shape is not None and array.shape != shape:
        raise ValueError(f"vectors must be of shape {shape}, not {array.shape}")
    return array


def named_arrays(keyed: KeyedVectors, name: str, matrix: Any) -> Arrays:
    """The keys, their attributes and locks, as arrays, to stand beside a matrix that has a row for each key.

    Raises
    ------
    TypeError
        If a key is neither a str nor an int.
    ValueError
        If keys and rows do not agree, an attribute is not as long as there are keys, or a lock could not be loaded.
    """
    keys = native.pack_keys(keyed.index_to_key)
    check_rows(keyed, name, matrix)
    for attribute, values in keyed.expandos.items():
        if np.shape(values)[:1] != (len(keyed),):
            raise ValueError(
                f"expandos[{attribute!r}] is of shape {np.shape(values)}, but there are {len(keyed)} keys: "
                "bring it in line with them, or delete it"
            )
    attributes = {ATTRIBUTE + attribute: np.asarray(values) for attribute, values in keyed.expandos.items()}
    return keys | attributes | locks_of(keyed)


def locks_of(keyed: KeyedVectors) -> dict[str, NDArray[np.float32]]:
    """Those of the locks that are not as they were made."""
    locks = {name: checked_lock(name, np.asarray(getattr(keyed, name))) for name in keyed.LOCKS}
    return {name: factors for name, factors in locks.items() if not np.array_equal(factors, [1])}


def set_locks(keyed: KeyedVectors, saved: Mapping[str, Any], name: str) -> None:
    """Take the locks that there are in a file; `name` is the file's, for messages."""
    for lock in keyed.LOCKS:
        factors = saved.get(lock)
        if isinstance(factors, np.ndarray):
            setattr(keyed, lock, checked_lock(f"{name}: damaged: its {lock}", factors))


def checked_lock(name: str, factors: NDArray[Any]) -> NDArray[np.float32]:
    if factors.ndim != 1 or not len(factors) or factors.dtype.kind not in "biuf":
        raise ValueError(f"{name} has the shape {factors.shape} and type {factors.dtype}")
    return np.array(factors, np.float32)


def unpack_keys(arrays: Arrays, name: str) -> tuple[list[Key], Arrays]:
    """The keys among the arrays of a file, and their attributes."""
    keys = native.unpack_keys(arrays, name)
    attributes = {key.removeprefix(ATTRIBUTE): values for key, values in arrays.items() if key.startswith(ATTRIBUTE)}
    if any(values.shape[:1] != (len(keys),) for values in attributes.values()):
        raise ValueError(f"{name}: its attributes are not as many as its words")
    return keys, attributes


def order_by(keyed: KeyedVectors, attribute: str) -> NDArray[np.int64]:
    """The rows in descending order of an attribute, equals in their order; as they are if it is not there."""
    rows = np.arange(len(keyed))
    if attribute not in keyed.expandos:
        return rows
    values = np.asarray(keyed.expandos[attribute])
    if values.shape != rows.shape:
        logger.warning(
            "the attribute %r is of shape %s, but there are %d keys: they are written in the order of their rows",
            attribute,
            values.shape,
            len(rows),
        )
        return rows
    # A minus would not do, since counts may be unsigned.
    return len(rows) - 1 - np.argsort(values[::-1], kind="stable")[::-1]
