"""Graphs: read from lists of edges, taken from other libraries, saved; and what is refused."""

import gzip
import pickle
from functools import partial

import numpy as np
import pytest

from fastemb import Node2Vec
from fastemb.graphs import Graph, as_graph, split_edges
from fastemb.graphs import reading as reading_module


def reference(edges, nodes, directed=False, weights=None):
    """The matrix of edges, each once, with the sum of its weights."""
    made = np.zeros((nodes, nodes))
    for k, (a, b) in enumerate(edges):
        for s, t in {(a, b)} | (set() if directed else {(b, a)}):
            made[s, t] += 1 if weights is None else weights[k]
    return made if weights is not None else (made > 0).astype(float)


def matrix_of(graph):
    made = np.zeros((graph.nodes, graph.nodes))
    made[graph.sources(), graph.targets] = 1 if graph.weights is None else graph.weights
    return made


def text_file(tmp_path, text, name="edges.txt"):
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_random_edges_with_loops_and_repeats(tmp_path, directed, weighted):
    rng = np.random.default_rng(5)
    edges, weights = rng.integers(0, 30, (400, 2)), rng.integers(1, 9, 400) / 4 if weighted else None
    edges[:60, 1] = edges[:60, 0]
    expected = reference(edges, 30, directed, weights)
    graph = Graph.from_edges(*edges.T, weights, directed=directed, nodes=30)
    np.testing.assert_allclose(matrix_of(graph), expected)
    assert all(np.all(np.diff(row) > 0) for row in np.split(graph.targets, graph.starts[1:-1]))
    assert graph.edges == np.count_nonzero(expected if directed else np.triu(expected))
    lines = [f"{a}\t{b}" + (f" {weights[k]}" if weighted else "") for k, (a, b) in enumerate(edges)]
    path = text_file(tmp_path, "# a comment\n" + "\n".join(lines))
    np.testing.assert_allclose(matrix_of(Graph.read(path, directed=directed)), expected)
    without = Graph.from_edges(*edges.T, weights, directed=directed, nodes=30, loops=False)
    np.testing.assert_allclose(matrix_of(without), expected - np.diag(np.diag(expected)))


def test_names(tmp_path):
    graph = Graph.read(text_file(tmp_path, "paris rome\nrome bonn\n"))
    assert graph.names == ["paris", "rome", "bonn"]
    assert graph.neighbors("rome") == ["paris", "bonn"]
    sparse = Graph.read(text_file(tmp_path, "7 900000000000\n-3 7\n"))
    assert sparse.names == [-3, 7, 900000000000]
    assert sparse.neighbors(7) == [-3, 900000000000]
    texts = Graph.read(text_file(tmp_path, "7 9\n8 7\n"), nodes=str)
    assert texts.names == ["7", "9", "8"]
    with pytest.raises(KeyError, match="no node 7 in the graph: names are str, as '7'"):
        texts.number(7)
    assert Graph.read(text_file(tmp_path, "01 2\n")).names == ["01", "2"]  # 01 is not the number 1
    assert Graph.from_edges(["é", "b"], ["b", "ü"]).names == ["é", "b", "ü"]


def test_separators_quotes_and_headings(tmp_path):
    text = 'source,target,weight\n"New York", Rome ,2\nRome,"a, b",.5\n\n'
    graph = Graph.read(text_file(tmp_path, text, "edges.csv"))
    assert graph.names == ["New York", "Rome", "a, b"]
    assert matrix_of(graph)[0, 1] == 2
    assert matrix_of(graph)[1, 2] == 0.5
    assert Graph.read(text_file(tmp_path, "a b\tc d\r\n"), separator="\t").names == ["a b", "c d"]
    assert Graph.read(text_file(tmp_path, "a;b;3\r\n")).weights.tolist() == [3, 3]
    assert Graph.read(text_file(tmp_path, "1 2 {} 5\n"), weighted=False).names == [1, 2]
    assert Graph.read(text_file(tmp_path, "\ufeff1 2\n")).names == [1, 2]


