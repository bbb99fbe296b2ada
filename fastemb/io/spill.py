"""Temporary files for what does not fit in memory."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray


class SpillFile:
    """A temporary file without a name, which is gone with this object, and at the latest with the process.

    Parameters
    ----------
    contents : str
        What it holds, for messages.
    """

    file: Any = None

    def __init__(self, contents: str = "the encoded corpus") -> None:
        import tempfile  # hardly ever wanted

        self.contents = contents
        self.file = tempfile.TemporaryFile(prefix="fastemb-", buffering=0)  # noqa: SIM115
        self.lock = threading.Lock()

    def __del__(self) -> None:
        if self.file is not None:
            self.file.close()

    def append(self, *arrays: NDArray[Any]) -> int:
        """Write arrays at the end of the file; return where they begin."""
        with self.lock:
            place = self.file.seek(0, 2)
            try:
                for array in arrays:
                    data = array.view(np.uint8).data
                    while data:
                        data = data[self.file.write(data) :]
            except OSError as error:
                import tempfile

                message = f"cannot write {self.contents} to a temporary file ({error.strerror})"
                raise OSError(error.errno, message, tempfile.gettempdir()) from None
        return place

    @property
    def size(self) -> int:
        """Bytes in the file."""
        with self.lock:
            return self.file.seek(0, 2)

    def read(self, place: int, dtype: Any, count: int) -> NDArray[Any]:
        """The array of so many elements at `place`."""
        array = np.empty(count, dtype)
        with self.lock:
            self.file.seek(place)
            rest = array.view(np.uint8).data
            while rest:
                read = self.file.readinto(rest)
                if not read:
                    raise OSError(f"the temporary file with {self.contents} was cut short")
                rest = rest[read:]
        return array
