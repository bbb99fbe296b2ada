from typing import Any

from numpy import float32, int64, uint16
from numpy.typing import NDArray

def update(scores: NDArray[Any], count: int, first: int, best: NDArray[Any], rows: NDArray[int64], filled: int) -> int:
    """Keep, for each query, the k best of the scores of some rows and of what was kept so far.

    Ties go to the lower row, if rows come in ascending order. NaN counts as -inf.

    Parameters
    ----------
    scores : ndarray of float32 or float64, shape (queries, >= count)
        Column j is row `first` + j.
    count, first : int
    best : ndarray of the same type, shape (queries, k)
        Of each query a heap, the worst first.
    rows : ndarray of int64, shape (queries, k)
    filled : int
        How many entries each heap has.

    Returns
    -------
    int
        How many entries each heap has now.
    """

def products(queries: NDArray[float32], vectors: NDArray[float32], scores: NDArray[float32]) -> None:
    """Dot products of each query with each vector, on the calling thread alone.

    Parameters
    ----------
    queries : ndarray, shape (n, d)
    vectors : ndarray, shape (m, d)
    scores : ndarray, shape (>= n, >= m)
        Its first n rows and m columns are overwritten.
    """

def widen(halves: NDArray[uint16], singles: NDArray[float32]) -> None:
    """Overwrite `singles` with the numbers of half precision whose bits are `halves`, of the same shape."""
