"""Walks over a planted graph: what a step of many pairs must not leave out of training pair by pair."""

import numpy as np

from fastemb.models import Word2Vec


def planted_walks(nodes=300, groups=10, length=40, walks=10):
    """In a graph whose nodes have degrees by a power law, and most of their edges within a group."""
    draw = np.random.default_rng(0)
    group, weight = np.arange(nodes) % groups, draw.pareto(1.2, nodes) + 0.3
    chances = np.triu(np.outer(weight, weight) * np.where(group[:, None] == group, 1, 0.05), 1)
    edges = np.triu(draw.random((nodes, nodes)) < chances * 3 * nodes / chances.sum(), 1)
    links = [np.flatnonzero(row) for row in edges | edges.T]
    found = []
    for start in [node for node in range(nodes) if len(links[node])] * walks:
        walk = [start]
        while len(walk) < length:
            walk.append(int(draw.choice(links[walk[-1]])))
        found.append(walk)
    return found


def test_rows_of_both_matrices_are_as_long_as_with_noise_of_each_pair():
    # Pair by pair, output rows are 1.3 times as long as input rows; of steps "at once" they were 2.3 times as long, as
    # context words of one centre did not draw each other: edges of large graphs were lost by it.
    walks = planted_walks()

    def ratio(shared):
        options = {"sg": 1, "window": 10, "sample": 0, "min_count": 1, "vector_size": 32, "workers": 1}
        model = Word2Vec(walks, shared_noise=shared, **options)
        inputs, outputs = (np.linalg.norm(matrix, axis=1).mean() for matrix in (model.wv.vectors, model.syn1neg))
        return outputs / inputs

    assert 0.8 < ratio(True) / ratio(False) < 1.2
