"""What a trained Word2Vec says of text that it is given: functions over its arrays."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fastemb._threads import run_in_order
from fastemb.kernels import ragged
from fastemb.kernels.topk import span_products, span_sums

Paths = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]
NUMBERS = 1 << 16  # about so many are made at a time, for the processor's cache


def softmax(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """exp(values) divided by its sum."""
    powers = np.exp(values - values.max(initial=-np.inf))
    return powers / powers.sum()


def log_sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """log 1 / (1 + exp(-x)), without overflow."""
    return np.minimum(values, 0) - np.log(1 + np.exp(-np.abs(values)))


def log_likelihoods(
    ids: NDArray[np.int32],
    starts: NDArray[np.int64],
    vectors: NDArray[np.float32],
    node_vectors: NDArray[np.float32],
    paths: Paths,
    *,
    sg: bool,
    window: int,
    cbow_mean: bool = True,
    before: bool = True,
    after: bool = True,
    workers: int = 1,
) -> NDArray[np.float64]:
    """Log-likelihood of sentences under hierarchical softmax, in windows of full width (Taddy 2015).

    Parameters
    ----------
    ids : ndarray of int32, shape (words of all sentences,)
        The words, as rows of `vectors`.
    starts : ndarray of int64, shape (sentences + 1,)
        Where the sentences begin, and where the last one ends.
    vectors, node_vectors : ndarray of float32, shape (words, vector_size)
    paths : tuple of ndarray
        From `fastemb.vocabulary.huffman_paths`.
    sg : bool
        Sum over all pairs of a context word and a centre; else over all centres, predicted from their context.
    window : int
    cbow_mean : bool, default True
        A context is the mean of its vectors, else their sum.
    before, after : bool, default True
        Whether windows reach to that side.
    workers : int, default 1
        Threads.

    Returns
    -------
    ndarray of float64, shape (sentences,)

    Raises
    ------
    ValueError
        If a path is of nodes that are not there.
    """
    path_starts, nodes, labels = paths
    node_vectors = np.ascontiguousarray(node_vectors, np.float32)
    try:
        ragged.check(path_starts, nodes, 0, len(node_vectors), "paths")
    except ValueError as error:
        raise ValueError(f"a path of the tree is of nodes that are not there: {error}") from None
    result = np.zeros(len(starts) - 1)
    sentences = np.repeat(np.arange(len(result)), np.diff(starts))
    places, window = np.arange(len(ids)), min(window, len(ids))
    begins = np.maximum(places - window * before, starts[sentences])
    ends = np.minimum(places + window * after + 1, starts[sentences + 1])
    lengths = path_starts[ids + 1] - path_starts[ids]

    def sums(bounds: tuple[int, int], _: None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """For each node on the path of each of some centres the sentence, and the sum of log σ over the contexts."""
        some = slice(*bounds)
        first = begins[some][0]
        hidden = np.asarray(vectors[ids[first : ends[some][-1]]], np.float32)
        spans = np.stack([begins[some], ends[some]], axis=1) - first
        own, counts = places[some] - first, lengths[some]
        if not sg:
            around = np.empty((len(spans), hidden.shape[1]), np.float32)
            span_sums(hidden, spans, np.zeros(hidden.shape[1]), around)
            around -= hidden[own]
            if cbow_mean:
                around /= np.maximum(spans[:, 1:] - spans[:, :1] - 1, 1).astype(np.float32)
            hidden = around
            spans = np.arange(len(spans), dtype=np.int64)[:, np.newaxis] + np.arange(2)
        path_ends = np.cumsum(counts)
        steps = np.arange(path_ends[-1]) + np.repeat(path_starts[ids[some]] - path_ends + counts, counts)
        widths = np.repeat(spans[:, 1] - spans[:, 0], counts)
        rows = np.cumsum(widths) - widths
        products = np.empty(int(widths.sum()), np.float32)
        copies = np.empty((counts.max(), hidden.shape[1]), np.float32)
        offsets = np.concatenate([[0], path_ends])
        span_products(hidden, spans, node_vectors, nodes[steps], offsets, copies, products)
        products *= np.repeat(2 * labels[steps] - 1, widths)
        logs = log_sigmoid(products)
        if sg:  # a word is not in its own context
            logs[rows + np.repeat(own - spans[:, 0], counts)] = 0
        return np.repeat(sentences[some], counts), np.add.reduceat(logs, rows, dtype=np.float64)

    def take(found: tuple[NDArray[np.int64], NDArray[np.float64]]) -> None:
        result[:] += np.bincount(*found, len(result))

    groups = np.cumsum(lengths * (ends - begins if sg else 1) + vectors.shape[1]) // NUMBERS
    cuts = [0, *(np.flatnonzero(np.diff(groups)) + 1).tolist(), len(ids)] if len(ids) else []
    run_in_order(list(pairwise(cuts)), sums, take, workers, lambda: None)
    return result
