"""Classification of nodes and prediction of edges: against scikit-learn's formulas, and planted answers."""

import numpy as np
import pytest

from fastemb import KeyedVectors, Node2Vec
from fastemb.graphs import Graph, classify_nodes, predict_links, split_edges
from fastemb.graphs.evaluation import likeliest, read_groups
from fastemb.graphs.logistic import area_under_curve, average_precision, f1_scores, fit_logistic, penalised_loss


def test_logistic_regression_is_at_its_minimum():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 5))
    positive = x @ [1, -2, 0, 0.5, 3] + rng.logistic(size=300) > 1
    w = fit_logistic(x, positive, c=0.7)
    with_ones, penalty = np.column_stack([x, np.ones(300)]), np.array([1.0] * 5 + [0])
    best = penalised_loss(with_ones, positive.astype(float), w, penalty, 0.7)
    for change in 1e-3 * rng.normal(size=(50, 6)):
        assert penalised_loss(with_ones, positive.astype(float), w + change, penalty, 0.7) > best
    apart = fit_logistic(np.array([[-1.0], [1.0]] * 20), np.array([False, True] * 20))  # can be told without an error
    assert np.isfinite(apart).all()
    assert fit_logistic(x, np.zeros(300, bool))[-1] == -np.inf


def test_logistic_regression_is_that_of_sklearn():
    linear = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(1)
    x, positive = rng.normal(size=(200, 4)), rng.random(200) < 0.2
    theirs = linear.LogisticRegression(C=2.0, tol=1e-10, max_iter=1000).fit(x, positive)
    np.testing.assert_allclose(fit_logistic(x, positive, 2.0), [*theirs.coef_[0], *theirs.intercept_], atol=1e-5)


def test_curves():
    scores, truth = np.array([0.1, 0.4, 0.4, 0.8, 0.9]), np.array([0, 0, 1, 1, 0], bool)
    pairs = [(a > b) + (a == b) / 2 for a in scores[truth] for b in scores[~truth]]
    assert area_under_curve(scores, truth) == pytest.approx(np.mean(pairs))
    # Thresholds .9, .8, .4: precisions 0, 1/2, 2/4; recall rises by half at the second and at the third.
    assert average_precision(scores, truth) == pytest.approx(0.5 * 0.5 + 0.5 * 0.5)
    assert np.isnan(area_under_curve(scores, np.ones(5, bool)))
    assert np.isnan(average_precision(scores, np.zeros(5, bool)))


def test_curves_are_those_of_sklearn():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(2)
    scores, truth = rng.integers(0, 20, 300) / 7, rng.random(300) < 0.3
    assert area_under_curve(scores, truth) == pytest.approx(metrics.roc_auc_score(truth, scores))
    assert average_precision(scores, truth) == pytest.approx(metrics.average_precision_score(truth, scores))


def test_f1():
    truth = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0]], bool)
    predicted = likeliest(np.array([[3.0, 1, 2], [1, 2, 3], [0, 0, 1]]), truth.sum(axis=1))
    assert predicted.tolist() == [[True, False, False], [False, True, True], [False, False, True]]
    micro, macro = f1_scores(truth, predicted)
    assert micro == pytest.approx(2 * 2 / (4 + 4))
    assert macro == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)


def test_planted_groups_are_found():
    rng = np.random.default_rng(3)
    groups = {f"n{k}": [k % 3, 3] if k % 5 == 0 else k % 3 for k in range(150)}
    vectors = {
        node: rng.normal(size=4) * 0.1 + np.eye(4)[k % 3] + (k % 5 == 0) * np.eye(4)[3] for k, node in enumerate(groups)
    }
    half, most = classify_nodes(vectors, groups, [0.5, 0.9], repeats=3)
    assert half.share == 0.5
    assert min(half.micro, half.macro, most.micro) > 0.9
    assert classify_nodes(vectors, groups, 0.5, repeats=2, seed=7) == classify_nodes(
        vectors, groups, 0.5, repeats=2, seed=7
    )
    nothing = {node: rng.normal(size=4) for node in vectors}
    assert classify_nodes(nothing, groups, 0.5, repeats=3)[0].micro < 0.7
    with pytest.raises(ValueError, match="repeats must be at most 1000000"):
        classify_nodes(vectors, groups, 0.5, repeats=10**12)
    for wrong in (0, 1, 0.001):
        with pytest.raises(ValueError, match="share"):
            classify_nodes(vectors, groups, wrong)
    with pytest.raises(KeyError, match="'x' has a group"):
        classify_nodes(vectors, [("x", 1)])
    with pytest.raises(ValueError, match="no node"):
        classify_nodes(vectors, {})


