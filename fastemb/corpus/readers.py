"""Text files: one sentence a line, words separated by whitespace."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from io import FileIO

Path = str | os.PathLike[str]
BLOCK = 1 << 20  # bytes read at a time


class TextFile:
    """A file of UTF-8 text, read in blocks of bytes.

    Parameters
    ----------
    path : str or os.PathLike
    """

    def __init__(self, path: Path):
        self.path = os.fspath(path)
        if not isinstance(self.path, str):
            raise TypeError(f"the path of a corpus must be a str, not {type(self.path).__name__}")

    def __str__(self) -> str:
        return self.path

    def ranges(self, parts: int, smallest: int = 4 * BLOCK) -> list[tuple[int, int | None]]:
        """Cut the file into at most so many ranges of whole lines, none much below `smallest` bytes.

        Returns
        -------
        list of (begin, end)
            In bytes, in order, and without gaps. The last end is None: the end of the file.

        Raises
        ------
        OSError
            If the file cannot be read.
        """
        status = os.stat(self.path)
        if not stat.S_ISREG(status.st_mode):  # a pipe gives its bytes once
            return [(0, None)]
        with self.open() as file:
            parts = max(1, min(parts, status.st_size // smallest))
            cuts = [0]
            for part in range(1, parts):
                cut = self._next_line(file, max(status.st_size * part // parts, cuts[-1]))
                if cut is None:
                    break
                if cut > cuts[-1]:
                    cuts.append(cut)
        return list(zip(cuts, [*cuts[1:], None], strict=True))

    @staticmethod
    def _next_line(file: FileIO, position: int) -> int | None:
        """Where the line after the one at `position` begins; None if that is the last line."""
        file.seek(position)
        while block := file.read(BLOCK):
            found = block.find(b"\n")
            if found >= 0:
                return position + found + 1
            position += len(block)
        return None

    def blocks(self, begin: int = 0, end: int | None = None) -> Iterator[memoryview]:
        """The bytes of a range. Each block is overwritten by the next."""
        buffer = memoryview(bytearray(BLOCK))
        with self.open() as file:
            if begin:
                file.seek(begin)
            while end is None or begin < end:
                size = file.readinto(buffer if end is None else buffer[: end - begin])
                if not size:
                    break
                begin += size
                yield buffer[:size]

    def line_at(self, position: int) -> int:
        """Number, from 1, of the line that the byte at `position` is in."""
        return 1 + sum(bytes(block).count(b"\n") for block in self.blocks(0, position))

    def open(self) -> FileIO:
        return open(self.path, "rb", buffering=0)


class LineSentence:
    """Iterate over a text file: each line is a sentence, a list of its words.

    Given to a model, the file is read and encoded natively, as with `corpus_file`.

    Parameters
    ----------
    source : str or os.PathLike
        Path of a UTF-8 text file.
    limit : int, optional
        Read only that many lines.
    """

    def __init__(self, source: Path, limit: int | None = None):
        self.source = source
        self.limit = limit

    def __iter__(self) -> Iterator[list[str]]:
        with open(self.source, "rb") as file:
            for number, line in enumerate(file, 1):
                if self.limit is not None and number > self.limit:
                    return
                try:
                    yield line.decode().split()
                except UnicodeDecodeError as error:
                    error.reason += f" in {os.fspath(self.source)}, line {number}"
                    raise
