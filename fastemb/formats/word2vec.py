"""The formats of word2vec.c: a line `words vector_size`, then each word with its vector.

Text: word and numbers separated by spaces, a word a line. Binary: the word, a space,
and the vector as little-endian float32, with or without a newline after it.
"""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from fastemb._files import replacing

logger = logging.getLogger(__name__)

Path = str | os.PathLike[str]
WHITESPACE = frozenset(" \t\n\r\v\f")
BLOCK = 1 << 22


def write_word2vec(
    path: Path,
    words: Sequence[object],
    vectors: NDArray[Any],
    *,
    binary: bool = False,
    header: bool = True,
    prefix: str = "",
) -> None:
    """Write words and their vectors.

    Parameters
    ----------
    path : str or os.PathLike
    words : sequence
        Their str() is written, in UTF-8.
    vectors : ndarray, shape (words, vector_size)
        Written as float32. Text has 9 significant digits, which give back the same float32.
    binary : bool, default False
    header : bool, default True
        Whether to write the line of sizes.
    prefix : str, default ''
        Written before each word.

    Raises
    ------
    ValueError
        If a word is empty or holds whitespace, which these formats cannot say. Nothing is written then.
    """
    names = [f"{prefix}{word}" for word in words]
    for name in names:
        if not name or not WHITESPACE.isdisjoint(name):
            raise ValueError(f"word2vec files cannot hold the word {name!r}; save() can")
    vectors = np.ascontiguousarray(vectors, "<f4")
    template = " ".join(["%.9g"] * vectors.shape[1])
    with replacing(path) as file:
        if header:
            file.write(f"{len(names)} {vectors.shape[1]}\n".encode())
        for name, row in zip(names, vectors, strict=True):
            if binary:
                file.write(name.encode() + b" " + row.tobytes() + b"\n")
            else:
                file.write(f"{name} {template % tuple(row.tolist())}\n".encode())


def read_word2vec(
    path: Path,
    *,
    binary: bool = False,
    header: bool = True,
    limit: int | None = None,
    encoding: str = "utf-8",
    unicode_errors: str = "strict",
    dtype: Any = np.float32,
) -> tuple[list[str], NDArray[Any]]:
    """Read words and their vectors.

    Parameters
    ----------
    path : str or os.PathLike
    binary : bool, default False
    header : bool, default True
        Whether the line of sizes is there; only text can be without.
    limit : int, optional
        Read only that many words.
    encoding, unicode_errors : str
        Of the words.
    dtype : dtype, default float32
        Of the vectors returned. Numbers too large for it become infinite.

    Returns
    -------
    words : list of str
    vectors : ndarray of dtype, shape (words, vector_size)

    Raises
    ------
    ValueError
        If the file is not of this format or ends too early; the message names the file and the
        line or word.
    """
    if limit is not None and limit < 0:
        raise ValueError(f"limit must not be negative, not {limit}")
    name = os.fspath(path)
    with open(path, "rb") as file:
        if not header and binary:
            raise ValueError("a binary word2vec file without a header cannot be read")
        count, size = read_header(file, name, binary) if header else (None, None)
        wanted = count if limit is None or (count is not None and count < limit) else limit
        rows = binary_rows(file, name, size, wanted) if binary else text_rows(file, name, size, wanted)
        raw_words, blocks = [], [np.empty((0, size or 0), dtype)]
        while part := list(itertools.islice(rows, 4096)):
            raw_words += [word for word, _ in part]
            with np.errstate(over="ignore"):
                blocks.append(np.array([row for _, row in part], dtype))
    vectors = np.concatenate(blocks if size else blocks[1:] or blocks)
    if count is not None and len(raw_words) < (wanted or 0):
        raise ValueError(f"{name}: ends after {len(raw_words)} of {wanted} words")
    words = []
    for number, word in enumerate(raw_words, 1):
        try:
            words.append(word.decode(encoding, unicode_errors))
        except UnicodeDecodeError as error:
            error.reason += f" (word {number} of {name}; see unicode_errors)"
            raise
    return words, vectors


