"""Graphs as compressed rows of neighbours."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import flag, number, whole
from fastemb._paths import Path, local
from fastemb.formats import native
from fastemb.graphs.columns import MOST_NODES, checked_names, exactly, hint, numbered, weights_of
from fastemb.kernels.graphs import rows
from fastemb.kernels.graphs.adjacency import Adjacency, thresholds

logger = logging.getLogger(__name__)

Edges = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32] | None]


class Graph:
    """A graph as compressed rows: the neighbours of each node, in ascending order, end to end.

    Made of edges by `Graph.from_edges`, `Graph.read`, `as_graph`; or of rows that are there already.

    Parameters
    ----------
    starts : ndarray of int64, shape (nodes + 1,)
        The neighbours of node v are targets[starts[v]:starts[v + 1]].
    targets : ndarray of int32, shape (entries,)
        Ascending in each row. In an undirected graph each edge is there in both directions, a loop once.
    weights : ndarray of float32, shape (entries,), optional
        Positive and finite. Without them all are 1.
    names : list of str or int, optional
        Of the nodes; by default their numbers.
    directed : bool, default False

    Attributes
    ----------
    starts, targets, weights, directed
        As given.
    nodes : int
    edges : int
        Each once, whether directed or not.

    Raises
    ------
    ValueError
        If the rows do not ascend, or a weight is not positive and finite, or a name is there twice, or an undirected
        graph lacks an edge in one direction.

    Examples
    --------
    >>> from fastemb.graphs import Graph
    >>> graph = Graph.from_edges(["a", "b", "c"], ["b", "c", "a"])
    >>> graph.neighbors("a")
    ['b', 'c']
    """

    def __init__(
        self,
        starts: NDArray[np.int64],
        targets: NDArray[np.int32],
        weights: NDArray[np.float32] | None = None,
        names: Sequence[str | int] | None = None,
        directed: bool = False,
    ):
        self._take(starts, targets, weights, names, directed)
        if not self.directed and not is_symmetric(self):
            raise ValueError("an undirected graph has each edge in both directions, with the same weight")

    def _take(
        self,
        starts: NDArray[np.int64],
        targets: NDArray[np.int32],
        weights: NDArray[np.float32] | None,
        names: Sequence[str | int] | None,
        directed: bool,
    ) -> None:
        """Have these rows; that they are symmetric is not checked."""
        self.starts = exactly("starts", starts, np.int64)
        self.targets = exactly("targets", targets, np.int32)
        self.weights = None if weights is None else np.require(weights, np.float32, ["C", "A"])
        self.directed = flag("directed", directed)
        Adjacency(self.starts, self.targets, None, self.directed, filtered=False)  # checks the rows
        if self.weights is not None:
            check_weights(self.weights, len(self.targets))
        self._names = None if names is None else checked_names(names, self.nodes)

    def __repr__(self) -> str:
        kind = f"{'directed' if self.directed else 'undirected'}, {'weighted' if self.weighted else 'unweighted'}"
        return f"Graph<{self.nodes} nodes, {self.edges} edges, {kind}>"

    def __len__(self) -> int:
        return self.nodes

    def __getstate__(self) -> dict[str, Any]:
        kept = ("starts", "targets", "weights", "directed", "_names")
        return {name: vars(self)[name] for name in kept}

    @property
    def nodes(self) -> int:
        """How many there are, isolated ones too."""
        return len(self.starts) - 1

    @cached_property
    def edges(self) -> int:
        """How many there are: in an undirected graph each counts once."""
        if self.directed:
            return len(self.targets)
        loops = int(np.count_nonzero(self.targets == self.sources()))
        return (len(self.targets) + loops) // 2

    @property
    def weighted(self) -> bool:
        """Whether edges have weights."""
        return self.weights is not None

    @property
    def degrees(self) -> NDArray[np.int64]:
        """How many neighbours each node has, shape (nodes,)."""
        return np.diff(self.starts)

    @property
    def names(self) -> Sequence[str | int]:
        """Of the nodes, in the order of their numbers."""
        return range(self.nodes) if self._names is None else self._names

    @cached_property
    def index(self) -> dict[str | int, int]:
        """The number of each name."""
        return {name: k for k, name in enumerate(self.names)}

    def number(self, name: str | int) -> int:
        """The number of a node; KeyError if there is none of that name."""
        try:
            return self.index[name]
        except KeyError:
            raise KeyError(f"there is no node {name!r} in the graph{hint(name, self.index)}") from None

    def neighbors(self, name: str | int) -> list[str | int]:
        """The names of the nodes to which edges lead from a node."""
        v = self.number(name)
        return [self.names[k] for k in self.targets[self.starts[v] : self.starts[v + 1]].tolist()]

    def sources(self) -> NDArray[np.int32]:
        """The node in whose row each entry is: with `targets`, all edges as pairs of numbers."""
        return np.repeat(np.arange(self.nodes, dtype=np.int32), self.degrees)

    def edge_array(self) -> NDArray[np.int32]:
        """Each edge once, as numbers of nodes, int32 of shape (edges, 2); of an undirected graph the lower first."""
        pairs = np.stack([self.sources(), self.targets], axis=1)
        return pairs if self.directed else pairs[pairs[:, 0] <= pairs[:, 1]]

    # Making graphs.

    @classmethod
    def from_numbers(
        cls,
        parts: Iterable[Edges],
        nodes: int,
        names: Sequence[str | int] | None = None,
        directed: bool = False,
        loops: bool = True,
    ) -> Graph:
        """Make a graph of edges between numbers of nodes.

        Parameters
        ----------
        parts : iterable of (sources, targets, weights)
            int32 arrays, and float32 or None; a list of them is emptied on the way, so that memory is free again.
        nodes : int
        names, directed
            As of `Graph`.
        loops : bool, default True
            False leaves edges from a node to itself out.
        """
        if whole("nodes", nodes, 0) > MOST_NODES:
            raise ValueError(f"a graph has at most {MOST_NODES} nodes, and there would be {nodes}")
        kept = parts if isinstance(parts, list) else list(parts)
        both = not directed
        starts = np.zeros(nodes + 1, np.int64)
        for sources, targets, _ in kept:
            rows.count(sources, targets, starts[1:], both)
        np.cumsum(starts, out=starts)
        weighted = any(weights is not None for _, _, weights in kept)
        entries = np.empty(starts[-1], np.int32)
        values = np.empty(starts[-1], np.float32) if weighted else None
        places = starts[:-1].copy()
        while kept:
            sources, targets, weights = kept.pop(0)
            rows.scatter(sources, targets, weights, places, entries, values, both)
            del sources, targets, weights
        starts, entries, values = rows.transpose(starts, entries, values)
        left = rows.merge(starts, entries, values, flag("loops", loops))
        if values is not None and (values[:left] == 1).all():
            values = None
        if left < len(entries):
            entries = entries[:left] if left > 0.9 * len(entries) else entries[:left].copy()
            values = None if values is None else values[:left].copy()
        return cls._of_rows(starts, entries, values, names, directed)

    @classmethod
    def _of_rows(cls, *rows: Any) -> Graph:
        made = cls.__new__(cls)
        made._take(*rows)
        return made

    @classmethod
    def from_edges(
        cls,
        sources: Any,
        targets: Any,
        weights: Any = None,
        *,
        directed: bool = False,
        nodes: int | None = None,
        loops: bool = True,
    ) -> Graph:
        """Make a graph of two columns, and perhaps one of weights.

        An edge that is there several times is one, with the sum of its weights; one of weight 0 is none, but its nodes
        are there.

        Parameters
        ----------
        sources, targets : array-like of int or str, or columns of pandas, polars or Arrow
            Whole numbers are names of nodes; the nodes are in ascending order then. Names that are str are numbered
            as they appear.
        weights : array-like of float, optional
        directed : bool, default False
        nodes : int, optional
            Names are the numbers from 0 to below this, whether they have edges or not.
        loops : bool, default True
            False leaves edges from a node to itself out.

        Raises
        ------
        TypeError, ValueError
            If names are neither str nor int, columns differ in length, or a weight is negative, NaN or infinite.
        """
        ends, names, count = numbered(sources, targets, nodes)
        parts: list[Edges] = [(*ends, weights_of(weights, len(ends[0])))]
        return cls.from_numbers(parts, count, names, directed, loops)

    @classmethod
    def read(cls, path: Any, **options: Any) -> Graph:
        """Read a list of edges, or a file that `save` wrote; see `fastemb.graphs.reading.read_graph`."""
        from fastemb.graphs.reading import read_graph

        return read_graph(path, **options)

    def without(self, edges: Any) -> Graph:
        """The same nodes without some edges, each as two numbers of nodes: int array of shape (n, 2)."""
        gone = exactly("edges", edges, np.int64)
        if gone.size and (gone.ndim != 2 or gone.shape[1] != 2):
            raise ValueError(f"edges must be of shape (n, 2), not {gone.shape}")
        gone = gone.reshape(-1, 2)
        if gone.size and (gone.min() < 0 or gone.max() >= self.nodes):
            raise ValueError(f"edges must be pairs of nodes from 0 to {self.nodes - 1}")
        keys = self.sources().astype(np.int64) * self.nodes + self.targets
        lost = gone[:, 0] * self.nodes + gone[:, 1]
        if not self.directed:
            lost = np.concatenate([lost, gone[:, 1] * self.nodes + gone[:, 0]])
        kept = ~np.isin(keys, lost)
        starts = np.concatenate([[0], np.cumsum(kept)])[self.starts]
        weights = None if self.weights is None else self.weights[kept]
        return Graph._of_rows(starts, self.targets[kept], weights, self._names, self.directed)

    # Files.

    def save(self, fname: Path) -> None:
        """Write the graph to one file in the layout of safetensors, which appears whole or not at all.

        Parameters
        ----------
        fname : str or os.PathLike
            `Graph.read` reads it, also memory-mapped.
        """
        arrays: dict[str, NDArray[Any]] = {"starts": self.starts, "targets": self.targets}
        arrays |= {} if self.weights is None else {"weights": self.weights}
        arrays |= {} if self._names is None else native.pack_keys(self._names)
        native.write_native(fname, arrays, {"class": "Graph", "directed": str(int(self.directed))})

    @classmethod
    def load(cls, fname: Path, mmap: bool | str = False) -> Graph:
        """Read what `save` wrote.

        Parameters
        ----------
        fname : str or os.PathLike
        mmap : bool or {'r'}, default False
            Map the arrays from the file instead of reading them; see `fastemb.models.Word2Vec.load`.

        Raises
        ------
        ValueError
            If it is another file, or damaged.
        """
        name = local(fname)
        arrays, metadata = native.read_native(fname, mmap=mmap)
        if metadata.get("class") != "Graph":
            raise ValueError(f"{name}: holds {metadata.get('class', 'something else')}, and no graph")
        try:
            names = native.unpack_keys(arrays, name) if "keys.offsets" in arrays else None
            given = arrays["starts"], arrays["targets"], arrays.get("weights")
            return cls._of_rows(*given, names, metadata["directed"] == "1")
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{name}: damaged ({error})") from None

    def adjacency(self, filtered: bool, gamma: float | None = None) -> Adjacency:
        """What walks go over; with `gamma` as node2vec+ goes, for which edges must have weights."""
        limits = None
        if gamma is not None:
            if self.weights is None:
                raise ValueError("node2vec+ (extend=True) is for graphs whose edges have weights, not all of them 1")
            limits = thresholds(self.starts, self.weights, number("gamma", gamma))
        return Adjacency(self.starts, self.targets, self.weights, self.directed, filtered, limits)


def is_symmetric(graph: Graph) -> bool:
    """Whether each edge is there in both directions, with the same weight."""
    turned = rows.transpose(graph.starts, graph.targets, graph.weights)
    given = graph.starts, graph.targets, graph.weights
    return all(
        a is b or (a is not None and b is not None and np.array_equal(a, b)) for a, b in zip(given, turned, strict=True)
    )


def check_weights(weights: NDArray[np.float32], entries: int) -> None:
    if weights.shape != (entries,):
        raise ValueError(f"{entries} entries have weights of shape {weights.shape}")
    if len(weights) and not (weights.min() > 0 and weights.max() < np.inf):
        raise ValueError("weights must be positive and finite")