def test_the_first_line_says_the_columns(tmp_path, caplog):
    """Quotes and separators hold for it as for others, and so do headings of tables."""
    for text, name, expected in (
        ('"a b" "c d"\n"e f" "a b"\n', "a.txt", ["a b", "c d", "e f"]),
        ('"Smith, J","Doe, K"\nx,y\n', "a.csv", ["Smith, J", "Doe, K", "x", "y"]),
        ("a\xa0b c\n", "a.txt", ["a\xa0b", "c"]),
        ("New York\tLos Angeles\n", "a.tsv", ["New York", "Los Angeles"]),
        ("source\ttarget\n1\t2\n", "a.tsv", [1, 2]),
        ("user,item,when\n1,2,3\n", "a.csv", [1, 2]),
        ("a,5\n1,2\n", "a.csv", ["a", "5", "1", "2"]),
        ("x,y\nz,1\n", "a.csv", ["x", "y", "z", "1"]),
        ("a,b\nc,d\n", "a.csv", ["a", "b", "c", "d"]),
        ("a,b\n1,2\n", "a.csv", [1, 2]),
        ("node1,node2\nnode3,x\n", "a.csv", ["node1", "node2", "node3", "x"]),
        ("node1,node2\nann,ben\n", "a.csv", ["ann", "ben"]),
        ("head,tail\ntail,end\n", "a.csv", ["head", "tail", "end"]),
        ("start,end,0.5\nx,y,1\n", "a.csv", ["start", "end", "x", "y"]),
        ("start,end,cost\nx,y,1\n", "a.csv", ["x", "y"]),
    ):
        assert Graph.read(text_file(tmp_path, text, name)).names == expected
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"user,item\n1,2\n"))
    caplog.set_level("INFO")
    assert Graph.read(tmp_path / "a.csv.gz").names == [1, 2]
    assert "the first line is left out, as names of columns: user,item" in caplog.text


def test_snap_packed_and_without_an_end_of_line(tmp_path):
    text = "# Directed graph (each unordered pair of nodes is saved once)\r\n# FromNodeId\tToNodeId\r\n0\t1\r\n1\t2"
    (tmp_path / "snap.txt.gz").write_bytes(gzip.compress(text.encode()))
    graph = Graph.read(tmp_path / "snap.txt.gz", directed=True)
    assert matrix_of(graph).tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 0]]
    (tmp_path / "cut.txt.gz").write_bytes(gzip.compress(text.encode() * 3)[:-9])
    with pytest.raises(ValueError, match="cut short"):
        Graph.read(tmp_path / "cut.txt.gz")


