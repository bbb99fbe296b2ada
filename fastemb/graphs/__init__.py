"""Graphs: reading them, walks over them, and how well vectors of their nodes tell groups and edges.

- `graph`: `Graph`, compressed rows of neighbours, from files, columns, and the graphs of other libraries
- `reading`: lists of edges, as text; `layout`: how their lines are to be read; `foreign`: other libraries' graphs
- `walks`: `Walks`, which are made natively when they are asked for
- `evaluation`: classification of nodes and prediction of edges
"""

from fastemb.graphs.evaluation import classify_nodes, predict_links, split_edges
from fastemb.graphs.foreign import as_graph
from fastemb.graphs.graph import Graph
from fastemb.graphs.walks import Walks

__all__ = ["Graph", "Walks", "as_graph", "classify_nodes", "predict_links", "split_edges"]