def read_header(file: BinaryIO, name: str, binary: bool) -> tuple[int, int]:
    """The numbers of words and dimensions, checked against the size of the file."""
    line = file.readline(100)
    try:
        count, size = map(int, line.split())
        if count < 0 or size < 1:
            raise ValueError
    except ValueError:
        raise ValueError(f"{name}, line 1: not 'words vector_size': {line!r:.60}") from None
    least = count * (2 + (4 if binary else 2) * size) - 2  # a word of one letter, numbers of one digit
    rest = os.fstat(file.fileno()).st_size - file.tell() if file.seekable() else None
    if rest is not None and rest < least:
        raise ValueError(
            f"{name}: {rest} bytes cannot hold the {count} vectors of size {size} that line 1 promises: "
            f"the file is cut short{'' if binary else ', or binary'}"
        )
    return count, size


def text_rows(file: BinaryIO, name: str, size: int | None, wanted: int | None) -> Iterator[tuple[bytes, list[float]]]:
    for number, line in enumerate(file, 1 if size is None else 2):
        if wanted is not None and wanted <= 0:
            return
        if not line.endswith(b"\n"):
            logger.warning("%s, line %d: no newline; if the file is cut short, its last number is wrong", name, number)
        line = line.rstrip(b" \r\n")
        if not line:
            raise ValueError(f"{name}, line {number}: empty")
        if size is None:
            size = len(line.split(b" ")) - 1
        row = text_row(line, size)
        if row is None:
            raise ValueError(f"{name}, line {number}: not a word and {size} numbers: {line!r:.60}")
        yield row
        if wanted is not None:
            wanted -= 1


def text_row(line: bytes, size: int) -> tuple[bytes, list[float]] | None:
    """The word and the numbers of a line, None if it is not of that form."""
    word, *fields = line.rsplit(b" ", size)  # from the right: some words hold spaces
    if len(fields) != size or size == 0:
        return None
    try:
        return word, [float(field) for field in fields]
    except ValueError:
        return None


def binary_rows(file: BinaryIO, name: str, size: Any, wanted: Any) -> Iterator[tuple[bytes, NDArray[Any]]]:
    buffer = b""
    position = 0
    width = 4 * size
    for number in range(1, wanted + 1):
        space = buffer.find(b" ", position)
        while space < 0 or len(buffer) < space + 1 + width:
            block = file.read(max(BLOCK, width))
            if not block:
                raise ValueError(f"{name}: ends in word {number} of {wanted}")
            buffer = buffer[position:] + block
            position = 0
            space = buffer.find(b" ")
            if space < 0 and len(buffer) > 2 * BLOCK:
                raise ValueError(f"{name}: word {number} does not end: this is not a binary word2vec file")
        if number == 1 and text_row(buffer.split(b"\n", 1)[0].rstrip(b" \r"), size):
            raise ValueError(f"{name}: not a binary word2vec file but a text one")
        yield buffer[position:space].lstrip(b"\n"), np.frombuffer(buffer, "<f4", size, space + 1)
        position = space + 1 + width


def looks_binary(path: Path) -> bool:
    """Whether a word2vec file with a header is binary: its first vector is not text."""
    with open(path, "rb") as file:
        name = os.fspath(path)
        _, size = read_header(file, name, binary=False)
        line = file.readline().rstrip(b" \r\n")
    return bool(line) and text_row(line, size) is None


def write_counts(path: Path, words: Sequence[object], counts: Iterable[int], prefix: str = "") -> None:
    """Write `word count` lines, as word2vec.c does with -save-vocab."""
    with replacing(path) as file:
        for word, count in zip(words, counts, strict=True):
            file.write(f"{prefix}{word} {count}\n".encode())


def read_counts(path: Path, encoding: str = "utf-8", unicode_errors: str = "strict") -> dict[str, int]:
    """Read `word count` lines.

    Raises
    ------
    ValueError
        If a line is not of that form; the message names the file and the line.
    """
    counts = {}
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            try:
                word, count = line.rstrip(b"\r\n").rsplit(b" ", 1)
                counts[word.decode(encoding, unicode_errors)] = int(np.int64(int(count)))
            except UnicodeDecodeError as error:
                error.reason += f" (line {number} of {os.fspath(path)}; see unicode_errors)"
                raise
            except (ValueError, OverflowError):
                raise ValueError(f"{os.fspath(path)}, line {number}: not 'word count': {line!r:.60}") from None
    return counts
