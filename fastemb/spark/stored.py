"""A corpus that partitions have encoded, as a source to train on, in the order of the partitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.corpus import Chunk, Counted, EncodedCorpus, Limits
from fastemb.corpus.encode import Word
from fastemb.io.spill import SpillFile
from fastemb.kernels.text.encoder import renumber
from fastemb.spark.columns import numbers

UPPER = 32  # bits of a place below the number of the partition


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
    words : list of str or int
    counts, firsts : list of ndarray of int64
        How often each occurs, and the first of its places.
    places, owners : list of ndarray of int64
        All places of words, and the numbers of the words that they belong to.
    rows : list of Row
    most : dict of int to int
        For each partition, the highest number of a word.
    """

    integers: bool = False
    words: list[Any] = field(default_factory=list)
    counts: list[NDArray[np.int64]] = field(default_factory=list)
    firsts: list[NDArray[np.int64]] = field(default_factory=list)
    places: list[NDArray[np.int64]] = field(default_factory=list)
    owners: list[NDArray[np.int64]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    most: dict[int, int] = field(default_factory=dict)
    file: SpillFile = field(default_factory=SpillFile)

    def add(self, batch: Any) -> None:
        """Take the rows of a batch: words of the vocabulary, or sentences."""
        words = batch.filter(batch.column("word").is_valid())
        if words.num_rows:
            self.add_words(words)
        sentences = batch.filter(batch.column("ids").is_valid())
        if sentences.num_rows:
            self.add_sentences(sentences)

    def add_words(self, batch: Any) -> None:
        """Take words of the vocabulary, with their counts and places."""
        words, places = batch.column("word").to_pylist(), batch.column("places")
        flat, starts = numbers(places.flatten()), numbers(places.offsets)
        starts -= starts[0]
        self.owners.append(np.repeat(len(self.words) + np.arange(len(words)), np.diff(starts)))
        self.firsts.append(np.minimum.reduceat(flat, starts[:-1]))
        self.places.append(flat)
        self.counts.append(numbers(batch.column("count")))
        self.words += map(int, words) if self.integers else words

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
        order = np.argsort(np.concatenate([*self.firsts, np.empty(0, np.int64)]), kind="stable")
        counts = np.concatenate([*self.counts, np.empty(0, np.int64)])[order]
        ranks = np.empty(len(order), np.int32)
        ranks[order] = np.arange(len(order), dtype=np.int32)
        words = [self.words[k] for k in order.tolist()]
        return Counted(words, counts, EncodedCorpus(self.chunks(ranks, limits.memory)))

    def encode(self, index: Mapping[Word, int], limits: Limits) -> EncodedCorpus:
        """As of `fastemb.corpus.Source`."""
        corpus = self.count_and_encode(limits)
        corpus.corpus.renumber(np.array([index.get(word, -1) for word in corpus.words], np.int32))
        return corpus.corpus

    def chunks(self, ranks: NDArray[np.int32], memory: int | None) -> list[Chunk]:
        """The sentences: one chunk in memory if there is enough, else several, to be read when they are asked for."""
        size = sum(row.nbytes for row in self.rows)
        numbers = self.numbers(ranks)
        if memory is None or size <= memory:
            return [Chunk(*StoredChunk(sorted(self.rows, key=place_of), self.file, numbers).arrays())]
        return [StoredChunk(rows, self.file, numbers) for rows in groups(self.rows, memory // 2)]

    def numbers(self, ranks: NDArray[np.int32]) -> dict[int, NDArray[np.int32]]:
        """For each partition, the rank of each of its words, or -1."""
        found = {part: np.full(most + 1, -1, np.int32) for part, most in self.most.items()}
        for row in self.rows:
            found.setdefault(row.place >> UPPER, np.empty(0, np.int32))
        for places, owners in zip(self.places, self.owners, strict=True):
            order = np.argsort(places, kind="stable")
            parts, firsts = np.unique(places[order] >> UPPER, return_index=True)
            for part, some in zip(parts.tolist(), np.split(order, firsts[1:]), strict=True):
                found[part][places[some] & 0xFFFFFFFF] = ranks[owners[some]]
        return found


def values_of(column: Any) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The int32 that an array of bytes holds, end to end, and where those of each of its rows begin and end."""
    kind = np.int64 if str(column.type) == "large_binary" else np.int32
    ends = np.frombuffer(column.buffers()[1], kind)[column.offset : column.offset + len(column) + 1].astype(np.int64)
    data = column.buffers()[2]
    values = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]
    return values.view("<i4"), (ends - ends[0]) // 4


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
