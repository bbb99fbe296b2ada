"""Columns of lists, NumPy, pandas, polars and Arrow as arrays; a missing value is an error that names its row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

NO_NUMBERS = (str, bytes, np.datetime64, np.timedelta64)  # of which NumPy makes numbers
FINE = ("ns", "ps", "fs", "as")  # units that are less than a microsecond, which NumPy gives Python as whole numbers


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
        encoded = decoded(column).dictionary_encode()
        if encoded.null_count:
            missing(name, int(np.asarray(encoded.is_null()).argmax()))
        codes, values = np.asarray(encoded.indices).astype(np.int64), encoded.dictionary.to_pylist()
    elif isinstance(array := as_array(name, column), np.ndarray) and array.dtype.kind in "iu":
        unique, codes = np.unique(array, return_inverse=True)
        values = unique.tolist()
    else:
        refuse_kinds(name, array)
        index: dict[Any, int] = {}
        codes = np.array([index.setdefault(value, len(index)) for value in array], np.int64)
        values = [as_key(value) for value in index]
    for value in values:
        if not isinstance(value, (str, int)) or isinstance(value, bool):
            raise TypeError(f"{name} must be str or int, not {type(value).__name__} as {value!r:.50}")
    return codes, values


def refuse_kinds(name: str, values: Any) -> None:
    """Raise for the first value that is missing, or neither str nor int: True and 1.0 would be taken for 1."""
    kinds = {kind for kind in set(map(type, values)) if kind is bool or not issubclass(kind, (str, int, np.integer))}
    for row, value in enumerate(values if kinds else ()):
        if is_missing(value):
            missing(name, row)
        if type(value) in kinds:
            raise TypeError(f"{name} must be str or int, not {type(value).__name__} as {value!r:.50} in row {row}")


def as_key(value: Any) -> Any:
    """The same as Python's own, if it is NumPy's str or int."""
    if isinstance(value, np.integer):
        return int(value)
    return str(value) if isinstance(value, np.str_) else value


def is_missing(value: Any) -> bool:
    """Whether it is None, NaN, or pandas' NA or NaT."""
    return value is None or (isinstance(value, float) and math.isnan(value)) or repr(value) in ("<NA>", "NaT")


def array_of(column: Any) -> NDArray[Any]:
    """A column of any library's, or a list, as an array.

    A list that has other values than numbers becomes one of objects, so that none is converted.
    """
    if hasattr(column, "detach"):  # torch's
        return np.asarray(column.detach().cpu().numpy())
    if hasattr(column, "to_numpy"):
        column = decoded(column)
        array = None if is_nested(column) else array_in(column)
        if array is not None and (array.dtype.kind != "f" or is_of_floats(column)):
            return array
        # Whole numbers would be floats where some are missing, and those of lists in the same way.
        values = column.to_pylist() if hasattr(column, "to_pylist") else column.to_list()
        return np.fromiter((None if is_missing(value) else value for value in values), object, len(values))
    if hasattr(column, "dtype") or hasattr(column, "__array__"):
        return np.asarray(column)
    values = column if isinstance(column, (list, tuple)) else list(column)
    if all_numbers(values):
        return np.asarray(values)
    return np.fromiter(values, object, len(values))


def decoded(column: Any) -> Any:
    """The same, if it is no dictionary of Arrow's, of which `to_numpy` may give other values for those missing."""
    kind: Any = getattr(column, "type", None) if hasattr(column, "to_pylist") else None
    return column.cast(kind.value_type) if hasattr(kind, "index_type") else column


def array_in(column: Any) -> NDArray[Any]:
    """As of `to_numpy`; that of Arrow's arrays refuses by default to copy."""
    return np.asarray(column.to_numpy(zero_copy_only=False) if hasattr(column, "buffers") else column.to_numpy())


def is_nested(column: Any) -> bool:
    """Whether its values are lists, or others of several parts, by its type."""
    if hasattr(column, "to_pylist"):  # Arrow's
        return bool(column.type.num_fields)
    kind: Any = getattr(column, "dtype", None)
    if hasattr(kind, "pyarrow_dtype"):  # pandas'
        return bool(kind.pyarrow_dtype.num_fields)
    return hasattr(kind, "is_nested") and bool(kind.is_nested())  # polars'


def is_of_floats(column: Any) -> bool:
    """Whether it had floats, or decimals, before it was made an array of floats."""
    if hasattr(column, "to_pylist"):
        return str(column.type) in ("halffloat", "float", "double")
    kind: Any = getattr(column, "dtype", None)
    return not kind.is_integer() if hasattr(kind, "is_integer") else getattr(kind, "kind", "f") == "f"


def all_numbers(values: Sequence[Any]) -> bool:
    """Whether all are numbers, and none a truth value."""
    kinds = set(map(type, values))
    return all(issubclass(kind, (int, float, np.number)) and kind is not bool for kind in kinds)


