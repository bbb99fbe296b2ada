from typing import final

from numpy import float32, int32, int64
from numpy.typing import NDArray

def label_tree(counts: NDArray[int64]) -> NDArray[int32]:
    """The tree of hierarchical softmax over labels, as fastText builds it.

    Parameters
    ----------
    counts : ndarray of int64, shape (labels,)
        In descending order.

    Returns
    -------
    ndarray of int32, shape (labels - 1, 2)
        The two children of each inner node, in the order in which nodes were joined: first that of the logistic
        function of -x, then that of x. Numbers below `labels` are labels; node labels + k is that of row k. The last
        is the root.
    """

@final
class Outputs:
    """What makes labels of the means of texts.

    Parameters
    ----------
    matrix : ndarray of float32, shape (labels, size)
        A row for each label, or, with 'hs', each inner node of the tree and one more.
    loss : {'softmax', 'hs', 'ns', 'ova'}
    counts : ndarray of int64, shape (labels,)
        Of the labels; of use with 'hs' alone.
    """

    labels: int
    size: int
    def __init__(self, matrix: NDArray[float32], loss: str, counts: NDArray[int64]) -> None: ...
