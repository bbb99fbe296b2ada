from typing import Any, final

from numpy import dtype, float32, int32, int64
from numpy.typing import NDArray

ALIAS: dtype[Any]

@final
class Adjacency:
    """Rows of neighbours, checked, with what walks look up.

    Parameters
    ----------
    starts : ndarray of int64, shape (nodes + 1,)
    targets : ndarray of int32
        The neighbours of node v are targets[starts[v]:starts[v + 1]], in ascending order.
    weights : ndarray of float32, optional
        Of each edge, positive.
    directed : bool, default False
        Else each edge is there in both directions.
    filtered : bool, default True
        Make the filter that second-order walks ask whether there is an edge: 1 to 2 bytes for each edge.
    thresholds : ndarray of float32, shape (nodes,), optional
        For node2vec+: edges that weigh less are noise.
    counted : bool, default False
        Keep how many common neighbours the ends of an edge have, which large q needs, once it was counted: 4 bytes for
        each entry.
    """

    nodes: int
    def __init__(
        self,
        starts: NDArray[int64],
        targets: NDArray[int32],
        weights: NDArray[float32] | None = None,
        directed: bool = False,
        filtered: bool = True,
        thresholds: NDArray[float32] | None = None,
        counted: bool = False,
    ) -> None: ...
    def aliases(self) -> NDArray[Any] | None: ...

def thresholds(starts: NDArray[int64], weights: NDArray[float32], gamma: float) -> NDArray[float32]:
    """Mean + gamma · standard deviation of the weights of each row, and at least 0."""
