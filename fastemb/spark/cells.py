"""How often words meet, for GloVe: partitions count, ranges of rows are merged, and one task trains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import fastemb
from fastemb import vocabulary
from fastemb.corpus import EncodedCorpus
from fastemb.corpus.cooccurrence import Cells, Means, Window, count_cooccurrences
from fastemb.io.spill import SpillFile
from fastemb.models._cooccurrences import CountedCells, cells_in
from fastemb.spark.columns import ends_and_text
from fastemb.spark.errors import telling
from fastemb.spark.rows import row, value_of
from fastemb.spark.stored import StoredCorpus
from fastemb.spark.training import Training, check_memory, prepare, rows_of

AT_ONCE = 1 << 20  # cells in a row


@telling
def number_words(batches: Iterable[Any], training: Training, ranges: int) -> Iterator[Any]:
    """Number the words by frequency: a function for ``DataFrame.mapInArrow`` over one partition.

    Yields
    ------
    pyarrow.RecordBatch
        The vocabulary as that of one bucket, and which of it the words of partitions are. `totals` of all are the words
        of the corpus, those of the longest sentence, and where the ranges of rows begin, and the last one ends.
    """
    stored = StoredCorpus(training.integers)
    for batch in batches:
        stored.add(batch)
    stored.check(training.parameters["min_count"])
    words, counts, ranks = stored.ordered()
    kept, _ = vocabulary.choose_words(words, counts, training.parameters["min_count"], None, None, True)
    numbers = np.empty(len(words), np.int32)
    numbers[kept] = np.arange(len(kept), dtype=np.int32)
    tokens, longest = (sum(each[0] for each in stored.sizes.values()), max(each[1] for each in stored.sizes.values()))
    totals = np.array([tokens, longest, *bounds_of(counts[kept], ranges)], np.int64)
    ends, text = ends_and_text(pa.array([str(words[k]) for k in kept], pa.string()))
    sizes = np.diff(ends).astype(np.int32)
    yield row(None, 0, words=text, sizes=sizes, counts=counts[kept], totals=totals)
    for place, bucket, theirs, ours in stored.found:
        yield row(place, 0, numbers=theirs, ids=numbers[ranks[bucket][ours]], totals=totals)


def bounds_of(counts: NDArray[np.int64], ranges: int) -> NDArray[np.int64]:
    """Ranges of rows that have about as many cells, as far as can be told: a row has less than its word's count."""
    shares = np.cumsum(np.sqrt(counts)) / np.sqrt(counts).sum()
    bounds = np.searchsorted(shares, np.arange(1, ranges) / ranges)
    return np.concatenate([[0], bounds, [len(counts)]])


@telling
def count_cells(batches: Iterable[Any], window: Window, memory: int) -> Iterator[Any]:
    """Count the pairs of words in some partitions: a function for ``DataFrame.mapInArrow``.

    Parameters
    ----------
    batches : iterator of pyarrow.RecordBatch
        Rows of sentences, and of which words of the vocabulary their words are.
    window : Window
    memory : int
        Bytes, about.

    Yields
    ------
    pyarrow.RecordBatch
        Rows of cells, with counts in units of `window`; `bucket` is the range of the cells' rows.
    """
    stored = StoredCorpus()
    for batch in batches:
        stored.add(batch)
    if not stored.sizes:
        return  # none of its words is in the vocabulary
    tokens, _, *bounds = next(iter(stored.sizes.values())).tolist()
    corpus = EncodedCorpus(stored.chunks({0: np.arange(bounds[-1], dtype=np.int32)}, memory))
    file, places, unit = SpillFile("co-occurrences"), [], window.weights(tokens)[1]

    def take(cells: Cells) -> None:
        cuts = np.searchsorted(cells.rows, bounds)
        for bucket, (begin, end) in enumerate(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)):
            for first in range(begin, end, AT_ONCE):
                some = slice(first, min(end, first + AT_ONCE))
                counts = np.rint(cells.values[some] * unit).astype(np.int64)  # what they were, to the last unit
                places.append((bucket, len(counts), file.append(cells.rows[some], cells.columns[some], counts)))

    count_cooccurrences(corpus, bounds[-1], window, lambda cells: cells, take, Means(1, memory), tokens)
    for k, (bucket, n, at) in enumerate(places):
        rows, columns = file.read(at, np.int32, n), file.read(at + 4 * n, np.int32, n)
        yield row(k, bucket, ids=rows, numbers=columns, counts=file.read(at + 8 * n, np.int64, n))


