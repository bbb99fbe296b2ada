"""Documents: words with tags, of which each may be a str, or an int that is the number of its row."""

from __future__ import annotations

import logging
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import Readable
from fastemb.corpus.chunks import Chunk, EncodedCorpus
from fastemb.corpus.encode import Counted, Limits, Word
from fastemb.corpus.readers import LineSentence, PathLineSentences
from fastemb.corpus.source import Files, Sentences, Source
from fastemb.corpus.tables import refuse_table
from fastemb.io.textfile import TextFile, decode_line, lines_of
from fastemb.kernels.text.textencoder import TextEncoder

logger = logging.getLogger(__name__)

MOST_TAGS = 2**31 - 1
INTEGERS = (int, np.integer)


class TaggedDocument(NamedTuple("TaggedDocument", [("words", Any), ("tags", Any)])):
    """A document: its words, and the tags whose vectors are to be learnt from it.

    Parameters
    ----------
    words : list of str
    tags : list of str or int
        A number is the row of the tag's vector, so that numbers from 0 on take the least memory.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return f"{type(self).__name__}<{self.words}, {self.tags}>"


class TaggedLineDocument:
    """Iterate over a text file: each line is a document, with the number of the line, from 0, as its tag.

    Given to a model, the file is read and encoded natively, as with `corpus_file`.

    Parameters
    ----------
    source : str, os.PathLike or open file
        As of `LineSentence`.
    """

    def __init__(self, source: Readable):
        self.source = source

    def __iter__(self) -> Iterator[TaggedDocument]:
        file = TextFile(self.source)
        for number, line in enumerate(lines_of(file)):
            yield TaggedDocument(decode_line(line, file, number + 1).split(), [number])


class TaggedBrownCorpus:
    """Iterate over the sentences of the Brown corpus in the files of NLTK, each tagged with its file and line.

    Parameters
    ----------
    dirname : str or os.PathLike
        The folder of the files; words are as of `BrownCorpus`.
    """

    def __init__(self, dirname: str | os.PathLike[str]):
        self.dirname = dirname

    def __iter__(self) -> Iterator[TaggedDocument]:
        for path in PathLineSentences(self.dirname).paths():
            file = TextFile(path)
            for number, line in enumerate(lines_of(file)):
                tokens = decode_line(line, file, number + 1).split()
                pairs = [token.split("/") for token in tokens if token.count("/") == 1]
                words = [f"{word.lower()}/{tag[:2]}" for word, tag in pairs if tag[:2].isalpha()]
                if words:
                    yield TaggedDocument(words, [f"{path}_SENT_{number}"])


class FoundTags:
    """The tags of a corpus.

    Attributes
    ----------
    numbers : int
        One more than the largest tag that is a number; 0 if there is none.
    names : dict of str to int
        The others, in order of first appearance.
    documents, words : array of int
        Of each of these, the documents that have it, and the words of these.
    """

    def __init__(self, numbers: int = 0):
        self.numbers = numbers
        self.names: dict[str, int] = {}
        self.documents, self.words = array("q"), array("q")

    def add(self, tag: Any, words: int) -> int:
        """Count a tag of a document of so many words; it is itself if it is a number, or below 0."""
        if isinstance(tag, INTEGERS):
            self.numbers = max(self.numbers, int(tag) + 1)
            return int(tag)
        place = self.names.setdefault(tag, len(self.names))
        if place == len(self.documents):
            self.documents.append(0)
            self.words.append(0)
        self.documents[place] += 1
        self.words[place] += words
        return ~place

    def rows(self, found: NDArray[np.int64]) -> NDArray[np.int32]:
        """The rows of tags that `add` has returned: numbers have the first ones."""
        if self.numbers + len(self.names) > MOST_TAGS:
            raise ValueError(f"a tag is the number {self.numbers - 1}, and stands for a row: there may be {MOST_TAGS}")
        return np.where(found < 0, self.numbers + ~found, found).astype(np.int32)


class TaggedChunk(Chunk):
    """A chunk of documents.

    Parameters
    ----------
    chunk : Chunk
        Of their words.
    tags : callable
        Gives the rows of their tags, end to end, and where those of each document begin.
    """

    def __init__(self, chunk: Chunk, tags: Callable[[], tuple[NDArray[np.int64], NDArray[np.int32]]]):
        self.words, self.sentences, self.longest = chunk.words, chunk.sentences, chunk.longest
        self.resident = chunk.resident
        self.renumber, self.tags = chunk.renumber, tags  # type: ignore[method-assign]
        self.chunk = chunk

    def arrays(self) -> Any:
        """`ids` and `starts` of the words, and `starts` and `ids` of the tags."""
        return *self.chunk.arrays(), self.tags()


class Tagged(EncodedCorpus):
    """An encoded corpus of documents, and their tags, or None where these were looked up."""

    found: FoundTags | None = None
    most_tags = 1  # of a document


class Lines:
    """Files, each line of which is a document, tagged with its number.

    Parameters
    ----------
    source : Source
    tags : callable
        How many tags are numbers.
    """

    def __init__(self, source: Source, tags: Callable[[], int] | None = None):
        self.source, self.tags = source, tags

    def count_and_encode(self, limits: Limits) -> Counted:
        """As of `fastemb.corpus.Source`."""
        counted = self.source.count_and_encode(limits)
        corpus = numbered(counted.corpus, None)
        corpus.found = FoundTags(corpus.sentences)
        return Counted(counted.words, counted.counts, corpus)

    def encode(self, index: Mapping[Word, int], limits: Limits) -> Tagged:
        """As of `fastemb.corpus.Source`."""
        return numbered(self.source.encode(index, limits), self.tags and self.tags())


def numbered(corpus: EncodedCorpus, end: int | None) -> Tagged:
    """A corpus whose k-th sentence has the tag k, unless that is `end` or above.

    Raises
    ------
    TypeError
        If its sentences are others in each epoch.
    """
    if type(corpus).of_epoch is not EncodedCorpus.of_epoch:
        raise TypeError("documents are the same in each epoch; these sentences, as random walks, are drawn anew")
    first = 0
    chunks: list[Chunk] = []
    for chunk in corpus.chunks:
        chunks.append(TaggedChunk(chunk, numbers(first, chunk.sentences, end)))
        first += chunk.sentences
    if end is not None and first > end:
        logger.warning(
            "%d of %d lines have numbers that are no tags of the model: they are passed over", first - end, first
        )
    return Tagged(chunks)


def numbers(first: int, count: int, end: int | None) -> Callable[[], tuple[NDArray[np.int64], NDArray[np.int32]]]:
    """A tag for each of so many documents, made when it is asked for."""
    tagged = count if end is None else max(0, min(count, end - first))

    def make() -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        return np.minimum(np.arange(count + 1), tagged), np.arange(first, first + tagged, dtype=np.int32)

    return make


class Documents:
    """Objects with `words` and `tags`.

    Parameters
    ----------
    documents : iterable of TaggedDocument
    look_up : callable
        With a tag it gives its row, or -1.
    """

    def __init__(self, documents: Iterable[Any], look_up: Callable[[Any], int]):
        self.documents, self.look_up = documents, look_up

    def __iter__(self) -> Iterator[Any]:
        return iter(self.documents)

    def count_and_encode(self, limits: Limits) -> Counted:
        """As of `fastemb.corpus.Source`."""
        reading = Reading(self.documents, found := FoundTags())
        counted = Sentences(reading).count_and_encode(limits)
        corpus = reading.tagged(counted.corpus, found.rows)
        corpus.found = found
        return Counted(counted.words, counted.counts, corpus)

    def encode(self, index: Mapping[Word, int], limits: Limits) -> Tagged:
        """As of `fastemb.corpus.Source`."""
        reading = Reading(self.documents, None, self.look_up)
        return reading.tagged(Sentences(reading).encode(index, limits), lambda found: found.astype(np.int32))


class Reading:
    """One pass over documents: gives their words, and takes note of their tags.

    Parameters
    ----------
    documents : iterable of TaggedDocument
    found : FoundTags, optional
        Where to count them; else they are looked up, and left out where they are not there.
    look_up : callable, optional
    """

    def __init__(self, documents: Iterable[Any], found: FoundTags | None, look_up: Callable[[Any], int] | None = None):
        self.documents, self.found, self.look_up = documents, found, look_up
        self.tags, self.ends, self.unknown = array("q"), array("q", [0]), 0

    def __iter__(self) -> Iterator[Any]:
        for number, document in enumerate(self.documents):
            words, tags = parts_of(document, number)
            self.add(tags, len(words), number)
            yield words

    def add(self, tags: Any, words: int, number: int) -> None:
        if isinstance(tags, (str, bytes)) or not isinstance(tags, Iterable):
            raise TypeError(f"the tags of a document must be a list, not {tags!r:.50} (document {number}, from 0)")
        for tag in tags:
            if not isinstance(tag, (str, *INTEGERS)):
                raise TypeError(f"a tag must be a str or an int, not {type(tag).__name__} (document {number}, from 0)")
            if not isinstance(tag, str) and tag < 0:
                raise ValueError(f"a tag that is a number must be at least 0, not {tag} (document {number}, from 0)")
            row = self.found.add(tag, words) if self.found is not None else self.look_up(tag)  # type: ignore[misc]
            if self.found is None and row < 0:
                self.unknown += 1
            else:
                self.tags.append(row)
        self.ends.append(len(self.tags))

    def tagged(self, corpus: EncodedCorpus, rows: Callable[[NDArray[np.int64]], NDArray[np.int32]]) -> Tagged:
        """The encoded words with their tags."""
        if self.unknown:
            logger.warning("%d tags of the documents are not in the model: they are passed over", self.unknown)
        ids, ends = rows(np.frombuffer(self.tags, np.int64)), np.frombuffer(self.ends, np.int64)
        first = 0
        chunks: list[Chunk] = []
        for chunk in corpus.chunks:
            starts = ends[first : first + chunk.sentences + 1]
            pair = starts - starts[0], ids[starts[0] : starts[-1]]
            chunks.append(TaggedChunk(chunk, lambda pair=pair: pair))  # type: ignore[misc]
            first += chunk.sentences
        made = Tagged(chunks)
        made.most_tags = int(np.diff(ends).max(initial=1))
        return made


def parts_of(document: Any, number: int) -> tuple[Any, Any]:
    """The words and tags of a document."""
    try:
        words, tags = document.words, document.tags
    except AttributeError:
        raise TypeError(
            f"a document must have words and tags, as TaggedDocument(words, tags), and not be a "
            f"{type(document).__name__} (document {number}, from 0)"
        ) from None
    if not hasattr(words, "__len__"):
        refuse_table(words, "each sentence must be a list")
        words = list(words)
    return words, tags


class EveryLine(Files):
    """Files, of which lines without words are sentences, too."""

    encoder = staticmethod(partial(TextEncoder, every_line=True))


def documents_source(source: Source, look_up: Callable[[Any], int], tags: Callable[[], int]) -> Source:
    """A source of documents: of objects, or of lines.

    Parameters
    ----------
    source : Source
    look_up : callable
        With a tag it gives its row, or -1.
    tags : callable
        How many tags are numbers, from 0 on.
    """
    if isinstance(source, Sentences):
        documents = source.sentences
        if type(documents) is not TaggedLineDocument:
            return Documents(documents, look_up)
        source = Files([TextFile(documents.source)])
    elif isinstance(source, LineSentence):
        source = source.natively()
    if isinstance(source, Files):
        source = EveryLine(source.files)
    return Lines(source, tags)