def test_a_share_may_be_a_number_of_numpy():
    vectors, groups = {k: [float(k % 2), 1.0] for k in range(20)}, {k: k % 2 for k in range(20)}
    wanted = classify_nodes(vectors, groups, 0.5)
    assert classify_nodes(vectors, groups, np.float32(0.5)) == classify_nodes(vectors, groups, iter([0.5])) == wanted


def test_vectors_that_are_missing_or_not_finite_are_refused():
    graph = Graph.from_edges(*np.triu_indices(8, 1)).without([[0, k] for k in range(2, 8)])
    wrong = KeyedVectors.from_arrays(list(range(8)), np.full((8, 3), np.nan, np.float32))
    groups = {node: "ab"[node % 2] for node in range(8)}
    with pytest.raises(ValueError, match="vectors must be finite"):
        classify_nodes(wrong, groups, 0.5)
    with pytest.raises(ValueError, match="vectors must be finite"):
        predict_links(wrong, split_edges(graph, 0.1), ["cosine"])
    with pytest.raises(KeyError, match="the node 99 has a group, and no vector"):
        classify_nodes(wrong, {99: "a", **groups}, 0.5)


def test_groups_are_read(tmp_path):
    path = tmp_path / "groups.txt"
    path.write_text("# node group\n1 a\n2 b,c\n1 b\n")
    assert read_groups(path, int) == {1: ["a", "b"], 2: ["b", "c"]}
    path.write_text("1 a\n2\n")
    with pytest.raises(ValueError, match="line 2"):
        read_groups(path)
    path.write_text("x a\n")
    with pytest.raises(ValueError, match="line 1"):
        read_groups(path, int)


def ring_of_groups(directed=False, groups=8, size=12):
    """Nodes that have edges in their group, and one to the next group."""
    rng = np.random.default_rng(4)
    edges = [
        (group * size + a, group * size + b)
        for group in range(groups)
        for a in range(size)
        for b in range(a + 1, size)
        if rng.random() < 0.7
    ] + [(group * size, (group + 1) % groups * size + 1) for group in range(groups)]
    return Graph.from_edges(*np.array(edges).T, directed=directed)


def connected(graph):
    reached, front = {0}, [0]
    while front:
        v = front.pop()
        new = {*graph.targets[graph.starts[v] : graph.starts[v + 1]].tolist()} - reached
        reached |= new
        front += new
    return len(reached) == graph.nodes


@pytest.mark.parametrize("directed", [False, True])
def test_held_out_edges_are_gone_and_negatives_are_none(directed):
    graph = ring_of_groups(directed)
    split = split_edges(graph, 0.4, seed=2)
    with pytest.raises(TypeError, match="graph"):
        split_edges(None)
    known, left = ({*map(tuple, g.edge_array().tolist())} for g in (graph, split.graph))
    test, train, *negatives = (
        [*map(tuple, pairs.tolist())]
        for pairs in (split.test, split.train, split.test_negatives, split.train_negatives)
    )
    assert len(test) == round(0.4 * graph.edges)
    assert {*test} == known - left
    assert {*train} <= left
    assert len({*negatives[0], *negatives[1]}) == len(test) + len(train)
    assert not {*negatives[0], *negatives[1]} & (known if directed else known | {(b, a) for a, b in known})
    assert all(a != b for a, b in negatives[0])
    if not directed:
        assert connected(split.graph)
        walked = {*zip(split.graph.sources().tolist(), split.graph.targets.tolist(), strict=True)}
        assert not walked & {*test}


