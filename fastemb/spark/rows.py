"""Rows in which partitions of a corpus, and their words, are stored and shuffled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

# A row is one of these, and has null elsewhere:
# - sentences of a partition: `place`, `ids`, `lengths`;
# - words of a partition that are of a bucket: `place`, `bucket`, `words`, `sizes`, `counts`, `numbers`, and in `totals`
#   the words of all sentences of the partition, and of the longest;
# - the vocabulary of a bucket: `bucket`, `words`, `sizes`, `counts`, and in `totals` how many different words were
#   counted, and how often the most frequent one occurs;
# - which of a bucket's vocabulary words of a partition are: `place`, `bucket`, `numbers`, `ids`, which are the words in
#   the vocabulary, and `totals` as above;
# - cells of a matrix of co-occurrences: `place`, by which they are in order, `bucket`, `ids` of rows, `numbers` of
#   columns, `counts`.
# `place` is the number of the partition, in the upper half, and that of the row in it. `ids` are numbers of words in
# their partition, int32, as `numbers`; `lengths` are words of each sentence, int32; `words` are UTF-8, end to end, of
# `sizes` bytes each, int32; `counts` and `totals` are int64.
ARROW = pa.schema(
    [("place", pa.int64()), ("bucket", pa.int32())]
    + [(name, pa.binary()) for name in ("ids", "lengths", "words", "sizes", "counts", "numbers", "totals")]
)
SCHEMA = ", ".join(f"{field.name} {'binary' if pa.types.is_binary(field.type) else field.type}" for field in ARROW)
SCHEMA = SCHEMA.replace("int64", "bigint").replace("int32", "int")
SENTENCES = ("place", "ids", "lengths")
WORDS = ("place", "bucket", "words", "sizes", "counts", "numbers", "totals")
UPPER = 32  # bits of a place below the number of the partition


def rows(count: int, **columns: Any) -> Any:
    """Rows with these columns; the others are null."""
    arrays = [columns[field.name] if field.name in columns else pa.nulls(count, field.type) for field in ARROW]
    return pa.RecordBatch.from_arrays(arrays, schema=ARROW)


def row(place: int | None, bucket: int, **values: NDArray[Any]) -> Any:
    """A row with these arrays."""
    whole = {name: pieces(each, np.array([0, each.nbytes])) for name, each in values.items()}
    return rows(1, place=pa.array([place], pa.int64()), bucket=pa.array([bucket], pa.int32()), **whole)


def pieces(values: NDArray[Any], bounds: NDArray[np.int64]) -> Any:
    """An array of bytes that are between some bounds of another one, without a copy."""
    little = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    ends = pa.py_buffer(bounds.astype(np.int32))
    return pa.BinaryArray.from_buffers(pa.binary(), len(bounds) - 1, [None, ends, pa.py_buffer(little)])


def values_of(column: Any, kind: str = "<i4") -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The numbers that an array of bytes holds, end to end, and where those of each of its rows begin and end."""
    offset = np.int64 if str(column.type) == "large_binary" else np.int32
    ends = np.frombuffer(column.buffers()[1], offset)[column.offset : column.offset + len(column) + 1].astype(np.int64)
    data = column.buffers()[2]
    values = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]
    if len(values) % np.dtype(kind).itemsize:
        raise ValueError(f"{len(values)} bytes are no whole numbers of {np.dtype(kind).itemsize}")
    return values.view(kind), (ends - ends[0]) // np.dtype(kind).itemsize


def value_of(batch: Any, k: int, name: str, kind: str = "<i4") -> NDArray[Any]:
    """The numbers that a column of a row holds."""
    return np.frombuffer(batch.column(name)[k].as_buffer(), kind)


def starts_of(lengths: NDArray[Any]) -> NDArray[np.int64]:
    """Where each of some things of these lengths begins, and where the last one ends."""
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts
