"""Text files: one sentence a line, words separated by whitespace; plain or compressed."""

from __future__ import annotations

import codecs
import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import islice
from typing import Any, NamedTuple

from fastemb._paths import OpenFile, Path, Readable, is_open_file, local, named
from fastemb.corpus.archives import Member, is_archive
from fastemb.corpus.beginnings import MARK, text_begins

BLOCK = 1 << 20  # bytes read at a time
SMALLEST = 4 * BLOCK  # bytes that are worth a thread


class ZstandardFile:
    """The text of a .zst file. Unlike the files of the package zstandard, it notices where one is cut short."""

    def __init__(self, path: str, zstandard: Any):
        self.file = open(path, "rb")  # noqa: SIM115
        self.decompressor = zstandard.ZstdDecompressor()
        self.frame: Any = None
        self.text = memoryview(b"")
        self.damage = zstandard.ZstdError

    def __enter__(self) -> ZstandardFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def readinto(self, buffer: memoryview) -> int:
        while not self.text:
            data = (self.frame.unused_data if self.frame and self.frame.eof else b"") or self.file.read(BLOCK)
            if not data:
                if self.frame and not self.frame.eof:
                    raise EOFError("it ends in the middle of a frame")
                return 0
            if self.frame is None or self.frame.eof:
                self.frame = self.decompressor.decompressobj()
            try:
                self.text = memoryview(self.frame.decompress(data))
            except self.damage as error:
                raise EOFError(str(error)) from None
        size = min(len(buffer), len(self.text))
        buffer[:size] = self.text[:size]
        self.text = self.text[size:]
        return size


# What unpacks a file. These modules are imported when one is read: most programs never do.
UNPACKERS = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma", ".zst": "zstandard"}
ARCHIVE = "archive"


def open_packed(path: str, unpacker: str) -> Any:
    """Open a compressed file for reading; .zst needs the package zstandard."""
    if unpacker == ARCHIVE:
        return Member(path)
    try:
        module = import_module(unpacker)
    except ImportError:
        hint = ": pip install 'fastemb[zstd]'" if unpacker == "zstandard" else ""
        raise ImportError(f"{path}: reading it needs {unpacker}{hint}") from None
    return ZstandardFile(path, module) if unpacker == "zstandard" else module.open(path, "rb")