@telling
def merge_cells(batches: Iterable[Any]) -> Iterator[Any]:
    """Add up the cells of ranges of rows: a function for ``DataFrame.mapInArrow``, to which all of a range go."""
    found: dict[int, list[list[NDArray[np.int64]]]] = {}  # keys and counts, each in parts
    for batch in batches:
        for k, bucket in enumerate(batch.column("bucket").to_pylist()):
            rows, columns = value_of(batch, k, "ids").astype(np.int64), value_of(batch, k, "numbers")
            keys, counts = found.setdefault(bucket, [[], []])
            keys.append(rows << 32 | columns)
            counts.append(value_of(batch, k, "counts", "<i8").copy())
        del batch  # before the next one comes
    while found:
        bucket, parts = found.popitem()
        yield from added_up(bucket, *map(joined, parts))


def joined(parts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The parts of an array as one; they are gone."""
    whole = np.concatenate(parts)
    parts.clear()
    return whole


def added_up(bucket: int, keys: NDArray[np.int64], counts: NDArray[np.int64]) -> Iterator[Any]:
    """Rows of the different keys, in order, with the sums of their counts."""
    order = np.argsort(keys, kind="stable")
    begin = 0
    while begin < len(order):
        end = min(begin + AT_ONCE, len(order))
        while end < len(order) and keys[order[end]] == keys[order[end - 1]]:
            end += 1
        some = keys[order[begin:end]]
        firsts = np.flatnonzero(np.diff(some, prepend=-1))
        rows, columns = (some[firsts] >> 32).astype(np.int32), (some[firsts] & 0xFFFFFFFF).astype(np.int32)
        sums = np.add.reduceat(counts[order[begin:end]], firsts)
        yield row(begin, bucket, ids=rows, numbers=columns, counts=sums)
        begin = end


@telling
def train_on_cells(batches: Iterable[Any], training: Training, window: Window) -> Iterator[Any]:
    """Train GloVe on cells that were counted: a function for ``DataFrame.mapInArrow`` over one partition.

    Parameters
    ----------
    batches : iterator of pyarrow.RecordBatch
        The vocabulary of `number_words`, and rows of cells in any order.
    training : Training
    window : Window

    Yields
    ------
    pyarrow.RecordBatch
        Of `fastemb.spark.training.OUTPUT`.
    """
    parameters = prepare(training)
    stored, file, places = StoredCorpus(training.integers), SpillFile("co-occurrences"), []
    for batch in batches:
        cells = batch.filter(batch.column("words").is_null())
        stored.add(batch.filter(batch.column("words").is_valid()))
        for k, bucket in enumerate(cells.column("bucket").to_pylist()):
            arrays = [value_of(cells, k, name, kind) for name, kind in KINDS]
            places.append((bucket, cells.column("place")[k].as_py(), len(arrays[0]), file.append(*arrays)))
    stored.check(parameters["min_count"])
    words, counts = stored.words[0], stored.counts[0]
    tokens, longest, *_ = stored.totals[0].tolist()
    check_memory(4 * len(words), parameters)
    unit = window.weights(tokens)[1]

    def blocks() -> Iterator[Cells]:
        for _, _, n, at in sorted(places):
            yield Cells(
                file.read(at, np.int32, n),
                file.read(at + 4 * n, np.int32, n),
                file.read(at + 8 * n, np.int64, n) / unit,
            )

    given = CountedCells(blocks(), cells_in(tokens, longest, len(words), window))
    model = fastemb.GloVe(cooccurrences=given, words=dict(zip(words, counts.tolist(), strict=True)), **parameters)
    yield from rows_of(model.wv)


KINDS = (("ids", "<i4"), ("numbers", "<i4"), ("counts", "<i8"))
