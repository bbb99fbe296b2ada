"""NumPy's .npz: the arrays of the native format in a zip file; or, from others, a matrix and an array of words."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from fastemb._paths import local
from fastemb.formats.rows import unpacked, writing

if TYPE_CHECKING:
    import zipfile

Path = str | os.PathLike[str]
DENSEST = 1100  # deflate makes at most 1,032 bytes out of one


def write_npz(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write named arrays, not compressed; for vectors, those of `KeyedVectors.to_arrays`."""
    for name, array in arrays.items():
        if np.asarray(array).dtype.hasobject:
            raise TypeError(f"an array of objects cannot be saved ({name})")
    with writing(path) as file:
        stream = SimpleNamespace(read=None, write=file.write, flush=file.flush)  # zip seeks back in what can seek
        np.savez(stream, **arrays)  # type: ignore[arg-type]


def read_npz(path: Path) -> dict[str, NDArray[Any]]:
    """Read named arrays; none of objects, which are pickled.

    Raises
    ------
    ValueError
        If the file is not of this format, or damaged; the message names it.
    """
    import zipfile  # slow to import

    name = local(path)
    try:
        with unpacked(path) as file, zipfile.ZipFile(file) as archive:
            check_members(archive.namelist())
            return {
                entry.filename.removesuffix(".npy"): read_entry(archive, entry)
                for entry in archive.infolist()
                if entry.filename.endswith(".npy")
            }
    except OSError as error:
        if error.filename is not None:
            raise
        raise ValueError(f"{name}: damaged ({error})") from None
    except Exception as error:  # of zipfile, zlib, lzma, and below
        raise ValueError(f"{name}: not a file of NumPy's arrays, or damaged ({error})") from None


def check_members(names: list[str]) -> None:
    if names and not any(name.endswith(".npy") for name in names):
        raise ValueError(f"a zip archive of {', '.join(names[:20])}, which is read where its name ends in .zip")


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> NDArray[Any]:
    if entry.file_size > DENSEST * entry.compress_size + 100:
        raise ValueError(f"{entry.filename} promises {entry.file_size} bytes out of {entry.compress_size}")
    with archive.open(entry) as file:
        version = npy.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"{entry.filename} is of version {version}")
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, by_columns, dtype = read_header(file)
        if dtype.hasobject:
            raise ValueError(f"{entry.filename} holds objects, and pickles are not opened")
        # Checked before there is an array of that size.
        count = int(np.prod([int(n) for n in shape], dtype=object))
        if min(shape, default=0) < 0 or count * dtype.itemsize != entry.file_size - file.tell():
            raise ValueError(f"{entry.filename} has shape {shape} in {entry.file_size} bytes")
        array = np.empty(count, dtype)
        view = memoryview(array.view(np.uint8).data) if count and dtype.itemsize else memoryview(bytearray())
        done = 0
        while done < len(view):
            part = file.read(min(len(view) - done, 1 << 20))
            if not part:
                raise EOFError(f"{entry.filename} ends too early")
            view[done : done + len(part)] = part
            done += len(part)
    return array.reshape(shape, order="F" if by_columns else "C")


def vectors_of(
    arrays: dict[str, NDArray[Any]], name: str, encoding: str = "utf-8", unicode_errors: str = "strict"
) -> tuple[list[str], NDArray[Any]]:
    """The words and the matrix among arrays that another program wrote; the encoding is that of words in bytes.

    Raises
    ------
    ValueError
        If there is not one matrix of floating-point numbers and one array of as many words, or a word is of another
        encoding.
    """
    matrices = [array for array in arrays.values() if array.ndim == 2 and array.dtype.kind == "f"]
    words = [array for array in arrays.values() if array.ndim == 1 and array.dtype.kind in "US"]
    if len(matrices) != 1 or len(words) != 1 or len(matrices[0]) != len(words[0]):
        raise ValueError(f"{name}: not one matrix and as many words, but arrays {', '.join(arrays)}")
    decoded = []
    for word in words[0].tolist():
        try:
            decoded.append(word.decode(encoding, unicode_errors) if isinstance(word, bytes) else word)
        except UnicodeDecodeError as error:
            error.reason += f" (word {len(decoded) + 1} of {name}; see encoding and unicode_errors)"
            raise
    return decoded, matrices[0]
