"""Archives of one file, .zip or .tar: read as that file is."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from itertools import islice
from typing import Any

MOST_MEMBERS = 10_000  # of a .tar, which has no table of them: all of it is read to find them
LONGEST_READ = 1 << 22  # bytes; only the further headers of a member could be longer
SIGNS = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\xfd7zXZ": "lzma"}


class Stream:
    """The bytes of a .tar, packed or not, of which not much is held at a time."""

    def __init__(self, path: str):
        with open(path, "rb") as file:
            start = file.read(8)
        module = next((module for sign, module in SIGNS.items() if start.startswith(sign)), "io")
        self.file = import_module(module).open(path, "rb")
        self.seek, self.tell = self.file.seek, self.file.tell

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def read(self, count: int) -> bytes:
        if not 0 <= count <= LONGEST_READ:
            raise ValueError(f"a header of {count} bytes")
        return bytes(self.file.read(count))


class Member(io.RawIOBase):
    """The only file of an archive, open for reading.

    Parameters
    ----------
    path : str

    Raises
    ------
    ValueError
        If the archive is damaged, encrypted, or holds no file or several, which are named.
    """

    def __init__(self, path: str):
        import tarfile  # slow to import, as is zipfile
        import zipfile

        entries: list[Any]
        with ExitStack() as stack:
            with naming_damage(path):
                if path.lower().endswith(".zip"):
                    archive = stack.enter_context(zipfile.ZipFile(path))
                    entries = [(entry.filename, entry) for entry in archive.infolist() if not entry.is_dir()]
                    opener: Any = archive.open
                else:
                    stream: Any = stack.enter_context(Stream(path))
                    tar = stack.enter_context(tarfile.open(fileobj=stream, mode="r:"))
                    members = list(islice(tar, MOST_MEMBERS + 1))
                    if len(members) > MOST_MEMBERS:
                        raise ValueError(f"it has more than {MOST_MEMBERS} members")
                    entries = [(entry.name, entry) for entry in members if entry.isfile()]
                    opener = tar.extractfile
            member = only(entries, path)
            with naming_damage(path):
                self.file: Any = stack.enter_context(opener(member))
            self.opened = stack.pop_all()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return int(self.file.readinto(buffer))

    def close(self) -> None:
        if not self.closed and hasattr(self, "opened"):
            self.opened.close()
        super().close()


@contextmanager
def naming_damage(path: str) -> Iterator[None]:
    """Where an archive turns out to be damaged or encrypted, raise a ValueError that names it."""
    try:
        yield
    except Exception as error:  # of zipfile, tarfile, zlib, lzma
        if isinstance(error, OSError) and error.filename is not None:
            raise
        raise ValueError(f"{path}: not an archive that can be read ({error})") from None


def only(entries: list[tuple[str, Any]], path: str) -> Any:
    """The one member that is no system's own."""
    shown = [
        (name, entry)
        for name, entry in entries
        if not name.startswith("__MACOSX/") and os.path.basename(name)[:1] != "."
    ]
    if len(shown) != 1:
        named = ", ".join(name for name, _ in shown[:20]) + (", …" if len(shown) > 20 else "")
        raise ValueError(f"{path}: an archive of {len(shown)} files{': ' * bool(shown)}{named}; unpack the one to read")
    return shown[0][1]