@pytest.mark.parametrize("mode", ["r", "rb"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("edges.txt", "5 7\n7 9\n"),
        ("edges.csv", "source,target\n5,7\n7,9\n"),
        ("edges.mtx", "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 1\n3 2\n"),
    ],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_open_files(tmp_path, name, text, mode, mark):
    path = text_file(tmp_path, mark + text, name)
    with open(path, mode, encoding=None if mode == "rb" else "utf-8") as file:
        found = Graph.read(file)
    wanted = Graph.read(path)
    assert found.edges == 2
    assert list(found.names) == list(wanted.names)
    assert np.array_equal(matrix_of(found), matrix_of(wanted))


def test_matrix_market(tmp_path):
    head = "%%MatrixMarket matrix coordinate real symmetric\n% a comment\n4 4 2\n"
    graph = Graph.read(text_file(tmp_path, head + "2 1 .5\n3 3 2\n", "a.mtx"))
    assert (graph.names, graph.directed, graph.nodes) == ([1, 2, 3, 4], False, 4)
    assert matrix_of(graph)[0, 1] == 0.5
    assert Graph.read(text_file(tmp_path, head + "2 1 .5\n3 3 2\n", "a.mtx"), nodes=str).names == ["1", "2", "3", "4"]
    pattern = "%%MatrixMarket matrix coordinate pattern general\n3 3 2\n1 2\n2 3\n"
    (tmp_path / "b.mtx.gz").write_bytes(gzip.compress(pattern.encode()))
    assert Graph.read(tmp_path / "b.mtx.gz").directed
    wrong = {
        head + "2 1 .5\n": "1 entries, and 2 promised",
        head + "2 1 .5\n% more\n5 1 1\n": "line 6: outside of the matrix of 4 rows .'5 1 1'",
        head + "0 1 .5\n1 1 1\n": "line 4: outside",
        head.replace("4 4", "5000000000 5000000000") + "2 1 .5\n": "at most 2147483647 nodes",
        head.replace("4 4", "2000000000 2000000000") + "2 1 .5\n3 3 2\n": "rows and 2 entries: few nodes would",
        head.replace("4 4 2", "4 5 2"): "square",
        head.replace("4 4 2", "4 4"): "line 3",
        head.replace("real", "complex"): "line 1",
        head.replace("coordinate", "array"): "line 1",
        head.replace("symmetric", "hermitian"): "hermitian",
    }
    for text, message in wrong.items():
        with pytest.raises(ValueError, match=message):
            Graph.read(text_file(tmp_path, text, "wrong.mtx"))


WRONG = [
    ("1 2\n3\n", "line 2: .*fewer"), ("1 2 3\n4 5\n", "line 2: .*fewer"), ("1 2\n4 5 6\n", "line 2: .*more fields"),
    ("a,,b\n", "line 1: a field is empty"), ("a b x\n", "line 1: the weight is no number"),
    ("1 2 1\n\n1 3 nan\n", "line 3: .*not finite"), ("1 2 -1\n", "line 1: .*negative"),
    ("1 2 inf\n", "line 1: .*not finite"), ("1 2 1e39\n", "line 1: .*not finite"), ("1 2 1e-60\n", "line 1: .*less"),
    ('"a b\n', "line 1: a quote"), ('"a"b c\n', "line 1: a quote"), ('"a""b" c\n', "line 1: a quote"),
    ("", "no edge"), ("# nothing\n", "no edge"), ("1 2\0\n3\n", "line 2"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_wrong_lines_are_named(tmp_path, text, message):
    path = text_file(tmp_path, text)
    with pytest.raises(ValueError, match=f"edges.txt.*{message}" if "line" in message else message):
        Graph.read(path)


def test_what_is_no_list_of_edges_is_said(tmp_path):
    (tmp_path / "graph.gml").write_text("graph [\n  node [\n    id 0\n  ]\n]\n")
    np.savez(tmp_path / "matrix.npz", data=np.ones(3))
    for given, error, message in (
        ("graph.gml", ValueError, r"line 4: .*; of a .gml file networkx.read_gml\(\) makes a graph"),
        ("matrix.npz", ValueError, "matrix.npz: holds arrays of NumPy's"),
        ("", IsADirectoryError, "is a folder"),
    ):
        with pytest.raises(error, match=message):
            Graph.read(tmp_path / given)
    written = text_file(tmp_path, "a b {}\nb c {'weight': 3}\n")  # by networkx.write_edgelist
    with pytest.raises(ValueError, match="line 1: the weight is no number; weighted=False reads"):
        Graph.read(written)


def test_wrong_names_are_refused(tmp_path):
    with pytest.raises(ValueError, match="line 2: a node is no whole number"):
        Graph.read(text_file(tmp_path, "1 2\nx 3\n"), nodes=int)
    with pytest.raises(ValueError, match="line 1: a node is no whole number"):
        Graph.read(text_file(tmp_path, "1 99999999999999999999\n"), nodes=int)
    with pytest.raises(UnicodeDecodeError, match="line 2"):
        Graph.read(text_file(tmp_path, b"a b\n\xff c\n"))
    for wrong in ({"separator": "ab"}, {"nodes": float}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Graph.read(text_file(tmp_path, "1 2\n"), **wrong)


def test_an_edge_of_weight_0_is_none_but_its_nodes_are_there(tmp_path):
    graph = Graph.read(text_file(tmp_path, "1 2 0\n2 3 1\n"))
    assert graph.names == [1, 2, 3]
    assert graph.neighbors(1) == []


@pytest.mark.parametrize("nodes", [int, str])
def test_threads_change_nothing(tmp_path, monkeypatch, nodes):
    monkeypatch.setattr(reading_module, "SMALLEST", 1000)
    rng = np.random.default_rng(1)
    text = "".join(f"{a} {b} {a % 7 + 1}\n" for a, b in rng.integers(0, 5000, (3000, 2)))
    path = text_file(tmp_path, text)
    one, many = (Graph.read(path, nodes=nodes, workers=workers) for workers in (1, 5))
    assert one.names == many.names
    assert np.array_equal(one.targets, many.targets)
    assert np.array_equal(one.weights, many.weights)
    with path.open("a") as file:
        file.write("1 2\n")
    with pytest.raises(ValueError, match="line 3001"):
        Graph.read(path, workers=5)


def test_columns_are_refused_that_are_none():
    for columns, error, message in (
        (([1, 2], [1]), ValueError, "2 sources have 1 targets"),
        (([1.5], [2.5]), TypeError, "str or int"),
        (([[1]], [[2]]), TypeError, "str or int"),
        ((np.ones((1, 1), int), [2]), TypeError, "shape"),
        ((["a"], [None]), TypeError, "str or int"),
        (([1], [2], [-1.0]), ValueError, "negative"),
        (([1], [2], [np.nan]), ValueError, "not finite"),
        (([1], [2], [1, 2]), ValueError, "1 edges have 2 weights"),
        (([1], [2], ["x"]), TypeError, "numbers"),
    ):
        with pytest.raises(error, match=message):
            Graph.from_edges(*columns)
    with pytest.raises(ValueError, match="from 0 to 4, not 5"):
        Graph.from_edges([1], [5], nodes=5)
    with pytest.raises(ValueError, match="ascend"):
        Graph([0, 2], [0, 0])
    with pytest.raises(ValueError, match="both directions"):
        Graph([0, 1, 1], [1])
    with pytest.raises(ValueError, match="same name"):
        Graph([0, 0, 0], [], names=["a", "a"])


def test_edges_to_leave_out_are_rows_of_two():
    graph = Graph.from_edges([0, 1, 2], [1, 2, 0])
    assert graph.without([]).edges == graph.without(np.empty((0, 2), int)).edges == 3
    assert graph.without([[1, 0]]).edge_array().tolist() == [[0, 2], [1, 2]]
    for wrong in (np.array([[0, 1, 2], [1, 2, 0]]), [0, 1]):  # an edge_index would be other edges
        with pytest.raises(ValueError, match=r"edges must be of shape \(n, 2\), not"):
            graph.without(wrong)


def test_values_of_lists_are_not_converted():
    assert list(Graph.from_edges([1, "a"], ["b", 2]).names) == [1, "a", "b", 2]
    assert list(Graph.from_edges(["a\0", "a"], ["b", "c"]).names) == ["a\0", "a", "b", "c"]
    assert list(Graph.from_edges([np.str_("a"), np.int64(3)], ["b", "c"]).names) == ["a", 3, "b", "c"]
    with pytest.raises(TypeError, match="not None in row 1"):
        Graph.from_edges(["a", None], ["b", "c"])
    for wrong in (["a", float("nan")], [True, 3], [1, 2.5]):
        with pytest.raises(TypeError, match="sources: names of nodes must be str or int"):
            Graph.from_edges(wrong, ["b", "c"])
    with pytest.raises(TypeError, match="that of edge 1 is '2'"):
        Graph.from_edges([1, 2], [2, 3], [1, "2"])


def test_numbers_that_do_not_fit_are_refused():
    large = np.array([2**63 + 5, 7], np.uint64)
    assert list(Graph.from_edges(large, large[::-1]).names) == [2**63 + 5, 7]
    with pytest.raises(ValueError, match="at most 2147483647 nodes, and there would be 4294967306"):
        Graph.from_edges([2**32 + 5], [1], nodes=2**32 + 10)
    with pytest.raises(ValueError, match="at most 2147483647 nodes"):
        as_graph(np.array([[0, 2**32 + 1, 1], [1, 2, 2]]))
    with pytest.raises(ValueError, match="targets do not fit int32"):
        Graph(np.array([0, 1, 2]), np.array([2**32 + 1, 2**32]))
    with pytest.raises(TypeError, match="targets must be whole numbers"):
        Graph(np.array([0, 1, 2]), np.array([1.7, 0]))
    with pytest.raises(ValueError, match="the weight of edge 0, 1e-60, is less than any single-precision"):
        Graph.from_edges([1, 2], [2, 3], [1e-60, 1])


def test_what_may_be_a_matrix_or_an_edge_index_is_refused():
    with pytest.raises(ValueError, match="may be an edge_index or a matrix"):
        as_graph(np.array([[0, 1], [1, 2]]))
    assert as_graph(np.array([[0, 1.0], [1, 2]])).edges == 2


@pytest.mark.parametrize("mmap", [False, True])
def test_files(tmp_path, mmap):
    graph = Graph.from_edges(["a", "b"], ["b", "c"], [1, 2], directed=True)
    graph.save(tmp_path / "graph.fastemb")
    for again in (
        Graph.read(tmp_path / "graph.fastemb", mmap=mmap),
        Graph.load(tmp_path / "graph.fastemb", mmap),
        pickle.loads(pickle.dumps(graph)),
    ):
        assert again.names == graph.names
        assert again.directed
        assert np.array_equal(matrix_of(again), matrix_of(graph))
    data = (tmp_path / "graph.fastemb").read_bytes()
    (tmp_path / "cut").write_bytes(data[:-5])
    with pytest.raises(ValueError, match="cut"):
        Graph.load(tmp_path / "cut")
    from fastemb import Word2Vec

    Word2Vec([["a", "b"]], min_count=1).save(tmp_path / "model")
    with pytest.raises(ValueError, match="holds Word2Vec, and no graph"):
        Graph.load(tmp_path / "model")


# Other libraries.

EDGES = [(0, 1), (1, 2), (2, 0), (2, 3)]
MATRIX = reference(EDGES, 4)


def test_scipy_and_numpy():
    sparse = pytest.importorskip("scipy.sparse")
    for given in (sparse.csr_matrix(MATRIX), sparse.coo_array(MATRIX), MATRIX):
        graph = as_graph(given)
        assert not graph.directed
        assert not graph.weighted
        assert np.array_equal(matrix_of(graph), MATRIX)
    directed = as_graph(sparse.csr_matrix(np.triu(MATRIX) * 2))
    assert directed.directed
    assert np.array_equal(matrix_of(directed), np.triu(MATRIX) * 2)
    assert np.array_equal(matrix_of(as_graph(np.triu(MATRIX), directed=False)), MATRIX)
    with pytest.raises(ValueError, match="square"):
        as_graph(sparse.csr_matrix(MATRIX[:3]))
    with pytest.raises(ValueError, match="negative"):
        as_graph(-MATRIX)


def test_lists_of_edges():
    assert np.array_equal(matrix_of(as_graph(EDGES)), MATRIX)
    weighted = [(*edge, weight) for edge, weight in zip(EDGES, (0.5, 1, 2, 3), strict=True)]
    assert as_graph(weighted, directed=True).weights.tolist() == [0.5, 1, 2, 3]
    assert not as_graph(weighted, weight_key=None).weighted
    for wrong in ([], [*EDGES, (1, 2, 3)], MATRIX.tolist(), [["a", "b"]], ["ab", "bc"], [(1,)]):
        with pytest.raises(TypeError, match="a list of edges holds tuples"):
            as_graph(wrong)
    with pytest.raises(ValueError, match=r"not \(3, 2\); give its .T, if each row is an edge"):
        as_graph(np.array(EDGES[:3]))


def test_weights_of_a_name_that_no_edge_has_are_warned_of():
    networkx = pytest.importorskip("networkx")
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"a": [1, 2], "b": [2, 3], "count": [5, 7]})
    for given in (networkx.Graph([(1, 2, {"weight": 2.0})]), table):
        with pytest.warns(UserWarning, match="no edge has the weight 'cuont': all weigh 1"):
            assert not as_graph(given, "cuont").weighted
    assert as_graph(table, "count").weights.tolist() == [5, 5, 7, 7]


def test_networkx():
    networkx = pytest.importorskip("networkx")
    graph = networkx.Graph([("a", "b", {"weight": 2.0}), ("b", "c")])
    graph.add_node("alone")
    made = as_graph(graph)
    assert made.names == ["a", "b", "c", "alone"]
    assert matrix_of(made)[0, 1] == 2
    assert matrix_of(made)[1, 2] == 1
    assert not as_graph(graph, weight_key=None).weighted
    assert as_graph(networkx.DiGraph(EDGES)).directed
    assert matrix_of(as_graph(networkx.MultiGraph([(0, 1), (0, 1)])))[0, 1] == 1
    with pytest.raises(TypeError, match=r"str or int, not \(0, 0\); networkx.relabel_nodes"):
        as_graph(networkx.grid_2d_graph(2, 2))


def test_networkx_with_numbers_of_numpy():
    networkx = pytest.importorskip("networkx")
    graph = as_graph(networkx.Graph([(np.int64(3), np.int64(5))]))
    assert [(name, type(name)) for name in graph.names] == [(3, int), (5, int)]


def test_igraph():
    igraph = pytest.importorskip("igraph")
    assert np.array_equal(matrix_of(as_graph(igraph.Graph(EDGES))), MATRIX)
    given = igraph.Graph([(0, 1), (1, 2), (3, 3)], directed=True, edge_attrs={"weight": [0.5, 2, 3]})
    given.vs["name"] = ["a", "b", "c", "d"]
    graph = as_graph(given)
    assert (graph.names, graph.directed, graph.weights.tolist()) == (["a", "b", "c", "d"], True, [0.5, 2, 3])
    assert [graph.neighbors(name) for name in "abcd"] == [["b"], ["c"], [], ["d"]]
    assert not as_graph(given, weight_key=None).weighted
    assert as_graph(igraph.Graph(5)).nodes == 5


class Data:
    """As PyTorch Geometric's."""

    def __init__(self, edge_index, num_nodes, **attributes):
        self.edge_index, self.num_nodes = edge_index, num_nodes
        vars(self).update(attributes)


def test_edge_index():
    both = np.array(EDGES + [(b, a) for a, b in EDGES]).T
    graph = as_graph(Data(both, 6))
    assert (graph.nodes, graph.directed, graph.edges) == (6, False, 4)
    assert as_graph(both[:, :4]).directed
    with pytest.raises(TypeError, match="whole numbers"):
        as_graph(both.astype(float))
    with pytest.raises(ValueError, match="from 0 to 2"):
        as_graph(Data(both, 3))
    ends = both[:, :4]
    given = Data(ends, 4, edge_attr=np.full((4, 1), 3.0), edge_weight=np.full(4, 5.0))
    for key, weights in (("edge_attr", [3] * 4), ("weight", [5] * 4), ("edge_weight", [5] * 4)):
        assert as_graph(given, key).weights.tolist() == weights
    with pytest.warns(UserWarning, match="no edge has the weight 'w'"):
        assert not as_graph(given, "w").weighted
    assert not as_graph(given, None).weighted
    with pytest.raises(TypeError, match="shape"):
        as_graph(Data(ends, 4, edge_attr=np.ones((4, 2))), "edge_attr")


def test_torch_geometric():
    torch, geometric = pytest.importorskip("torch"), pytest.importorskip("torch_geometric")
    ends = torch.tensor(EDGES).T
    both = geometric.utils.to_undirected(ends)
    graph = as_graph(geometric.data.Data(edge_index=both, num_nodes=6))
    assert (graph.nodes, graph.directed, graph.edges) == (6, False, len(EDGES))
    assert as_graph(geometric.data.Data(edge_index=ends, num_nodes=4)).directed
    weights = torch.arange(1.0, len(EDGES) + 1)
    given = geometric.data.Data(edge_index=ends, edge_weight=weights, num_nodes=4)
    assert sorted(as_graph(given).weights.tolist()) == [1, 2, 3, 4]
    walks = Node2Vec(geometric.datasets.KarateClub()[0], dimensions=4, num_walks=1).walks
    assert (walks.graph.nodes, walks.graph.edges, walks.graph.directed) == (34, 78, False)


def test_tables():
    pandas, pyarrow, polars = map(pytest.importorskip, ("pandas", "pyarrow", "polars"))
    columns = {"from": ["a", "b"], "to": ["b", "c"], "weight": [2.0, 3.0]}
    for table in (pandas.DataFrame(columns), pyarrow.table(columns), polars.DataFrame(columns)):
        graph = as_graph(table)
        assert graph.names == ["a", "b", "c"]
        assert graph.weights.tolist() == [2, 2, 3, 3]
    with pytest.raises(ValueError, match="missing"):
        Graph.from_edges(pyarrow.array([1, None]), [1, 2])
    matrix = pandas.DataFrame(1 - np.eye(4, dtype=int), index=list("abcd"), columns=list("abcd"))
    with pytest.raises(ValueError, match="a table whose rows are named as its columns may be a matrix"):
        as_graph(matrix)
    assert as_graph(matrix.to_numpy()).edges == 6
    assert as_graph(matrix.reset_index(drop=True)).nodes == 2  # rows without names are edges


def test_columns_of_arrow():
    arrow = pytest.importorskip("pyarrow")
    sources, targets = arrow.array(["a", "b"]), arrow.array(["b", "c"])
    for found in (sources, sources.dictionary_encode(), arrow.chunked_array([sources])):
        assert Graph.from_edges(found, targets).neighbors("b") == ["a", "c"]


def test_what_is_no_graph():
    for wrong in (5, [1, 2], object()):
        with pytest.raises(TypeError, match="not a graph"):
            as_graph(wrong)


def test_comments_and_lines_that_go_on_cost_what_they_are(tmp_path):
    """Each was copied again and again, as often as there were others."""
    path = text_file(tmp_path, "#\n" * 100_000 + "a b\n", "comments.txt")
    assert Graph.read(path).names == ["a", "b"]
    path = text_file(tmp_path, "a" * 10_000_000, "long.txt")
    with pytest.raises(ValueError, match=r"long\.txt, line 1: .* fewer fields"):
        Graph.read(path)


def test_packed_edges_must_not_hold_too_many_times_their_size(tmp_path):
    (tmp_path / "edges.txt.gz").write_bytes(gzip.compress(b"1 2\n3 4\n" * 9_000_000))
    with pytest.raises(ValueError, match=r"edges\.txt\.gz: more than 67108864 bytes when unpacked"):
        Graph.read(tmp_path / "edges.txt.gz")


def test_edges_that_are_there_several_times_weigh_their_sum():
    """Also those that weigh 1 each, as of files; without weights they are one edge."""
    assert Graph.from_edges([1, 1, 2], [2, 2, 3], [1.0, 1.0, 1.0]).weights.tolist() == [2, 2, 1, 1]
    assert not Graph.from_edges([1, 1, 2], [2, 2, 3]).weighted
    assert not Graph.from_edges([1, 2], [2, 3], [1, 1]).weighted  # they say nothing
    sparse = pytest.importorskip("scipy.sparse")
    matrix = sparse.coo_matrix(([1, 1, 1], ([0, 0, 1], [1, 1, 0])), shape=(2, 2))
    assert as_graph(matrix).weights.tolist() == [2, 1]
    networkx = pytest.importorskip("networkx")
    several = networkx.MultiGraph()
    several.add_edge("a", "b", weight=1)
    several.add_edge("a", "b")  # weighs 1
    assert as_graph(several).weights.tolist() == [2, 2]
    assert not as_graph(several, weight_key=None).weighted
    with pytest.warns(UserWarning, match="no edge has the weight"):
        assert not as_graph(several, weight_key="length").weighted
    both = networkx.DiGraph()
    both.add_weighted_edges_from([(0, 1, 1), (1, 0, 1), (1, 2, 1)])
    assert as_graph(both, directed=False).weights.tolist() == [2, 2, 1, 1]


@pytest.mark.parametrize("name", ["--5", "-", "-" * 3 + "1", "1" * 5000, "٣"])
def test_a_name_that_is_none_is_a_key_error(name):
    with pytest.raises(KeyError, match="no node"):
        Graph.from_edges([1], [5]).neighbors(name)


def test_a_saved_graph_is_packed_but_not_given_open(tmp_path):
    graph = Graph.from_edges(["a", "b"], ["b", "c"])
    graph.save(tmp_path / "it")
    (tmp_path / "it.gz").write_bytes(gzip.compress((tmp_path / "it").read_bytes()))
    for mmap in (False, True):
        assert Graph.read(tmp_path / "it.gz", mmap=mmap).names == ["a", "b", "c"]
    with open(tmp_path / "it", "rb") as file, pytest.raises(ValueError, match="give the path of the file"):
        Graph.read(file)
    with pytest.raises(ValueError, match="mmap must be True, False, 'r' or 'c', not 'w'"):
        Graph.read(tmp_path / "it", mmap="w")


def test_flags_are_true_or_false(tmp_path):
    """A text would be taken for True."""
    path = text_file(tmp_path, "1 2\n2 3\n3 1\n")
    Graph.read(path).save(tmp_path / "saved")
    for call, names in (
        (partial(Graph.read, path), ("directed", "weighted", "loops")),
        (partial(Graph.read, tmp_path / "saved"), ("directed", "weighted", "loops")),
        (partial(Graph.from_edges, [1, 2], [2, 3]), ("directed", "loops")),
        (partial(as_graph, ([1, 2], [2, 3])), ("directed",)),
        (partial(split_edges, path), ("connected",)),
    ):
        for name in names:
            with pytest.raises(TypeError, match=f"{name} must be True or False, not 'no'"):
                call(**{name: "no"})


def test_options_hold_for_a_saved_graph(tmp_path):
    path, undirected = tmp_path / "graph.fastemb", tmp_path / "undirected.fastemb"
    graph = Graph.from_edges(["a", "b", "b", "c"], ["b", "a", "c", "c"], [1, 2, 3, 4], directed=True)
    graph.save(path)
    Graph.from_edges([1, 2], [2, 3]).save(undirected)
    assert Graph.read(path).weights.tolist() == [1, 2, 3, 4]
    plain = Graph.read(path, weighted=False, loops=False, mmap=True)
    assert (plain.weighted, plain.directed, plain.edges, plain.names) == (False, True, 3, ["a", "b", "c"])
    joined = Graph.read(path, directed=False)
    assert matrix_of(joined).tolist() == [[0, 3, 0], [3, 0, 3], [0, 3, 4]]
    assert joined.names == ["a", "b", "c"]
    again = Graph.read(path, directed=False, loops=False, weighted=False)
    assert matrix_of(again).tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    assert Graph.read(undirected, nodes=str).names == ["1", "2", "3"]
    assert Graph.read(undirected, nodes=int, directed=False, weighted=False).names == [1, 2, 3]
    for source, wrong, message in (
        (path, {"separator": ","}, "no separator"),
        (path, {"nodes": int}, "not whole numbers"),
        (path, {"nodes": float}, "nodes must be int or str"),
        (undirected, {"directed": True}, "undirected graph"),
        (undirected, {"weighted": True}, "without weights"),
    ):
        with pytest.raises(ValueError, match=message):
            Graph.read(source, **wrong)


def test_no_weights_are_taken_with_none_for_weight_key(tmp_path):
    path = text_file(tmp_path, "0 1 2\n1 2 3\n")
    graph = Graph.read(path)
    graph.save(tmp_path / "graph.fastemb")
    for given in (path, tmp_path / "graph.fastemb", graph, ([0, 1], [1, 2], [2.0, 3.0]), 2 * MATRIX):
        assert as_graph(given).weighted
        assert not as_graph(given, weight_key=None).weighted
    assert not Node2Vec(path, weight_key=None).graph.weighted
    sparse = pytest.importorskip("scipy.sparse")
    matrix = sparse.coo_matrix(([2.0, 0.0], ([0, 1], [1, 2])), shape=(3, 3))  # one entry is 0, and no edge
    assert matrix_of(as_graph(matrix, weight_key=None)).tolist() == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_an_undirected_graph_is_a_directed_one_with_both_directions():
    graph = Graph.from_edges(["a", "b"], ["b", "c"], [2.0, 3.0])
    made = as_graph(graph, directed=True)
    assert (made.directed, made.edges, made.names) == (True, 4, ["a", "b", "c"])
    assert np.array_equal(matrix_of(made), matrix_of(graph))
    assert as_graph(made, directed=False).weights.tolist() == [4, 4, 6, 6]
    assert as_graph(graph, directed=False) is graph
    networkx = pytest.importorskip("networkx")
    assert as_graph(networkx.Graph([("a", "b")]), directed=True).edges == 2
