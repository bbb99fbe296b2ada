"""Output files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

Path = str | os.PathLike[str]


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing beside `path`, and rename it to `path` if all goes well.

    If the block raises, what stood at `path` still stands, and nothing is left beside
    it. A device or pipe is written to directly.

    Raises
    ------
    OSError
        If the file cannot be written; it names `path`.
    """
    mode = stat_mode(path)
    if mode is not None and stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder", os.fspath(path))
    if mode is not None and not stat.S_ISREG(mode):
        with open(path, "wb") as file:
            yield file
        return
    target = os.path.realpath(path)
    folder, name = os.path.split(target)
    # Not the whole name: it may be as long as a name can be.
    beside = os.path.join(folder, f".{name[:32]}.{os.urandom(8).hex()}.tmp")
    try:
        file = open(beside, "xb")  # noqa: SIM115 (closed before it is renamed)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, os.fspath(path)) from None
    try:
        with file:
            yield file
        if mode is not None:
            os.chmod(beside, stat.S_IMODE(mode))
        os.replace(beside, target)
    except BaseException:
        os.unlink(beside)
        raise


def stat_mode(path: Path) -> int | None:
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


def check_writable(path: Path) -> None:
    """Raise the OSError that writing to `path` would raise, and leave everything as it is."""
    mode = stat_mode(path)
    if mode is not None and not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        return

    class Checked(Exception):
        pass

    try:
        with replacing(path):
            raise Checked
    except Checked:
        pass
