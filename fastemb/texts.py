"""One row for each of many texts, made by native threads.

A text becomes the numbers of its words, and these a row:

    texts ─ blocks of one kind ─ pieces, one a thread ─ encode ─> Encoded ─ fill ─> rows

What a row is, the function `fill` says, which gets a piece of the texts, encoded, and the rows that it is to write. It
runs in several threads at once; a row must depend on its own text alone, so that it is the same with any number.
"""

from __future__ import annotations

import operator
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastemb._tables import several_texts
from fastemb._threads import run_threads, thread_count
from fastemb.kernels.text.batch import ends_of
from fastemb.kernels.text.sentenceencoder import SentenceEncoder
from fastemb.kernels.text.textencoder import TextEncoder
from fastemb.kernels.text.vocabulary import Vocabulary
from fastemb.kernels.text.wordtable import WordTable

PIECE = 1 << 22  # characters that a thread is given at a time,
SMALL = 1 << 18  # and how many are worth a thread
KEY = 6  # characters, about, that are encoded in the time of a key in a list
PAYS = 4  # a table of all words of a dict pays when a share of 1 / PAYS of them has been looked up,
SEEN = 16  # and to see whether the dict is as it was, when it is 1 / SEEN
WORD_TYPES = (str, int, np.integer)


class Encoded(NamedTuple):
    """Texts as numbers of their words.

    Attributes
    ----------
    words : WordTable, or list of str or int
        Each once, in order of first appearance.
    ids : ndarray of int32
        The words of text k are those of the numbers ids[starts[k]:starts[k + 1]].
    starts : ndarray of int64, shape (texts + 1,)
    """

    words: Any
    ids: NDArray[np.int32]
    starts: NDArray[np.int64]


Prepare = Callable[[list[Any], int], Any]  # of texts, and the number of the first


def rows_of_texts(
    texts: Iterable[Any],
    width: int,
    fill: Callable[[Any, NDArray[np.float32]], None],
    workers: int | None = None,
    prepare: Prepare | None = None,
) -> NDArray[np.float32]:
    """A row for each text.

    Parameters
    ----------
    texts : iterable of str, or of sequences of str or int
        A str is split where ``str.split()`` splits it. An iterator is read as its texts are needed.
    width : int
    fill : callable
        ``fill(encoded, rows)`` overwrites rows, of shape (texts, width), with those of some texts.
    workers : int, optional
        Threads; one for each core by default, and with -1.
    prepare : callable, optional
        ``prepare(texts, first)`` makes of a list of texts what `fill` gets, in the place of `encode`.

    Returns
    -------
    ndarray of float32, shape (texts, width)

    Raises
    ------
    TypeError
        If `texts` is a single text or a table, or a text is neither a str nor a sequence of str or int.
    ValueError
        If `workers` is less than 1 and not -1.
    """
    workers = thread_count(workers)
    texts = several_texts(texts)
    rows, count = np.empty((operator.length_hint(texts), width), np.float32), 0
    for block, ends in blocks(texts, PIECE * workers):
        end = count + len(block)
        if end > len(rows):
            rows = np.concatenate([rows[:count], np.empty((max(count, len(block)), width), np.float32)])
        fill_rows(block, ends, count, rows[count:end], fill, workers, prepare or encode)
        count = end
    return rows if count == len(rows) else rows[:count].copy()


Block = tuple[list[Any], Sequence[int] | NDArray[np.int64]]  # texts, and how many characters end with each


def blocks(texts: Iterable[Any], most: int) -> Iterator[Block]:
    """Texts that follow one another, all of them str or all of them lists.

    They are `most` characters and one text at most; a key of a list counts as `KEY`.
    """
    ends = ends_of(texts) if isinstance(texts, list) else None
    return blocks_one_by_one(texts, most) if ends is None else blocks_of_str(list(texts), ends, most)


def blocks_of_str(texts: list[str], ends: NDArray[np.int64], most: int) -> Iterator[Block]:
    """The same of a list of str, of which it is known where each ends."""
    begin, before = 0, 0
    while begin < len(ends):
        end = 1 + min(int(np.searchsorted(ends, before + most, "right")), len(ends) - 1)
        yield texts[begin:end], ends[begin:end] - before
        begin, before = end, int(ends[end - 1])


