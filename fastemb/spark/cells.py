"""How often words meet, for GloVe: partitions count, ranges of rows are merged, and one task trains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
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
    found: dict[int, list[list[NDArray[Any]]]] = {}
    for batch in batches:
        for k, bucket in enumerate(batch.column("bucket").to_pylist()):
            found.setdefault(bucket, []).append([value_of(batch, k, *named).copy() for named in KINDS])
        del batch  # before the next one comes
    while found:
        yield from added_up(*found.popitem())


def added_up(bucket: int, blocks: list[list[NDArray[Any]]]) -> Iterator[Any]:
    """Rows of the different cells, in order, with the sums of their counts.

    Parameters
    ----------
    bucket : int
    blocks : list of [rows, columns, counts]
        Each in the order of its rows, of which a few are sorted at a time.
    """
    begin = 0
    for bounds in pairwise(parts_of([rows for rows, _, _ in blocks])):
        cuts = [slice(*np.searchsorted(rows, np.array(bounds, np.int32))) for rows, _, _ in blocks]
        keys, counts = zip(
            *((rows[cut].astype(np.int64) << 32 | columns[cut], counts[cut])
              for (rows, columns, counts), cut in zip(blocks, cuts, strict=True)),
            strict=True,
        )  # fmt: skip
        different, sums = summed(np.concatenate(keys), np.concatenate(counts))
        rows, columns = (different >> 32).astype(np.int32), (different & 0xFFFFFFFF).astype(np.int32)
        yield row(begin, bucket, ids=rows, numbers=columns, counts=sums)
        begin += len(different)


def parts_of(rows: list[NDArray[np.int32]]) -> list[int]:
    """Rows from one to the next of which there are about AT_ONCE cells, or one row; the last is beyond them."""
    step = max(1, AT_ONCE // 64)
    sample = np.sort(np.concatenate([each[::step] for each in rows]))
    return sorted({*sample[:: AT_ONCE // step].tolist(), 1 + max(int(each[-1]) for each in rows)})


def summed(keys: NDArray[np.int64], counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The different keys, in order, and the sums of their counts."""
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    firsts = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[firsts], np.add.reduceat(counts[order], firsts)


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