def test_planted_edges_are_predicted():
    graph = ring_of_groups()
    split = split_edges(graph, 0.3)
    vectors = np.eye(8)[np.arange(graph.nodes) // 12] + 0.01
    found = predict_links(vectors, split, ("hadamard", "l1", "l2", "cosine", "dot"))
    assert all(scores.auc > 0.9 and scores.ap > 0.8 for scores in found.values())
    assert predict_links(np.ones((graph.nodes, 2)), split)["cosine"].auc == 0.5
    with pytest.raises(ValueError, match="'sum'"):
        predict_links(vectors, split, ["sum"])
    for wrong in (vectors[1:], vectors[:, 0]):
        with pytest.raises(ValueError, match="shape"):
            predict_links(wrong, split)
    for wrong in (vectors * 1j, vectors.astype(object), vectors.astype(str)):
        with pytest.raises(TypeError, match="vectors must be of real numbers, not"):
            predict_links(wrong, split)
    with pytest.raises(TypeError, match=r"what split_edges\(\) returns, not Graph"):
        predict_links(vectors, graph)


def test_splits_that_cannot_be():
    tree = Graph.from_edges([0, 1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="connected=False"):
        split_edges(tree, 0.5)
    assert len(split_edges(tree, 0.3, connected=False).test) == 1
    full = Graph.from_edges(*np.argwhere(np.triu(np.ones((5, 5)), 1)).T)
    with pytest.raises(ValueError, match="without an edge"):
        split_edges(full, 0.3)
    with pytest.raises(ValueError, match="share"):
        split_edges(full, 1.0)


def test_one_direction_of_an_edge_is_enough_to_stay_connected():
    there_and_back = Graph.from_edges([0, 1, 1, 2], [1, 0, 2, 1], directed=True, nodes=9)
    for seed in range(10):
        split = split_edges(there_and_back, 0.5, seed=seed)
        assert len(split.test) == 2
        assert {*map(tuple, np.sort(split.graph.edge_array(), axis=1).tolist())} == {(0, 1), (1, 2)}
    with pytest.raises(ValueError, match="but 2"):
        split_edges(there_and_back, 0.75)


def test_not_all_edges_are_held_out():
    path = Graph.from_edges(range(10), range(1, 11))
    with pytest.raises(ValueError, match="none out, or all"):
        split_edges(path, 0.99, connected=False)
    assert len(split_edges(path, 0.94, connected=False).train) == 1


@pytest.mark.filterwarnings("error")
def test_infinite_scores_are_ties():
    assert average_precision(np.full(4, -np.inf), np.array([True, True, False, False])) == 0.5
    assert average_precision(np.array([np.inf, 1, -np.inf]), np.array([True, False, True])) == pytest.approx(5 / 6)


@pytest.mark.parametrize("c", [0, -5, float("nan")])
def test_the_weight_of_the_loss_is_positive(c):
    split = split_edges(Graph.from_edges(range(10), range(1, 11)), 0.3, connected=False)
    with pytest.raises(ValueError, match="c must be"):
        predict_links(np.ones((11, 2)), split, c=c)
    with pytest.raises(ValueError, match="c must be"):
        classify_nodes({0: [1.0], 1: [2.0]}, {0: "x", 1: "y"}, 0.5, c=c)


def test_models_are_taken_for_their_vectors():
    graph = Graph.from_edges(range(10), range(1, 11))
    model = Node2Vec(graph, 4, 5, 2).fit(min_count=1, epochs=1)
    split = split_edges(graph, 0.3, connected=False)
    assert predict_links(model, split) == predict_links(model.wv, split)
    groups = {node: node // 5 for node in range(11)}
    assert classify_nodes(model, groups, 0.5, repeats=2) == classify_nodes(model.wv, groups, 0.5, repeats=2)


def test_nodes_of_another_type_are_not_found():
    """A whole number that is no name must not be taken for a row."""
    vectors = KeyedVectors.from_arrays(["1", "0"], np.eye(2, dtype=np.float32))
    with pytest.raises(KeyError, match="no vector: names are str, as '0'"):
        classify_nodes(vectors, {0: "x", 1: "y"}, 0.5)
    with pytest.raises(KeyError, match="no vector: names are int, as 0"):
        classify_nodes({0: [1.0], 1: [2.0]}, {"0": "x", "1": "y"}, 0.5)
    with pytest.raises(KeyError, match="no vector: names are str, as '0'"):
        predict_links(vectors, split_edges(Graph.from_edges([0, 1, 2, 3], [1, 2, 3, 4]), 0.5, connected=False))
