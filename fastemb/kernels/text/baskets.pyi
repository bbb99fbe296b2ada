from numpy import float32, int32, int64
from numpy.typing import NDArray

def distinct(
    starts: NDArray[int64], ids: NDArray[int32], weights: NDArray[float32] | None = None
) -> tuple[NDArray[int64], NDArray[int32], NDArray[float32] | None]:
    """The baskets with each item once, where it stands first, and with the largest of its weights.

    Parameters
    ----------
    starts : ndarray of int64, shape (baskets + 1,)
    ids : ndarray of int32
        Basket k has the items ids[starts[k]:starts[k + 1]]. Numbers below 0 all stay. Memory is needed for as many
        numbers as the largest.
    weights : ndarray of float32, shape (items,), optional

    Returns
    -------
    starts, ids, weights
    """

def arrange(
    starts: NDArray[int64],
    ids: NDArray[int32],
    shuffle: bool,
    key: int,
    weights: NDArray[float32] | None = None,
    goals: NDArray[int32] | None = None,
) -> tuple[NDArray[int32], NDArray[int64]]:
    """The sentences that baskets are in an epoch: ids and starts.

    Parameters
    ----------
    starts : ndarray of int64, shape (baskets + 1,)
    ids : ndarray of int32
        -1 is no item.
    shuffle : bool
        Bring the items of each basket into an order of which each is equally likely.
    key : int
        64 random bits.
    weights : ndarray of float32, shape (items,), optional
        The probability of each item to be there; -1 fills up the end of its basket.
    goals : ndarray of int32, shape (baskets,), optional
        An item that each of the others in a basket is to meet, -1 for none: behind all baskets stand, for each item of
        those that have a goal, a sentence of the two, in which -1 stands for the item if it is the goal, or not there.
    """
