"""The formats of word2vec.c: a line `words vector_size`, then each word with its vector.

Text: word and numbers separated by spaces, a word a line; fastText's .vec files are such. Binary: the
word, a space, and the vector as little-endian float32, with or without a newline after it.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._errors import CutShort
from fastemb._paths import Readable, named
from fastemb.corpus.readers import TextFile, lines_of
from fastemb.formats.rows import BLOCK, LONGEST, Source, Words, read_rows, write_blocks, writing
from fastemb.kernels import text

logger = logging.getLogger(__name__)

Path = str | os.PathLike[str]
WHITESPACE = frozenset(" \t\n\r\v\f")
CONTROL = re.compile(rb"[\0-\x08\x0e-\x1f]")  # what no text has
NUMBER = re.compile(rb"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf|infinity)", re.IGNORECASE)
LONGEST_WORD = 1 << 20  # bytes, in a binary file


def write_word2vec(
    path: Path,
    words: Sequence[object],
    vectors: NDArray[Any],
    *,
    binary: bool = False,
    header: bool = True,
    prefix: str = "",
    order: NDArray[np.int64] | None = None,
    total: int | None = None,
    append: bool = False,
    workers: int | None = None,
) -> None:
    """Write words and their vectors.

    Parameters
    ----------
    path : str or os.PathLike
        Names that end in .gz, .bz2, .xz or .zst become compressed files.
    words : sequence
        Their str() is written, in UTF-8.
    vectors : ndarray, shape (words, vector_size)
        Written as float32; as text, with the fewest digits that give back the same number, as
        NumPy and gensim do, and float64 with all of its own.
    binary : bool, default False
    header : bool, default True
        Whether to write the line of sizes.
    prefix : str, default ''
        Written before each word.
    order : ndarray of int, shape (words,), optional
        Which row of `vectors` is that of each word; by default they are in the same order.
    total : int, optional
        The number of words that the line of sizes states, if others are to be appended.
    append : bool, default False
        Add to the file instead of replacing it.
    workers : int, optional
        Threads; by default one for each processor, 8 at most.

    Raises
    ------
    ValueError
        If a word is empty or holds whitespace, which these formats cannot say. Nothing is written then.
    """
    names = [f"{prefix}{word}" for word in words]
    for name in names:
        if not name or not WHITESPACE.isdisjoint(name):
            raise ValueError(f"word2vec files cannot hold the word {name!r}; save() can")
    order = np.arange(len(vectors)) if order is None else order
    if len(order) != len(names):
        raise ValueError(f"{len(names)} words for {len(order)} vectors")
    encoded = [name.encode() for name in names]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(name) for name in encoded], out=offsets[1:])
    joined = b"".join(encoded)

    def block(begin: int, end: int) -> bytes | bytearray:
        rows = vectors[order[begin:end]]
        if rows.dtype.itemsize > 4 and not binary:
            lines = zip(encoded[begin:end], rows.tolist(), strict=True)
            return b"".join(b"%b %b\n" % (word, " ".join(map(repr, row)).encode()) for word, row in lines)
        return text.format_rows(joined, offsets[begin : end + 1], np.ascontiguousarray(rows, "<f4"), binary)

    step = max(BLOCK // (4 * max(vectors.shape[1], 1)), 1)
    blocks = [partial(block, begin, min(begin + step, len(names))) for begin in range(0, len(names), step)]
    with writing(path, append) as file:
        if header:
            file.write(f"{len(names) if total is None else total} {vectors.shape[1]}\n".encode())
        write_blocks(file, blocks, workers)


def read_word2vec(
    path: Readable,
    *,
    binary: bool = False,
    header: bool = True,
    limit: int | None = None,
    encoding: str = "utf-8",
    unicode_errors: str = "strict",
    dtype: Any = np.float32,
    workers: int | None = None,
    check_finite: bool = True,
) -> tuple[list[str], NDArray[Any]]:
    """Read words and their vectors.

    Parameters
    ----------
    path : str or os.PathLike
        Names that end in .gz, .bz2, .xz or .zst are of compressed files.
    binary : bool, default False
    header : bool, default True
        Whether the line of sizes is there; only text can be without.
    limit : int, optional
        Read only that many words, and do not look at what follows.
    encoding, unicode_errors : str
        Of the words.
    dtype : dtype, default float32
        Of the vectors returned.
    workers : int, optional
        Threads; by default one for each processor, 8 at most.
    check_finite : bool, default True
        Refuse NaN, infinity, and numbers too large for `dtype`. Else these numbers become infinite.

    Returns
    -------
    words : list of str
    vectors : ndarray of dtype, shape (words, vector_size)

    Raises
    ------
    ValueError
        If the file is not of this format, holds fewer or more words than its header says, or numbers that
        are not finite; the message names the file and the line or word.
    """
    if limit is not None and limit < 0:
        raise ValueError(f"limit must not be negative, not {limit}")
    if not header and binary:
        raise ValueError(f"{named(path)}: a binary word2vec file without a header cannot be read")
    if np.dtype(dtype).kind != "f":
        raise ValueError(f"dtype must be of floating-point numbers, not {np.dtype(dtype)}")
    with Source(path) as source:
        count, size = read_header(source, binary, limit) if header else (None, width_of(source))
        wanted = count if limit is None or (count is not None and count < limit) else limit
        layout: Records | Lines
        layout = Records(source, size, count or 0) if binary else Lines(source, size, 2 if header else 1)
        words, vectors = read_rows(
            source, layout, Words(encoding, unicode_errors), dtype, wanted, workers, check_finite
        )
        if count is not None and len(words) < (wanted or 0):
            raise CutShort(f"{source.name}: cut short: it ends after {len(words)} of {wanted} words")
        if count is not None and (limit is None or limit > count) and source.peek(64).strip():
            raise ValueError(
                f"{source.name}: goes on after the {count} words that line 1 promises, with {source.peek(64)!r:.60}; "
                f"limit={count} reads only these"
            )
    return words, vectors


def read_header(source: Source, binary: bool, limit: int | None) -> tuple[int, int]:
    """The numbers of words and dimensions; of as many words as are to be read, checked against the size of the file."""
    line = source.line(100)
    sizes = parse_header(line)
    if sizes is None:
        raise ValueError(f"{source.name}, line 1: not 'words vector_size': {line!r:.60}")
    count, size = sizes
    wanted = count if limit is None else min(count, limit)
    least = wanted * (2 + (4 if binary else 2) * size) - 2  # a word of one letter, numbers of one digit
    if source.rest is not None and source.rest < least:
        raise CutShort(
            f"{source.name}: {source.rest} bytes cannot hold the {wanted} vectors of size {size} that line 1 promises: "
            f"the file is cut short{'' if binary else ', or binary'}"
        )
    if size > LONGEST:
        raise ValueError(f"{source.name}, line 1: vectors of size {size} are too long")
    return count, size


def parse_header(line: bytes) -> tuple[int, int] | None:
    """The two numbers of a first line, None if it is another."""
    if not re.fullmatch(rb"\s*\d{1,18}\s+\d{1,18}\s*", line):
        return None
    count, size = map(int, line.split())
    return (count, size) if size else None


def width_of(source: Source) -> int:
    """How many numbers the first line ends with."""
    count, start = 1 << 16, source.peek(1 << 16)
    while b"\n" not in start and len(start) == count < LONGEST:
        count *= 2
        start = source.peek(count)
    first, *others = start.split(b"\n", 2)
    size = numbers_in(first)
    if start and not size:
        raise ValueError(f"{source.name}, line 1: not a word and numbers: {start!r:.60}")
    if parse_header(first) and others and numbers_in(others[0]) > 1:
        raise ValueError(
            f"{source.name}, line 1: {first!r} are the number and the size of vectors: leave out no_header=True"
        )
    return size


def numbers_in(line: bytes) -> int:
    """How many numbers a line ends with, beyond its word."""
    fields = line.rstrip(b" \r").split(b" ")[1:]
    size = 0
    while size < len(fields) and NUMBER.fullmatch(fields[-1 - size]):
        size += 1
    return size


class Lines:
    """A word and its numbers, a space before each, on a line; `first` is the number of the first line."""

    def __init__(self, source: Source, size: int, first: int):
        self.name, self.size, self.first = source.name, size, first
        self.longest = LONGEST

    def cut(self, block: bytearray, end: int, limit: int, row: int) -> tuple[int, int]:
        count, used = text.cut_lines(block, end, limit)
        if used < count * (2 * self.size + 1):  # so that no room is made for what cannot be there
            lines = bytes(block[:used]).split(b"\n")
            short = next(k for k, line in enumerate(lines) if len(line) < 2 * self.size)
            raise self.malformed(lines[short], row + short)
        return count, used

    def fill(self, block: bytearray, rows: NDArray[Any], places: NDArray[np.int64], row: int) -> None:
        native = rows.dtype in (np.float32, np.float64) and rows.dtype.isnative
        numbers = rows if native else np.empty(rows.shape)
        done = begin = 0
        while True:
            count, begin = text.fill_lines(block, begin, numbers[done:], places[done:])
            done += count
            if done == len(rows):
                break
            begin = self.fill_line(block, begin, numbers[done], places[done], row + done)
            done += 1
        if not native:
            with np.errstate(over="ignore"):
                rows[:] = numbers

    def fill_line(self, block: bytearray, begin: int, numbers: NDArray[Any], place: NDArray[np.int64], row: int) -> int:
        """Parse a line that the kernel leaves to Python, which is slow and exact; where the next begins."""
        end = block.index(b"\n", begin)
        line = bytes(block[begin:end]).rstrip(b" \r")
        parsed = text_row(line, self.size)
        if parsed is None:
            raise self.malformed(line, row)
        place[:] = begin, begin + len(parsed[0])
        with np.errstate(over="ignore"):
            numbers[:] = parsed[1]
        return end + 1

    def malformed(self, line: bytes, row: int) -> ValueError:
        what = f"not a word and {self.size} numbers: {line!r:.60}" if line.strip() else "empty"
        if CONTROL.search(line):
            what += "; binary=True reads binary files"
        return ValueError(f"{self.name}, {self.where(row)}: {what}")

    def where(self, row: int) -> str:
        return f"line {self.first + row}"

    def last(self, block: bytearray, end: int, row: int) -> int:
        logger.warning(
            "%s, %s: no newline; if the file is cut short, its last number is wrong", self.name, self.where(row)
        )
        block[end] = 10
        return end + 1


def text_row(line: bytes, size: int) -> tuple[bytes, list[float]] | None:
    """The word and the numbers of a line, None if it is not of that form."""
    word, *fields = line.rsplit(b" ", size)  # from the right: some words hold spaces
    if len(fields) != size or size == 0 or not all(map(NUMBER.fullmatch, fields)):
        return None
    return word, [float(field) for field in fields]


class Records:
    """A word, a space, and float32 numbers."""

    def __init__(self, source: Source, size: int, count: int):
        self.name, self.size, self.count = source.name, size, count
        self.longest = LONGEST_WORD + 4 * size

    def cut(self, block: bytearray, end: int, limit: int, row: int) -> tuple[int, int]:
        if row == 0 and text_row(bytes(block[:end].split(b"\n", 1)[0]).rstrip(b" \r"), self.size):
            raise ValueError(f"{self.name}: not a binary word2vec file but a text one")
        return text.cut_records(block, end, 4 * self.size, limit)

    def fill(self, block: bytearray, rows: NDArray[Any], places: NDArray[np.int64], row: int) -> None:
        native = rows.dtype == np.float32 and rows.dtype.isnative
        numbers = rows if native else np.empty(rows.shape, np.float32)
        text.fill_records(block, numbers, places)
        if sys.byteorder == "big":
            numbers.byteswap(inplace=True)
        if not native:
            with np.errstate(over="ignore", invalid="ignore"):
                rows[:] = numbers

    def last(self, block: bytearray, end: int, row: int) -> int:
        if block[:end].strip():
            raise CutShort(f"{self.name}: cut short: it ends in {self.where(row)} of {self.count}")
        return end

    def where(self, row: int) -> str:
        return f"word {row + 1}"


def write_counts(
    path: Path, words: Sequence[object], counts: Iterable[Any], prefix: str = "", append: bool = False
) -> None:
    """Write `word count` lines, as word2vec.c does with -save-vocab."""
    with writing(path, append) as file:
        for word, count in zip(words, counts, strict=True):
            file.write(f"{prefix}{word} {count}\n".encode())


def read_counts(path: Readable, encoding: str = "utf-8", unicode_errors: str = "strict") -> dict[str, int]:
    """Read `word count` lines.

    Raises
    ------
    ValueError
        If a line is not of that form; the message names the file and the line.
    """
    counts = {}
    file = TextFile(path)
    for number, line in enumerate(lines_of(file), 1):
        try:
            word, count = line.rstrip(b"\r").rsplit(b" ", 1)
            counts[word.decode(encoding, unicode_errors)] = int(np.int64(int(count)))
        except UnicodeDecodeError as error:
            error.reason += f" (line {number} of {file}; see unicode_errors)"
            raise
        except (ValueError, OverflowError):
            raise ValueError(f"{file}, line {number}: not 'word count': {line!r:.60}") from None
    return counts
