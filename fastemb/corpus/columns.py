"""Columns of lists, NumPy, pandas, polars and Arrow as arrays; a missing value is an error that names its row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def codes_of(name: str, column: Any) -> tuple[NDArray[np.int64], list[Any]]:
    """A number for each value of a column of str or int, and the different values.

    Raises
    ------
    TypeError
        If it is no column, or a value is of another type.
    ValueError
        If a value is missing.
    """
    if hasattr(column, "dictionary_encode"):  # Arrow's
        column = column.combine_chunks() if hasattr(column, "combine_chunks") else column
        encoded = column if hasattr(column, "indices") else column.dictionary_encode()
        if encoded.null_count:
            missing(name, int(np.asarray(encoded.is_null()).argmax()))
        codes, values = np.asarray(encoded.indices).astype(np.int64), encoded.dictionary.to_pylist()
    elif isinstance(array := as_array(name, column), np.ndarray) and array.dtype.kind in "iu":
        unique, codes = np.unique(array, return_inverse=True)
        values = unique.tolist()
    else:
        index: dict[Any, int] = {}
        codes = np.array([index.setdefault(value, len(index)) for value in array], np.int64)
        values = list(index)
        for code, value in enumerate(values):
            if value is None or (isinstance(value, float) and math.isnan(value)) or repr(value) in ("<NA>", "NaT"):
                missing(name, int((codes == code).argmax()))
    for value in values:
        if not isinstance(value, (str, int)) or isinstance(value, bool):
            raise TypeError(f"{name} must be str or int, not {type(value).__name__} as {value!r:.50}")
    return codes, values


def as_array(name: str, column: Any) -> Any:
    """A NumPy array if it is one, or a column of numbers; else a list."""
    if isinstance(column, (str, bytes)) or not hasattr(column, "__len__"):
        raise TypeError(f"{name} must be a column of values, not {type(column).__name__}")
    if isinstance(column, (list, tuple)):
        return column
    if hasattr(column, "columns") and hasattr(column, "shape"):
        raise TypeError(f"{name} must be one column, not a table: {type(column).__name__}")
    array = column.to_numpy() if hasattr(column, "to_numpy") else np.asarray(column)
    if array.ndim != 1:
        raise TypeError(f"{name} must be a column of values, not of shape {array.shape}")
    return array if array.dtype.kind in "iufbM" else array.tolist()


def numbers_of(name: str, column: Any) -> NDArray[np.float64]:
    """A column of numbers."""
    try:
        found = np.asarray(as_array(name, column), np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a column of numbers") from None
    bad = ~np.isfinite(found)
    if bad.any():
        missing(name, int(bad.argmax()))
    return found


def seconds_of(name: str, column: Any) -> NDArray[np.float64]:
    """A column of numbers, or of dates and times in seconds."""
    array = as_array(name, column)
    if not isinstance(array, np.ndarray) and len(array) and not isinstance(array[0], (int, float)):
        try:
            array = np.array(array, "datetime64[us]")
        except (TypeError, ValueError):
            raise TypeError(f"{name} must be numbers or dates, not {array[0]!r:.50}") from None
    array = np.asarray(array)
    if array.dtype.kind != "M":
        return numbers_of(name, array)
    if np.isnat(array).any():
        missing(name, int(np.isnat(array).argmax()))
    return array.astype("datetime64[us]").astype(np.int64) / 1e6


def flags_of(name: str, column: Any) -> NDArray[np.bool_]:
    """A column of bool."""
    found = np.asarray(as_array(name, column))
    if found.dtype.kind != "b" and not (found.dtype.kind in "iu" and np.isin(found, (0, 1)).all()):
        raise TypeError(f"{name} must be a column of True and False")
    return found.astype(bool)


def missing(name: str, row: int) -> None:
    raise ValueError(f"{name}: the value of row {row} is missing")
