"""NumPy's .npy: one array, read or mapped. Arrays of objects, which are pickled, are refused."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from fastemb.io.limits import elements
from fastemb.io.mapping import map_file, mapped_array


def read_header(file: Any, size: int, name: str) -> tuple[np.dtype[Any], tuple[int, ...], str, int]:
    """Type, shape, order and number of the elements that follow in a file of so many bytes.

    Raises
    ------
    ValueError
        If they would take other than the bytes that follow, or are objects.
    """
    version = npy.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"{name} is of version {version}")
    shape, by_columns, dtype = (npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0)(file)
    if dtype.hasobject:
        raise ValueError(f"{name} holds objects, and pickles are not opened")
    count, left = elements(shape), size - file.tell()
    if count * dtype.itemsize != left or (count and not dtype.itemsize):
        raise ValueError(f"{name} has shape {shape} of {dtype} in {left} bytes")
    return dtype, shape, "F" if by_columns else "C", count


def read_npy(path: str, mmap: str | None = None) -> NDArray[Any]:
    """The array of a file.

    Parameters
    ----------
    path : str
    mmap : {None, 'r', 'c'}
        Map it read-only ('r'), or such that what is written to it stays in memory ('c'), instead of reading it.

    Raises
    ------
    ValueError
        If the file is damaged, or holds objects; the message names it.
    """
    try:
        with open(path, "rb") as file:
            dtype, shape, order, count = read_header(file, os.fstat(file.fileno()).st_size, "it")
            if mmap and count and file.tell() % dtype.itemsize == 0:
                array = mapped_array(map_file(file, mmap == "c"), dtype, (count,), file.tell())
            else:
                array = np.fromfile(file, dtype, count)
            return array.reshape(shape, order=order)  # type: ignore[call-overload]
    except (ValueError, EOFError, MemoryError, SyntaxError, TypeError) as error:
        raise ValueError(f"{path}: damaged ({error})") from None
