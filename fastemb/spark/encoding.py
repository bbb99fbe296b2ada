"""What executors make of the partitions of a corpus: numbers of words, and how often each word occurs.

Each partition numbers its words by itself, in order of first appearance, so that it is read but once, and what is
stored of one partition always fits together, whichever attempt of a task has written it. Words go to buckets by their
letters; `fastemb.spark.counting` merges the counts of each. The task that trains gives words the numbers of the
vocabulary.
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
from fastemb.spark.columns import add_column, ends_and_text, words_of
from fastemb.spark.errors import check_version, telling
from fastemb.spark.rows import UPPER, pieces, rows

AT_ONCE = 1 << 16  # words of sentences in a row, and one sentence more


@telling
def encode_partition(batches: Iterable[Any], column: str, longest: int, buckets: int, version: str) -> Iterator[Any]:
    """Encode one partition, whose batches have one column: a function for ``DataFrame.mapInArrow``.

    Parameters
    ----------
    batches : iterator of pyarrow.RecordBatch
    column : str
        What it is called where the user sees it.
    longest : int
        Cut longer sentences into pieces of so many words.
    buckets : int
        Among which words are divided.
    version : str
        Of fastemb at the driver.

    Yields
    ------
    pyarrow.RecordBatch
        Rows of sentences, and of words.
    """
    check_version(version)
    context = TaskContext.get()
    place = (context.partitionId() if context else 0) << UPPER
    encoder, read, made, longest_found = ColumnEncoder(), 0, 0, 0
    for batch in batches:
        add_column(encoder, batch.column(0), column, read)
        read += batch.num_rows
        ids, starts = encoder.take()
        starts = cut_sentences(starts, longest)
        longest_found = max(longest_found, int(np.diff(starts).max(initial=0)))
        encoded = sentence_rows(ids, starts, place + made)
        made += encoded.num_rows
        yield encoded
    yield word_rows(encoder, place, buckets, longest_found)


def sentence_rows(ids: NDArray[np.int32], starts: NDArray[np.int64], place: int) -> Any:
    """Rows of encoded sentences."""
    row_of_each = starts[:-1] // AT_ONCE
    firsts = np.flatnonzero(np.diff(row_of_each, prepend=-1))
    bounds = np.append(firsts, len(starts) - 1)
    lengths = np.diff(starts).astype(np.int32)
    return rows(
        len(firsts),
        place=pa.array(np.arange(place, place + len(firsts))),
        ids=pieces(ids, 4 * starts[bounds]),
        lengths=pieces(lengths, 4 * bounds),
    )


def word_rows(encoder: ColumnEncoder, place: int, buckets: int, longest: int) -> Any:
    """Rows of words and their counts, one for each bucket that has some."""
    words = pa.array(words_of(encoder.table), pa.string())
    bucket_of_each = buckets_of(*ends_and_text(words), buckets)
    order = np.argsort(bucket_of_each, kind="stable").astype(np.int32)
    ends, text = ends_and_text(words.take(pa.array(order)))
    used, firsts = np.unique(bucket_of_each[order], return_index=True)
    bounds = np.append(firsts, len(order))
    counts = encoder.table.word_counts()
    totals = np.tile([counts.sum(), longest], len(used))
    return rows(
        len(used),
        place=pa.array(np.full(len(used), place)),
        bucket=pa.array(used.astype(np.int32)),
        words=pieces(text, ends[bounds]),
        sizes=pieces(np.diff(ends).astype(np.int32), 4 * bounds),
        counts=pieces(counts[order], 8 * bounds),
        numbers=pieces(order, 4 * bounds),
        totals=pieces(totals, 16 * np.arange(len(used) + 1)),
    )


def buckets_of(ends: NDArray[np.int64], text: NDArray[np.uint8], buckets: int) -> NDArray[np.int64]:
    """Of each word its bucket: a polynomial of its bytes, the same on all machines."""
    position = np.arange(len(text)) - np.repeat(ends[:-1], np.diff(ends))
    powers = np.multiply.accumulate(np.full(1 + position.max(initial=0), 0x9E3779B97F4A7C15, np.uint64))
    sums = np.append(np.uint64(0), np.cumsum((1 + text.astype(np.uint64)) * powers[position], dtype=np.uint64))
    found: NDArray[np.int64] = ((sums[ends[1:]] - sums[ends[:-1]]) >> np.uint64(32)).astype(np.int64) % buckets
    return found
