"""The formats of word2vec.c: a line `words vector_size`, then each word with its vector.

Text: word and numbers separated by spaces, a word a line; fastText's .vec files are such. Binary: the
word, a space, and the vector as little-endian float32, with or without a newline after it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._errors import CutShort
from fastemb._floats import in_dtype
from fastemb._paths import Readable, named
from fastemb._words import BLANKS, bytes_of_words, check_encoding
from fastemb.formats import evidence
from fastemb.formats.layouts import Lines, Records
from fastemb.formats.rows import BLOCK, LONGEST, Source, Words, read_rows, write_blocks
from fastemb.io.outputs import writing
from fastemb.io.packing import refuse_packed
from fastemb.io.textfile import TextFile, lines_of
from fastemb.kernels import vectorfile

logger = logging.getLogger(__name__)

Path = str | os.PathLike[str]
Part = Callable[[Any], None]  # writes its part of a file to it


def only_dtype(dtype: Any, datatype: Any, default: Any = None) -> Any:
    """What was given under one of two names, the second of which has a default; TypeError if it was under both."""
    if dtype is not None and datatype is not default:
        raise TypeError(f"dtype={dtype!r} and datatype={datatype!r} are two names of one thing: give one")
    return datatype if dtype is None else dtype


def write_word2vec(
    path: Path,
    words: Sequence[object],
    vectors: NDArray[Any],
    *,
    append: bool = False,
    **options: Any,
) -> None:
    """Write words and their vectors.

    Parameters
    ----------
    path : str or os.PathLike
        Names that end in .gz, .bz2, .xz or .zst become compressed files.
    words, vectors, **options
        As of `rows_to_write`.
    append : bool, default False
        Add to the file instead of replacing it.

    Raises
    ------
    TypeError, ValueError
        As of `rows_to_write`. Nothing is written then.
    """
    write_parts([(path, [rows_to_write(words, vectors, **options)])], append)


def rows_to_write(
    words: Sequence[object],
    vectors: NDArray[Any],
    *,
    binary: bool = False,
    header: bool = True,
    prefix: str = "",
    order: NDArray[np.int64] | None = None,
    total: int | None = None,
    workers: int | None = None,
) -> Part:
    """What writes words and their vectors to an open file, once they are found to be such as can be written.

    Parameters
    ----------
    words : sequence of str or int
        Written in UTF-8; bytes that could not be decoded, as they were.
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
        The number of words that the line of sizes states, if others follow.
    workers : int, optional
        Threads; by default one for each core, 8 at most, and with -1 one for each.

    Raises
    ------
    TypeError
        If a word is neither a str nor an int.
    ValueError
        If a word is empty or holds whitespace, which these formats cannot say, or a surrogate that stands for no byte,
        or two words are the same as text; while they are written, if a number is too large for float32 or, as text,
        float64.
    """
    encoded = bytes_of_words(words, "word2vec files", BLANKS, prefix)
    order = np.arange(len(vectors)) if order is None else order
    if len(order) != len(encoded):
        raise ValueError(f"{len(encoded)} words for {len(order)} vectors")

    def block(begin: int, end: int) -> bytes | bytearray:
        rows = vectors[order[begin:end]]
        if rows.dtype.itemsize > 4 and not binary:
            lines = zip(encoded[begin:end], in_dtype(rows, np.float64, begin).tolist(), strict=True)
            return b"".join(b"%b %b\n" % (word, " ".join(map(repr, row)).encode()) for word, row in lines)
        plain = np.ascontiguousarray(in_dtype(rows, "<f4", begin))
        return vectorfile.format_rows(encoded.text, encoded.offsets[begin : end + 1], plain, binary)

    step = max(BLOCK // (4 * max(vectors.shape[1], 1)), 1)
    blocks = [partial(block, begin, min(begin + step, len(encoded))) for begin in range(0, len(encoded), step)]

    def write(file: Any) -> None:
        if header:
            file.write(f"{len(encoded) if total is None else total} {vectors.shape[1]}\n".encode())
        write_blocks(file, blocks, workers)

    return write


def write_parts(files: Iterable[tuple[Path, Sequence[Part]]], append: bool = False) -> None:
    """Write files, each part after part; none of them is replaced, or added to, before all are written."""
    with ExitStack() as stack:
        for file, parts in [(stack.enter_context(writing(path, append)), parts) for path, parts in files]:
            for write in parts:
                write(file)


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
        Threads; by default one for each core, 8 at most, and with -1 one for each.
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
    check_encoding(encoding, named(path))
    options = (Words(encoding, unicode_errors), dtype, workers, check_finite)
    with Source(path) as source:
        if binary:
            return read_binary(source, limit, *options)
        return read_text(source, header, limit, *options)


def read_text(
    source: Source, header: bool, limit: int | None, words: Words, dtype: Any, workers: int | None, check_finite: bool
) -> tuple[list[str], NDArray[Any]]:
    """As `read_word2vec`, of text."""
    evidence.begin_text(source)
    count, size = read_header(source, False, limit) if header else (None, evidence.width_of(source))
    wanted = count if limit is None or (count is not None and count < limit) else limit
    strict = not header or not evidence.agree(evidence.first_lines(source), size)
    layout = Lines(source, size, 2 if header else 1, strict)
    found, vectors = read_rows(source, layout, words, dtype, wanted, workers, check_finite)
    if count is not None and (limit is None or limit > count) and source.peek(6) == b"<unk> ":
        logger.warning("%s: <unk>, as Stanford's GloVe writes it, follows the %d words of line 1", source.name, count)
        layout.first += count
        unknown, row = read_rows(source, layout, words, dtype, 1, 1, check_finite)
        found += unknown
        vectors.resize((len(found), size), refcheck=False)
        vectors[count:] = row
    layout.warn_of_odd_words()
    check_end(source, count, limit, len(found))
    return found, vectors


def read_binary(
    source: Source, limit: int | None, words: Words, dtype: Any, workers: int | None, check_finite: bool
) -> tuple[list[str], NDArray[Any]]:
    """As `read_word2vec`, of binary records."""
    refuse_packed(source.peek(512), source.name)
    count, size = read_header(source, True, limit)
    start = source.peek(BLOCK)
    if evidence.is_text(start, len(start) < BLOCK, count, size):
        raise ValueError(f"{source.name}: not a binary word2vec file but a text one")
    wanted = count if limit is None else min(count, limit)
    layout = Records(source, size, count)
    found, vectors = read_rows(source, layout, words, dtype, wanted, workers, check_finite)
    if limit is not None:
        layout.check_next(source, len(found))
    check_end(source, count, limit, len(found))
    return found, vectors


def check_end(source: Source, count: int | None, limit: int | None, found: int) -> None:
    """Raise ValueError unless the file has as many words as its header says."""
    if count is None or (limit is not None and limit <= found):
        return
    if found < count:
        raise CutShort(f"{source.name}: cut short: it ends after {found} of {count} words")
    if source.peek(64).strip():
        raise ValueError(
            f"{source.name}: goes on after the {count} words that line 1 promises, with {source.peek(64)!r:.60}; "
            f"limit={count} reads only these"
        )


def read_header(source: Source, binary: bool, limit: int | None) -> tuple[int, int]:
    """The numbers of words and dimensions; of as many words as are to be read, checked against the size of the file."""
    line = source.line(100)
    sizes = evidence.parse_header(line)
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


def write_counts(path: Path, words: Sequence[object], counts: Sequence[Any], prefix: str = "") -> None:
    """Write `word count` lines, as word2vec.c does with -save-vocab; raises of the words that `write_word2vec` does."""
    write_parts([(path, [counts_to_write(words, counts, prefix)])])


def counts_to_write(words: Sequence[object], counts: Sequence[Any], prefix: str = "") -> Part:
    """The same as a part of a file, as `rows_to_write`."""
    encoded = bytes_of_words(words, "files of counts", BLANKS, prefix)

    def write(file: Any) -> None:
        for word, count in zip(encoded, counts, strict=True):
            file.write(b"%b %b\n" % (word, str(count).encode()))

    return write


def read_counts(
    path: Readable, encoding: str = "utf-8", unicode_errors: str = "strict", *, numbered: bool = False
) -> dict[str, int]:
    """Read `word count` lines; the first of each word, with a warning if there are others.

    Parameters
    ----------
    path, encoding, unicode_errors
        As of `read_word2vec`.
    numbered : bool, default False
        Words are known by the numbers of their lines, which a word that stands there twice would shift: refuse it.

    Raises
    ------
    ValueError
        If a line is not of that form; the message names the file and the line.
    """
    check_encoding(encoding, named(path))
    counts: dict[str, int] = {}
    file, again = TextFile(path, kept=True), 0
    for number, line in enumerate(lines_of(file), 1):
        try:
            bytes_of_word, digits = line.rstrip(b"\r").rsplit(b" ", 1)
            word, count = bytes_of_word.decode(encoding, unicode_errors), int(np.int64(int(digits)))
        except UnicodeDecodeError as error:
            error.reason += f" (line {number} of {file}; see unicode_errors)"
            raise
        except (ValueError, OverflowError):
            raise ValueError(f"{file}, line {number}: not 'word count': {line!r:.60}") from None
        if numbered and word in counts:
            before = list(counts).index(word) + 1
            raise ValueError(f"{file}, line {number}: {word!r:.60} stands in line {before} already")
        again += word in counts
        counts.setdefault(word, count)
    if again:
        logger.warning("%s: %d words occur again; the count of the first of each is taken", file, again)
    return counts
