"""Output files that appear whole or not at all."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

from fastemb._paths import Path, local
from fastemb.io.packing import packing_of, refuse_archive

NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)  # Windows would else change ends of lines
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
    ValueError
        If the name is that of an archive.
    """
    path = local(path)
    refuse_archive(path)
    mode = stat_mode(path)
    if not path:
        raise FileNotFoundError(errno.ENOENT, "no name of a file", path)
    if (mode is not None and stat.S_ISDIR(mode)) or not os.path.basename(path):
        raise IsADirectoryError(errno.EISDIR, "is a folder", path)
    if mode is not None and not stat.S_ISREG(mode):
        with naming(path), open(path, "wb") as device:
            yield device
        return
    target = os.path.realpath(path)
    folder, name = os.path.split(target)
    # Not the whole name: it may be as long as a name can be.
    beside = os.path.join(folder, f".{name[:32]}.{os.urandom(8).hex()}.tmp")
    # Windows knows read-only alone, and would not replace such a file.
    kept = None if mode is None or os.name == "nt" else stat.S_IMODE(mode)
    try:
        unnamed = open_unnamed(folder)
        file = unnamed or named(beside, kept)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, path) from None
    try:
        with naming(path), file:
            yield file
            file.flush()
            if unnamed and kept is not None:
                os.fchmod(file.fileno(), kept)  # before there is a name, by which others could open it
            os.fsync(file.fileno())  # the name must not reach the disk before the bytes
            if unnamed:
                give_name(file, beside, kept)
        os.replace(beside, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(beside)
        raise
    sync_folder(folder)


@contextmanager
def writing(path: Path, append: bool = False) -> Iterator[Any]:
    """Open a file that appears whole or not at all; .gz, .bz2, .xz and .zst are packed.

    With `append` what is written is added to the file; if that fails, the file is as it was.
    """
    with (appending if append else replacing)(path) as file:
        packing = packing_of(local(path))
        if packing is None or packing.pack is None:
            yield file
            return
        with packing.pack(file) as packed:
            yield packed


@contextmanager
def appending(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write at its end; if the block raises, it is as it was before."""
    refuse_archive(path := local(path))
    existed = os.path.exists(path)
    try:
        with open(path, "ab") as file:
            end = file.tell()
            try:
                yield file
            except BaseException:
                file.truncate(end)
                raise
    except BaseException:
        if not existed and os.path.exists(path):
            os.unlink(path)
        raise


@contextmanager
def naming(path: str) -> Iterator[None]:
    """Let what a full or broken disk raises name the file."""
    try:
        yield
    except OSError as error:
        if error.errno in DISK_ERRORS and error.filename is None:
            raise type(error)(error.errno, error.strerror, path) from None
        raise


def open_unnamed(folder: str) -> BinaryIO | None:
    """A new file that has no name yet, so that it is gone if the process is killed; None where there are no such."""
    if not hasattr(os, "O_TMPFILE") or not os.path.exists("/proc/self/fd"):  # by which it gets its name
        return None
    try:
        return open(os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o666), "w+b")
    except OSError:
        return None


def named(path: str, mode: int | None) -> BinaryIO:
    """A new file, readable for as many as the mode says from the beginning on."""
    file = os.fdopen(os.open(path, NEW, 0o666 if mode is None else mode), "wb")
    if mode is not None:
        os.fchmod(file.fileno(), mode)  # the umask may have taken something away
    return file


def give_name(file: BinaryIO, path: str, mode: int | None) -> None:
    """Give an unnamed file a name, or copy it where that cannot be."""
    try:
        os.link(f"/proc/self/fd/{file.fileno()}", path, src_dir_fd=file.fileno())
    except OSError:
        import shutil  # slow to import, and hardly ever wanted

        file.seek(0)
        with named(path, mode) as copy:
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
    """Raise the error that writing to `path` would raise, and leave everything as it is."""
    path = local(path)
    packing = packing_of(path)
    if packing is not None and packing.pack is not None:
        with packing.pack(io.BytesIO()):  # which may need a module that is not there
            pass
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
