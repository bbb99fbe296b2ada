"""A corpus that partitions have encoded, as a source to train on, in the order of the partitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fastemb.corpus import Chunk, Counted, EncodedCorpus, Limits
from fastemb.corpus.encode import Word
from fastemb.io.spill import SpillFile
from fastemb.kernels.text.encoder import renumber
from fastemb.spark.columns import numbers
from fastemb.spark.rows import UPPER, starts_of, value_of, values_of
from fastemb.vocabulary import EmptyVocabulary


@dataclass(frozen=True, slots=True)
class Row:
    """Sentences of a partition in the file: words ids, and behind all ids that came with them the lengths."""

    place: int
    ids: int
    lengths: int
    words: int
    sentences: int
    longest: int

    @property
    def nbytes(self) -> int:
        """That it takes in memory."""
        return 4 * self.words + 8 * self.sentences


class StoredChunk(Chunk):
    """Sentences whose words get their numbers when they are read.

    Parameters
    ----------
    rows : list of Row
    file : SpillFile
    numbers : dict of int to ndarray of int32
        For each partition, the number of each of its words, or -1.
    """

    resident = False

    def __init__(self, rows: list[Row], file: SpillFile, numbers: dict[int, NDArray[np.int32]]):
        self.words = sum(row.words for row in rows)
        self.sentences = sum(row.sentences for row in rows)
        self.longest = max((row.longest for row in rows), default=0)
        self.rows, self.file, self.numbers = rows, file, numbers
        self.later: list[NDArray[np.int32]] = []

    def renumber(self, numbers: NDArray[np.int32]) -> None:
        """Replace each number k by numbers[k], whenever the chunk is read."""
        self.later.append(numbers)

    def arrays(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """`ids` and `starts`, read from the file."""
        ids = np.empty(self.words, np.int32)
        starts = np.zeros(self.sentences + 1, np.int64)
        word = sentence = 0
        for row in self.rows:
            some = ids[word : word + row.words]
            some[:] = self.file.read(row.ids, "<i4", row.words)
            renumber(some, self.numbers[row.place >> UPPER])
            starts[1 + sentence : 1 + sentence + row.sentences] = self.file.read(row.lengths, "<i4", row.sentences)
            word += row.words
            sentence += row.sentences
        np.cumsum(starts, out=starts)
        for later in self.later:
            renumber(ids, later)
        return ids, starts


@dataclass
class StoredCorpus:
    """What was stored of a corpus, as its rows come in; a `fastemb.corpus.Source`.

    Attributes
    ----------
    integers : bool
        Words are whole numbers.
    words, counts : dict of int to list of str or int, and to ndarray of int64
        The vocabulary of each bucket, and how often each word occurs.
    totals : list of ndarray of int64
        How many different words each bucket had, and how often the most frequent one occurs.
    found : list of (int, int, ndarray of int32, ndarray of int32)
        The place of a partition, a bucket, numbers of words there, and the same words in the bucket's vocabulary.
    sizes : dict of int to ndarray of int64
        What is known of each partition, by its place.
    rows : list of Row
        Of sentences.
    most : dict of int to int
        For each partition, the highest number of a word.
    """

    integers: bool = False
    words: dict[int, list[Any]] = field(default_factory=dict)
    counts: dict[int, NDArray[np.int64]] = field(default_factory=dict)
    totals: list[NDArray[np.int64]] = field(default_factory=list)
    found: list[tuple[int, int, NDArray[np.int32], NDArray[np.int32]]] = field(default_factory=list)
    sizes: dict[int, NDArray[np.int64]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    most: dict[int, int] = field(default_factory=dict)
    file: SpillFile = field(default_factory=SpillFile)

    def add(self, batch: Any) -> None:
        """Take the rows of a batch: sentences, or vocabulary of buckets, or which of it the words of partitions are."""
        sentences = batch.filter(batch.column("bucket").is_null())
        if sentences.num_rows:
            self.add_sentences(sentences)
        for k, bucket in enumerate(batch.column("bucket").to_pylist()):
            if bucket is None:
                continue
            if batch.column("words")[k].is_valid:
                self.add_words(batch, k, bucket)
            else:
                place = batch.column("place")[k].as_py()
                self.sizes[place] = value_of(batch, k, "totals", "<i8").copy()
                theirs, ours = (value_of(batch, k, name).copy() for name in ("numbers", "ids"))
                self.found.append((place, bucket, theirs, ours))

    def add_words(self, batch: Any, k: int, bucket: int) -> None:
        """Take the vocabulary of a bucket."""
        ends = starts_of(value_of(batch, k, "sizes")).astype(np.int32)
        text = batch.column("words")[k].as_buffer()
        words = pa.StringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), text).to_pylist()
        self.words[bucket] = [int(word) for word in words] if self.integers else words
        self.counts[bucket] = value_of(batch, k, "counts", "<i8").copy()
        self.totals.append(value_of(batch, k, "totals", "<i8").copy())

    def check(self, min_count: int) -> None:
        """Raise EmptyVocabulary if no word occurs often enough."""
        if any(map(len, self.words.values())):
            return
        different, most = (sum(each[0] for each in self.totals), max((each[1] for each in self.totals), default=0))
        raise EmptyVocabulary(
            f"the most frequent of {different} words occurs {most} times, and minCount is {min_count}"
            if different
            else "the corpus has no words"
        )

    def add_sentences(self, batch: Any) -> None:
        """Take encoded sentences; they go to the file."""
        places = numbers(batch.column("place"))
        ids, id_ends = values_of(batch.column("ids"))
        lengths, length_ends = values_of(batch.column("lengths"))
        ids_at, lengths_at = self.file.append(ids), self.file.append(lengths)
        for k, place in enumerate(places.tolist()):
            first, end = id_ends[k : k + 2].tolist()
            begin, last = length_ends[k : k + 2].tolist()
            longest = int(lengths[begin:last].max(initial=0))
            self.rows.append(Row(place, ids_at + 4 * first, lengths_at + 4 * begin, end - first, last - begin, longest))
            if end > first:
                partition = place >> UPPER
                self.most[partition] = max(self.most.get(partition, -1), int(ids[first:end].max()))

    def count_and_encode(self, limits: Limits) -> Counted:
        """As of `fastemb.corpus.Source`."""
        words, counts, ranks = self.ordered()
        return Counted(words, counts, EncodedCorpus(self.chunks(ranks, limits.memory)))

    def ordered(self) -> tuple[list[Any], NDArray[np.int64], dict[int, NDArray[np.int32]]]:
        """Words in order of first appearance, their counts, and for each bucket the numbers of its vocabulary."""
        buckets = sorted(self.words)
        begins = dict(zip(buckets, starts_of(np.array([len(self.words[k]) for k in buckets], np.int64)), strict=False))
        words = [word for bucket in buckets for word in self.words[bucket]]
        counts = np.concatenate([*(self.counts[bucket] for bucket in buckets), np.empty(0, np.int64)])
        firsts = np.full(len(words), np.iinfo(np.int64).max)
        for place, bucket, theirs, ours in self.found:
            rows = begins[bucket] + ours
            firsts[rows] = np.minimum(firsts[rows], np.int64(place) + theirs)
        order = np.argsort(firsts, kind="stable")
        ranks = np.empty(len(order), np.int32)
        ranks[order] = np.arange(len(order), dtype=np.int32)
        return [words[k] for k in order.tolist()], counts[order], {k: ranks[begins[k] :] for k in buckets}

    def encode(self, index: Mapping[Word, int], limits: Limits) -> EncodedCorpus:
        """As of `fastemb.corpus.Source`."""
        corpus = self.count_and_encode(limits)
        corpus.corpus.renumber(np.array([index.get(word, -1) for word in corpus.words], np.int32))
        return corpus.corpus

    def chunks(self, ranks: dict[int, NDArray[np.int32]], memory: int | None) -> list[Chunk]:
        """The sentences: one chunk in memory if there is enough, else several, to be read when they are asked for."""
        size = sum(row.nbytes for row in self.rows)
        numbers = self.numbers(ranks)
        if memory is None or size <= memory:
            return [Chunk(*StoredChunk(sorted(self.rows, key=place_of), self.file, numbers).arrays())]
        return [StoredChunk(rows, self.file, numbers) for rows in groups(self.rows, memory // 2)]

    def numbers(self, ranks: dict[int, NDArray[np.int32]]) -> dict[int, NDArray[np.int32]]:
        """For each partition, the rank of each of its words, or -1; of words by their buckets the ranks are given."""
        made = {part: np.full(most + 1, -1, np.int32) for part, most in self.most.items()}
        for row in self.rows:
            made.setdefault(row.place >> UPPER, np.empty(0, np.int32))
        for place, bucket, theirs, ours in self.found:
            made[place >> UPPER][theirs] = ranks[bucket][ours]
        return made


def place_of(row: Row) -> int:
    return row.place


def groups(rows: list[Row], most: int) -> list[list[Row]]:
    """Rows in order, in groups of no more than so many bytes in memory, but for a row that is larger."""
    made: list[list[Row]] = [[]]
    size = 0
    for row in sorted(rows, key=place_of):
        if made[-1] and size + row.nbytes > most:
            made.append([])
            size = 0
        made[-1].append(row)
        size += row.nbytes
    return made
