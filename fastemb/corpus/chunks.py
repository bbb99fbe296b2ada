"""Encoded sentences, in memory or elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.io.spill import SpillFile
from fastemb.kernels.checksum import crc32
from fastemb.kernels.text.encoder import renumber

Ids = NDArray[np.int32]
Starts = NDArray[np.int64]


class Chunk:
    """Some sentences as integers.

    Parameters
    ----------
    ids : ndarray of int32, shape (words,)
        Number of each word; -1 outside the vocabulary.
    starts : ndarray of int64, shape (sentences + 1,)
        Where each sentence begins in `ids`, and where the last one ends.

    Attributes
    ----------
    words, sentences : int
    longest : int
        Words of the longest sentence.
    resident : bool
        Whether its arrays are in memory, and not read or made each time they are asked for.
    """

    resident = True

    def __init__(self, ids: Ids, starts: Starts):
        self.words = len(ids)
        self.sentences = len(starts) - 1
        self.longest = int(np.diff(starts).max(initial=0))
        self._arrays = ids, starts

    def renumber(self, numbers: NDArray[np.int32]) -> None:
        """Replace each number k by numbers[k]."""
        renumber(self._arrays[0], numbers)

    def arrays(self) -> Any:
        """`ids` and `starts`."""
        return self._arrays


class SpilledChunk(Chunk):
    """A chunk that is kept in a file, and read anew each time it is needed.

    Parameters
    ----------
    ids, starts : ndarray
        As of `Chunk`; written at the end of the file.
    file : SpillFile
    """

    resident = False

    def __init__(self, ids: Ids, starts: Starts, file: SpillFile):
        self.words = len(ids)
        self.sentences = len(starts) - 1
        self.longest = int(np.diff(starts).max(initial=0))
        self.file = file
        self.numbers: NDArray[np.int32] | None = None
        self.place = file.append(ids, starts)

    def renumber(self, numbers: NDArray[np.int32]) -> None:
        """Replace each number k by numbers[k], whenever the chunk is read."""
        if self.numbers is not None:
            chained = np.append(numbers, np.int32(-1))  # so that -1 stays -1
            numbers = chained[self.numbers]
        self.numbers = numbers

    def arrays(self) -> tuple[Ids, Starts]:
        """`ids` and `starts`, read from the file."""
        ids = self.file.read(self.place, np.int32, self.words)
        starts = self.file.read(self.place + ids.nbytes, np.int64, self.sentences + 1)
        if self.numbers is not None:
            renumber(ids, self.numbers)
        return ids, starts


class EncodedCorpus:
    """Sentences as integers, in chunks.

    Parameters
    ----------
    chunks : list of Chunk
    max_sentence_length : int, optional
        Cut longer sentences into pieces of so many words.

    Attributes
    ----------
    most_centres : int, optional
        In a single epoch of skip-gram at most so many words should meet the same noise words, of which there are as
        many as for each alone; by default what suits text.
    """

    most_centres: int | None = None

    def __init__(self, chunks: list[Chunk], max_sentence_length: int | None = None):
        self.chunks = chunks
        self.max_sentence_length = max_sentence_length

    @property
    def words(self) -> int:
        """Words, including those outside the vocabulary."""
        return sum(chunk.words for chunk in self.chunks)

    @property
    def sentences(self) -> int:
        """Sentences, including empty ones; each counts once however long it is."""
        return sum(chunk.sentences for chunk in self.chunks)

    @property
    def longest(self) -> int:
        """Words of the longest sentence."""
        longest = max((chunk.longest for chunk in self.chunks), default=0)
        return longest if self.max_sentence_length is None else min(longest, self.max_sentence_length)

    def checksums(self) -> tuple[int, int]:
        """CRC-32 of the ids, and of the lengths of the sentences, however they are cut into chunks; reads them once."""
        ids = lengths = 0
        for chunk in self.chunks:
            numbers, starts, *tags = chunk.arrays()
            ids = crc32(np.ascontiguousarray(numbers, "<i4").view(np.uint8), ids)
            lengths = crc32(np.ascontiguousarray(np.diff(starts), "<i8").view(np.uint8), lengths)
            for ends, rows in tags:  # of documents
                lengths = crc32(np.ascontiguousarray(np.diff(ends), "<i8").view(np.uint8), lengths)
                ids = crc32(np.ascontiguousarray(rows, "<i4").view(np.uint8), ids)
        return ids, lengths

    def renumber(self, numbers: NDArray[np.int32]) -> None:
        """Replace each number k by numbers[k]."""
        for chunk in self.chunks:
            chunk.renumber(numbers)

    def of_epoch(self, seed: Sequence[int], number: int) -> EncodedCorpus:
        """What is trained in epoch `number`: the same in each, unless a subclass draws it, from `seed`."""
        return self

    def parts(self) -> list[list[Chunk]]:
        """Chunks that may be in memory together: neighbours that are there already, or one that is not."""
        parts: list[list[Chunk]] = []
        for chunk in self.chunks:
            if parts and chunk.resident and parts[-1][-1].resident:
                parts[-1].append(chunk)
            else:
                parts.append([chunk])
        return parts

    def load(self, part: list[Chunk]) -> list[Any]:
        """The arrays of each chunk of one of the `parts`."""
        arrays = [chunk.arrays() for chunk in part]
        longest = max((chunk.longest for chunk in part), default=0)
        if self.max_sentence_length is None or longest <= self.max_sentence_length:
            return arrays
        return [(ids, cut_sentences(starts, self.max_sentence_length)) for ids, starts in arrays]


def cut_sentences(starts: Starts, longest: int) -> Starts:
    """More starts, so that no sentence is longer."""
    pieces = np.maximum(1, -(-np.diff(starts) // longest))
    first = np.repeat(starts[:-1], pieces)
    number = np.arange(len(first)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    return np.append(first + number * longest, starts[-1])
