"""Texts that have labels: from files in fastText's form, or from pairs, to rows of features and numbers of labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import is_open_file
from fastemb._tables import several_texts
from fastemb._threads import run_each
from fastemb.corpus.chunks import Chunk, EncodedCorpus, Ids, Starts
from fastemb.corpus.encode import Collector, Limits
from fastemb.corpus.source import Files
from fastemb.io.textfile import TextFile
from fastemb.kernels.checksum import crc32
from fastemb.kernels.ragged import starts_of
from fastemb.kernels.subwords import hash_words
from fastemb.kernels.text.labelled import Tokens, first_met, place_ngrams
from fastemb.kernels.text.textencoder import TextEncoder

TOGETHER = 1 << 12  # texts that are encoded at a time
BYTES = "surrogateescape"  # labels from files may have bytes that are not UTF-8


@dataclass
class Names:
    """Labels that stand beside the texts.

    Attributes
    ----------
    names : list of str
        In order of first appearance, without prefix where they were given without.
    starts, ids : ndarray of int64 and int32
        Text k has the labels ids[starts[k]:starts[k + 1]].
    """

    names: list[str]
    starts: Starts
    ids: Ids

    def counts(self) -> NDArray[np.int64]:
        return np.bincount(self.ids, minlength=len(self.names)).astype(np.int64)


@dataclass
class CountedTexts:
    """The tokens of texts, split as fastText does.

    Attributes
    ----------
    tokens : list of str
        In order of first appearance; of a file, labels are among them.
    counts : ndarray of int64, shape (tokens,)
    corpus : EncodedCorpus
        Token k of `tokens` is encoded as k; a text is a sentence.
    beside : Names, optional
        The labels, if they are not in the texts.
    """

    tokens: list[str]
    counts: NDArray[np.int64]
    corpus: EncodedCorpus
    beside: Names | None = None

    def find(self, token: str) -> int:
        """The number of a token, or -1."""
        try:
            return self.tokens.index(token)
        except ValueError:
            return -1

    def begin_with(self, prefix: str) -> NDArray[np.bool_]:
        """Which tokens do."""
        found = np.zeros(len(self.tokens), bool)
        text, end, number = "\n".join(["", *self.tokens]), 0, -1
        while (begin := text.find("\n" + prefix, end)) >= 0:
            number, end = number + text.count("\n", end, begin + 1), begin + 1
            found[number] = True
        return found

    def hashes(self) -> NDArray[np.int32]:
        """fastText's hash of each token, as a signed number."""
        text = np.frombuffer("\n".join(self.tokens).encode(), np.uint8)
        ends = np.flatnonzero(text == ord("\n"))  # of all but the last; no token holds a blank
        ends = np.append(ends, len(text)) - np.arange(len(ends) + 1)
        return hash_words(text[text != ord("\n")], np.append(0, ends)[: len(self.tokens) + 1])


class FasttextFiles(Files):
    """Files whose words fastText would find; lines without words are left out."""

    encoder = staticmethod(partial(TextEncoder, as_fasttext=True))


class LabelledFiles(Files):
    """Files in fastText's form: a text in each line, and its labels before or between its words."""

    encoder = staticmethod(partial(TextEncoder, as_fasttext=True, every_line=True))


def count_texts(
    data: Any, labels: Iterable[Any] | None, limits: Limits, unicode_errors: str = "strict"
) -> CountedTexts:
    """Read texts once, and count and encode their tokens.

    Parameters
    ----------
    data : str, os.PathLike or open file, or iterable of (text, labels), or of texts
    labels : iterable, optional
        A label or several of each text, if `data` is of texts alone.

    Raises
    ------
    TypeError
        If an example is no text with a label or labels.
    ValueError
        If a text holds an end of line or a surrogate, or there are more texts than labels, or less.
    UnicodeDecodeError
        If a file is not UTF-8; it names the file and the line.
    """
    if is_file(data):
        if labels is not None:
            raise TypeError("a file has its labels in it: give none beside it")
        counted = LabelledFiles([TextFile(data, unicode_errors)]).count_and_encode(limits)
        return CountedTexts(counted.words, counted.counts, counted.corpus)
    collector = Collector(TextEncoder(as_fasttext=True), limits)
    beside = encode_pairs(pairs(data, labels), collector)
    chunks = collector.finish()
    table = collector.encoder.table
    return CountedTexts(table.words(), table.word_counts(), EncodedCorpus(chunks), beside)


