"""Graphs of other libraries, none of which is imported."""

from __future__ import annotations

import logging
import os
from typing import Any

import numpy as np

from fastemb._numbers import flag, or_none
from fastemb._warnings import warn
from fastemb.corpus.columns import names_of_columns
from fastemb.graphs.columns import checked_names, weights_of, whole_column
from fastemb.graphs.graph import Edges, Graph, is_symmetric
from fastemb.graphs.options import with_options

logger = logging.getLogger(__name__)


def as_graph(given: Any, weight_key: str | None = "weight", directed: bool | None = None) -> Graph:
    """What is given as a graph, as a `Graph`.

    Parameters
    ----------
    given : Graph, path, or a graph of another library
        A NetworkX or igraph graph; a square SciPy sparse matrix or NumPy array; a PyG `Data`, or an `edge_index` of
        shape (2, edges), as a tensor or an array of integers; a table of pandas, polars or Arrow, whose first two
        columns are the ends of edges; a tuple of two or three columns; a list of edges, which are tuples of two nodes,
        or of two and a weight. A path is read by `Graph.read`.
    weight_key : str, optional
        The attribute or column of the weights, where these have names; of PyG's `Data` that called weight is
        `edge_weight`, where there is no other. Edges that have none weigh 1, and with None all do; that no edge has
        one of another name than weight is warned of.
    directed : bool, optional
        By default as the library says; what does not say it is undirected if each edge is there in both directions,
        and tables, tuples and files are undirected. True gives an undirected graph both directions of each edge.

    Raises
    ------
    TypeError
        If it is none of these.
    ValueError
        If a weight is negative, NaN or infinite; or it is an array of 2 × 2 whole numbers, which may be an
        `edge_index` or a matrix; or a table of more than three columns whose rows have their names, as a matrix has.
    """
    weighted, directed = None if weight_key is not None else False, or_none(flag, "directed", directed)
    if isinstance(given, Graph):
        return with_options(given, directed, weighted)
    if isinstance(given, (str, os.PathLike)):
        return Graph.read(given, directed=directed, weighted=weighted)
    modules = {kind.__module__.partition(".")[0] for kind in type(given).__mro__}
    if "networkx" in modules or (hasattr(given, "is_multigraph") and hasattr(given, "adjacency")):
        return of_networkx(given, weight_key, directed)
    if "igraph" in modules:
        return of_igraph(given, weight_key, directed)
    if "scipy" in modules and hasattr(given, "tocoo"):
        return of_matrix(given.tocoo(), weight_key, directed)
    if hasattr(given, "edge_index"):
        return of_edge_index(given.edge_index, weights_of_data(given, weight_key), given.num_nodes, directed)
    if isinstance(given, tuple) and len(given) in (2, 3):
        return Graph.from_edges(*given[: 3 if weight_key is not None else 2], directed=bool(directed))
    if isinstance(given, list):
        return of_list(given, weight_key, bool(directed))
    if hasattr(given, "columns") or hasattr(given, "column_names"):
        return of_table(given, weight_key, bool(directed))
    if len(getattr(given, "shape", ())) == 2:
        return of_array(given, weight_key, directed)
    raise TypeError(f"not a graph that is known: {type(given).__module__}.{type(given).__name__}")


def of_networkx(graph: Any, weight_key: str | None, directed: bool | None) -> Graph:
    try:
        names = checked_names(list(graph), len(graph))
    except TypeError as error:
        raise TypeError(f"{error}; networkx.relabel_nodes(graph, str) makes texts of them") from None
    index = {name: k for k, name in enumerate(names)}
    edges = list(graph.edges(data=weight_key or False, **({"default": None} if weight_key else {})))
    sources = np.fromiter((index[edge[0]] for edge in edges), np.int32, len(edges))
    targets = np.fromiter((index[edge[1]] for edge in edges), np.int32, len(edges))
    has_weights = has_key(weight_key, weight_key is not None and any(edge[2] is not None for edge in edges))
    weights = weights_of([1.0 if edge[2] is None else edge[2] for edge in edges], len(edges)) if has_weights else None
    kept = None if names == list(range(len(names))) else names
    return of_library((sources, targets, weights), len(names), kept, graph.is_directed(), directed)


def of_igraph(graph: Any, weight_key: str | None, directed: bool | None) -> Graph:
    ends = np.array(graph.get_edgelist(), np.int32).reshape(-1, 2)
    has_weights = has_key(weight_key, weight_key in graph.es.attributes())
    weights = weights_of([1.0 if w is None else w for w in graph.es[weight_key]], len(ends)) if has_weights else None
    names = graph.vs["name"] if "name" in graph.vs.attributes() else None
    columns = [np.ascontiguousarray(ends[:, k]) for k in (0, 1)]
    return of_library((columns[0], columns[1], weights), graph.vcount(), names, graph.is_directed(), directed)


def of_library(edges: Edges, nodes: int, names: Any, is_directed: bool, directed: bool | None) -> Graph:
    """Of a graph that says whether it is directed."""
    made = Graph.from_numbers([edges], nodes, names, is_directed and directed is not False)
    return with_options(made, directed)


