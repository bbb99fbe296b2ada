"""A file of text, plain or packed: in blocks, in lines, and in pieces for several readers."""

from __future__ import annotations

import codecs
import io
import math
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from fastemb._paths import OpenFile, Readable, is_open_file, local, named
from fastemb.io.beginnings import MARK, text_begins
from fastemb.io.packing import ALWAYS, check_unpacked, most_unpacked, packing_of, signs_of_damage

BLOCK = 1 << 20  # bytes read at a time
SMALLEST = 4 * BLOCK  # bytes that are worth a thread
ENOUGH = 1 << 16  # bytes at the beginning, in which a line ends, if any does


class Piece(NamedTuple):
    """Whole lines of a file: the bytes from `begin` to `end`, or to the end of the file if that is None."""

    file: TextFile
    begin: int
    end: int | None


class TextFile:
    """A file of text, read in blocks of bytes.

    Parameters
    ----------
    path : str, os.PathLike or open file
        Names that end in .gz, .bz2, .xz or .zst are of compressed files; .zip and .tar, packed or not, of archives of
        one file. An open file, also one in text mode, is read from its beginning, and stays open.
    unicode_errors : {'strict', 'ignore', 'replace'}
        What to do with bytes that are not UTF-8: raise, leave them out, or put U+FFFD in their place.
    kept : bool, default False
        What is in it is to be kept, so that a packed file may not have any number of bytes: see `most_unpacked`.
    always : int, default 64 MiB
        So many it may have in any case.
    """

    def __init__(self, path: Readable, unicode_errors: str = "strict", kept: bool = False, always: int = ALWAYS):
        self.given = path if is_open_file(path) else None
        self.path = local(path) if self.given is None else named(path)
        if unicode_errors not in ("strict", "ignore", "replace"):
            raise ValueError(f"unicode_errors must be 'strict', 'ignore' or 'replace', not {unicode_errors!r}")
        self.unicode_errors = unicode_errors
        self.packing = packing_of(self.path) if self.given is None else None
        self.kept, self.always = kept, always

    def __str__(self) -> str:
        return self.path

    def open(self) -> Any:
        if self.given is not None:
            return OpenFile(self.given)
        return self.packing.open(self.path) if self.packing else open(self.path, "rb", buffering=0)

    def most(self) -> float:
        """How many bytes may come out of it."""
        return most_unpacked(self.path, self.always) if self.kept and self.packing else math.inf

    def splittable_size(self) -> int | None:
        """Size in bytes, or None if the file can only be read from its beginning, and once."""
        if self.given is not None:
            return None
        status = os.stat(self.path)
        return status.st_size if self.packing is None and stat.S_ISREG(status.st_mode) else None

    def repeats(self) -> bool:
        """Whether it can be read a second time: a pipe cannot, and would wait for somebody to write."""
        if self.given is not None:
            return bool(getattr(self.given, "seekable", lambda: False)())
        return stat.S_ISREG(os.stat(self.path).st_mode)

    def version(self) -> tuple[int, int] | None:
        """What tells that a file has changed; None for a pipe, or an open file."""
        if self.given is not None:
            return None
        status = os.stat(self.path)
        return (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None

    def pieces(self, size: int) -> list[Piece]:
        """Cut the file into pieces of whole lines of about so many bytes, in order and without gaps.

        Raises
        ------
        OSError
            If the file cannot be read.
        """
        whole = self.splittable_size()
        if whole is None or whole < 2 * size:
            return [Piece(self, 0, None)]
        cuts = [0]
        with self.open() as file:
            while cuts[-1] + size < whole:
                cut = next_line(file, cuts[-1] + size)
                if cut is None or cut >= whole:
                    break
                cuts.append(cut)
        return [Piece(self, begin, end) for begin, end in zip(cuts, [*cuts[1:], None], strict=True)]

    def blocks(self, begin: int = 0, end: int | None = None) -> Iterator[memoryview | bytes]:
        """The bytes of a range, as UTF-8 if bytes that are not are ignored or replaced. Each block overwrites the last.

        Raises
        ------
        ValueError
            If the file is compressed and damaged or cut short, or begins as no text does; the message names it.
        """
        if self.unicode_errors == "strict":
            yield from self.text_blocks(begin, end)
            return
        decoder = codecs.getincrementaldecoder("utf-8")(self.unicode_errors)
        nul = "\ufffd" if self.unicode_errors == "replace" else ""  # which no text has
        for block in self.text_blocks(begin, end):
            yield decoder.decode(block).replace("\0", nul).encode()
        yield decoder.decode(b"", final=True).encode()

    def text_blocks(self, begin: int, end: int | None) -> Iterator[memoryview]:
        """As `raw_blocks`, without a byte-order mark."""
        blocks = self.raw_blocks(begin, end)
        if begin == 0:
            start = b""
            # A pipe may give a byte at a time, and the first line says how lines end.
            while b"\n" not in start and len(start) < ENOUGH and (block := next(blocks, None)):
                start += block
            yield memoryview(start)[text_begins(start, str(self)) :]
        yield from blocks

    def mark(self) -> int:
        """How many bytes stand before the text."""
        return len(MARK) if b"".join(self.raw_blocks(0, len(MARK))) == MARK else 0

    def raw_blocks(self, begin: int, end: int | None) -> Iterator[memoryview]:
        """The bytes of a range; of a packed file, and of one that was given open, those before are read, too."""
        if begin and (self.packing is not None or self.given is not None):
            yield from behind(self.raw_blocks(0, end), begin)
            return
        buffer = memoryview(bytearray(BLOCK))
        position, most = begin, self.most()
        with self.naming_damage(lambda: position), self.open() as file:
            if begin:
                file.seek(begin)
            while end is None or position < end:
                read = file.readinto(buffer if end is None else buffer[: end - position])
                if not read:
                    break
                position += read
                check_unpacked(position, most, str(self))
                yield buffer[:read]

    @contextmanager
    def naming_damage(self, position: Callable[[], int]) -> Iterator[None]:
        """Where packed text turns out to be damaged, raise a ValueError that names the file and the place."""
        try:
            yield
        except Exception as error:
            # gzip and bz2 report bad data as an OSError without a number.
            packed = isinstance(error, OSError) and error.errno is None and type(error) is not io.UnsupportedOperation
            if not packed and not isinstance(error, signs_of_damage()):
                raise
            message = f"{self}: damaged or cut short, after {position()} bytes of text ({error})"
            raise ValueError(message) from None

    def line_at(self, position: int) -> int:
        """Number, from 1, of the line that the byte at `position` is in."""
        return 1 + sum(bytes(block).count(b"\n") for block in self.raw_blocks(0, position))


def behind(blocks: Iterable[memoryview], position: int) -> Iterator[memoryview]:
    """Blocks without so many bytes at the beginning."""
    for block in blocks:
        if position < len(block):
            yield block[position:]
        position = max(0, position - len(block))


def next_line(file: Any, position: int) -> int | None:
    """Where the line after the one at `position` begins; None if that is the last line."""
    file.seek(position)
    while block := file.read(BLOCK):
        found = block.find(b"\n")
        if found >= 0:
            return int(position + found + 1)
        position += len(block)
    return None


def lines_of(file: TextFile) -> Iterator[bytes]:
    """The lines of a file, without their ends."""
    return lines_in(file.blocks())


def lines_in(blocks: Iterable[memoryview | bytes]) -> Iterator[bytes]:
    """The lines of blocks of text, without their ends."""
    parts: list[bytes] = []  # of a line that goes on: joined once, for it may be the whole file
    for block in blocks:
        first, *lines = bytes(block).split(b"\n")
        parts.append(first)
        if lines:
            yield b"".join(parts)
            yield from lines[:-1]
            parts = lines[-1:]
    if rest := b"".join(parts):
        yield rest


def decode_line(line: bytes, file: TextFile, number: int) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        error.reason += f" in {file}, line {number}"
        raise
