"""What executors make of the partitions of a corpus: numbers of words, and how often each word occurs.

Each partition numbers its words by itself, in order of first appearance, so that it is read but once, and what is
stored of one partition always fits together, whichever attempt of a task has written it. Spark merges the counts; the
task that trains gives the words the numbers of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark import TaskContext

from fastemb.corpus.chunks import cut_sentences
from fastemb.kernels.text.columnencoder import ColumnEncoder
from fastemb.spark.columns import add_column, words_of
from fastemb.spark.errors import check_version, telling

# A row is either a word of a partition, or some of its sentences: `ids` of words, int32, and `lengths` of sentences,
# int32. `place` is the number of the partition, in the upper half, and that of the word or row in it.
SCHEMA = "place bigint, word string, count bigint, ids binary, lengths binary"
ARROW = pa.schema(
    [
        ("place", pa.int64()),
        ("word", pa.string()),
        ("count", pa.int64()),
        ("ids", pa.binary()),
        ("lengths", pa.binary()),
    ]
)
WORDS = 1 << 14  # of sentences in a row, and one sentence more
ROWS = 1 << 16  # of words given to Spark at a time


@telling
def encode_partition(batches: Iterable[Any], column: str, longest: int, version: str) -> Iterator[Any]:
    """Encode one partition, whose batches have one column: a function for ``DataFrame.mapInArrow``.

    Parameters
    ----------
    batches : iterator of pyarrow.RecordBatch
    column : str
        What it is called where the user sees it.
    longest : int
        Cut longer sentences into pieces of so many words.
    version : str
        Of fastemb at the driver.

    Yields
    ------
    pyarrow.RecordBatch
        Of `SCHEMA`.
    """
    check_version(version)
    context = TaskContext.get()
    place = (context.partitionId() if context else 0) << 32
    encoder, rows, sentences = ColumnEncoder(), 0, 0
    for batch in batches:
        add_column(encoder, batch.column(0), column, rows)
        rows += batch.num_rows
        ids, starts = encoder.take()
        made = sentence_rows(ids, cut_sentences(starts, longest), place + sentences)
        sentences += made.num_rows
        yield made
    yield from word_rows(encoder, place)


def sentence_rows(ids: NDArray[np.int32], starts: NDArray[np.int64], place: int) -> Any:
    """Rows of encoded sentences."""
    row_of_each = starts[:-1] // WORDS
    firsts = np.flatnonzero(np.diff(row_of_each, prepend=-1))
    bounds = np.append(firsts, len(starts) - 1)
    lengths = np.diff(starts).astype("<i4")
    n = len(firsts)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(np.arange(place, place + n)),
            pa.nulls(n, pa.string()),
            pa.nulls(n, pa.int64()),
            binaries(ids.astype("<i4", copy=False), starts[bounds]),
            binaries(lengths, bounds),
        ],
        schema=ARROW,
    )


def binaries(values: NDArray[np.int32], bounds: NDArray[np.int64]) -> Any:
    """Pieces of an array of int32 as an array of bytes, without a copy."""
    ends = (4 * bounds).astype(np.int32)
    return pa.BinaryArray.from_buffers(pa.binary(), len(bounds) - 1, [None, pa.py_buffer(ends), pa.py_buffer(values)])


def word_rows(encoder: ColumnEncoder, place: int) -> Iterator[Any]:
    """Rows of words and their counts."""
    words, counts = words_of(encoder.table), encoder.table.word_counts()
    for begin in range(0, len(words), ROWS):
        some = words[begin : begin + ROWS]
        n = len(some)
        yield pa.RecordBatch.from_arrays(
            [
                pa.array(np.arange(place + begin, place + begin + n)),
                pa.array(some, pa.string()),
                pa.array(counts[begin : begin + n]),
                pa.nulls(n, pa.binary()),
                pa.nulls(n, pa.binary()),
            ],
            schema=ARROW,
        )
