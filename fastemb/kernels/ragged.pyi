from collections.abc import Sequence
from typing import Any

from numpy import int32, int64
from numpy.typing import NDArray

def check(starts: NDArray[int64], ids: NDArray[int32], least: int, end: int, what: str) -> None:
    """Raise ValueError, which names `what`, if these are not rows of ids from `least` to below `end`.

    Parameters
    ----------
    starts : ndarray of int64, shape (rows + 1,)
    ids : ndarray of int32
        Row k is ids[starts[k]:starts[k + 1]].
    least, end : int
    what : str
        What the rows are, in the plural.
    """

def starts_of(lengths: NDArray[Any] | Sequence[int]) -> NDArray[int64]:
    """Where rows of these lengths begin, and the last one ends: an array with one number more."""
