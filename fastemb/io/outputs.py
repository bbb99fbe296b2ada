"""Output files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from fastemb._paths import Path, local

DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # they come without the name of the file


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing beside `path`, and rename it to `path` if all goes well.

    If the block raises, what stood at `path` still stands, and nothing is left beside
    it; if the process or the machine dies, the old file or the new one stands there, and whole. A device or
    pipe is written to directly.

    Raises
    ------
    OSError
        If the file cannot be written; it names `path`.
    """
    path = local(path)
    mode = stat_mode(path)
    if mode is not None and stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder", path)
    if mode is not None and not stat.S_ISREG(mode):
        with open(path, "wb") as device:
            yield device
        return
    target = os.path.realpath(path)
    folder, name = os.path.split(target)
    # Not the whole name: it may be as long as a name can be.
    beside = os.path.join(folder, f".{name[:32]}.{os.urandom(8).hex()}.tmp")
    try:
        unnamed = open_unnamed(folder)
        file = unnamed or named(beside)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, path) from None
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # the name must not reach the disk before the bytes
            if unnamed:
                give_name(file, beside)
        if mode is not None and os.name != "nt":  # Windows knows read-only alone, and would not replace such a file
            os.chmod(beside, stat.S_IMODE(mode))
        os.replace(beside, target)
    except BaseException as error:
        with suppress(FileNotFoundError):
            os.unlink(beside)
        if isinstance(error, OSError) and error.errno in DISK_ERRORS and error.filename is None:
            raise type(error)(error.errno, error.strerror, path) from None
        raise
    sync_folder(folder)


def open_unnamed(folder: str) -> BinaryIO | None:
    """A new file that has no name yet, so that it is gone if the process is killed; None where there are no such."""
    if not hasattr(os, "O_TMPFILE") or not os.path.exists("/proc/self/fd"):  # by which it gets its name
        return None
    try:
        return open(os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o666), "w+b")
    except OSError:
        return None


def named(path: str) -> BinaryIO:
    return open(path, "xb")


def give_name(file: BinaryIO, path: str) -> None:
    """Give an unnamed file a name, or copy it where that cannot be."""
    try:
        os.link(f"/proc/self/fd/{file.fileno()}", path, src_dir_fd=file.fileno())
    except OSError:
        import shutil  # slow to import, and hardly ever wanted

        file.seek(0)
        with named(path) as copy:
            shutil.copyfileobj(file, copy)
            copy.flush()
            os.fsync(copy.fileno())


def sync_folder(folder: str) -> None:
    """Let a new name reach the disk; not every file system knows how."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def stat_mode(path: Path) -> int | None:
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


def check_writable(path: Path) -> None:
    """Raise the OSError that writing to `path` would raise, and leave everything as it is."""
    path = local(path)
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
