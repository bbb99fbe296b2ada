from typing import Any

from numpy import float32, float64, int32, int64
from numpy.typing import NDArray

def ends_of(texts: list[Any]) -> NDArray[int64] | None:
    """Where each text ends if they stand one behind the other, with a character between; None if one is no str."""

def weighted_means(
    rows: NDArray[float32],
    weights: NDArray[float64],
    ids: NDArray[int32],
    starts: NDArray[int64],
    means: NDArray[float32],
    values: NDArray[float64] | None = None,
) -> None:
    """means[k] = the sum of the rows of text k / that of the absolute values of their weights.

    It is the sum where the weights are all 0, or there are no rows. Rows are added up one after another,
    and the sums of each 4,096 of them in double precision.

    Parameters
    ----------
    rows : ndarray, shape (rows, d)
        Each multiplied by its weight already.
    weights : ndarray, shape (rows,)
    ids : ndarray
        The rows of text k are ids[starts[k]:starts[k + 1]]; -1 stands for none.
    starts : ndarray, shape (texts + 1,)
    means : ndarray, shape (texts, d)
    values : ndarray, shape (ids,), optional
        What each row in a text, and its weight, are multiplied by.
    """

def extremes(
    rows: NDArray[float32],
    ids: NDArray[int32],
    starts: NDArray[int64],
    found: NDArray[float32],
    highest: bool = True,
) -> None:
    """found[k] = the highest number of each column among the rows of text k, or the lowest; 0 where it has no rows.

    Parameters
    ----------
    rows : ndarray, shape (rows, d)
    ids, starts : ndarray
        As of `weighted_means`.
    found : ndarray, shape (texts, d)
    highest : bool
    """
