"""node2vec (Grover and Leskovec 2016) and DeepWalk (Perozzi, Al-Rfou and Skiena 2014): vectors for nodes of graphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import flag, whole
from fastemb.graphs.foreign import as_graph
from fastemb.graphs.graph import Graph
from fastemb.graphs.walks import Walks
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.models.parameters import drawn_seed, threads
from fastemb.models.presets import preset_name
from fastemb.models.word2vec import Word2Vec

__all__ = ["DeepWalk", "Node2Vec"]

# What `fit` takes where it is not given: as in both papers, where Word2Vec's own default is another.
DEFAULTS = {"window": 10, "min_count": 1, "sg": 1, "sample": 0.0, "epochs": 5}
OURS = {"vector_size": "dimensions", "size": "dimensions", "sentences": "graph", "corpus_file": "graph"}


class Node2Vec:
    """Vectors for the nodes of a graph, from node2vec's walks over it.

    The arguments are those of the package node2vec on PyPI. Walks are made while training goes on, natively, and are
    never all in memory.

    Parameters
    ----------
    graph : Graph, or what `fastemb.graphs.as_graph` takes
        A NetworkX, igraph or PyG graph, a SciPy matrix, an `edge_index`, columns, or the path of a list of edges.
    dimensions : int, default 128
    walk_length : int, default 80
        Nodes of a walk.
    num_walks : int, default 10
        From each node, in each epoch.
    p, q : float, default 1
        The weight of an edge is divided by `p` if it leads back to the node before, and by `q` if to a node to which
        no edge leads from there: large `p` explores, small `q` goes outwards.
    weight_key : str, optional, default 'weight'
        The attribute or column of a graph that holds weights; None for none.
    workers : int, optional
        Threads; by default one for each core.
    sampling_strategy : None
        The package on PyPI has a p and q for each node here; fastemb has not.
    quiet : bool, default True
        False shows a progress bar.
    temp_folder
        Accepted for that package's sake, without effect.
    seed : int or None, default 1
        Of walks and of training; None draws one, which `seed` then is.
    extend : bool, default False
        Walk as node2vec+ does (Liu, Hirn and Krishnan 2023), for graphs whose edges have weights.
    gamma : float, default 0
        Of node2vec+; see `Walks`.
    fresh : bool, default True
        Other walks in each epoch.
    nodes : sequence of str or int, optional
        From which walks begin, instead of all.

    Attributes
    ----------
    graph : Graph
    walks : Walks
    model : Word2Vec or None
        What `fit` has trained.

    Raises
    ------
    TypeError, ValueError
        If a parameter is of the wrong type or out of range, as a p or q of 0, or the graph has no node.

    Examples
    --------
    >>> from fastemb import Node2Vec
    >>> node2vec = Node2Vec(([0, 1, 2], [1, 2, 0]), dimensions=8, q=0.5)
    >>> model = node2vec.fit(window=5, epochs=1)
    >>> model.wv[2].shape
    (8,)
    """

    def __init__(
        self,
        graph: Any,
        dimensions: int = 128,
        walk_length: int = 80,
        num_walks: int = 10,
        p: float = 1.0,
        q: float = 1.0,
        weight_key: str | None = "weight",
        workers: int | None = None,
        sampling_strategy: Any = None,
        quiet: bool = True,
        temp_folder: Any = None,
        seed: int | None = 1,
        *,
        extend: bool = False,
        gamma: float = 0.0,
        fresh: bool = True,
        nodes: Sequence[str | int] | None = None,
    ):
        if sampling_strategy:
            raise NotImplementedError("sampling_strategy, which has a p and q for each node, is not in fastemb")
        self.dimensions = whole("dimensions", dimensions, 1)
        self.workers, self.seed = threads("workers", workers), drawn_seed("seed", seed)
        self.quiet = flag("quiet", quiet)
        self.graph: Graph = as_graph(graph, weight_key)
        self.walks = Walks(
            self.graph, num_walks, walk_length, p, q,
            extend=extend, gamma=gamma, seed=self.seed, fresh=fresh, nodes=nodes, workers=self.workers,
        )  # fmt: skip
        self.model: Word2Vec | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}<dimensions={self.dimensions}, {self.walks!r}>"

    def fit(self, **parameters: Any) -> Word2Vec:
        """Walk and train.

        Parameters
        ----------
        **parameters
            Of `Word2Vec`. Without them skip-gram with a window of 10 is trained in 5 epochs, nothing is down-sampled,
            and all nodes are kept; ``hs=1, negative=0`` trains as DeepWalk's paper does. With a `preset` that says
            these things, which was chosen for texts.

        Returns
        -------
        Word2Vec
            It is `model` from then on. With a `Checkpoint` among the `callbacks`, ``Word2Vec.resume(path, walks)``
            goes on with training that was interrupted, with `walks` of this object.
        """
        if given := sorted(parameters.keys() & OURS.keys()):
            raise TypeError(f"fit() has no {given[0]}: it is {OURS[given[0]]} of {type(self).__name__}")
        own = {"workers": self.workers, "seed": self.seed, "progress": not self.quiet}
        preset = Word2Vec.PRESETS.get(preset_name("preset", parameters.get("preset")) or "", {})
        defaults = {name: value for name, value in DEFAULTS.items() if name not in preset}
        self.model = Word2Vec(self.walks, vector_size=self.dimensions, **{**defaults, **own, **parameters})
        return self.model

    @property
    def wv(self) -> KeyedVectors:
        """The vectors, by the names of nodes, after `fit`."""
        if self.model is None:
            raise RuntimeError("nothing is trained yet: call fit()")
        return self.model.wv

    def get_embedding(self) -> NDArray[np.float32]:
        """The vectors in the order of the graph's nodes, float32 of shape (nodes, dimensions).

        Those of nodes that `min_count` has left out are 0.
        """
        vectors = np.zeros((self.graph.nodes, self.dimensions), np.float32)
        rows = np.fromiter((self.wv.key_to_index.get(name, -1) for name in self.graph.names), np.int64)
        vectors[rows >= 0] = self.wv.vectors[rows[rows >= 0]]
        return vectors


class DeepWalk(Node2Vec):
    """Vectors for the nodes of a graph, from first-order walks over it; see `Node2Vec`.

    Parameters
    ----------
    graph, dimensions, walk_length, num_walks, weight_key, workers, seed, quiet, fresh, nodes
        As of `Node2Vec`.
    """

    def __init__(
        self,
        graph: Any,
        dimensions: int = 128,
        walk_length: int = 80,
        num_walks: int = 10,
        weight_key: str | None = "weight",
        workers: int | None = None,
        seed: int | None = 1,
        *,
        quiet: bool = True,
        fresh: bool = True,
        nodes: Sequence[str | int] | None = None,
    ):
        super().__init__(
            graph, dimensions, walk_length, num_walks, 1.0, 1.0, weight_key, workers, None, quiet, None, seed,
            fresh=fresh, nodes=nodes,
        )  # fmt: skip