def names_of_columns(table: Any) -> list[Any]:
    """Of a table of pandas, polars, or Arrow, whose `columns` are the columns themselves."""
    return list(getattr(table, "column_names", None) or table.columns)


def column_of(name: str, column: Any) -> NDArray[Any]:
    """A column of any library's, or an iterable, as an array of one dimension.

    Raises
    ------
    TypeError
        If it is no column.
    """
    if hasattr(column, "columns") and hasattr(column, "shape"):
        raise TypeError(f"{name} must be one column, not a table: {type(column).__name__}")
    if isinstance(column, (str, bytes)) or not hasattr(column, "__iter__"):
        raise TypeError(f"{name} must be a column of values, not {type(column).__name__}")
    array = array_of(column)
    if array.ndim != 1:
        raise TypeError(f"{name} must be a column of values, not of shape {array.shape}")
    return array


def values_of(name: str, column: Any) -> list[Any]:
    """The values of a column as Python's own; times with parts of microseconds as texts, since Python has none."""
    array = column_of(name, column)
    if array.dtype.kind not in "mM":
        return array.tolist()
    coarse = array.astype(f"{array.dtype.kind}8[us]") if np.datetime_data(array.dtype)[0] in FINE else array
    return [
        value if same or value is None else str(exact).replace("T", " ")
        for value, same, exact in zip(coarse.tolist(), (coarse == array).tolist(), array, strict=True)
    ]


def as_array(name: str, column: Any) -> Any:
    """A NumPy array if it is one, or a column of numbers; else a list."""
    if isinstance(column, (list, tuple)):
        return column
    array = column_of(name, column)
    return array if array.dtype.kind in "iufbM" else array.tolist()


def numbers_of(name: str, column: Any) -> NDArray[np.float64]:
    """A column of numbers."""
    array = as_array(name, column)
    kinds = {array.dtype.type} if isinstance(array, np.ndarray) else set(map(type, array))
    try:
        found = np.asarray(array, np.float64)
    except (TypeError, ValueError):
        found = np.empty((0, 0))
    if found.ndim != 1 or any(issubclass(kind, NO_NUMBERS) for kind in kinds):
        raise TypeError(f"{name} must be a column of numbers")
    bad = ~np.isfinite(found)
    if bad.any():
        row = int(bad.argmax())
        if np.isinf(found[row]):
            raise ValueError(f"{name}: the value of row {row} is infinite")
        missing(name, row)
    return found


def seconds_of(name: str, column: Any) -> NDArray[np.float64]:
    """A column of numbers, or of dates and times in seconds."""
    array = as_array(name, column)
    if not isinstance(array, np.ndarray):
        if all_numbers([value for value in array if value is not None]):
            return numbers_of(name, array)
        array = np.array(moments(name, array), "datetime64[us]")
    if array.dtype.kind != "M":
        return numbers_of(name, array)
    if np.isnat(array).any():
        missing(name, int(np.isnat(array).argmax()))
    return array.astype("datetime64[us]").astype(np.int64) / 1e6


def in_seconds(given: Any) -> Any:
    """The seconds of a length of time of Python, NumPy or pandas; other numbers as they are."""
    if isinstance(given, np.timedelta64):
        return float(given / np.timedelta64(1, "s"))
    return given.total_seconds() if isinstance(given, timedelta) else given


def moments(name: str, values: Sequence[Any]) -> list[Any]:
    """Dates and times, and texts of these by ISO 8601, without time zones: those that have one are told by UTC."""
    found: list[Any] = []
    aware = set()
    for row, value in enumerate(values):
        if is_missing(value):
            missing(name, row)
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) and not value.isdecimal() else value
        except ValueError:
            moment = value
        if not isinstance(moment, (date, np.datetime64)):
            raise TypeError(f"{name} must be numbers or dates, not {value!r:.50} in row {row}")
        zone = moment.tzinfo if isinstance(moment, datetime) else None
        aware.add(zone is not None)
        if len(aware) > 1:
            raise TypeError(f"{name}: some times have a time zone, and that of row {row} differs in this")
        found.append(moment.astimezone(UTC).replace(tzinfo=None) if isinstance(moment, datetime) and zone else moment)
    return found


def flags_of(name: str, column: Any) -> NDArray[np.bool_]:
    """A column of bool."""
    found = np.asarray(as_array(name, column))
    if len(found) and found.dtype.kind != "b" and not (found.dtype.kind in "iu" and np.isin(found, (0, 1)).all()):
        raise TypeError(f"{name} must be a column of True and False")
    return found.astype(bool)


def missing(name: str, row: int) -> None:
    raise ValueError(f"{name}: the value of row {row} is missing")