def is_file(data: Any) -> bool:
    """Whether this is a file of texts, and not texts."""
    return isinstance(data, str) or hasattr(data, "__fspath__") or is_open_file(data)


def with_prefix(label: str, prefix: str) -> str:
    """A label with its prefix, which may be left out."""
    return label if label.startswith(prefix) else prefix + label


def pairs(data: Iterable[Any], labels: Iterable[Any] | None) -> Iterator[tuple[str, Sequence[str]]]:
    """Texts, each of one line, and their labels."""
    given: Any = several_texts(data)
    if labels is not None:
        given = zip(given, several_texts(labels, "labels"), strict=True)
    for number, pair in enumerate(given):
        try:
            if isinstance(pair, str):  # of two characters, say
                raise TypeError
            text, own = pair
        except (TypeError, ValueError):
            raise TypeError(f"example {number} must be a text and its label or labels, not {pair!r:.80}") from None
        own = [own] if isinstance(own, str) else own
        if not isinstance(text, str) or not isinstance(own, Iterable) or not all(isinstance(it, str) for it in own):
            raise TypeError(f"example {number} must be a str and a str or several, not {pair!r:.80}")
        if "\n" in text:
            raise ValueError(f"text {number} holds an end of line")
        if bad := [label for label in own if "\n" in label]:
            raise ValueError(f"the label {bad[0]!r:.80} of text {number} holds an end of line")
        yield text, list(own)


def encode_pairs(given: Iterator[tuple[str, Sequence[str]]], collector: Collector) -> Names:
    """Encode the texts; return their labels."""
    numbers: dict[str, int] = {}
    ids: list[int] = []
    lengths: list[int] = []
    while some := list(islice(given, TOGETHER)):
        try:
            collector.encoder.add_texts([text for text, _ in some])  # type: ignore[union-attr]
        except UnicodeEncodeError:
            raise with_surrogate("text", enumerate((text for text, _ in some), len(lengths)), "strict") from None
        collector.check()
        for _, own in some:
            ids += [numbers.setdefault(label, len(numbers)) for label in own]
            lengths.append(len(own))
    try:
        "".join(numbers).encode("utf-8", BYTES)
    except UnicodeEncodeError:
        raise with_surrogate("label", ((repr(label), label) for label in numbers), BYTES) from None
    return Names(list(numbers), starts_of(lengths), np.array(ids, np.int32))


def with_surrogate(kind: str, named: Iterable[tuple[object, str]], errors: str) -> ValueError:
    """What is wrong with the first of some texts, each with its name, that UTF-8 cannot say."""
    for name, text in named:
        try:
            text.encode("utf-8", errors)
        except UnicodeEncodeError as error:
            return ValueError(f"{kind} {name} is no text: it has a surrogate at {error.start}")
    raise AssertionError(f"no {kind} has a surrogate")