def blocks_one_by_one(texts: Iterable[Any], most: int) -> Iterator[Block]:
    """The same of texts of any kind, which are asked for one after another."""
    block: list[Any] = []
    ends: list[int] = []
    kind: type = str
    size = 0
    for number, text in enumerate(texts):
        of: type = str if isinstance(text, str) else list
        if block and (size > most or of is not kind):
            yield block, ends
            block, ends, size = [], [], 0
        kind = of
        if of is list:
            text = keys_of(text, number)
        block.append(text)
        size += 1 + (len(text) if of is str else KEY * len(text))
        ends.append(size)
    if block:
        yield block, ends


def keys_of(text: Any, number: int) -> list[Any]:
    """The keys of a text, which is no str."""
    if isinstance(text, list):
        return text
    if isinstance(text, np.ndarray) and text.ndim:
        return text.tolist()
    if isinstance(text, Iterable) and not isinstance(text, (bytes, bytearray, np.ndarray)):
        return list(text)
    raise TypeError(f"text {number} must be a str, or a sequence of keys, not {type(text).__name__}")


def fill_rows(
    texts: list[Any],
    ends: Sequence[int] | NDArray[np.int64],
    first: int,
    rows: NDArray[np.float32],
    fill: Callable[[Any, NDArray[np.float32]], None],
    workers: int,
    prepare: Prepare,
) -> None:
    """Let threads write the rows of texts of one kind. `first` is the number of the first text, for messages."""
    threads = min(workers, 1 + int(ends[-1]) // SMALL)
    cuts = np.searchsorted(ends, [int(ends[-1]) * k // threads for k in range(1, threads)]).tolist()
    errors: dict[int, Exception] = {}

    def work(begin: int, end: int) -> None:
        try:
            fill(prepare(texts[begin:end], first + begin), rows[begin:end])
        except Exception as error:
            errors[begin] = error

    tasks = [partial(work, *share) for share in pairwise([0, *cuts, len(texts)]) if share[0] < share[1]]
    if len(tasks) == 1:
        tasks[0]()
    else:
        run_threads(tasks, lambda: None)
    if errors:  # that of the first texts, whichever thread was faster
        raise errors[min(errors)]


def encode(texts: list[Any], first: int = 0) -> Encoded:
    """Number the words of texts of one kind."""
    if isinstance(texts[0], str):
        encoder = TextEncoder()
        encoder.add_texts(texts)
        return Encoded(encoder.table, *encoder.finish())
    keys = SentenceEncoder()
    for number, text in enumerate(texts, first):
        try:
            keys.add(text)
        except TypeError:
            wrong = next((key for key in text if not isinstance(key, WORD_TYPES)), None)
            raise TypeError(
                f"text {number}: its keys must be str or int, not {type(wrong).__name__} ({wrong!r:.50})"
            ) from None
    return Encoded(keys.words, *keys.finish())


class Index:
    """The rows that a dict gives words: by a table of all its words, made when that pays, and anew when it has changed.

    It is not saved, nor copied.
    """

    def __init__(self) -> None:
        self.vocabulary: Vocabulary | None = None
        self.asked = 0  # words, while there was none
        self.lock = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        return Index, ()

    def rows(self, words: Any, index: dict[Any, int]) -> NDArray[Any]:
        """The row of each word, shape (words,); -1 for those that are not in the dict."""
        if isinstance(words, WordTable):
            if (table := self.table(len(words), index)) is not None:
                return table.rows_of(words)
            words = words.words()
        return np.array([index.get(word, -1) for word in words], np.int64)

    def table(self, count: int, index: dict[Any, int]) -> Vocabulary | None:
        """The table, if so many words are enough to see whether it is that of the dict, or to make it."""
        if count * SEEN < len(index):
            return None
        with self.lock:
            if self.vocabulary is not None and not self.vocabulary.is_of(index):
                self.vocabulary = None
            if self.vocabulary is None:
                self.asked += count
                if self.asked * PAYS >= len(index):
                    self.vocabulary, self.asked = Vocabulary(index), 0
            return self.vocabulary
