"""What a row is in the formats of word2vec: a line of text, or a binary record. See `fastemb.formats.rows.Layout`."""

from __future__ import annotations

import logging
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.formats import evidence
from fastemb.formats.rows import BLOCK, LONGEST, MARGIN, Source
from fastemb.kernels import vectorfile

logger = logging.getLogger(__name__)

LONGEST_WORD = 1 << 20  # bytes, in a binary file


class Lines:
    """A word and its numbers, blanks before each, on a line.

    Parameters
    ----------
    source : Source
    size : int
    first : int
        The number of the first line.
    strict : bool
        Refuse words that hold what may be numbers of a longer row, or another column; else they are warned of.
    """

    def __init__(self, source: Source, size: int, first: int, strict: bool = False):
        self.name, self.size, self.first, self.strict = source.name, size, first, strict
        self.longest = LONGEST
        self.odd: list[tuple[int, bytes]] = []  # lines and words

    def cut(self, block: bytearray, end: int, limit: int, row: int) -> tuple[int, int]:
        count, used = vectorfile.cut_lines(block, end, limit)
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
            count, begin = vectorfile.fill_lines(block, begin, numbers[done:], places[done:])
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
        line = evidence.strip_end(bytes(block[begin:end]))
        parsed = evidence.text_row(line, self.size)
        odd = parsed is not None and evidence.is_odd(parsed[0])
        if parsed is None or (odd and self.strict):
            raise self.malformed(line, row)
        if odd:
            self.odd.append((self.first + row, parsed[0]))
        place[:] = begin, begin + len(parsed[0])
        with np.errstate(over="ignore"):
            numbers[:] = parsed[1]
        return end + 1

    def malformed(self, line: bytes, row: int) -> ValueError:
        what = f"not a word and {self.size} numbers: {line!r:.60}" if line.strip() else "empty"
        if evidence.occurrences(evidence.CONTROL, line):
            what += "; binary=True reads binary files"
        return ValueError(f"{self.name}, {self.where(row)}: {what}")

    def where(self, row: int) -> str:
        return f"line {self.first + row}"

    def warn_of_odd_words(self) -> None:
        if self.odd:
            line, word = min(self.odd)
            logger.warning(
                "%s: %d words hold tabs, numbers, or nothing, the first %r in line %d: is %d the size of the vectors?",
                self.name, len(self.odd), word[:60], line, self.size,
            )  # fmt: skip

    def last(self, block: bytearray, end: int, row: int) -> int:
        logger.warning(
            "%s, %s: no newline; if the file is cut short, its last number is wrong", self.name, self.where(row)
        )
        block[end] = 10
        return end + 1


class Records:
    """A word, a space, and float32 numbers."""

    def __init__(self, source: Source, size: int, count: int):
        self.name, self.size, self.count = source.name, size, count
        self.longest = LONGEST_WORD + 4 * size

    def cut(self, block: bytearray, end: int, limit: int, row: int) -> tuple[int, int]:
        return vectorfile.cut_records(block, end, 4 * self.size, limit)

    def fill(self, block: bytearray, rows: NDArray[Any], places: NDArray[np.int64], row: int) -> None:
        native = rows.dtype == np.float32 and rows.dtype.isnative
        numbers = rows if native else np.empty(rows.shape, np.float32)
        stray = vectorfile.fill_records(block, numbers, places, row == 0)
        if stray < len(rows):
            raise self.misplaced(row + stray)
        if sys.byteorder == "big":
            numbers.byteswap(inplace=True)
        if not native:
            with np.errstate(over="ignore", invalid="ignore"):
                rows[:] = numbers

    def check_next(self, source: Source, row: int) -> None:
        """Raise ValueError if what comes after `row` records shows that they do not end there, or warn if it may."""
        start = source.peek(BLOCK)
        block = bytearray(start + bytes(MARGIN))
        if not vectorfile.cut_records(block, len(start), 4 * self.size, 1)[0]:
            if row == self.count and start.strip(b"\n"):
                logger.warning(
                    "%s: bytes that are no word and vector follow the %d words of line 1: if a word holds a space, the "
                    "vectors from there on are wrong", self.name, row,
                )  # fmt: skip
            return
        numbers, places = np.empty((1, self.size), np.float32), np.empty((1, 2), np.int64)
        if not vectorfile.fill_records(block, numbers, places, row == 0):
            raise self.misplaced(row)

    def misplaced(self, row: int) -> ValueError:
        return ValueError(
            f"{self.name}, {self.where(row)}: control characters where a word should be; perhaps "
            f"{self.where(max(row - 1, 0))} holds a space, or the size of the vectors is not {self.size}"
        )

    def last(self, block: bytearray, end: int, row: int) -> int:
        if block[:end].strip():
            raise ValueError(f"{self.name}: cut short: it ends in {self.where(row)} of {self.count}")
        return end

    def where(self, row: int) -> str:
        return f"word {row + 1}"
