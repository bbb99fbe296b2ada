from numpy import float32, int32, int64
from numpy.typing import NDArray

def count(sources: NDArray[int32], targets: NDArray[int32], counts: NDArray[int64], both: bool) -> None:
    """Add to `counts` how many edges end at each node; with `both` also how many begin there, loops but once."""

def scatter(
    sources: NDArray[int32],
    targets: NDArray[int32],
    weights: NDArray[float32] | None,
    places: NDArray[int64],
    to: NDArray[int32],
    to_weights: NDArray[float32] | None,
    both: bool,
) -> None:
    """Put the source of each edge into the row of its target, and with `both` the other way round, too.

    Parameters
    ----------
    places : ndarray of int64, shape (nodes,)
        Where the next entry of each row goes in `to`; is moved on.
    """

def transpose(
    starts: NDArray[int64], targets: NDArray[int32], weights: NDArray[float32] | None
) -> tuple[NDArray[int64], NDArray[int32], NDArray[float32] | None]:
    """The rows of the same edges turned round, each in ascending order."""

def merge(starts: NDArray[int64], targets: NDArray[int32], weights: NDArray[float32] | None, loops: bool) -> int:
    """Let each neighbour be in its row once, with the sum of its weights, in place.

    Entries of weight 0, and without `loops` edges from a node to itself, are left out.

    Parameters
    ----------
    starts, targets, weights
        Rows in ascending order.

    Returns
    -------
    int
        So many entries are left.
    """
