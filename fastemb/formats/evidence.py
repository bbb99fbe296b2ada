"""What speaks for text or binary numbers in a file of vectors, and for how long its vectors are.

A guess stands on several lines, or on bytes that no text has; what has neither is refused, or read with a warning.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from fastemb.formats.rows import BLOCK, LONGEST, Source
from fastemb.io.beginnings import text_begins

logger = logging.getLogger(__name__)

BLANKS = b" \t"
FIELD = re.compile(rb"[^ \t]+")
NUMBER = re.compile(rb"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf|infinity)", re.IGNORECASE)
ROW = re.compile(rb"[^ \t]++(?>[ \t]++%b(?![^ \t]))++" % NUMBER.pattern, re.IGNORECASE)  # a word and only numbers
WHOLE = re.compile(rb"[+-]?\d+")
FRACTION = re.compile(rb"[+-]?(?=\.?\d)\d*(?:\.\d*(?:e[+-]?\d+)?|e[+-]?\d+)", re.IGNORECASE)
CONTROL = bytes([*range(9), *range(14, 32)])  # what no text has
WIDE = bytes(range(128, 256))
SAMPLE = 32  # lines that are looked at
RECORDS = 100  # that are looked at where there are more than a block of them


class NotRecognised(ValueError):
    """A file is of no format that fastemb knows."""


def parse_header(line: bytes) -> tuple[int, int] | None:
    """The two numbers of a first line, None if it is another."""
    if not re.fullmatch(rb"\s*\d{1,18}\s+\d{1,18}\s*", line):
        return None
    count, size = map(int, line.split())
    return (count, size) if size else None


# Text: a word and its numbers on a line, with spaces or tabs before each number.


def begin_text(source: Source) -> None:
    """Leave a byte-order mark out, and refuse a file that begins as no text in UTF-8 does."""
    start = source.peek(BLOCK)
    source.ahead = source.ahead[text_begins(start, source.name) :]


def strip_end(line: bytes) -> bytes:
    return line.rstrip(b" \t\r")


def text_row(line: bytes, size: int) -> tuple[bytes, list[float]] | None:
    """The word and the numbers of a line without its end, None if it is not of that form."""
    fields = list(FIELD.finditer(line))[-size:]  # from the right: some words hold spaces
    if not size or len(fields) != size or not fields[0].start():
        return None
    numbers = [field.group() for field in fields]
    if not all(map(NUMBER.fullmatch, numbers)):
        return None
    begin = fields[0].start()
    return line[:begin].rstrip(BLANKS) or line[: begin - 1], [float(number) for number in numbers]


def numbers_in(line: bytes) -> int:
    """How many numbers a line ends with, beyond its word."""
    stripped = strip_end(line)
    if ROW.fullmatch(stripped) and b"\t" not in stripped and b"  " not in stripped:  # as most
        return stripped.count(b" ")
    fields = FIELD.findall(stripped)
    most = len(fields) - (line[:1] not in (b" ", b"\t"))
    size = 0
    while size < most and NUMBER.fullmatch(fields[-1 - size]):
        size += 1
    return size


def is_odd(word: bytes) -> bool:
    """Whether a word holds what may belong to something else: blanks before it, tabs, numbers behind it, or nothing."""
    first, *others = FIELD.findall(word) or [b""]
    return not first or word[:1] == b" " or b"\t" in word or any(map(NUMBER.fullmatch, others))


def first_lines(source: Source) -> list[bytes]:
    """Up to SAMPLE lines that come next, which stay to be read; none that is cut off."""
    count, start = BLOCK, source.peek(BLOCK)
    while b"\n" not in start and len(start) == count < LONGEST:
        count *= 2
        start = source.peek(count)
    lines = start.split(b"\n", SAMPLE)
    if len(lines) > 1 and (len(lines) > SAMPLE or len(start) == count or not lines[-1]):
        lines.pop()
    return lines if start else []


def votes(lines: Sequence[bytes]) -> Counter[int]:
    """How many of these lines end with so many numbers."""
    return Counter(numbers_in(line) for line in lines if line.strip())


def agree(lines: Sequence[bytes], size: int) -> bool:
    """Whether half of these lines or more end with so many numbers; none does not disagree."""
    found = votes(lines)
    return 2 * found[size] >= found.total()


class Shape(NamedTuple):
    """What lines without a header look like.

    Attributes
    ----------
    size : int
        How many numbers most of them end with.
    doubt : str
        What speaks against their being words and vectors; empty if nothing does.
    grave : bool
        Whether it does so unless somebody says that they are.
    """

    size: int
    doubt: str = ""
    grave: bool = False


def shape_of(lines: Sequence[bytes]) -> Shape:
    """The shape of lines without a header."""
    found = votes(lines)
    size = max(found, key=lambda size: (found[size], size > 1), default=0)  # of equals, the first
    lines = [strip_end(line) for line in lines if line.strip()]
    rows = [(line, row[0]) for line in lines if (row := text_row(line, size))]
    words = [word for _, word in rows]
    if 2 * len(rows) < len(lines):
        return Shape(size, "most lines do not end in as many numbers as others", True)
    if words and all(not word.strip() or FRACTION.fullmatch(word) for word in words):
        return Shape(size, "its lines begin with numbers, not words, as those of a matrix", True)
    whole = all(WHOLE.fullmatch(number) for line, _ in rows for number in FIELD.findall(line)[-size:])
    if size == 1 and (whole or 2 * sum(b" " in word for word in words) > len(words)):
        return Shape(size, "its lines end in one number, as a vocabulary with counts, or a text", True)
    if size == 1:
        return Shape(size, "its vectors have one number each")
    if words and whole and all(map(WHOLE.fullmatch, words)):
        return Shape(size, "its words and numbers are all whole numbers, as those of a matrix")
    return Shape(size)


def width_of(source: Source) -> int:
    """The size of the vectors in a file without a header, with a warning if it does not look like one of vectors."""
    lines = first_lines(source)
    shape = shape_of(lines)
    if lines and not shape.size:
        raise ValueError(f"{source.name}, line 1: not a word and numbers: {lines[0]!r:.60}")
    if len(lines) > 1 and parse_header(lines[0]) and numbers_in(lines[1]) > 1:
        raise ValueError(
            f"{source.name}, line 1: {lines[0]!r} are the number and the size of vectors: leave out no_header=True"
        )
    if shape.doubt:
        logger.warning("%s: %s: is this a file of words and vectors of size %d?", source.name, shape.doubt, shape.size)
    return shape.size


# Binary: a word, a space, and float32 numbers, behind a header.


class Start(NamedTuple):
    """The first records of what may be a binary file: the words, the bytes of their numbers, and if they end it."""

    words: list[bytes]
    numbers: bytes
    fit: bool


def first_records(start: bytes, whole: bool, count: int, size: int) -> Start:
    """Cut records from what follows a header; `whole` says that this is all."""
    words: list[bytes] = []
    numbers: list[bytes] = []
    at = 0
    while len(words) < (count if whole else min(count, RECORDS)):
        space = start.find(b" ", at)
        if space < 0 or (words and space + 1 + 4 * size > len(start)):
            break
        words.append(start[at:space].lstrip(b"\n"))
        at = space + 1 + 4 * size
        numbers.append(start[space + 1 : at])
    fit = whole and len(words) == count and at <= len(start) and not start[at:].strip(b"\n")
    return Start(words, b"".join(numbers), fit)


def occurrences(kind: bytes, data: bytes) -> int:
    """How many of these bytes there are."""
    return len(data) - len(data.translate(None, kind))


def is_binary(start: bytes, whole: bool, count: int, size: int) -> bool:
    """Whether bytes that follow a header are binary numbers, which takes evidence: not to be text is none.

    Evidence are many bytes that no text has; or words that are apart, before numbers with many bytes that no numbers
    in text have; or records which are as long as the file, where these are some, or that are not as many lines.
    """
    words, numbers, fit = first_records(start, whole, count, size)
    if 64 * occurrences(CONTROL, numbers) >= len(numbers) > 0:
        return True
    if any(b"\n" in word for word in words):
        return False
    wide = occurrences(WIDE, numbers)
    if not whole:
        return 8 * wide >= len(numbers) > 0
    return fit and (wide > 0 or sum(1 for line in start.split(b"\n") if line.strip()) != count)


def is_text(start: bytes, whole: bool, count: int, size: int) -> bool:
    """Whether bytes that follow a header, and were said to be binary, are text."""
    line = strip_end(start.split(b"\n", 1)[0])
    numbers = first_records(start, whole, count, size).numbers
    text = numbers and numbers.isascii() and not occurrences(CONTROL, numbers)
    return text_row(line, size) is not None or bool(text and not is_binary(start, whole, count, size))
