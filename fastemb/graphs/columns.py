"""Columns of names and weights, as arrays of numbers; and what arrays of a graph must be."""

from __future__ import annotations

import mmap
import re
from collections.abc import Container, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import whole
from fastemb.corpus.columns import as_key, column_of

Ends = tuple[NDArray[np.int32], NDArray[np.int32]]
MOST_NODES = 2**31 - 1
WHOLE = re.compile(r"-?\d{1,19}")  # as text
DENSE = 4  # times as many numbers as edges may be looked up in a table


def whole_column(name: str, column: Any) -> NDArray[Any]:
    """A column of NumPy's, pandas', polars', Arrow's or torch's, or a list, as an array; no value may be missing."""
    nulls = getattr(column, "null_count", 0)  # of polars it is a method
    if nulls() if callable(nulls) else nulls:
        raise ValueError(f"{name}: a value is missing")
    return column_of(name, column)


def numbered(sources: Any, targets: Any, nodes: int | None) -> tuple[Ends, list[str | int] | None, int]:
    """The numbers of the nodes of edges, the names of the nodes, and how many there are."""
    first, second = whole_column("sources", sources), whole_column("targets", targets)
    if len(first) != len(second):
        raise ValueError(f"{len(first)} sources have {len(second)} targets")
    if len(first) == 0 or (fits_int64(first) and fits_int64(second)):
        parts, names, count = numbered_integers([(first.astype(np.int64), second.astype(np.int64))], nodes)
        return parts[0], names, count
    if nodes is not None:
        raise TypeError("with nodes, sources and targets must be whole numbers")
    index: dict[Any, int] = {}
    ends = []
    for what, array in (("sources", first), ("targets", second)):
        values = [as_key(value) for value in array.tolist()]
        for kind in set(map(type, values)) - {str, int}:
            row, wrong = next((k, value) for k, value in enumerate(values) if type(value) is kind)
            raise TypeError(f"{what}: names of nodes must be str or int, not {wrong!r:.60} in row {row}")
        ends.append(np.fromiter((index.setdefault(name, len(index)) for name in values), np.int32, len(values)))
    return (ends[0], ends[1]), list(index), len(index)


def fits_int64(array: NDArray[Any]) -> bool:
    """Whether these are whole numbers that are no larger."""
    return array.dtype.kind in "iu" and (array.dtype != np.uint64 or not len(array) or int(array.max()) < 2**63)


def numbered_integers(
    parts: list[tuple[NDArray[Any], NDArray[Any]]], nodes: int | None = None
) -> tuple[list[Ends], list[str | int] | None, int]:
    """The same of whole numbers, which are names; in several parts, whose list is emptied on the way."""
    sizes = [len(first) for first, _ in parts]
    lowest = min((int(array.min()) for pair in parts for array in pair if len(array)), default=0)
    highest = max((int(array.max()) for pair in parts for array in pair if len(array)), default=-1)
    if nodes is not None:
        count = whole("nodes", nodes, 0)
        if lowest < 0 or highest >= count:
            raise ValueError(f"nodes must be from 0 to {count - 1}, not {lowest if lowest < 0 else highest}")
        return [(drained(a), drained(b)) for a, b in popped(parts)], None, count
    if lowest >= 0 and highest < DENSE * max(sum(sizes), 1000):
        used = np.zeros(highest + 1, bool)
        for pair in parts:
            for array in pair:
                used[array] = True
        if used.all():
            return [(drained(a), drained(b)) for a, b in popped(parts)], None, highest + 1
        numbers = np.cumsum(used, dtype=np.int32) - 1
        found = [(in_pages(numbers[a], np.int32), in_pages(numbers[b], np.int32)) for a, b in popped(parts)]
        kept: list[Any] = np.flatnonzero(used).tolist()
        return found, kept, len(kept)
    names = np.unique(np.concatenate([np.unique(array) for pair in parts for array in pair]))
    found = [
        (in_pages(np.searchsorted(names, a), np.int32), in_pages(np.searchsorted(names, b), np.int32))
        for a, b in popped(parts)
    ]
    return found, names.tolist(), len(names)


def popped(parts: list[Any]) -> Any:
    while parts:
        yield parts.pop(0)


# Mappings that stand side by side are one for the system, which allows some 65,000; Windows has no such kind.
PRIVATE = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_ANONYMOUS") else {}


def in_pages(array: NDArray[Any], dtype: Any) -> NDArray[Any]:
    """A copy in another type, in pages that go back to the system when nobody has it: those of malloc may not."""
    if not len(array):
        return np.empty(0, dtype)
    made = np.frombuffer(mmap.mmap(-1, len(array) * np.dtype(dtype).itemsize, **PRIVATE), dtype, len(array))
    made[:] = array
    return made


def drained(array: NDArray[Any]) -> NDArray[np.int32]:
    return np.ascontiguousarray(array, np.int32)


def weights_of(weights: Any, edges: int) -> NDArray[np.float32] | None:
    """A column of weights, checked."""
    if weights is None:
        return None
    array = whole_column("weights", weights)
    if len(array) != edges:
        raise ValueError(f"{edges} edges have {len(array)} weights")
    if array.dtype.kind not in "iufb":
        kinds = bool, int, float
        place, wrong = next(((k, w) for k, w in enumerate(array.tolist()) if type(w) not in kinds), (0, array[0]))
        raise TypeError(f"weights must be numbers: that of edge {place} is {wrong!r:.60}")
    with np.errstate(over="ignore"):
        values = np.ascontiguousarray(array, np.float32)
    for wrong, what in (
        (~np.isfinite(values), "is not finite"),
        (values < 0, "is negative"),
        ((values == 0) & (array != 0), "is less than any single-precision number"),
    ):
        if wrong.any():
            place = int(np.argmax(wrong))
            raise ValueError(f"the weight of edge {place}, {array[place]}, {what}")
    return values


def exactly(name: str, array: Any, dtype: Any) -> NDArray[Any]:
    """The same whole numbers in another type, if they all fit."""
    given = np.asarray(array)
    if given.size and given.dtype.kind not in "iu":
        raise TypeError(f"{name} must be whole numbers, not {given.dtype}")
    made = np.require(given, dtype, ["C", "A"])
    if made.dtype != given.dtype and not np.array_equal(made, given):
        raise ValueError(f"{name} do not fit {np.dtype(dtype)}")
    return made


def checked_names(names: Sequence[str | int], nodes: int) -> list[str | int]:
    """Names, in a list; raises if they are not as many as nodes, of another type, or not all different."""
    listed = [as_key(name) for name in names]
    if len(listed) != nodes:
        raise ValueError(f"{nodes} nodes have {len(listed)} names")
    if wrong := [name for name in listed if isinstance(name, bool) or not isinstance(name, (str, int))]:
        raise TypeError(f"names of nodes must be str or int, not {wrong[0]!r:.60}")
    if len(set(listed)) != nodes:
        raise ValueError("two nodes have the same name")
    return listed


def hint(name: Any, known: Container[Any]) -> str:
    """What to say of a name that is not known: that it is as a number or text, if so."""
    other = str(name) if isinstance(name, int) else int(name) if WHOLE.fullmatch(str(name)) else None
    return f": names are {type(other).__name__}, as {other!r}" if other is not None and other in known else ""