def of_matrix(matrix: Any, weight_key: str | None, directed: bool | None) -> Graph:
    """Of a sparse matrix in coordinates."""
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"the matrix of a graph is square, not of shape {matrix.shape}")
    kept = slice(None) if weight_key is not None else matrix.data != 0
    weights = weights_of(matrix.data, len(matrix.data)) if weight_key is not None else None
    return both_ways(matrix.row[kept], matrix.col[kept], weights, matrix.shape[0], directed)


def of_array(array: Any, weight_key: str | None, directed: bool | None) -> Graph:
    """Of a matrix of weights, or an `edge_index` of whole numbers."""
    if array.shape[0] == 2 and array.shape[1] != 2:
        return of_edge_index(array, None, None, directed)
    matrix = np.asarray(array.detach().cpu() if hasattr(array, "detach") else array)
    if matrix.shape == (2, 2) and matrix.dtype.kind in "iu":
        raise ValueError(
            "2 × 2 whole numbers may be an edge_index or a matrix: give its two rows as a tuple, or a matrix of float"
        )
    if matrix.shape[0] != matrix.shape[1]:
        turned = "; give its .T, if each row is an edge" if matrix.shape[1] == 2 else ""
        raise ValueError(f"an array of a graph is square, or of shape (2, edges), not {matrix.shape}{turned}")
    sources, targets = np.nonzero(matrix)
    weights = weights_of(matrix[sources, targets], len(sources)) if weight_key is not None else None
    return both_ways(sources, targets, weights, len(matrix), directed)


def weights_of_data(data: Any, weight_key: str | None) -> Any:
    """The weights of PyG's `Data`, if it has any; numbers in one column are weights, too."""
    found: Any = None if weight_key is None else getattr(data, weight_key, None)
    if found is None and weight_key == "weight":
        found = getattr(data, "edge_weight", None)
    has_key(weight_key, found is not None)
    return found[:, 0] if getattr(found, "shape", ())[1:] == (1,) else found


def of_edge_index(edge_index: Any, weights: Any, nodes: int | None, directed: bool | None) -> Graph:
    if len(getattr(edge_index, "shape", ())) != 2 or edge_index.shape[0] != 2:
        raise ValueError("an edge_index is of shape (2, edges)")
    ends = [whole_column("edge_index", edge_index[k]) for k in (0, 1)]
    if any(end.dtype.kind not in "iu" for end in ends):
        raise TypeError(f"an edge_index holds whole numbers, not {ends[0].dtype}")
    count = nodes if nodes is not None else max((int(end.max()) + 1 for end in ends if len(end)), default=0)
    if any(len(end) and not 0 <= end.min() <= end.max() < count for end in ends):
        raise ValueError(f"nodes of an edge_index must be from 0 to {count - 1}")
    return both_ways(ends[0], ends[1], weights_of(weights, len(ends[0])), count, directed)


def both_ways(sources: Any, targets: Any, weights: Any, nodes: int, directed: bool | None) -> Graph:
    """Of edges that are there in both directions, or directed; None: whichever it is."""
    ends = [np.ascontiguousarray(end, np.int32) for end in (sources, targets)]
    made = Graph.from_numbers([(ends[0], ends[1], weights)], nodes, directed=True)
    if directed:
        return made
    symmetric = is_symmetric(made)
    if symmetric or directed is None:
        return Graph._of_rows(made.starts, made.targets, made.weights, None, not symmetric)
    return Graph.from_numbers([(ends[0], ends[1], weights)], nodes, directed=False)


def of_list(edges: list[Any], weight_key: str | None, directed: bool) -> Graph:
    """Of tuples of two nodes, or of two and a weight."""
    sizes = {len(edge) if isinstance(edge, tuple) else 0 for edge in edges}
    if sizes not in ({2}, {3}):
        raise TypeError("not a graph: a list of edges holds tuples of two nodes, or all of two and a weight")
    columns = [list(column) for column in zip(*edges, strict=True)]
    return Graph.from_edges(*columns[: 3 if weight_key is not None else 2], directed=directed)


def has_key(weight_key: str | None, found: bool) -> bool:
    """Whether there are weights by this name; warns if there are none by one that was chosen."""
    if not found and weight_key not in (None, "weight"):
        warn(f"no edge has the weight {weight_key!r}: all weigh 1")
    return found


def of_table(table: Any, weight_key: str | None, directed: bool) -> Graph:
    names = names_of_columns(table)
    if len(names) < 2:
        raise ValueError("a table of edges has two columns or more")
    rows: Any = getattr(table, "index", ())  # of pandas
    if len(names) > 3 and hasattr(rows, "__len__") and len(rows) == len(names) and list(rows) == names:
        raise ValueError(
            "a table whose rows are named as its columns may be a matrix: give its numbers, as by to_numpy(), or two "
            "columns of edges as a tuple"
        )
    others = [name for name in names[2:] if name == weight_key]
    if not has_key(weight_key, bool(others)) and names[2:]:
        logger.info("all edges weigh 1: these columns of the table are left out: %s", ", ".join(map(str, names[2:])))
    columns = [table[name] for name in (*names[:2], *others)]
    return Graph.from_edges(*columns, directed=directed)
