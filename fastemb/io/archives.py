"""Archives of one file, .zip or .tar: read as that file is."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any


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
                    tar = stack.enter_context(tarfile.open(path))
                    entries = [(entry.name, entry) for entry in tar.getmembers() if entry.isfile()]
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
