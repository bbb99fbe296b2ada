"""From text to integers: the one way in which words reach training."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastemb._threads import run_threads
from fastemb.corpus.readers import LineSentence, TextFile
from fastemb.kernels.encoding import SentenceEncoder, TextEncoder, WordTable, renumber

Word = str | int
Source = TextFile | Iterable[Iterable[object]]

MAX_READERS = 8  # each has a table of its own, and they are merged one after another


@dataclass
class EncodedCorpus:
    """Sentences as integers.

    Attributes
    ----------
    chunks : list of (ids, starts)
        `ids`, int32 of shape (words,): the number of each word, -1 outside the
        vocabulary. `starts`, int64 of shape (sentences + 1,): where each sentence
        begins in `ids`, and where the last one ends.
    """

    chunks: list[tuple[NDArray[np.int32], NDArray[np.int64]]]

    @property
    def words(self) -> int:
        """Words, including those outside the vocabulary."""
        return sum(len(ids) for ids, _ in self.chunks)

    @property
    def sentences(self) -> int:
        """Sentences, including empty ones."""
        return sum(len(starts) - 1 for _, starts in self.chunks)

    def renumber(self, numbers: NDArray[np.int32]) -> None:
        """Replace each number k by numbers[k], in place."""
        for ids, _ in self.chunks:
            renumber(ids, numbers)


@dataclass
class Counted:
    """A corpus and all its words, in order of first appearance.

    Attributes
    ----------
    words : list of str or int
    counts : ndarray of int64, shape (words,)
    corpus : EncodedCorpus
        Word k of `words` is encoded as k.
    """

    words: list[Word]
    counts: NDArray[np.int64]
    corpus: EncodedCorpus


def count_and_encode(source: Source, readers: int = 1) -> Counted:
    """Read a corpus once; number its words in order of first appearance, and count them.

    Parameters
    ----------
    source : TextFile or iterable of sentences
        A sentence is an iterable of str or int.
    readers : int, default 1
        Threads that read a file; the result does not depend on it.

    Raises
    ------
    TypeError
        If a sentence or word is of the wrong type.
    UnicodeDecodeError
        If a file is not UTF-8; it names the file and the line.
    """
    source = native(source)
    if not isinstance(source, TextFile):
        sentences = encode_sentences(source, SentenceEncoder())
        return Counted(sentences.words, sentences.word_counts(), EncodedCorpus([sentences.finish()]))
    encoders = encode_file(source, readers, TextEncoder)
    first, *others = [encoder.table for encoder in encoders]
    numbers = [first.merge(table) for table in others]
    chunks = [encoder.finish() for encoder in encoders]
    for (ids, _), renumbered in zip(chunks[1:], numbers, strict=True):
        renumber(ids, renumbered)
    return Counted(list(first.words()), first.word_counts(), EncodedCorpus(chunks))


def encode(source: Source, index: Mapping[Word, int], readers: int = 1) -> EncodedCorpus:
    """Read a corpus once and look up its words in `index`; see `count_and_encode`."""
    source = native(source)
    if not isinstance(source, TextFile):
        return EncodedCorpus([encode_sentences(source, SentenceEncoder(index)).finish()])
    # Words of text are str. An integer key holds its place with a space, which no word contains.
    table = WordTable(word if isinstance(word, str) else f" {word}" for word in index)
    return EncodedCorpus([encoder.finish() for encoder in encode_file(source, readers, lambda: TextEncoder(table))])


def native(source: Source) -> Source:
    """A LineSentence as the file that it reads."""
    if type(source) is LineSentence and source.limit is None:
        return TextFile(source.source)
    return source


def encode_sentences(sentences: Iterable[Iterable[object]], encoder: SentenceEncoder) -> SentenceEncoder:
    warned = False
    for sentence in sentences:
        if not warned and isinstance(sentence, str):
            warned = True
            warnings.warn(
                f"each sentence should be a list of words, but this one is the str {sentence!r:.50}: "
                "its characters are taken as words",
                stacklevel=2,
            )
        encoder.add(sentence)
    return encoder


def encode_file(file: TextFile, readers: int, encoder: Callable[[], TextEncoder]) -> list[TextEncoder]:
    """Encode ranges of a file in threads of their own."""
    stopped = threading.Event()

    def encode_range(begin: int, end: int | None) -> TextEncoder:
        part = encoder()
        try:
            for block in file.blocks(begin, end):
                if stopped.is_set():
                    break
                part.feed(block)
            part.feed(b"", last=True)
        except UnicodeDecodeError as error:
            position = begin + part.bytes_done
            error.reason = f"{error.reason} in {file}, line {file.line_at(position)} (byte {position} of the file)"
            raise
        return part

    ranges = file.ranges(min(readers, MAX_READERS))
    return run_threads([lambda r=r: encode_range(*r) for r in ranges], stopped.set)  # type: ignore[misc]