def signs_of_damage() -> tuple[type[Exception], ...]:
    """What the modules raise when a file is cut short or corrupt, but for OSError."""
    names = [("zlib", "error"), ("lzma", "LZMAError"), ("zipfile", "BadZipFile"), ("tarfile", "TarError")]
    return EOFError, *(getattr(import_module(module), name) for module, name in names)


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
    """

    def __init__(self, path: Readable, unicode_errors: str = "strict"):
        self.given = path if is_open_file(path) else None
        self.path = local(path) if self.given is None else named(path)
        if unicode_errors not in ("strict", "ignore", "replace"):
            raise ValueError(f"unicode_errors must be 'strict', 'ignore' or 'replace', not {unicode_errors!r}")
        self.unicode_errors = unicode_errors
        ending = os.path.splitext(self.path)[1].lower() if self.given is None else ""
        self.unpacker = ARCHIVE if ending and is_archive(self.path) else UNPACKERS.get(ending)

    def __str__(self) -> str:
        return self.path

    def open(self) -> Any:
        if self.given is not None:
            return OpenFile(self.given)
        return open_packed(self.path, self.unpacker) if self.unpacker else open(self.path, "rb", buffering=0)

    def splittable_size(self) -> int | None:
        """Size in bytes, or None if the file can only be read from its beginning, and once."""
        if self.given is not None:
            return None
        status = os.stat(self.path)
        return status.st_size if self.unpacker is None and stat.S_ISREG(status.st_mode) else None

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
            while len(start) < len(MARK) and (block := next(blocks, None)):  # a pipe may give a byte at a time
                start += block
            yield memoryview(start)[text_begins(start, str(self)) :]
        yield from blocks

    def mark(self) -> int:
        """How many bytes stand before the text."""
        return len(MARK) if b"".join(self.raw_blocks(0, len(MARK))) == MARK else 0

    def raw_blocks(self, begin: int, end: int | None) -> Iterator[memoryview]:
        buffer = memoryview(bytearray(BLOCK))
        position = begin
        with self.naming_damage(lambda: position), self.open() as file:
            if begin:
                file.seek(begin)
            while end is None or position < end:
                read = file.readinto(buffer if end is None else buffer[: end - position])
                if not read:
                    break
                position += read
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


def next_line(file: Any, position: int) -> int | None:
    """Where the line after the one at `position` begins; None if that is the last line."""
    file.seek(position)
    while block := file.read(BLOCK):
        found = block.find(b"\n")
        if found >= 0:
            return int(position + found + 1)
        position += len(block)
    return None


class LineSentence:
    """Iterate over a text file: each line is a sentence, a list of its words.

    Given to a model, the file is read and encoded natively, as with `corpus_file`.

    Parameters
    ----------
    source : str, os.PathLike or open file
        Path of a text file in UTF-8, plain or compressed (.gz, .bz2, .xz, .zst), or an archive of one (.zip, .tar); or
        an open file, as of `bz2.BZ2File`, which is read from its beginning each time.
    max_sentence_length : int, optional
        Cut longer sentences into pieces of so many words. gensim's default is 10,000; here it is None.
    limit : int, optional
        Read only that many lines of each file; they are not encoded natively then.
    unicode_errors : {'strict', 'ignore', 'replace'}
        As of `TextFile`.
    """

    def __init__(
        self,
        source: Readable,
        max_sentence_length: int | None = None,
        limit: int | None = None,
        unicode_errors: str = "strict",
    ):
        self.source = source
        self.max_sentence_length = max_sentence_length
        self.limit = limit
        self.unicode_errors = unicode_errors

    def files(self) -> list[TextFile]:
        """The files to read, in order."""
        return [TextFile(path, self.unicode_errors) for path in self.paths()]

    def paths(self) -> list[Any]:
        return [self.source]

    def __iter__(self) -> Iterator[list[str]]:
        for file in self.files():
            for line, words in enumerate(islice(lines_of(file), self.limit), 1):
                yield from self.cut(decode_line(words, file, line).split())

    def cut(self, words: list[str]) -> Iterator[list[str]]:
        size = self.max_sentence_length or max(len(words), 1)
        for begin in range(0, len(words), size):
            yield words[begin : begin + size]


class PathLineSentences(LineSentence):
    """As `LineSentence`, for all files of a folder in the order of their names, or for one file.

    Parameters
    ----------
    source : str or os.PathLike
        Path of a folder, whose subfolders and hidden files are passed over, or of a file.
    max_sentence_length, limit, unicode_errors
        As of `LineSentence`.
    """

    def paths(self) -> list[Any]:
        folder = local(self.source)
        if not os.path.isdir(folder):
            return [folder]
        paths = [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name[0] != "."]
        found = [path for path in paths if os.path.isfile(path)]
        if not found:
            raise FileNotFoundError(2, "no files in the folder", folder)
        return found


class Text8Corpus(LineSentence):
    """Iterate over a file that has no sentences, such as text8: the words of each line, so many at a time.

    Parameters
    ----------
    fname : str, os.PathLike or open file
    max_sentence_length : int, default 10000
    """

    def __init__(self, fname: Readable, max_sentence_length: int = 10000):
        super().__init__(fname, max_sentence_length)


class BrownCorpus:
    """Iterate over the sentences of the Brown corpus in the files of NLTK: words in lower case, as 'word/TG'.

    TG are the first two letters of the tag; what is tagged otherwise, as punctuation, is left out.

    Parameters
    ----------
    dirname : str or os.PathLike
        The folder of the files, which are read in the order of their names.
    """

    def __init__(self, dirname: Path):
        self.dirname = dirname

    def __iter__(self) -> Iterator[list[str]]:
        for line in PathLineSentences(self.dirname):
            pairs = [token.split("/") for token in line if token.count("/") == 1]
            words = [f"{word.lower()}/{tag[:2]}" for word, tag in pairs if tag[:2].isalpha()]
            if words:
                yield words


def lines_of(file: TextFile) -> Iterator[bytes]:
    """The lines of a file, without their ends."""
    parts: list[bytes] = []  # of a line that goes on: joined once, for it may be the whole file
    for block in file.blocks():
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
