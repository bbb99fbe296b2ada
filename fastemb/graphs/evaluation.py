"""How well vectors of nodes tell their groups, and which nodes have edges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import flag, number, positive, whole
from fastemb._paths import Path
from fastemb.graphs.columns import hint
from fastemb.graphs.foreign import as_graph
from fastemb.graphs.graph import Graph
from fastemb.graphs.logistic import area_under_curve, average_precision, f1_scores, finite, fit_logistic, scores_of
from fastemb.io.textfile import TextFile, decode_line, lines_of

SHARES = tuple(k / 10 for k in range(1, 10))
ATTEMPTS = 100  # rounds of drawing pairs without edges, before it is said that there are not enough
MOST_TRAINED = 100_000  # edges that a regression of some hundred numbers learns from
PART = 1 << 16  # pairs whose features are in memory together
OPERATORS = ("hadamard", "l1", "l2", "mean", "cosine")
Pairs = NDArray[np.int64]


# Groups of nodes.


class NodeScores(NamedTuple):
    """How well groups were predicted for the nodes that were not trained on; means over the repetitions."""

    share: float  #: of the nodes with groups that were trained on
    micro: float  #: micro-averaged F1
    macro: float  #: macro-averaged F1
    micro_deviation: float  #: standard deviation over the repetitions
    macro_deviation: float


def classify_nodes(
    vectors: Any,
    groups: Mapping[Any, Any] | Iterable[tuple[Any, Any]],
    shares: float | Sequence[float] = SHARES,
    *,
    repeats: int = 10,
    seed: int = 1,
    c: float = 1.0,
) -> list[NodeScores]:
    """Predict the groups of nodes from their vectors, by logistic regressions of one against the rest.

    As in the papers of DeepWalk and node2vec: a share of the nodes is trained on, and of each of the others it is known
    how many groups it is in, so that so many are predicted, the likeliest.

    Parameters
    ----------
    vectors : KeyedVectors, or a model that has them as `wv`, or mapping of nodes to vectors
    groups : mapping of nodes to a group or a list of groups, or iterable of pairs (node, group)
    shares : float or sequence of float, default .1, .2, …, .9
    repeats : int, default 10
        Random splits for each share, at most a million.
    seed : int, default 1
    c : float, default 1
        What the loss is weighed with against the penalty ‖w‖² / 2.

    Returns
    -------
    list of NodeScores
        A group that is neither predicted nor there among the other nodes has an F1 of 0.

    Raises
    ------
    KeyError
        If a node has no vector.
    ValueError
        If a share is not between 0 and 1, or leaves no node to train or to test on, or vectors are not finite, or `c`
        is not positive.
    """
    vectors, c = getattr(vectors, "wv", vectors), positive("c", c)
    listed = groups_of(groups)
    nodes = list(listed)
    known = getattr(vectors, "key_to_index", vectors)  # where an int is no row
    if absent := [node for node in nodes if node not in known]:
        raise KeyError(f"the node {absent[0]!r} has a group, and no vector{hint(absent[0], known)}")
    features = finite(np.array([vectors[node] for node in nodes], np.float64))
    names = sorted({group for found in listed.values() for group in found}, key=str)
    place = {group: k for k, group in enumerate(names)}
    truth = np.zeros((len(nodes), len(names)), bool)
    for row, found in enumerate(listed.values()):
        truth[row, [place[group] for group in found]] = True
    given = [shares] if isinstance(shares, (int, float, np.number)) else list(shares)
    seed = whole("seed", seed, 0)
    return [of_share(features, truth, number("share", s), whole("repeats", repeats, 1), seed, c) for s in given]


def of_share(
    features: NDArray[np.float64], truth: NDArray[np.bool_], share: float, repeats: int, seed: int, c: float
) -> NodeScores:
    size = round(share * len(features))
    if not 0 < share < 1 or not 0 < size < len(features):
        raise ValueError(f"a share of {share} of {len(features)} nodes leaves none to train or to test on")
    found = []
    for repeat in range(repeats):
        order = np.random.default_rng([seed, repeat]).permutation(len(features))
        train, test = order[:size], order[size:]
        scores = np.stack(
            [
                scores_of(features[test], fit_logistic(features[train], truth[train, k], c))
                for k in range(truth.shape[1])
            ],
            axis=1,
        )
        found.append(f1_scores(truth[test], likeliest(scores, truth[test].sum(axis=1))))
    means, deviations = np.mean(found, axis=0), np.std(found, axis=0)
    return NodeScores(share, float(means[0]), float(means[1]), float(deviations[0]), float(deviations[1]))


def likeliest(scores: NDArray[np.float64], counts: NDArray[np.intp]) -> NDArray[np.bool_]:
    """The groups of highest score, as many for each node as `counts` says."""
    ranks = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)
    return ranks < counts[:, np.newaxis]


def groups_of(groups: Any) -> dict[Any, list[Any]]:
    """The groups of each node, in a list."""
    pairs = groups.items() if isinstance(groups, Mapping) else groups
    listed: dict[Any, list[Any]] = {}
    for node, found in pairs:
        many = found if isinstance(found, (list, tuple, set, frozenset, np.ndarray)) else [found]
        listed.setdefault(node, []).extend(many)
    listed = {node: found for node, found in listed.items() if found}
    if not listed:
        raise ValueError("no node has a group")
    return listed


def read_groups(path: Path, nodes: type = str) -> dict[Any, list[str]]:
    """Read the groups of nodes: `node group` a line, perhaps several groups; lines that begin with # or % are none.

    Parameters
    ----------
    path : str or os.PathLike
    nodes : {str, int}
        What the names of nodes are.

    Raises
    ------
    ValueError
        If a line has no group, or a node is no whole number where it should be one; it names the line.
    """
    file, found = TextFile(path), dict[Any, list[str]]()
    for place, line in enumerate(lines_of(file), 1):
        node, *groups = decode_line(line, file, place).replace(",", " ").split() or ["#"]
        if node[0] in "#%":
            continue
        if not groups:
            raise ValueError(f"{file}, line {place}: the node {node!r} has no group")
        try:
            found.setdefault(nodes(node), []).extend(groups)
        except ValueError:
            raise ValueError(f"{file}, line {place}: the node {node!r} is no whole number") from None
    return found


# Edges.


@dataclass(frozen=True)
class EdgeSplit:
    """A graph without some of its edges, and pairs of nodes with and without edges to learn from and to be tested on.

    Attributes
    ----------
    graph : Graph
        Without the edges that are held out: walk over this one.
    train, test : ndarray of int64, shape (n, 2)
        Edges that stay in the graph, no more than are held out and no more than 100,000; and those that are held out.
        As numbers of nodes.
    train_negatives, test_negatives : ndarray of int64, shape (n, 2)
        As many pairs of different nodes without an edge in the whole graph, each there once.
    """

    graph: Graph
    train: Pairs
    test: Pairs
    train_negatives: Pairs
    test_negatives: Pairs


def split_edges(graph: Any, share: float = 0.5, *, connected: bool = True, seed: int = 1) -> EdgeSplit:
    """Hold out a share of the edges, at random.

    Parameters
    ----------
    graph : Graph, or what `as_graph` takes
    share : float, default .5
        Of the edges, without loops.
    connected : bool, default True
        Hold out no edge of a spanning forest, so that what was connected stays so; as in node2vec's paper. Directions
        do not count for this.
    seed : int, default 1

    Raises
    ------
    ValueError
        If the share is not between 0 and 1, or there are too few edges, or too few pairs without one.
    """
    rng, graph = np.random.default_rng(whole("seed", seed, 0)), as_graph(graph)
    edges = graph.edge_array().astype(np.int64)
    edges = edges[edges[:, 0] != edges[:, 1]]
    size = round(number("share", share) * len(edges))
    if not 0 < share < 1 or not 0 < size < len(edges):
        raise ValueError(f"a share of {share} of {len(edges)} edges holds none out, or all")
    free = ~in_forest(graph, edges) if flag("connected", connected) else np.ones(len(edges), bool)
    if size > np.count_nonzero(free):
        raise ValueError(
            f"{size} of {len(edges)} edges cannot be held out without taking parts of the graph asunder, but "
            f"{np.count_nonzero(free)}: take a lower share, or connected=False"
        )
    held = np.zeros(len(edges), bool)
    held[rng.choice(np.flatnonzero(free), size, replace=False)] = True
    test, train = edges[held], edges[~held]
    if len(train) > min(size, MOST_TRAINED):
        train = train[rng.choice(len(train), min(size, MOST_TRAINED), replace=False)]
    negatives = pairs_without_edge(graph, len(test) + len(train), rng)
    return EdgeSplit(graph.without(test), train, test, negatives[len(test) :], negatives[: len(test)])


def in_forest(graph: Graph, edges: Pairs) -> NDArray[np.bool_]:
    """Which edges are in a spanning forest: those by which a search in breadth first reaches a node."""
    parent = np.full(graph.nodes, -1, np.int64)
    rows = Graph.from_numbers([(graph.sources(), graph.targets, None)], graph.nodes) if graph.directed else graph
    for root in range(graph.nodes):
        if parent[root] >= 0:
            continue
        parent[root] = root
        front = np.array([root], np.int64)
        while len(front):
            lengths = rows.starts[front + 1] - rows.starts[front]
            places = np.arange(lengths.sum()) + np.repeat(rows.starts[front] - np.cumsum(lengths) + lengths, lengths)
            reached, first = np.unique(rows.targets[places], return_index=True)
            new = parent[reached] < 0
            parent[reached[new]] = np.repeat(front, lengths)[first[new]]
            front = reached[new].astype(np.int64)
    there, back = edges @ [graph.nodes, 1], edges @ [1, graph.nodes]  # of edges there and back one is enough
    return (parent[edges[:, 0]] == edges[:, 1]) | (parent[edges[:, 1]] == edges[:, 0]) & ~np.isin(back, there)


def pairs_without_edge(graph: Graph, size: int, rng: np.random.Generator) -> Pairs:
    """Different pairs of different nodes without an edge, uniformly drawn; undirected ones have the lower first."""
    n = graph.nodes
    known = graph.sources().astype(np.int64) * n + graph.targets  # ascending
    found = np.empty(0, np.int64)
    for _ in range(ATTEMPTS):
        pairs = rng.integers(0, n, (2 * (size - len(found)) + 16, 2))
        pairs = pairs[pairs[:, 0] != pairs[:, 1]]
        if not graph.directed:
            pairs.sort(axis=1)
        keys = pairs[:, 0] * n + pairs[:, 1]
        if len(known):
            keys = keys[known[np.minimum(np.searchsorted(known, keys), len(known) - 1)] != keys]
        every, first = np.unique(np.concatenate([found, keys]), return_index=True)
        found = every[np.argsort(first)][:size]  # in the order in which they were drawn
        if len(found) == size:
            return np.stack([found // n, found % n], axis=1)
    raise ValueError(f"the graph has hardly {size} pairs of nodes without an edge")


class LinkScores(NamedTuple):
    """How well edges that were held out are told from pairs without an edge."""

    auc: float  #: area under the ROC curve
    ap: float  #: average precision


def predict_links(
    vectors: Any, split: EdgeSplit, operators: Sequence[str] = OPERATORS, *, c: float = 1.0
) -> dict[str, LinkScores]:
    """Tell edges that were held out from pairs of nodes without an edge.

    Parameters
    ----------
    vectors : KeyedVectors, or a model that has them as `wv`, or ndarray of float, shape (nodes, columns)
        Trained on ``split.graph``; an array has the rows in the order of its nodes.
    split : EdgeSplit
    operators : sequence of {'hadamard', 'l1', 'l2', 'mean', 'cosine', 'dot'}
        What is made of two vectors, number by number: the product, the absolute difference, its square, the mean
        (Grover and Leskovec 2016), on which a logistic regression learns from the edges of the graph; or the score
        itself.
    c : float, default 1
        As of `classify_nodes`.

    Returns
    -------
    dict of str to LinkScores
        By the operators.

    Raises
    ------
    KeyError
        If a node has no vector.
    TypeError
        If `split` is another thing, or vectors are of another type than numbers.
    ValueError
        If there is no such operator, or vectors are not finite, or `c` is not positive.
    """
    if not isinstance(split, EdgeSplit):
        raise TypeError(f"split must be what split_edges() returns, not {type(split).__name__}")
    vectors, c, graph = getattr(vectors, "wv", vectors), positive("c", c), split.graph
    if hasattr(vectors, "key_to_index"):
        if missing := [name for name in graph.names if name not in vectors.key_to_index]:
            raise KeyError(f"the node {missing[0]!r} has no vector{hint(missing[0], vectors.key_to_index)}")
        rows = vectors.vectors[[vectors.key_to_index[name] for name in graph.names]]
    else:
        rows = np.asarray(vectors)
    if rows.ndim != 2 or len(rows) != graph.nodes:
        raise ValueError(f"{graph.nodes} nodes have vectors of shape {rows.shape}")
    scale = float(np.sqrt((finite(rows).astype(np.float64) ** 2).mean())) or 1.0
    rows = rows / scale  # so that c means the same for all vectors
    train = np.concatenate([split.train, split.train_negatives])
    test, truth = np.concatenate([split.test, split.test_negatives]), np.arange(2 * len(split.test)) < len(split.test)
    scores: dict[str, LinkScores] = {}
    for operator in operators:
        if operator not in (*OPERATORS, "dot"):
            raise ValueError(f"operator must be one of {', '.join(OPERATORS)}, dot, not {operator!r}")
        weights = None
        if operator not in ("cosine", "dot"):
            weights = fit_logistic(joined(rows, train, operator), np.arange(len(train)) < len(split.train), c)
        parts = (joined(rows, part, operator) for part in np.array_split(test, len(test) // PART + 1))
        made = np.concatenate([part if weights is None else scores_of(part, weights) for part in parts])
        scores[operator] = LinkScores(area_under_curve(made, truth), average_precision(made, truth))
    return scores


def joined(rows: NDArray[np.floating], pairs: Pairs, operator: str) -> NDArray[np.float64]:
    """One row, or one score, of the two vectors of each pair."""
    first, second = rows[pairs[:, 0]].astype(np.float64), rows[pairs[:, 1]].astype(np.float64)
    if operator == "hadamard":
        return first * second
    if operator == "l1":
        return np.abs(first - second)
    if operator == "l2":
        return (first - second) ** 2
    if operator == "mean":
        return (first + second) / 2
    products = np.einsum("ij,ij->i", first, second)
    if operator == "dot":
        return products
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return np.divide(products, lengths, out=np.zeros(len(products)), where=lengths > 0)
