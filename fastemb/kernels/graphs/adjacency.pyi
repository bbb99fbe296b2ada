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
        Make the filter that second-order walks ask whether there is an edge: a byte for each entry; and a table of
        all edges as bits, where that takes at most 1 MiB, or as much as `targets`, or six times as much and 16 MiB.
    thresholds : ndarray of float32, shape (nodes,), optional
        For node2vec+: edges that weigh less are noise.
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
    ) -> None: ...
    def weigh_common(self, first: int, last: int, common: NDArray[float32]) -> None:
        """Weigh what the two ends of edges have in common: of the edge from t to v, v's edges to neighbours of t but t.

        Calls for different nodes may run together. All nodes together weigh all edges.

        Parameters
        ----------
        first, last : int
            In an undirected graph the edges are those of which the longer row is that of a node from `first` to below
            `last`; in a directed one those that leave such a node.
        common : ndarray of float32
            For each entry of `targets`.
        """

    def keep_common(self, common: NDArray[float32]) -> None:
        """Let walks use what `weigh_common` has weighed for all edges: large q needs it.

        Of a graph without weights that has a table of edges, the bits before each word of it are counted, too.
        """

    @property
    def tabled(self) -> bool: ...
    def aliases(self) -> NDArray[Any] | None: ...

def thresholds(starts: NDArray[int64], weights: NDArray[float32], gamma: float) -> NDArray[float32]:
    """Mean + gamma · standard deviation of the weights of each row, and at least 0."""