class TextChunk(Chunk):
    """The features and labels of some texts.

    Parameters
    ----------
    tokens : Chunk
    meaning : Tokens
    vocabulary : int
        Words that have rows.
    beside : (ndarray, ndarray), optional
        The labels of its texts, as starts and ids, if they are not among the tokens.
    """

    def __init__(self, tokens: Chunk, meaning: Tokens, vocabulary: int, beside: tuple[Starts, Ids] | None = None):
        self.tokens: Chunk | None = None if tokens.resident else tokens
        self.resident, self.meaning, self.vocabulary, self.beside = tokens.resident, meaning, vocabulary, beside
        self.places: NDArray[np.int32] | None = None
        ids, starts, label_starts, labels = self.made_of(tokens)
        self.words, self.sentences = len(ids), len(starts) - 1
        self.longest = int(np.diff(starts).max(initial=0))
        self.labels = label_starts, labels
        if self.resident:
            self._arrays = ids, starts

    def made_of(self, tokens: Chunk) -> tuple[Ids, Starts, Starts, Ids]:
        ids, starts = tokens.arrays()
        rows, features, label_starts, labels = self.meaning.of_texts(starts, ids)
        return features, rows, *(self.beside or (label_starts, labels))

    def arrays(self) -> tuple[Ids, Starts]:
        """Features, and where texts begin."""
        if self.tokens is None:
            return self._arrays
        ids, starts = self.made_of(self.tokens)[:2]
        if self.places is not None:
            place_ngrams(ids, self.vocabulary, self.places)
        return ids, starts

    def first_met(self, met: NDArray[np.uint8]) -> Ids:
        """The buckets that were not met before, in the order in which they are here; they are marked as met."""
        return first_met(self.arrays()[0], self.vocabulary, met)

    def place(self, places: NDArray[np.int32]) -> None:
        """Let bucket k have the row places[k], or none where that is -1; once."""
        self.places = places
        if self.tokens is None:
            place_ngrams(self._arrays[0], self.vocabulary, places)


class LabelledCorpus(EncodedCorpus):
    """Texts as rows of features, with labels.

    Parameters
    ----------
    counted : CountedTexts
    meaning : Tokens
        Of its tokens.
    numbers : ndarray of int32, optional
        Of labels beside the texts: for each name the number of its label, or -1 to leave it out.
    vocabulary : int
        Words that have rows.
    workers : int, default 1
        Threads. Of what is in a temporary file each has one chunk in memory.
    """

    chunks: list[TextChunk]  # type: ignore[assignment]

    def __init__(
        self, counted: CountedTexts, meaning: Tokens, numbers: NDArray[np.int32] | None, vocabulary: int,
        workers: int = 1,
    ):  # fmt: skip
        beside = counted.beside
        make: list[Callable[[], TextChunk]] = []
        first = 0
        for chunk in counted.corpus.chunks:
            own = None if beside is None or numbers is None else some_rows(beside, first, chunk.sentences, numbers)
            make.append(partial(TextChunk, chunk, meaning, vocabulary, own))
            first += chunk.sentences
        super().__init__(run_each(make, lambda chunk: chunk(), workers))
        self.workers = workers
        ids, lengths = super().checksums()  # now: n-grams get other numbers, which depend on the model's history
        for chunk in self.chunks:
            starts, labels = chunk.labels
            ids = crc32(np.ascontiguousarray(labels, "<i4").view(np.uint8), ids)
            lengths = crc32(np.ascontiguousarray(np.diff(starts), "<i8").view(np.uint8), lengths)
        self._checksums = ids, lengths

    def place(self, places: NDArray[np.int32]) -> None:
        """As of `TextChunk`, of all of them."""
        run_each(self.chunks, lambda chunk: chunk.place(places), self.workers)

    def checksums(self) -> tuple[int, int]:
        """As of `EncodedCorpus`, of features and labels."""
        return self._checksums

    def targets(self, part: list[Chunk]) -> tuple[Starts, Ids]:
        """The labels of the texts of one of the `parts`."""
        both = [chunk.labels for chunk in part]  # type: ignore[attr-defined]
        lengths = np.concatenate([np.diff(starts) for starts, _ in both])
        return starts_of(lengths), np.concatenate([ids for _, ids in both])

    def texts_before(self, part: list[Chunk]) -> int:
        """Texts before one of the `parts`."""
        before = 0
        for chunk in self.chunks:
            if chunk is part[0]:
                break
            before += chunk.sentences
        return before


def some_rows(beside: Names, first: int, count: int, numbers: NDArray[np.int32]) -> tuple[Starts, Ids]:
    """The labels of some texts, by new numbers; without those that have none."""
    starts = beside.starts[first : first + count + 1]
    ids = numbers[beside.ids[starts[0] : starts[-1]]]
    kept = ids >= 0
    before = np.append(0, np.cumsum(kept))
    return before[starts - starts[0]].astype(np.int64), ids[kept].astype(np.int32)
