"""How often each word occurs: the counts of partitions are merged, bucket by bucket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fastemb.kernels.text.columnencoder import ColumnEncoder
from fastemb.spark.columns import ends_and_text, words_of
from fastemb.spark.errors import telling
from fastemb.spark.rows import row, starts_of, value_of


@telling
def merge_counts(batches: Iterable[Any], min_count: int) -> Iterator[Any]:
    """Merge the words of partitions: a function for ``DataFrame.mapInArrow``, to which all rows of a bucket go.

    Parameters
    ----------
    batches : iterator of pyarrow.RecordBatch
        Rows of words.
    min_count : int
        Leave out words that occur less often in all partitions.

    Yields
    ------
    pyarrow.RecordBatch
        Rows of the vocabulary, and of which of it the words of partitions are.
    """
    buckets: dict[int, Bucket] = {}
    for batch in batches:
        for k, bucket in enumerate(batch.column("bucket").to_pylist()):
            buckets.setdefault(bucket, Bucket()).add(batch, k)
    for number, each in buckets.items():
        yield from each.rows(number, min_count)


class Bucket:
    """The words of a bucket, and their counts so far."""

    def __init__(self) -> None:
        self.encoder = ColumnEncoder()
        self.counts: NDArray[np.int64] = np.empty(0, np.int64)
        self.parts: list[tuple[int, dict[str, NDArray[Any]], NDArray[np.int32]]] = []  # places; words there, and here

    def add(self, batch: Any, k: int) -> None:
        """Add the words of a partition, which are different ones."""
        sizes = value_of(batch, k, "sizes")
        self.encoder.add(np.array([0, len(sizes)]), starts_of(sizes), value_of(batch, k, "words", "u1"))
        ids, _ = self.encoder.take()
        self.counts = np.append(self.counts, np.zeros(len(self.encoder.table) - len(self.counts), np.int64))
        self.counts[ids] += value_of(batch, k, "counts", "<i8")
        theirs = {"numbers": value_of(batch, k, "numbers").copy(), "totals": value_of(batch, k, "totals", "<i8").copy()}
        self.parts.append((batch.column("place")[k].as_py(), theirs, ids))

    def rows(self, number: int, min_count: int) -> Iterator[Any]:
        """What is kept of it."""
        kept = np.flatnonzero(self.counts >= min_count)
        ends, text = ends_and_text(pa.array(words_of(self.encoder.table), pa.string()).take(pa.array(kept)))
        totals = np.array([len(self.counts), self.counts.max(initial=0)])
        sizes = np.diff(ends).astype(np.int32)
        yield row(None, number, words=text, sizes=sizes, counts=self.counts[kept], totals=totals)
        words = np.full(len(self.counts), -1, np.int32)
        words[kept] = np.arange(len(kept), dtype=np.int32)
        for place, theirs, ids in self.parts:
            found = words[ids]
            numbers = theirs["numbers"][found >= 0]
            yield row(place, number, numbers=numbers, ids=found[found >= 0], totals=theirs["totals"])
