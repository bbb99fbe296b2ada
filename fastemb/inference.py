"""What a trained Word2Vec says of text that it is given: functions over its arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Paths = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]
CENTRES = 64  # taken at a time,
ROOM = 1 << 14  # but not more than so many with their contexts


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

    Returns
    -------
    ndarray of float64, shape (sentences,)
    """
    path_starts, nodes, labels = paths
    result = np.zeros(len(starts) - 1)
    sentences = np.repeat(np.arange(len(result)), np.diff(starts))
    wide = 2 * window > CENTRES
    size = max(1, min(CENTRES, ROOM // max(window, 1)))
    for begin in range(0, len(ids), size):
        places = np.arange(begin, min(begin + size, len(ids)))
        around = np.arange(max(0, begin - window), min(begin + size + window, len(ids)))
        distances = np.abs(places[:, np.newaxis] - around)
        near = (distances > 0) & (distances <= window) & (sentences[places][:, np.newaxis] == sentences[around])
        centres = ids[places]
        lengths = path_starts[centres + 1] - path_starts[centres]
        owners = np.repeat(np.arange(len(centres)), lengths)
        steps = np.arange(len(owners)) + np.repeat(path_starts[centres] - np.cumsum(lengths) + lengths, lengths)
        outputs = node_vectors[nodes[steps]] * (2 * labels[steps] - 1)[:, np.newaxis]
        hidden = vectors[ids[around]]
        if sg:
            taken, context = np.nonzero(near[owners])
            owners = owners[taken]
            if wide:  # most of all products are wanted
                values = (outputs @ hidden.T)[taken, context]
            else:
                values = np.einsum("ij,ij->i", outputs[taken], hidden[context])
        else:
            hidden = near.astype(np.float32) @ hidden
            if cbow_mean:
                hidden /= np.maximum(near.sum(axis=1, keepdims=True), 1)
            values = np.einsum("ij,ij->i", outputs, hidden[owners])
        result += np.bincount(sentences[places[owners]], log_sigmoid(values), len(result))
    return result
