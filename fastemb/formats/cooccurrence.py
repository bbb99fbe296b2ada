"""Co-occurrences as Stanford's GloVe programs write them: `cooccurrence.bin`, shuffled or not.

A record for each cell, little-endian: two int32, the numbers of two words from 1, and a float64.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import local
from fastemb.corpus.cooccurrence import Cells

Path = str | os.PathLike[str]
RECORD = np.dtype([("row", "<i4"), ("column", "<i4"), ("value", "<f8")])
BLOCK = 2**20  # records read at a time


def records(cells: Cells) -> NDArray[Any]:
    """Cells as they stand in a file."""
    made = np.empty(len(cells.rows), RECORD)
    made["row"], made["column"], made["value"] = cells.rows + np.int32(1), cells.columns + np.int32(1), cells.values
    return made


def count_records(path: Path) -> int:
    """Cells in a file.

    Raises
    ------
    ValueError
        If it is not one of whole records.
    """
    path = local(path)
    size = os.stat(path).st_size
    if size % RECORD.itemsize:
        raise ValueError(f"{path}: cut short, or no co-occurrences: {size} bytes are no whole records")
    return size // RECORD.itemsize


def read_cooccurrences(path: Path, words: int) -> Iterator[Cells]:
    """The cells of a file, block by block.

    Parameters
    ----------
    path : str or os.PathLike
    words : int
        Size of the vocabulary.

    Raises
    ------
    ValueError
        If a record names a word beyond the vocabulary, or its value is not positive and finite; the
        message names the file and the record.
    """
    path = local(path)
    left = count_records(path)
    begin = 0
    with open(path, "rb") as file:
        while left:
            block = np.fromfile(file, RECORD, min(BLOCK, left))
            if not len(block):
                raise ValueError(f"{path}: cut short while it was read, after {begin} records")
            row, column, value = block["row"], block["column"], block["value"]
            good = (row >= 1) & (row <= words) & (column >= 1) & (column <= words) & (value > 0) & np.isfinite(value)
            if not good.all():
                bad = int(np.argmin(good))
                raise ValueError(
                    f"{path}, record {begin + bad + 1}: words {row[bad]} and {column[bad]} meet "
                    f"{value[bad]} times; words must be from 1 to {words}, and counts positive and finite"
                )
            yield Cells(row - np.int32(1), column - np.int32(1), value.astype(np.float64))
            begin += len(block)
            left -= len(block)
