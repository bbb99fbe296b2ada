"""Walks: their probabilities against exact ones in NumPy, and what they depend on."""

import gzip
from itertools import pairwise

import numpy as np
import pytest

from fastemb import Doc2Vec, Word2Vec
from fastemb.corpus import Limits
from fastemb.graphs import walks as walks_module
from fastemb.graphs.graph import Graph
from fastemb.graphs.walks import CALL, Walks
from fastemb.kernels.graphs.adjacency import Adjacency
from fastemb.kernels.graphs.walker import Walker

CRITICAL = 4.5  # standard deviations; there are thousands of χ², and the seeds are fixed


def some_graph(weighted=False, directed=False, nodes=12, share=0.35, seed=3, loops=False):
    rng = np.random.default_rng(seed)
    pairs = np.argwhere(np.triu(rng.random((nodes, nodes)) < share, 0 if directed or loops else 1))
    if directed:
        pairs = np.argwhere(rng.random((nodes, nodes)) < share)
    weights = rng.choice([0.25, 1, 2, 5], len(pairs)) if weighted else None
    return Graph.from_edges(*pairs.T, weights, directed=directed, nodes=nodes)


def hub(leaves=40):
    """A hub with many neighbours, of which some are neighbours of each other, and a second hub beside it."""
    ends = [(0, k) for k in range(2, leaves)] + [(1, k) for k in range(leaves // 2, leaves + 30)] + [(0, 1)]
    ends += [(k, k + 1) for k in range(2, leaves, 3)]
    return Graph.from_edges(*np.array(ends).T)


def matrix_of(graph):
    made = np.zeros((graph.nodes, graph.nodes))
    made[graph.sources(), graph.targets] = 1 if graph.weights is None else graph.weights
    return made


def exact(matrix, t, v, p, q, gamma=None):
    """The probabilities of the next node, by the formulas of the papers."""
    weights = matrix[v].copy()
    bias = np.where(matrix[t] > 0, 1.0, 1 / q)
    if gamma is not None:
        counts = np.maximum((matrix > 0).sum(axis=1), 1)
        mean = matrix.sum(axis=1) / counts
        deviation = np.sqrt(((matrix**2).sum(axis=1) / counts - mean**2).clip(0))
        limits = np.maximum(mean + gamma * deviation, 0)
        far = (matrix[t] == 0) | (matrix[t] < limits)
        with np.errstate(divide="ignore", invalid="ignore"):
            between = 1 / q + (1 - 1 / q) * np.nan_to_num(matrix[t] / limits)
        bias = np.where(far, np.where(matrix[v] < limits[v], min(1, 1 / q), between), 1.0)
    bias[t] = 1 / p
    weights *= bias
    return weights / weights.sum()


def is_improbable(counts, probabilities):
    """Whether counts are hardly of these probabilities, by χ²; small expectations are put together."""
    expected = probabilities * counts.sum()
    assert not counts[expected == 0].any()
    small = (expected < 5) & (expected > 0)
    pairs = [*zip(counts[expected >= 5], expected[expected >= 5], strict=True)]
    if expected[small].sum() > 5:
        pairs.append((counts[small].sum(), expected[small].sum()))
    free = len(pairs) - 1
    if free < 1:
        return False
    square = sum((found - wanted) ** 2 / wanted for found, wanted in pairs)
    return ((square / free) ** (1 / 3) - 1 + 2 / (9 * free)) / np.sqrt(2 / (9 * free)) > CRITICAL  # Wilson, Hilferty


def steps(graph, p, q, walks=4000, length=30, seed=1, **options):
    """How often each third node came after each two."""
    made = Walks(graph, walks // graph.nodes + 1, length, p, q, seed=seed, workers=1, **options)
    counts = np.zeros((graph.nodes,) * 3)
    for batch in made.batches():
        triples = [batch[:, k : k + 3] for k in range(length - 2)]
        for triple in triples:
            whole = triple[(triple >= 0).all(axis=1)]
            np.add.at(counts, tuple(whole.T), 1)
    return counts


PQ = [
    (1, 1),
    (0.25, 0.25),
    (0.01, 0.02),
    (4, 1),
    (1, 4),
    (0.001, 1),
    (1000, 0.5),
    (1, 0.001),
    (1, 1000),
    (1000, 1000),
    (0.01, 50),
    (1e-100, 1e100),
]


KINDS = ["plain", "weighted", "directed", "weighted directed", "loops", "weighted loops", "hub"]


def of_kind(kind):
    if kind == "hub":
        return hub()
    nodes = 150 if "wide" in kind else 12  # a row of the table of edges is of more than one word
    return some_graph("weighted" in kind, "directed" in kind, nodes, loops="loops" in kind)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_of_common_neighbours_are_exact(kind):
    graph = of_kind(kind)
    matrix, entries = matrix_of(graph), zip(graph.sources(), graph.targets, strict=True)
    wanted = [sum(matrix[v, x] for x in range(graph.nodes) if matrix[t, x] and x != t) for t, v in entries]
    adjacency = graph.adjacency(filtered=True)
    for workers in (1, 3):
        np.testing.assert_array_equal(Walks(graph, workers=workers).common(adjacency), np.float32(wanted))


def test_common_neighbours_must_be_weighed_for_all_edges():
    graph = some_graph()
    adjacency, common = graph.adjacency(filtered=True), np.full(len(graph.targets), np.nan, np.float32)
    adjacency.weigh_common(0, graph.nodes - 1, common)
    with pytest.raises(ValueError, match="not weighed for all"):
        adjacency.keep_common(common)
    with pytest.raises(ValueError, match="common neighbours"):
        adjacency.keep_common(common[1:])
    with pytest.raises(ValueError, match="filter"):
        graph.adjacency(filtered=False).weigh_common(0, 1, common)


@pytest.mark.parametrize(("p", "q"), PQ)
@pytest.mark.parametrize("kind", KINDS)
def test_second_order_steps_have_the_exact_probabilities(kind, p, q):
    graph = of_kind(kind)
    matrix, counts = matrix_of(graph), steps(graph, p, q)
    seen = np.argwhere(counts.sum(axis=2) > 200)
    assert len(seen) > 3
    for t, v in seen:
        assert not is_improbable(counts[t, v], exact(matrix, t, v, p, q)), (t, v)


@pytest.mark.parametrize(("p", "q"), PQ)
@pytest.mark.parametrize("kind", [*KINDS, "wide", "wide directed", "wide weighted", "wide loops"])
def test_walks_are_the_same_where_edges_are_too_many_for_a_table(kind, p, q, monkeypatch):
    monkeypatch.setattr(walks_module, "LARGE", (4, 4))
    graph = of_kind(kind)
    starts = np.concatenate([graph.starts, np.full(12_000, graph.starts[-1])])  # nodes without edges
    large = Graph(starts, graph.targets, graph.weights, directed=graph.directed)
    walks = [Walks(made, 5, 40, p, q, nodes=list(range(graph.nodes))) for made in (graph, large)]
    assert [made.adjacency.tabled for made in walks] == [(p, q) != (1, 1), False]
    for ours, theirs in zip(*[made.batches() for made in walks], strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(("p", "q"), [(1, 1.5), (0.25, 0.25), (1, 0.01), (2, 100)])
@pytest.mark.parametrize("gamma", [0, 0.5])
def test_node2vec_plus_has_the_exact_probabilities(p, q, gamma):
    graph = some_graph(weighted=True, share=0.6)
    matrix, counts = matrix_of(graph), steps(graph, p, q, extend=True, gamma=gamma)
    for t, v in np.argwhere(counts.sum(axis=2) > 200):
        assert not is_improbable(counts[t, v], exact(matrix, t, v, p, q, gamma)), (t, v)


def test_ways_back_that_are_drawn_apart_are_not_drawn_twice():
    """A hub that was come to from a node with one neighbour in common, which was gone back to too often."""
    ends = [(0, 1), *((1, k) for k in range(2, 11)), (0, 2)]
    graph = Graph.from_edges(*np.array(ends).T, [2.0] * len(ends))
    for q in (1e6, 100):
        walks = np.concatenate([*Walks(graph, 100_000, 3, 0.5, q, extend=True, nodes=[0]).batches()])
        after_hub = walks[walks[:, 1] == 1, 2]
        share = exact(matrix_of(graph), 0, 1, 0.5, q)[0]
        error = np.sqrt(share * (1 - share) / len(after_hub))
        assert abs((after_hub == 0).mean() - share) < CRITICAL * error


@pytest.mark.parametrize("q", [0.5, 1, 4, 8, 50])
def test_edges_beside_very_heavy_ones_are_walked(q):
    path = Graph.from_edges([0, 1], [1, 2], [1e17, 1.0])
    walks = np.concatenate([*Walks(path, 20_000, 3, 1e20, q, nodes=[0]).batches()])
    share = exact(matrix_of(path), 0, 1, 1e20, q)[2]
    assert share > 0.9
    assert abs((walks[:, 2] == 2).mean() - share) < CRITICAL * np.sqrt(share * (1 - share) / len(walks))


def test_weights_whose_sums_are_beyond_a_float_are_common_alike():
    ends = [0, 0, 0, 1, 1, 2, 3], [1, 2, 3, 2, 3, 3, 4]
    found = []
    for weight in (2.0, 3e38):
        walks = np.concatenate([*Walks(Graph.from_edges(*ends, [weight] * 7), 100_000, 3, 2, 8, nodes=[0]).batches()])
        found.append(np.bincount(walks[walks[:, 1] == 3, 2], minlength=5) / (walks[:, 1] == 3).sum())
    np.testing.assert_allclose(*found, atol=0.02)


def test_alias_tables_are_exact():
    graph = some_graph(weighted=True)
    tables = Adjacency(graph.starts, graph.targets, graph.weights, filtered=False).aliases()
    for v in range(graph.nodes):
        begin, end = graph.starts[v : v + 2]
        keep = tables["keep"][begin:end] / 2.0**32
        shares = keep.copy()
        np.add.at(shares, tables["other"][begin:end], 1 - keep)
        weights = graph.weights[begin:end].astype(float)
        np.testing.assert_allclose(shares / (end - begin), weights / weights.sum(), atol=1e-8)


def test_walks_depend_on_seed_epoch_and_node_alone():
    graph = some_graph()
    whole = np.concatenate([*Walks(graph, 3, 20, 0.5, 2, seed=5, workers=1).batches(1)])
    for workers, size in ((3, None), (2, 7)):
        again = np.concatenate([*Walks(graph, 3, 20, 0.5, 2, seed=5, workers=workers).batches(1, size)])
        assert np.array_equal(whole, again)
    for other in (Walks(graph, 3, 20, 0.5, 2, seed=6).batches(1), Walks(graph, 3, 20, 0.5, 2, seed=5).batches(2)):
        assert not np.array_equal(whole, np.concatenate([*other]))
    some = np.concatenate([*Walks(graph, 3, 20, 0.5, 2, seed=5, nodes=[4, 7]).batches(1)])
    assert sorted(map(tuple, some)) == sorted(tuple(walk) for walk in whole if walk[0] in (4, 7))


def test_each_pass_begins_once_at_each_node_in_another_order():
    walks = np.concatenate([*Walks(some_graph(nodes=50), 4, 3).batches()])
    passes = walks[:, 0].reshape(4, 50)
    assert all(np.array_equal(np.sort(order), np.arange(50)) for order in passes)
    assert len({tuple(order) for order in passes}) == 4


def test_each_call_of_training_has_walks_of_its_own(monkeypatch):
    made, walker = [], Walks.walker
    monkeypatch.setattr(Walks, "walker", lambda walks, epoch: (made.append(epoch), walker(walks, epoch))[1])
    for fresh in (True, False):
        walks = Walks(some_graph(), 2, 5, fresh=fresh, workers=1)
        model = Word2Vec(walks, vector_size=4, epochs=2, workers=1)
        for _ in range(2):
            model.train(walks, total_examples=len(walks), epochs=2, start_alpha=1e-4, end_alpha=1e-5)
        met = [epoch for epoch in made if epoch]
        assert met == ([1, CALL, CALL + 1, 2 * CALL, 2 * CALL + 1] if fresh else [])
        made.clear()
    corpus = Walks(some_graph(), 2, 5).count_and_encode(Limits(1)).corpus
    first, second = (corpus.of_epoch((1, call), 0).chunks[0].arrays()[0] for call in (0, 1))
    assert not np.array_equal(first, second)


def test_fixed_walks_are_the_same_in_each_epoch():
    fresh, fixed = (Walks(some_graph(), 2, 9, fresh=kind) for kind in (True, False))
    assert not np.array_equal([*fresh.batches(0)], [*fresh.batches(1)])
    assert np.array_equal([*fixed.batches(0)], [*fixed.batches(1)])
    assert list(fresh) != list(fresh)
    assert list(fixed) == list(fixed)


@pytest.mark.parametrize("q", [1, 0.5])
def test_dead_ends_and_isolated_nodes(q):
    graph = Graph.from_edges([0, 1], [1, 2], nodes=4, directed=True)
    walks = Walks(graph, 1, 5, q=q)
    assert sorted(walks) == [[0, 1, 2], [1, 2], [2], [3]]
    assert walks.counts().tolist() == [1, 2, 3, 1]
    assert [len(walk) for walk in Walks(graph, 1, 1, q=q)] == [1] * 4


def test_one_node_and_loops():
    assert list(Walks(Graph.from_edges([], [], nodes=1), 2, 3)) == [[0], [0]]
    assert list(Walks(Graph.from_edges([0], [0]), 1, 3, q=2)) == [[0, 0, 0]]


WRONG = [{"p": 0}, {"q": 0}, {"p": -1}, {"q": float("nan")}, {"p": float("inf")}, {"p": 1e-300}, {"q": 1e101}]


@pytest.mark.parametrize("wrong", WRONG)
def test_p_and_q_must_be_positive_and_no_product_of_a_weight_may_overflow(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Walks(some_graph(), **wrong)
    with pytest.raises(ValueError, match="p and q must be from 1e-100 to 1e"):
        Walker(some_graph().adjacency(filtered=True), *({"p": 2, "q": 2} | wrong).values(), 0)


def test_other_wrong_parameters():
    graph = some_graph()
    for wrong in ({"num_walks": 0}, {"num_walks": 2**62}, {"walk_length": 0}, {"walk_length": 2**31}, {"nodes": []}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Walks(graph, **wrong)
    with pytest.raises(KeyError, match="no node 99"):
        Walks(graph, nodes=[99])
    with pytest.raises(
        ValueError, match="the node 3 is twice in nodes: num_walks"
    ):  # the same walk would be there twice
        Walks(graph, nodes=[1, 3, 0, 3, 1])
    with pytest.raises(TypeError, match="names in a list, not the str 'ab'"):
        Walks(Graph.from_edges(["a", "b"], ["b", "ab"]), nodes="ab")
    with pytest.raises(ValueError, match="weights"):
        next(Walks(graph, q=2, extend=True).batches())
    with pytest.raises(ValueError, match="no node"):
        Walks(Graph.from_edges([], []))
    with pytest.raises(ValueError, match="filter"):
        Walker(Adjacency(graph.starts, graph.targets, filtered=False), 1, 2, 0)


@pytest.mark.parametrize("fresh", [True, False])
def test_walks_are_no_documents(fresh):
    with pytest.raises(TypeError, match="documents are the same in each epoch; these sentences, as random walks"):
        Doc2Vec(Walks(some_graph(), fresh=fresh), vector_size=4, epochs=1)


def test_walks_are_written(tmp_path):
    graph = Graph.from_edges(["é", "b", "c"], ["b", "c", "é"])
    walks = Walks(graph, 2, 6, workers=2)
    walks.write(tmp_path / "walks.txt.gz", epochs=2)
    lines = gzip.decompress((tmp_path / "walks.txt.gz").read_bytes()).decode().splitlines()
    assert [line.split() for line in lines] == [*Walks(graph, 2, 6)] + [
        [graph.names[k] for k in walk] for walk in next(walks.batches(1)).tolist()
    ]
    with pytest.raises(ValueError, match="'a b'"):
        Walks(Graph.from_edges(["a b"], ["c"])).write(tmp_path / "no.txt")
    with pytest.raises(UnicodeEncodeError, match="ud800"):  # would be no UTF-8
        Walks(Graph.from_edges(["a\ud800"], ["c"])).write(tmp_path / "no.txt")
    assert not (tmp_path / "no.txt").exists()
    Walks(Graph.from_edges(["a\udcff"], ["a\udcff"]), 1, 2).write(tmp_path / "byte.txt")  # is a byte of no UTF-8
    assert (tmp_path / "byte.txt").read_bytes() == b"a\xff a\xff\n"
    with pytest.raises(ValueError, match="epoch must be at least 0"):
        next(walks.batches(-1))


def test_no_more_than_a_chunk_of_walks_is_in_memory(monkeypatch):
    monkeypatch.setattr(walks_module, "CHUNK", 1000)
    corpus = Walks(some_graph(nodes=200), 10, 20).count_and_encode(Limits(2)).corpus
    assert corpus.words == 40_000
    assert len(corpus.chunks) == 40
    assert [len(part) for part in corpus.parts()] == [1] * 40
    assert all(chunk.arrays()[0].nbytes <= 4000 and not hasattr(chunk, "_arrays") for chunk in corpus.chunks)


def test_weights_whose_sums_are_beyond_a_float_are_walked_over():
    graph = Graph.from_edges([0, 1, 2, 0, 1], [1, 2, 0, 3, 3], [3e38] * 5)
    walks = list(Walks(graph, 5, 10, p=0.5, q=4))
    assert len(walks) == 20
    assert all(after in graph.neighbors(before) for walk in walks for before, after in pairwise(walk))
