"""What may be given where a file is to be read or written: the one place that knows."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import IO, Any

Path = str | os.PathLike[str]
Readable = Path | IO[bytes] | IO[str]
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def local(path: Any) -> str:
    """The name of a file of this machine: `~` is the home folder, and file:// an address as any other.

    Raises
    ------
    TypeError
        If it is an open file, or anything else that is no path.
    ValueError
        If it is the address of a file elsewhere, as of s3:// or https://.
    """
    if is_open_file(path):
        raise TypeError(f"give the path of the file, not the open file {named(path)}")
    name = os.fspath(path)
    if not isinstance(name, str):
        raise TypeError(f"a path must be a str, not {type(name).__name__}")
    if name[:7].lower() == "file://":
        return from_address(name)
    if ADDRESS.match(name):
        raise ValueError(
            f"{name}: is not on this machine. Copy it here; or, to read a corpus or word2vec's formats, open it with "
            "fsspec (pip install fsspec), and give the open file to LineSentence or load_word2vec_format"
        )
    return os.path.expanduser(name)


def from_address(address: str) -> str:
    """The path in file:///path or file://localhost/path."""
    from urllib.parse import unquote  # slow to import, and hardly ever wanted

    host, slash, path = address[7:].partition("/")
    if host.lower() not in ("", "localhost") or not slash:
        raise ValueError(f"{address}: is not on this machine, or no path: three slashes begin one, as in file:///tmp/a")
    path = unquote(path)
    return path if os.name == "nt" and path[1:2] == ":" else "/" + path


def is_open_file(given: Any) -> bool:
    """Whether it is an open file, or reads as one."""
    return callable(getattr(given, "read", None)) and not isinstance(given, os.PathLike)


def named(given: Any) -> str:
    """What to call a path or an open file in a message."""
    if is_open_file(given):
        name = getattr(given, "name", None)
        return name if isinstance(name, str) else f"<{type(given).__name__}>"
    return os.fspath(given) if isinstance(given, (str, os.PathLike)) else repr(given)


class OpenFile:
    """An open file, read in bytes from its beginning, or where it stands if that is gone; it stays open."""

    def __init__(self, file: Any):
        self.file = file
        self.rest = b""
        with suppress(AttributeError, OSError):  # of a pipe
            file.seek(0)

    def __enter__(self) -> OpenFile:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def readinto(self, buffer: memoryview) -> int:
        data = self.rest or self.file.read(len(buffer))
        if isinstance(data, str):
            data = data.encode()
        size = min(len(buffer), len(data))
        buffer[:size] = data[:size]
        self.rest = data[size:]
        return size
