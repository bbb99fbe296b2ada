"""Where words come from: anything that can count and encode its words itself, files, or iterables of sentences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

import numpy as np

from fastemb.corpus.chunks import EncodedCorpus
from fastemb.corpus.encode import (
    Collector,
    Counted,
    Limits,
    Word,
    as_in_text,
    encode_files,
    encode_sentences,
    warn_of_absent,
)
from fastemb.io.textfile import TextFile
from fastemb.kernels.text.sentenceencoder import SentenceEncoder
from fastemb.kernels.text.textencoder import TextEncoder
from fastemb.kernels.text.wordtable import WordTable

SHORT = 4  # bytes of text for a word of the vocabulary


@runtime_checkable
class Source(Protocol):
    """What models are trained on. A class with these two methods can be given in the place of sentences.

    It makes an `EncodedCorpus`: chunks of numbers of words, each in memory, or read or made when it is asked for its
    arrays (`fastemb.corpus.Chunk`).
    """

    def count_and_encode(self, limits: Limits) -> Counted:
        """Read everything once; number the words in order of first appearance, and count them."""

    def encode(self, index: Mapping[Word, int], limits: Limits) -> EncodedCorpus:
        """Read everything once; the number of each word is that in `index`, and -1 if it is not there."""


class Sentences:
    """An iterable of sentences, each an iterable of str or int.

    Parameters
    ----------
    sentences : iterable of iterables
    """

    def __init__(self, sentences: Iterable[Iterable[object]]):
        self.sentences = sentences

    def __iter__(self) -> Iterator[Any]:
        return iter(self.sentences)

    def count_and_encode(self, limits: Limits) -> Counted:
        """As of `Source`."""
        encoder = SentenceEncoder()
        chunks = self._chunks(encoder, limits)
        return Counted(encoder.words, encoder.word_counts(), EncodedCorpus(chunks))

    def encode(self, index: Mapping[Word, int], limits: Limits) -> EncodedCorpus:
        """As of `Source`."""
        return EncodedCorpus(self._chunks(SentenceEncoder(index), limits))

    def _chunks(self, encoder: SentenceEncoder, limits: Limits) -> list[Any]:
        collector = Collector(encoder, replace(limits, readers=1))
        encode_sentences(self, collector)
        return collector.finish()


class Files:
    """Files of text, one sentence a line, read by several threads.

    Parameters
    ----------
    files : sequence of TextFile
    longest : int, optional
        Cut longer sentences into pieces of so many words.
    """

    encoder: Callable[..., TextEncoder] = TextEncoder

    def __init__(self, files: Sequence[TextFile], longest: int | None = None):
        self.files = files
        self.longest = longest

    def count_and_encode(self, limits: Limits) -> Counted:
        """As of `Source`."""
        collectors = encode_files(self.files, limits, self.encoder)
        first, *others = [collector.encoder.table for collector in collectors]
        numbers = [first.merge(table) for table in others]
        chunks = [collector.finish() for collector in collectors]
        for part, renumbered in zip(chunks[1:], numbers, strict=True):
            for chunk in part:
                chunk.renumber(renumbered)
        corpus = EncodedCorpus([chunk for part in chunks for chunk in part], self.longest)
        return Counted(first.words(), first.word_counts(), corpus)

    def encode(self, index: Mapping[Word, int], limits: Limits) -> EncodedCorpus:
        """As of `Source`."""
        warn_of_absent(index)
        if self._bytes() < SHORT * len(index):  # a table of all takes longer
            counted = self.count_and_encode(limits)
            counted.corpus.renumber(np.array([index.get(word, -1) for word in counted.words], np.int32))
            return counted.corpus
        table = WordTable(as_in_text(word, number) for number, word in enumerate(sorted(index, key=index.__getitem__)))
        collectors = encode_files(self.files, limits, lambda: self.encoder(table))
        return EncodedCorpus([chunk for collector in collectors for chunk in collector.finish()], self.longest)

    def _bytes(self) -> float:
        """Of all files together, as far as that is known before they are read."""
        sizes = [file.splittable_size() for file in self.files]
        return sum(math.inf if size is None else size for size in sizes)


def most_words(source: Source) -> float:
    """No more different words than that can be in a source, as far as it is known before it is read."""
    if isinstance(inner := getattr(source, "natively", lambda: source)(), Files):
        return inner._bytes() / 2
    return math.inf


def source_of(given: Any) -> Source:
    """What is given as sentences, as a source."""
    if isinstance(given, Source):
        return given
    if isinstance(given, TextFile):
        return Files([given])
    if any(kind.__module__.startswith("nltk.") for kind in type(given).__mro__):
        from fastemb.corpus.nltk import View

        return View(given)
    return Sentences(given)


def count_and_encode(given: Any, limits: Limits | None = None) -> Counted:
    """Read a corpus once; number its words in order of first appearance, and count them.

    Parameters
    ----------
    given : Source, TextFile or iterable of sentences
        A sentence is an iterable of str or int.
    limits : Limits, optional

    Raises
    ------
    TypeError
        If a sentence or word is of the wrong type.
    UnicodeDecodeError
        If a file is not UTF-8; it names the file and the line.
    OSError
        If a file cannot be read, or changes meanwhile.
    """
    return source_of(given).count_and_encode(limits or Limits())


def encode(given: Any, index: Mapping[Word, int], limits: Limits | None = None) -> EncodedCorpus:
    """Read a corpus once and look up its words in `index`; see `count_and_encode`."""
    return source_of(given).encode(index, limits or Limits())


def encode_as_counted(given: Any, index: Mapping[Word, int], limits: Limits) -> EncodedCorpus:
    """As `encode`, without what was forgotten while the words were counted with these limits."""
    if limits.vocabulary is None:
        return encode(given, index, limits)
    counted = count_and_encode(given, limits)
    counted.corpus.renumber(np.array([index.get(word, -1) for word in counted.words], np.int32))
    return counted.corpus
