"""Corpora of vectors of words, as fastText reads them: lines, each ended by </s>, and without labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from fastemb.corpus import Chunk, Counted, EncodedCorpus, Limits
from fastemb.corpus.encode import Word
from fastemb.corpus.labelled import FasttextFiles
from fastemb.corpus.source import Sentences
from fastemb.io.textfile import TextFile
from fastemb.subwords import END_OF_SENTENCE

LONGEST = 1 << 20  # bytes of a line that are kept
MOST = 1024  # words of a sentence, as in fastText
BLANKS = b" \t\v\f\r\0"


class Lines:
    """The sentences of a file: a line each, and </s> for its end. Encoded natively, unless it is not UTF-8.

    Parameters
    ----------
    path : str
    label : str
        Words that begin so are labels; those who iterate over the sentences do not get them.
    """

    def __init__(self, path: str, label: str):
        self.path, self.label = path, label

    def count_and_encode(self, limits: Limits) -> Counted:
        """As of `fastemb.corpus.Source`; labels are words."""
        try:
            counted = FasttextFiles([TextFile(self.path)]).count_and_encode(limits)
        except UnicodeDecodeError:
            return Sentences(self).count_and_encode(limits)
        if not counted.words:
            return counted
        ends, last = ends_of_lines(TextFile(self.path))
        words, counts = list(counted.words), counted.counts
        if END_OF_SENTENCE not in words:
            words, counts = [*words, END_OF_SENTENCE], np.append(counts, 0)
        end = words.index(END_OF_SENTENCE)
        counts[end] += ends
        chunks: list[Chunk] = [Ended(chunk, end) for chunk in counted.corpus.chunks if chunk.sentences]
        if not last:
            chunks[-1] = Ended(counted.corpus.chunks[-1], end, 1)
        return Counted(words, counts, EncodedCorpus(chunks, MOST))

    def encode(self, index: Mapping[Word, int], limits: Limits) -> EncodedCorpus:
        """As of `fastemb.corpus.Source`."""
        counted = self.count_and_encode(limits)
        counted.corpus.renumber(np.array([index.get(word, -1) for word in counted.words], np.int32))
        return counted.corpus

    def __iter__(self) -> Iterator[list[str]]:
        label = self.label.encode("utf-8", "surrogateescape")
        for piece in pieces(TextFile(self.path).text_blocks(0, None)):
            given = (piece.replace(b"\0", b" ") if b"\0" in piece else piece).split()
            if label in piece:
                given = [word for word in given if not word.startswith(label)]
            words = [word.decode("utf-8", "surrogateescape") for word in given]
            if piece.endswith(b"\n"):
                words.append(END_OF_SENTENCE)
            for begin in range(0, len(words), MOST):
                yield words[begin : begin + MOST]


class Ended(Chunk):
    """A chunk whose sentences end with a word more.

    Parameters
    ----------
    chunk : Chunk
    end : int
        The number of that word.
    without : {0, 1}, default 0
        Whether the last sentence has none.
    """

    def __init__(self, chunk: Chunk, end: int, without: int = 0):
        self.chunk, self.end, self.without, self.resident = chunk, end, without, chunk.resident
        self.words, self.sentences = chunk.words + chunk.sentences - without, chunk.sentences
        self.longest = chunk.longest + 1
        if self.resident:
            self._arrays = self.made()

    def made(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        ids, starts = self.chunk.arrays()
        ends = starts[1 : len(starts) - self.without]
        starts = starts + np.arange(len(starts))
        starts[-1] -= self.without
        return np.insert(ids, ends, np.int32(self.end)), starts

    def renumber(self, numbers: NDArray[np.int32]) -> None:
        """As of `Chunk`."""
        if self.resident:
            super().renumber(numbers)
            return
        self.chunk.renumber(numbers)
        self.end = int(numbers[self.end]) if self.end >= 0 else -1

    def arrays(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """As of `Chunk`."""
        return self._arrays if self.resident else self.made()


def ends_of_lines(file: TextFile) -> tuple[int, bool]:
    """How many lines end, and whether the last one does."""
    count, last = 0, b""
    for block in file.blocks():
        data = bytes(block)
        count, last = count + data.count(b"\n"), data[-1:] or last
    return count, last == b"\n"


def pieces(blocks: Iterable[memoryview]) -> Iterator[bytes]:
    """The lines of blocks of text, those that are long in pieces of whole words."""
    rest = b""
    for block in blocks:
        *lines, rest = (rest + bytes(block)).split(b"\n")
        yield from (line + b"\n" for line in lines)
        if len(rest) >= LONGEST:
            end = 1 + max(rest.rfind(blank) for blank in BLANKS)
            yield rest[:end]
            rest = rest[end:]
    yield rest
