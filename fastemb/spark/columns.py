"""Columns of lists of words, as Arrow has them, for the encoder."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from fastemb.kernels.text.columnencoder import ColumnEncoder
from fastemb.kernels.text.wordtable import WordTable


def add_column(encoder: ColumnEncoder, column: Any, name: str, row: int | None = None) -> None:
    """Encode a column of lists of words, str or int.

    Parameters
    ----------
    encoder : ColumnEncoder
    column : pyarrow.Array
    name : str
        What it is called, and
    row : int, optional
        which row of the partition is its first, if that is known, for errors.

    Raises
    ------
    ValueError
        If a list or a word is null.
    """
    refuse_null(column, name, row)
    encoder.add(starts_in(column), *ends_and_text(column.flatten()))


def refuse_null(column: Any, name: str, row: int | None = None) -> None:
    """Raise ValueError if a list of words, or a word in one, is null; as `add_column`."""
    if column.null_count:
        raise ValueError(
            f"column {name!r} is null in {column.null_count} of {len(column)} rows{in_partition(row, column)}: leave "
            f"them out, as by dropna(subset=[{name!r}])"
        )
    words = column.flatten()
    if words.null_count:
        first = int(np.searchsorted(starts_in(column), first_null(words), "right")) - 1
        raise ValueError(
            f"column {name!r} has null among the words of a row{in_partition(row, words, first)}: leave them out, as "
            "by array_compact()"
        )


def starts_in(column: Any) -> NDArray[np.int64]:
    """Where each list of a column begins among the words of all, and where the last one ends."""
    lists = numbers(column.offsets) if len(column) else np.zeros(1, np.int64)
    return lists - lists[0]


def refuse_lines(column: Any, name: str, row: int | None = None) -> None:
    """Raise ValueError if texts have ends of lines; `row` is the number of the first, if that is known."""
    several = np.asarray(pc.match_substring(column, "\n"), bool)
    if several.any():
        where = "" if row is None else f", first in row {row + int(np.argmax(several))}"
        raise ValueError(
            f"column {name!r} has an end of line in {several.sum()} of {len(column)} rows{where}, and a text is one "
            f"line: make them blanks, as by translate({name!r}, '\\n', ' ')"
        )


def in_partition(row: int | None, array: Any, first: int | None = None) -> str:
    """Where the first null is, if it is known which row comes first."""
    if row is None:
        return ""
    return f", first in row {row + (first_null(array) if first is None else first)} of its partition"


def first_null(array: Any) -> int:
    """Where the first null of an array is."""
    return int(np.argmax(np.asarray(array.is_null())))


def numbers(array: Any) -> NDArray[np.int64]:
    """Whole numbers without null."""
    return np.array(array.to_numpy(zero_copy_only=False), np.int64)


def ends_and_text(words: Any) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Where each word of an array ends, from 0, and the UTF-8 of all."""
    if pa.types.is_integer(words.type):
        words = words.cast(pa.string())
    _, ends, text = words.buffers()
    if not len(words) or ends is None:
        return np.zeros(len(words) + 1, np.int64), np.empty(0, np.uint8)
    kind = np.int64 if pa.types.is_large_string(words.type) else np.int32
    of_words = np.frombuffer(ends, kind)[words.offset : words.offset + len(words) + 1].astype(np.int64)
    utf8 = np.empty(0, np.uint8) if text is None else np.frombuffer(text, np.uint8)
    return of_words - of_words[0], utf8[of_words[0] : of_words[-1]]


def table_of(words: Iterable[Any]) -> WordTable:
    """A table of words, str or int, for an encoder of a fixed vocabulary."""
    return WordTable(ColumnEncoder.entry_of(str(word)) for word in words)


def words_of(table: WordTable) -> list[str]:
    """The words of a table."""
    return [ColumnEncoder.word_of(entry) for entry in table.words()]
