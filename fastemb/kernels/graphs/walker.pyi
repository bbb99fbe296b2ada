from typing import final

from numpy import int32, int64
from numpy.typing import NDArray

from fastemb.kernels.graphs.adjacency import Adjacency

LEAST: float
"""p and q are from this to 1 / LEAST."""

@final
class Walker:
    """Walks over a graph.

    Parameters
    ----------
    adjacency : Adjacency
        With its filter, unless p and q are 1.
    p, q : float
        Of node2vec; 1 and 1 for first-order walks.
    seed : int
        From 0 to 2⁶⁴ - 1.
    nodes : ndarray of int32, optional
        From which walks begin, instead of all.
    """

    begins: int
    def __init__(
        self, adjacency: Adjacency, p: float, q: float, seed: int, nodes: NDArray[int32] | None = None
    ) -> None: ...
    def walk(self, first: int, walks: NDArray[int32]) -> None:
        """Make the walks from number `first` on, into the rows of `walks`; -1 follows behind a dead end.

        Walks begin once from each node, in a random order, then once from each again, and so on. What a walk is
        depends on the seed, its node, and its number there.
        """

def count(walks: NDArray[int32], counts: NDArray[int64]) -> None:
    """Add to `counts` how often each node is in walks; -1 is none."""
