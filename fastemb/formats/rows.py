"""Files that hold a word and its vector, row after row: read and written in blocks, by several threads.

The threads take turns to read a block and to cut it where a row ends; what takes time, they do at once:
to parse, to fault in the memory of the matrix, to decode the words. Memory beside the matrix is a few blocks.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import Readable
from fastemb._threads import run_in_order, run_threads, thread_count, usable_cores
from fastemb.io.packing import check_unpacked
from fastemb.io.textfile import TextFile
from fastemb.kernels import vectorfile

logger = logging.getLogger(__name__)
BLOCK = 1 << 20  # bytes read at a time
MARGIN = 8  # bytes behind a block, which the kernels may read
LONGEST = 1 << 26  # bytes of a line
MAX_WORKERS = 8
MOST_WORKERS = 256  # that can be asked for; each holds a block


class Words(NamedTuple):
    """How to decode words."""

    encoding: str = "utf-8"
    errors: str = "strict"

    def decode(self, block: Any, places: NDArray[np.int64], number: int, name: str) -> list[str]:
        """The words at these places of a block; the first is word `number` of the file."""
        words: list[str] = []
        encoding = None if self.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else self.encoding
        try:
            vectorfile.decode_words(block, places, words, encoding, self.errors)
        except UnicodeDecodeError as error:
            error.reason += f" (word {number + len(words)} of {name}; see unicode_errors)"
            raise
        return words


class Layout(Protocol):
    """What a row is in one format. The first row that a method is given is number `row` of the file, from 0."""

    size: int
    longest: int  # bytes of a row

    def where(self, row: int) -> str:
        """Where in the file a row stands, for messages."""

    def cut(self, block: bytearray, end: int, limit: int, row: int) -> tuple[int, int]:
        """How many rows the first `end` bytes hold, `limit` at most, and how many bytes these are."""

    def fill(self, block: bytearray, rows: NDArray[Any], places: NDArray[np.int64], row: int) -> None:
        """Put rows into a matrix, and where their words begin and end into `places`."""

    def last(self, block: bytearray, end: int, row: int) -> int:
        """The file ended without a whole row: append what makes it whole, or raise ValueError; the new end."""


class Source:
    """A file of vectors, plain or packed, read once from its beginning.

    Parameters
    ----------
    path : str, os.PathLike or open file
        As of `TextFile`.
    """

    def __init__(self, path: Readable):
        self.file = TextFile(path, kept=True)
        self.name, self.most = str(self.file), self.file.most()
        self.opened = self.file.open()
        self.size = self.file.splittable_size()
        self.position = 0
        self.ahead = b""  # read, but not taken

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self.opened.__exit__(None, None, None)

    @property
    def rest(self) -> int | None:
        """How many bytes have not been taken, where that is known."""
        return None if self.size is None else max(self.size - self.position + len(self.ahead), 0)

    def read(self, block: bytearray, begin: int, end: int) -> int:
        """Fill block[begin:end]; how many bytes there were, fewer only where the file ends."""
        done = begin
        taken, self.ahead = self.ahead[: end - begin], self.ahead[end - begin :]
        block[begin : begin + len(taken)] = taken
        done += len(taken)
        with self.file.naming_damage(lambda: self.position), memoryview(block) as view:
            while done < end and (count := self.opened.readinto(view[done:end])):
                done += count
                self.position += count
        check_unpacked(self.position, self.most, self.name)
        return done - begin

    def peek(self, count: int) -> bytes:
        """The next bytes, so many where there are, which stay to be read."""
        there = self.rest if self.size else count  # of a small file no large block is made
        block = bytearray(min(count, there or 0) if len(self.ahead) < count else 0)
        self.ahead = bytes(block[: self.read(block, 0, len(block))]) + self.ahead
        return self.ahead[:count]

    def line(self, longest: int) -> bytes:
        """Take the next line, or so many bytes of it."""
        line = (start := self.peek(longest))[: start.find(b"\n") + 1] or start
        self.ahead = self.ahead[len(line) :]
        return line


def read_rows(
    source: Source,
    layout: Layout,
    words: Words,
    dtype: Any = np.float32,
    wanted: int | None = None,
    workers: int | None = None,
    check_finite: bool = True,
) -> tuple[list[str], NDArray[Any]]:
    """Read the rows of a file from where it stands, `wanted` of them or all.

    Returns
    -------
    words : list of str
    vectors : ndarray of dtype, shape (words, layout.size)

    Raises
    ------
    ValueError
        If a row is not of that layout, or with `check_finite` holds NaN or infinity; the first such row is named.
    """
    threads = min(usable_cores(), MAX_WORKERS) if workers is None else thread_count(workers)
    if wanted == 0:
        return [], np.empty((0, layout.size), dtype)
    reader = Reader(source, layout, words, np.dtype(dtype), wanted, check_finite)
    small = source.size is not None and source.size < 4 * BLOCK
    tasks = [reader.run] * (1 if small else min(threads, MOST_WORKERS))
    if len(tasks) == 1:
        reader.run()
    else:
        run_threads(tasks, reader.stop)
    return reader.finish()


class Reader:
    """The threads that read one file, and the matrix that they fill."""

    def __init__(
        self,
        source: Source,
        layout: Layout,
        words: Words,
        dtype: np.dtype[Any],
        wanted: int | None,
        check_finite: bool,
    ):
        self.source, self.layout, self.words, self.wanted = source, layout, words, wanted
        self.check_finite = check_finite
        self.matrix = np.empty((0, layout.size), dtype)
        self.rows = 0  # handed out to threads
        self.found: list[tuple[int, list[str]]] = []
        self.errors: list[tuple[int, Exception]] = []
        self.carry = b""  # of a row that the last block left unfinished
        self.ended = False
        self.turn = threading.Lock()  # to read a block, and to grow the matrix
        self.filling = 0  # threads; the matrix cannot move meanwhile
        self.filled = threading.Condition()

    def stop(self) -> None:
        self.ended = True

    def run(self) -> None:
        block = bytearray(BLOCK + MARGIN)
        while True:
            with self.turn:
                first = self.rows
                try:
                    count = self.next_rows(block)
                except Exception as error:
                    self.fail(first, error)
                    return
                if count == 0:
                    return
                with self.filled:
                    self.filling += 1
            try:
                self.found.append((first, self.fill(block, first, count)))
            except Exception as error:
                self.fail(first, error)
            finally:
                with self.filled:
                    self.filling -= 1
                    self.filled.notify_all()

    def fail(self, row: int, error: Exception) -> None:
        """Blocks are handed out in order, so those before this one will be seen; the first error counts."""
        self.errors.append((row, error))
        self.ended = True

    def next_rows(self, block: bytearray) -> int:
        """Read whole rows into a block and make room for them; how many, 0 at the end."""
        if self.ended:
            return 0
        limit = (1 << 62) if self.wanted is None else self.wanted - self.rows
        end, count, read = len(self.carry), 0, 1
        while not count and read:
            if end > self.layout.longest:
                raise ValueError(
                    f"{self.source.name}: word {self.rows + 1} does not end within {end} bytes: "
                    f"this is not a file of vectors of size {self.layout.size}"
                )
            if len(block) < end + BLOCK + MARGIN:
                block.extend(bytes(end + BLOCK))
            block[: len(self.carry)] = self.carry
            read = self.source.read(block, end, len(block) - MARGIN)
            end += read
            count, used = self.layout.cut(block, end, limit, self.rows)
        if not count:
            self.ended = True
            if not end:
                return 0
            end = self.layout.last(block, end, self.rows)
            count, used = self.layout.cut(block, end, limit, self.rows)
            if not count:
                return 0
        self.carry = bytes(memoryview(block)[used:end])
        self.make_room(self.rows + count, used // count)
        self.rows += count
        self.ended |= self.rows == self.wanted
        return count

    def make_room(self, count: int, row_bytes: int) -> None:
        """Let the matrix have `count` rows and, by the size of the file or a share of them, more."""
        if count <= len(self.matrix):
            return
        with self.filled:
            self.filled.wait_for(lambda: self.filling == 0)
        rest = self.source.rest
        count += count // 8 if rest is None else (rest + len(self.carry)) // row_bytes * 101 // 100 + 16
        shape = (count if self.wanted is None else min(count, self.wanted), self.layout.size)
        if len(self.matrix):
            self.matrix.resize(shape, refcheck=False)  # in place: it is never there twice
        else:
            self.matrix = np.empty(shape, self.matrix.dtype)

    def fill(self, block: bytearray, first: int, count: int) -> list[str]:
        rows, places = self.matrix[first : first + count], np.empty((count, 2), np.int64)
        self.layout.fill(block, rows, places, first)
        words = self.words.decode(block, places, first + 1, self.source.name)
        if self.check_finite and (bad := first_not_finite(rows)) is not None:
            raise not_finite(self.source.name, self.layout.where(first + bad), words[bad], rows.dtype)
        return words

    def finish(self) -> tuple[list[str], NDArray[Any]]:
        if self.errors:
            raise min(self.errors, key=lambda pair: pair[0])[1]
        self.source.ahead = self.carry + self.source.ahead
        self.matrix.resize((self.rows, self.layout.size), refcheck=False)
        words: list[str] = []
        for _, part in sorted(self.found, key=lambda pair: pair[0]):
            words += part
        return words, self.matrix


def first_not_finite(rows: NDArray[Any]) -> int | None:
    """The first row that holds NaN or infinity."""
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(rows.sum()):  # most blocks: this is one pass, and takes no memory
            return None
    bad = ~np.isfinite(rows).all(axis=1)
    return int(bad.argmax()) if bad.any() else None


def not_finite(name: str, where: str, word: object, dtype: np.dtype[Any]) -> ValueError:
    return ValueError(
        f"{name}, {where}: the vector of {word!r:.60} holds NaN, infinity, or a number too large for {dtype}; "
        "check_finite=False takes it as it is"
    )


def first_rows(words: list[str], vectors: NDArray[Any], name: str) -> tuple[dict[str, int], NDArray[Any]]:
    """Each word with its row, without the rows of words that were there before, and with a warning if there are any.

    The matrix is closed up in place, if it is C-contiguous and owns its memory.
    """
    index = dict(zip(words, range(len(words)), strict=True))
    if len(index) == len(words):
        return index, vectors
    logger.warning("%s: %d words occur again; the first of each is taken", name, len(words) - len(index))
    index.clear()
    for row, word in enumerate(words):
        index.setdefault(word, row)
    rows = np.fromiter(index.values(), np.int64, len(index))
    index = dict(zip(index, range(len(rows)), strict=True))
    if not (vectors.flags.c_contiguous and vectors.flags.owndata):
        return index, vectors[rows]
    for begin in range(0, len(rows), 4096):
        part = rows[begin : begin + 4096]
        vectors[begin : begin + len(part)] = vectors[part]
    vectors.resize((len(rows), vectors.shape[1]), refcheck=False)
    return index, vectors


def write_blocks(file: Any, blocks: Sequence[Callable[[], Any]], workers: int | None = None) -> None:
    """Make blocks of bytes in threads, and write them in order; each thread holds one at most."""
    most = min(usable_cores(), MAX_WORKERS) if workers is None else thread_count(workers)
    threads = min(most, max(len(blocks), 1))
    run_in_order(blocks, lambda make, _: make(), file.write, threads, lambda: None)
