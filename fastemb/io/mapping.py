"""Files as arrays that are read when they are touched."""

from __future__ import annotations

import math
import mmap
import os
import sys
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

# A mapping need not keep the file open: from Python 3.13 on it can be told so, and then holds no descriptor.
UNTRACKED: dict[str, Any] = {"trackfd": False} if sys.version_info >= (3, 13) and os.name != "nt" else {}


def map_file(file: BinaryIO, changeable: bool = False, scattered: bool = False) -> NDArray[np.uint8]:
    """All bytes of a file, mapped once, whatever arrays are made of them.

    They must stay: a file that is cut short or overwritten in place while it is mapped ends the process (SIGBUS), or
    changes the arrays. One that is replaced by renaming another to its name, as `save()` does, stays as it was.

    Parameters
    ----------
    file : open file
        Not empty. It may be closed afterwards.
    changeable : bool, default False
        What is written to the array stays in memory; else it is read-only.
    scattered : bool, default False
        Let the system read no more than what is touched, where it can be told so.
    """
    access = mmap.ACCESS_COPY if changeable else mmap.ACCESS_READ
    mapping = mmap.mmap(file.fileno(), 0, access=access, **UNTRACKED)
    if scattered and hasattr(mmap, "MADV_RANDOM"):
        mapping.madvise(mmap.MADV_RANDOM)
    return np.frombuffer(mapping, np.uint8)


def mapped_array(data: NDArray[np.uint8], dtype: Any, shape: tuple[int, ...], begin: int) -> NDArray[Any]:
    """The array that begins at a byte of a mapped file; nothing is read or copied."""
    end = begin + math.prod(shape) * np.dtype(dtype).itemsize
    return data[begin:end].view(dtype).reshape(shape)
