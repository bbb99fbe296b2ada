"""From text to integers: the one way in which words reach training."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._threads import run_threads
from fastemb.corpus.chunks import Chunk, EncodedCorpus, SpilledChunk
from fastemb.corpus.tables import check_sentence
from fastemb.io.spill import SpillFile
from fastemb.io.textfile import SMALLEST, Piece, TextFile
from fastemb.kernels.text.sentenceencoder import SentenceEncoder
from fastemb.kernels.text.textencoder import TextEncoder

logger = logging.getLogger(__name__)

Word = str | int
Encoder = TextEncoder | SentenceEncoder

MAX_READERS = 8  # each has a table of its own, and they are merged one after another


@dataclass
class Limits:
    """How much memory encoding may take.

    Attributes
    ----------
    readers : int, default 1
        Threads that read files; the result does not depend on it.
    memory : int, optional
        Bytes for encoded sentences; more go to a temporary file.
    vocabulary : int, optional
        Words to count at once. Where there are more, those seen only once are forgotten, the
        next time those seen at most twice, and so on.
    """

    readers: int = 1
    memory: int | None = None
    vocabulary: int | None = None


@dataclass
class Counted:
    """A corpus and all its words, in order of first appearance.

    Attributes
    ----------
    words : list of str, int, or None
        None and a count of 0 stand for a word that was forgotten (see `Limits`).
    counts : ndarray of int64, shape (words,)
    corpus : EncodedCorpus
        Word k of `words` is encoded as k.
    contexts : mapping of str or int to int, optional
        Of pairs: how often each word was a context.
    """

    words: list[Any]
    counts: NDArray[np.int64]
    corpus: EncodedCorpus
    contexts: Mapping[Any, int] | None = None


def warn_of_absent(index: Mapping[Word, int]) -> None:
    """Warn of words that can stand in no text; where there are none, this takes no look at each."""
    with suppress(TypeError, UnicodeEncodeError):
        text = "".join(index)  # type: ignore[arg-type]  # a TypeError says that some are numbers
        if text.encode() and len(text.split()) == 1 and "" not in index:
            return
    absent = [word for word, number in index.items() if as_in_text(word, number) is not word]
    if absent:
        logger.warning(
            "%d words of the vocabulary never occur in a text, which is split at blanks, those of Unicode too: %r, say",
            len(absent),
            absent[0],
        )


def as_in_text(word: Word, number: int) -> str:
    """The word if it can stand in a text; else something that cannot, and holds its place."""
    with suppress(UnicodeEncodeError):
        if isinstance(word, str) and word.split() == [word] and word.encode():
            return word
    return f" {number}"


class Collector:
    """An encoder whose sentences go to a temporary file when they take too much memory.

    Parameters
    ----------
    encoder : TextEncoder or SentenceEncoder
    limits : Limits
    """

    def __init__(self, encoder: Encoder, limits: Limits):
        self.encoder = encoder
        # The sentences being trained, and those read next, share the memory.
        self.room = None if limits.memory is None else limits.memory // (2 * limits.readers)
        self.vocabulary = limits.vocabulary
        self.least = 1
        self.file: SpillFile | None = None
        self.chunks: list[Chunk] = []

    def check(self) -> None:
        """To be called now and then between sentences or blocks of text."""
        if self.vocabulary is not None and self.encoder.known > self.vocabulary:
            self.encoder.prune(self.least)
            self.least += 1
        if self.room is not None and self.encoder.nbytes > self.room:
            if self.file is None:
                self.file = SpillFile()
            ids, starts = self.encoder.take()
            self.chunks.append(SpilledChunk(ids, starts, self.file))

    def finish(self) -> list[Chunk]:
        """All chunks; ends the encoding."""
        return [*self.chunks, Chunk(*self.encoder.finish())]


def encode_sentences(sentences: Iterable[Iterable[object]], collector: Collector) -> None:
    add, check = collector.encoder.add, collector.check  # type: ignore[union-attr]
    checked = collector.room is not None or collector.vocabulary is not None
    kinds: set[type] = set()
    for sentence in sentences:
        if type(sentence) not in kinds:
            kinds.add(type(sentence))
            check_sentence(sentence)
        add(sentence)
        if checked:
            check()


def encode_files(files: Sequence[TextFile], limits: Limits, encoder: Callable[[], TextEncoder]) -> list[Collector]:
    """Encode files, or pieces of them, in threads of their own."""
    stopped = threading.Event()
    readers = min(limits.readers, MAX_READERS) if limits.vocabulary is None else 1
    versions = [file.version() for file in files]

    def encode_pieces(pieces: list[Piece]) -> Collector:
        collector = Collector(encoder(), replace(limits, readers=len(shares)))
        for piece in pieces:
            encode_piece(piece, collector, stopped)
        return collector

    shares = share_out(files, readers)
    collectors = run_threads([lambda share=share: encode_pieces(share) for share in shares], stopped.set)  # type: ignore[misc]
    for file, version in zip(files, versions, strict=True):
        if file.version() != version:
            raise OSError(f"{file}: changed while it was read")
    return collectors


def share_out(files: Sequence[TextFile], readers: int) -> list[list[Piece]]:
    """Pieces of files for each reader, in order, of about the same size together."""
    sizes = [file.splittable_size() for file in files]
    whole = sum(size or 0 for size in sizes)
    share = max(SMALLEST, -(-whole // readers))
    pieces = [piece for file in files for piece in file.pieces(share if len(files) == 1 else max(SMALLEST, share // 4))]
    shares: list[list[Piece]] = [[]]
    taken = 0
    for piece in pieces:
        size = piece.file.splittable_size() or SMALLEST
        size = (size if piece.end is None else piece.end) - piece.begin
        if shares[-1] and len(shares) < readers and taken + size // 2 >= share * len(shares):
            shares.append([])
        shares[-1].append(piece)
        taken += size
    return shares


def encode_piece(piece: Piece, collector: Collector, stopped: threading.Event) -> None:
    encoder = collector.encoder
    assert isinstance(encoder, TextEncoder)
    file, begin = piece.file, encoder.bytes_done
    try:
        for block in file.blocks(piece.begin, piece.end):
            if stopped.is_set():
                return
            encoder.feed(block)
            collector.check()
        encoder.feed(b"", last=True)
    except UnicodeDecodeError as error:
        place = encoder.bytes_done - begin
        if not file.repeats():  # to count lines, it would have to be read again
            error.reason = f"{error.reason} in {file}, byte {place} of the text"
            raise
        position = (piece.begin or file.mark()) + place
        error.reason = f"{error.reason} in {file}, line {file.line_at(position)} (byte {position} of the text)"
        raise
