"""One model of several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb import queries
from fastemb._numbers import positive
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.postprocess.parts import (
    BLOCK,
    Matrix,
    finite,
    of_keys,
    principal,
    size_in,
    transformed,
    vectors_of,
    without_ngrams,
)


def average(models: Iterable[Any], *, align: bool = True) -> KeyedVectors:
    """The mean of the vectors of several models, of the words that all of them have (Coates and Bollegala 2018).

    Each vector is divided by its length before. Models that were trained apart have no axes in common: the others are
    turned to the first by orthogonal Procrustes over these words (Schönemann 1966).

    Parameters
    ----------
    models : iterable of KeyedVectors, or of models that have them as `wv`
        Two or more. Smaller vectors are filled up with zeros.
    align : bool, default True
        Turn the others to the first.

    Returns
    -------
    KeyedVectors
        Of the words in common, in the order of the first model and with its attributes. float32.

    Raises
    ------
    TypeError
        If there are no vectors in what is given.
    ValueError
        If there are less than two models, no word is in all, vectors are made of n-grams, or one holds NaN or infinity.
    """
    keyed, matrices = in_common(models, "average")
    size = max(matrix.shape[1] for matrix in matrices)
    filled = [np.pad(matrix, ((0, 0), (0, size - matrix.shape[1]))) for matrix in matrices]
    total = filled[0].astype(np.float64)
    for matrix in filled[1:]:
        total += matrix @ rotation(matrix, filled[0]) if align else matrix
    return of_keys(keyed, (total / len(filled)).astype(np.float32))


def concatenate(
    models: Iterable[Any], vector_size: int | None = None, *, weights: Sequence[float] | None = None
) -> KeyedVectors:
    """The vectors of several models end to end, for the words that all of them have (Yin and Schütze 2016).

    Each vector is divided by its length before; with `vector_size` the whole is then brought to that size by singular
    value decomposition, which keeps the most of the dot products, and so of the cosines.

    Parameters
    ----------
    models : iterable of KeyedVectors, or of models that have them as `wv`
        Two or more.
    vector_size : int, optional
        By default the sum of those of the models.
    weights : sequence of float, optional
        Of each model; 1 by default. A cosine of the result is the mean of theirs, by the squares of these.

    Returns
    -------
    KeyedVectors
        As of `average`.

    Raises
    ------
    TypeError, ValueError
        As of `average`; and if `vector_size` is too large, or weights are not positive or not as many as models.
    """
    keyed, matrices = in_common(models, "concatenate")
    factors = [1.0] * len(matrices) if weights is None else [positive("weights", weight) for weight in weights]
    if len(factors) != len(matrices):
        raise ValueError(f"{len(factors)} weights for {len(matrices)} models")
    whole_rows = np.concatenate(
        [matrix * np.float32(factor) for matrix, factor in zip(matrices, factors, strict=True)], 1
    )
    if vector_size is None:
        return of_keys(keyed, whole_rows)
    size = size_in(whole_rows.shape[1], vector_size)
    products = np.zeros((whole_rows.shape[1], whole_rows.shape[1]))
    for begin in range(0, len(whole_rows), BLOCK):
        rows = whole_rows[begin : begin + BLOCK].astype(np.float64)
        products += rows.T @ rows
    axes = principal(products)[1][:, :size]
    return of_keys(keyed, transformed(whole_rows, lambda rows: rows @ axes, np.float32, size))


def in_common(models: Iterable[Any], function: str) -> tuple[KeyedVectors, list[NDArray[np.float32]]]:
    """The words that all models have, as vectors of the first; and their vectors of length 1 in each."""
    given = list(models) if isinstance(models, Iterable) and not isinstance(models, (KeyedVectors, str)) else [models]
    if len(given) < 2:
        raise ValueError(f"{function} needs two models or more, in a list")
    all_keyed = [without_ngrams(vectors_of(model), function) for model in given]
    first, *others = all_keyed
    keys = [key for key in first.index_to_key if all(other._row_of(key) >= 0 for other in others)]
    if not keys:
        raise ValueError("the models have no word in common")
    rows = [[keyed._row_of(key) for key in keys] for keyed in all_keyed]
    matrices = [
        np.asarray(queries.unit_rows(finite(keyed.vectors[which], keys)), np.float32)
        for keyed, which in zip(all_keyed, rows, strict=True)
    ]
    kept = KeyedVectors.from_arrays(keys, matrices[0])
    first.copy_vecattrs_to(kept)
    return kept, matrices


def rotation(rows: NDArray[Any], others: NDArray[Any]) -> Matrix:
    """The orthogonal matrix that brings rows the nearest to others."""
    left, _, right = np.linalg.svd(rows.T.astype(np.float64) @ others.astype(np.float64))
    return np.asarray(left @ right, np.float64)
