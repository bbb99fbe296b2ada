"""NumPy's .npz: the arrays of the native format in a zip file; or, from others, a matrix and an array of words."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import local
from fastemb._words import check_encoding
from fastemb.formats.npy import read_header
from fastemb.formats.seekable import unpacked
from fastemb.io.outputs import writing
from fastemb.io.packing import TooLarge, check_unpacked, most_unpacked

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
        with unpacked(path, starts_npz) as file, zipfile.ZipFile(file) as archive:
            check_members(archive.infolist(), name)
            return {
                entry.filename.removesuffix(".npy"): read_entry(archive, entry)
                for entry in archive.infolist()
                if entry.filename.endswith(".npy")
            }
    except TooLarge:
        raise
    except OSError as error:
        if error.filename is not None:
            raise
        raise ValueError(f"{name}: damaged ({error})") from None
    except Exception as error:  # of zipfile, zlib, lzma, and below
        raise ValueError(f"{name}: not a file of NumPy's arrays, or damaged ({error})") from None


def starts_npz(start: bytes) -> bool:
    """Whether a file that begins so is a zip archive that is not empty."""
    return start.startswith(b"PK\x03\x04")


def check_members(entries: list[zipfile.ZipInfo], path: str) -> None:
    """Refuse an archive of other files, or of more than it seems to hold."""
    names = [entry.filename for entry in entries]
    if names and not any(name.endswith(".npy") for name in names):
        raise ValueError(f"a zip archive of {', '.join(names[:20])}, which is read where its name ends in .zip")
    if len(set(names)) < len(names):
        (again, times), *_ = Counter(names).most_common(1)
        raise ValueError(f"{again} stands in it {times} times")
    for entry in entries:
        if entry.file_size > DENSEST * entry.compress_size + 100:
            raise ValueError(f"{entry.filename} promises {entry.file_size} bytes out of {entry.compress_size}")
    check_unpacked(sum(entry.file_size for entry in entries), most_unpacked(path), path)


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> NDArray[Any]:
    with archive.open(entry) as file:
        dtype, shape, order, count = read_header(file, entry.file_size, entry.filename)
        array = np.empty(count, dtype)
        view = memoryview(array.view(np.uint8).data) if count else memoryview(bytearray())
        done = 0
        while done < len(view):
            part = file.read(min(len(view) - done, 1 << 20))
            if not part:
                raise EOFError(f"{entry.filename} ends too early")
            view[done : done + len(part)] = part
            done += len(part)
    return array.reshape(shape, order=order)  # type: ignore[call-overload]


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
    check_encoding(encoding, name)
    decoded = []
    for word in words[0].tolist():
        try:
            decoded.append(word.decode(encoding, unicode_errors) if isinstance(word, bytes) else word)
        except UnicodeDecodeError as error:
            error.reason += f" (word {len(decoded) + 1} of {name}; see encoding and unicode_errors)"
            raise
    return decoded, matrices[0]
