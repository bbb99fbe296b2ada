"""Packed files: one table of what their names end in, what they begin with, and what reads and writes them."""

from __future__ import annotations

import math
import os
import re
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

from fastemb.io.archives import Member

BLOCK = 1 << 20  # bytes read at a time
MAX_EXPANSION = 100.0  # times its size, to which a packed file may be unpacked where the text is kept
ALWAYS = 1 << 26  # bytes that it may have in any case
SETTING = "FASTEMB_MAX_EXPANSION"


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


def unpacked(module: str, path: str) -> Any:
    """A compressed file, open for reading; these modules are imported when one is read: most programs never do."""
    try:
        found = import_module(module)
    except ImportError:
        hint = ": pip install 'fastemb[zstd]'" if module == "zstandard" else ""
        raise ImportError(f"{path}: reading it needs {module}{hint}") from None
    return ZstandardFile(path, found) if module == "zstandard" else found.open(path, "rb")


def pack_gzip(file: Any) -> Any:
    return import_module("gzip").GzipFile("", "wb", 6, file, 0)  # without name and time: ever the same


def packed(module: str, file: Any) -> Any:
    return import_module(module).open(file, "wb")


def pack_zstandard(file: Any) -> Any:
    try:
        import zstandard
    except ImportError:
        raise ImportError("writing .zst files needs zstandard: pip install 'fastemb[zstd]'") from None
    return zstandard.ZstdCompressor().stream_writer(file, closefd=False)


class Packing(NamedTuple):
    """One way of packing files.

    Attributes
    ----------
    open : callable
        Gives the file at a path, open for reading what is packed in it.
    pack : callable, optional
        Gives a file that packs what is written to it into another; None if nothing here writes such files.
    sign : bytes, optional
        The pattern of what such files begin with, unless that is another's.
    kind : str
        What they are, for messages.
    """

    open: Callable[[str], Any]
    pack: Callable[[Any], AbstractContextManager[Any]] | None = None
    sign: bytes | None = None
    kind: str = "compressed"


# By what names end in; the longest that fits counts.
PACKINGS = {
    ".gz": Packing(partial(unpacked, "gzip"), pack_gzip, rb"\x1f\x8b"),
    ".bz2": Packing(partial(unpacked, "bz2"), partial(packed, "bz2"), rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    ".xz": Packing(partial(unpacked, "lzma"), partial(packed, "lzma"), rb"\xfd7zXZ\0"),
    ".zst": Packing(partial(unpacked, "zstandard"), pack_zstandard, rb"\x28\xb5\x2f\xfd"),
    ".zip": Packing(Member, None, rb"PK(?:\x03\x04|\x05\x06)", "a zip archive"),
    ".tar": Packing(Member, None, rb"(?s:.{257})ustar(?:\x0000|  \0)", "a tar archive"),
    **dict.fromkeys((".tgz", ".tar.gz", ".tar.bz2", ".tar.xz"), Packing(Member)),
}


def packing_of(path: str) -> Packing | None:
    """How a file is packed, by its name; None if it is not."""
    name = path.lower()
    ending = max((ending for ending in PACKINGS if name.endswith(ending)), key=len, default=None)
    return None if ending is None else PACKINGS[ending]


def refuse_archive(path: str) -> None:
    """Raise ValueError where a name ends as that of an archive, which would be read as one and is none."""
    packing = packing_of(path)
    if packing is not None and packing.pack is None:
        endings = ", ".join(ending for ending, other in PACKINGS.items() if other.pack is not None)
        raise ValueError(
            f"{path}: fastemb writes no archives, and could not read this again: to pack, there is {endings}"
        )


class TooLarge(ValueError):
    """A packed file holds more than may be kept of it."""


def most_unpacked(path: str, always: int = ALWAYS) -> float:
    """How many bytes a packed file may have in it, to be kept in memory or in a temporary file; a pipe: any number.

    The environment variable FASTEMB_MAX_EXPANSION says how many times its own size.
    """
    given = os.environ.get(SETTING) or MAX_EXPANSION
    try:
        times = float(given)
    except ValueError:
        times = math.nan
    if not times > 0:
        raise ValueError(f"{SETTING} must be a positive number, or inf, not {given!r}")
    status = os.stat(path)
    return max(always, times * status.st_size) if stat.S_ISREG(status.st_mode) else math.inf


def check_unpacked(count: int, most: float, name: str) -> None:
    """Raise `TooLarge` where there is more in a packed file than may be."""
    if count > most:
        raise TooLarge(
            f"{name}: more than {most:.0f} bytes when unpacked, which is many times its size, and could fill memory or "
            f"disk. If you trust it, set the environment variable {SETTING} higher than {MAX_EXPANSION:g}"
        )


def refuse_packed(start: bytes, name: str) -> None:
    """Raise ValueError where a file is packed, by what it begins with, though its name does not say so."""
    for ending, packing in PACKINGS.items():
        if packing.sign is not None and re.match(packing.sign, start):
            if name.endswith(".npz") and packing is PACKINGS[".zip"]:
                raise ValueError(f"{name}: holds arrays of NumPy's, and no text")
            endings = ".tar or .tar.gz" if ending == ".tar" else ending
            raise ValueError(f"{name}: {packing.kind}, so its name must end in {endings}")


def signs_of_damage() -> tuple[type[Exception], ...]:
    """What the modules raise when a file is cut short or corrupt, but for OSError."""
    names = [("zlib", "error"), ("lzma", "LZMAError"), ("zipfile", "BadZipFile"), ("tarfile", "TarError")]
    return EOFError, *(getattr(import_module(module), name) for module, name in names)
