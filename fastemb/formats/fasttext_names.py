"""Words and labels of the dictionary in a file of fastText's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.formats.rows import Words


class Names(Sequence[bytes]):
    """Words of a dictionary, of which none is made before it is asked for.

    Parameters
    ----------
    text : bytearray
        Where they stand,
    places : ndarray of int64, shape (words, 2)
        and where each begins and ends there.
    """

    def __init__(self, text: bytearray, places: NDArray[np.int64]):
        self.text, self.places = text, places

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, which: Any) -> Any:
        if isinstance(which, slice):
            return Names(self.text, self.places[which])
        begin, end = self.places[which].tolist()
        return bytes(self.text[begin:end])


def as_strings(names: Sequence[bytes], encoding: str = "utf-8") -> list[str]:
    """The words as str; bytes that are not of the encoding become surrogates, as in Python's names of files."""
    if isinstance(names, Names):
        return Words(encoding, "surrogateescape").decode(names.text, names.places, 0, "the dictionary")
    return [name.decode(encoding, "surrogateescape") for name in names]
