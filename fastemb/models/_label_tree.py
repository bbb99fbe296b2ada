"""The tree of hierarchical softmax over labels, as fastText builds it: paths to train, and nodes that outlive it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastemb.inference import Paths
from fastemb.kernels.ragged import starts_of
from fastemb.kernels.text.outputs import label_tree

Numbers = NDArray[np.int64]


def label_paths(counts: Numbers) -> Paths:
    """The path to each label: where it begins, the inner nodes, and to which side each turns, 1 for the second child.

    Parameters
    ----------
    counts : ndarray of int64, shape (labels,)
        Descending.
    """
    labels, steps = len(counts), list(climbing(label_tree(counts)))
    lengths = np.zeros(labels, np.int64)
    for leaves, _, _ in steps:
        lengths[leaves] += 1
    starts = starts_of(lengths)
    nodes, sides = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.float32)
    for height, (leaves, parents, side) in enumerate(steps):
        places = starts[leaves + 1] - 1 - height
        nodes[places], sides[places] = parents, side
    return starts, nodes, sides


def climbing(children: NDArray[np.int32]) -> list[tuple[Numbers, Numbers, Numbers]]:
    """From all labels towards the root: at each height, the labels below it, their inner nodes, and their sides."""
    labels = len(children) + 1
    parent, side = np.full(2 * labels - 1, -1, np.int64), np.zeros(2 * labels - 1, np.int64)
    for k in range(2):
        parent[children[:, k]], side[children[:, k]] = np.arange(labels - 1), k
    leaves = places = np.arange(labels)
    steps: list[tuple[Numbers, Numbers, Numbers]] = []
    while True:
        inside = parent[places] >= 0
        leaves, places = leaves[inside], places[inside]
        if not len(leaves):
            return steps
        steps.append((leaves, parent[places], side[places]))
        places = labels + parent[places]


def nodes_kept(before: Numbers, output: NDArray[np.float32], counts: Numbers, order: Numbers) -> NDArray[np.float32]:
    """Rows for the inner nodes of a new tree: those of the old one that part the same labels, and zeros.

    Parameters
    ----------
    before : ndarray of int64, shape (old,)
        Counts of the labels of the old tree.
    output : ndarray of float32, shape (labels, vector_size)
        The rows of its nodes, and others behind them.
    counts : ndarray of int64, shape (labels,)
        Of the labels of the new tree.
    order : ndarray of int64, shape (labels,)
        For each of them its number in the old tree, or a larger one.
    """
    marks = np.random.default_rng(0).integers(0, 2**64, (len(counts)), np.uint64)
    old, new = marks_below(before, marks), marks_below(counts, marks[order])
    rows = {tuple(pair): row for row, pair in enumerate(old.tolist())}
    made = np.zeros_like(output)
    for node, (first, second) in enumerate(new.tolist()):
        if (first, second) in rows:
            made[node] = output[rows[first, second]]
        elif (second, first) in rows:
            made[node] = -output[rows[second, first]]
    return made


def marks_below(counts: Numbers, marks: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """For each inner node, what tells the labels below its two sides from others: the sums of their random marks."""
    sums = np.zeros((max(len(counts) - 1, 0), 2), np.uint64)
    for leaves, parents, side in climbing(label_tree(counts)):
        np.add.at(sums, (parents, side), marks[leaves])
    return sums
