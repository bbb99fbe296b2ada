from typing import Any

from numpy import float32, float64, int32, int64, uint16
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

def span_products(
    queries: NDArray[float32],
    spans: NDArray[int64],
    vectors: NDArray[float32],
    chosen: NDArray[int32],
    starts: NDArray[int64],
    copies: NDArray[float32],
    scores: NDArray[float32],
) -> None:
    """Dot products of spans of the queries, each with some vectors of its own.

    Parameters
    ----------
    queries : ndarray, shape (n, d), d > 0
    spans : ndarray, shape (spans, 2)
        Where each begins and ends.
    vectors : ndarray, shape (rows, d)
    chosen : ndarray
        The vectors that span k meets are those of the rows chosen[starts[k]:starts[k + 1]].
    starts : ndarray, shape (spans + 1,)
    copies : ndarray, shape (the most vectors that a span meets, d)
        Scratch.
    scores : ndarray
        Is overwritten: for each span one matrix after the other, whose rows are those of its vectors.
    """

def span_sums(rows: NDArray[float32], spans: NDArray[int64], total: NDArray[float64], sums: NDArray[float32]) -> None:
    """Sums of spans of rows; neither their beginnings nor their ends may fall.

    Parameters
    ----------
    rows : ndarray, shape (n, d)
    spans : ndarray, shape (spans, 2)
        Where each begins and ends.
    total : ndarray, shape (d,)
        Zeros; scratch.
    sums : ndarray, shape (spans, d)
        Is overwritten.
    """

def widen(halves: NDArray[uint16], singles: NDArray[float32]) -> None:
    """Overwrite `singles` with the numbers of half precision whose bits are `halves`, of the same shape."""

def lengths(rows: NDArray[float32], norms: NDArray[float32]) -> None:
    """Overwrite `norms`, shape (n,), with the Euclidean lengths of rows, shape (n, d)."""

def normalize(rows: NDArray[float32]) -> int:
    """Divide rows, shape (n, d), by their Euclidean lengths, in place, and count those whose length is not 0."""
