"""A graph that is there already, as options ask for it."""

from __future__ import annotations

from fastemb._numbers import flag
from fastemb.graphs.graph import Graph
from fastemb.io.textfile import TextFile


def with_options(graph: Graph, directed: bool | None = None, weighted: bool | None = None, loops: bool = True) -> Graph:
    """The same graph; undirected, or directed with both directions of each edge; without weights, or loops.

    Edges of both directions become one, with the sum of their weights.
    """
    directed = graph.directed if directed is None else flag("directed", directed)
    joined, weights = graph.directed and not directed, None if weighted is False else graph.weights
    rows = graph
    if joined or not loops:
        edges = graph.sources(), graph.targets, weights
        rows = Graph.from_numbers([edges], graph.nodes, directed=not joined, loops=loops)
        weights = rows.weights
    elif directed is graph.directed and weights is graph.weights:
        return graph
    return Graph._of_rows(rows.starts, rows.targets, weights, graph._names, directed)


def saved_graph(
    file: TextFile,
    mmap: bool | str,
    directed: bool | None,
    weighted: bool | None,
    nodes: type | None,
    separator: str | None,
    loops: bool,
) -> Graph:
    """What `Graph.save` wrote, with the options of `read_graph`; ValueError if the file cannot have them."""
    graph = Graph.load(file.path, mmap)
    texts = graph._names is not None and any(isinstance(name, str) for name in graph._names)
    for wrong, reason in (
        (separator is not None, "a graph that was saved has no separator"),
        (directed and not graph.directed, "was saved as an undirected graph, which says not which way edges lead"),
        (weighted and not graph.weighted, "was saved without weights, or all were 1"),
        (nodes is int and texts, "names of nodes are texts, not whole numbers, as nodes=int promises"),
    ):
        if wrong:
            raise ValueError(f"{file}: {reason}")
    made = with_options(graph, directed, weighted, loops)
    if nodes is not str or graph._names == (names := [str(name) for name in graph.names]):
        return made
    return Graph._of_rows(made.starts, made.targets, made.weights, names, made.directed)
