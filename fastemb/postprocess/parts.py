"""What these functions share: means, axes, and rows that are changed some at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastemb._numbers import whole
from fastemb.models._attributes import made_up
from fastemb.models._random import RandomRows
from fastemb.models._subword_vectors import FastTextKeyedVectors
from fastemb.models.files import vectors_in
from fastemb.models.keyedvectors import KeyedVectors

Matrix = NDArray[np.float64]
BLOCK = 1 << 14  # rows that are in double precision at a time


def vectors_of(given: Any) -> KeyedVectors:
    """The vectors of a model, or those that are given."""
    keyed = vectors_in(given)
    if not isinstance(keyed, KeyedVectors):
        raise TypeError(f"KeyedVectors are needed, or a model that has them as wv, not {type(given).__name__}")
    if not len(keyed):
        raise ValueError("there are no vectors")
    return keyed


def without_ngrams(keyed: KeyedVectors, function: str) -> KeyedVectors:
    """The same vectors; ValueError if they are made of n-grams."""
    if isinstance(keyed, FastTextKeyedVectors) and keyed.subwords.used and len(keyed.ngram_rows):
        raise ValueError(
            f"{function} cannot change rows of n-grams so that words never seen are changed likewise: give the vectors "
            "of the words alone, wv.vectors_for_all(wv.index_to_key, copy_vecattrs=True)"
        )
    return keyed


def moments(keyed: KeyedVectors, weights: str | ArrayLike | None, products: bool = True) -> tuple[Matrix, Matrix]:
    """The mean of all vectors and, if it is asked for, their covariance, in double precision."""
    size, shares = keyed.vector_size, shares_of(keyed, weights)
    vectors = keyed.vectors
    mean, covariance = np.zeros(size), np.zeros((size, size))
    for begin in range(0, len(vectors), BLOCK):
        rows = vectors[begin : begin + BLOCK].astype(np.float64)
        mean += shares[begin : begin + BLOCK] @ finite(rows, keyed.index_to_key[begin : begin + BLOCK])
    for begin in range(0, len(vectors) if products else 0, BLOCK):
        rows = vectors[begin : begin + BLOCK].astype(np.float64) - mean
        covariance += (rows * shares[begin : begin + BLOCK, np.newaxis]).T @ rows
    return mean, covariance


def shares_of(keyed: KeyedVectors, weights: str | ArrayLike | None) -> Matrix:
    """How much each word counts, of 1 in all."""
    if weights is None:
        return np.full(len(keyed), 1 / len(keyed))
    if isinstance(weights, str) and weights != "count":
        raise ValueError(f"weights must be None, 'count' or numbers, not {weights!r}")
    if isinstance(weights, str) and made_up(keyed._counts()):
        raise ValueError("the counts of these words were made up as their vectors were read: weights must be numbers")
    try:
        given = np.asarray(keyed._counts() if isinstance(weights, str) else weights, np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"weights must be None, 'count' or numbers, not {type(weights).__name__}") from None
    if given.shape != (len(keyed),):
        raise ValueError(f"weights of shape {given.shape} for {len(keyed)} words")
    if not (np.isfinite(given).all() and (given >= 0).all() and given.sum() > 0):
        raise ValueError("weights must be finite, none negative and not all zero")
    return given / given.sum()


def finite(rows: NDArray[Any], keys: Sequence[Any]) -> NDArray[Any]:
    """The same rows; ValueError if one holds NaN or infinity, which names its key."""
    bad = ~np.isfinite(rows).all(axis=1)
    if bad.any():
        raise ValueError(f"the vector of {keys[int(bad.argmax())]!r} holds NaN or infinity")
    return rows


def check_finite(keyed: KeyedVectors) -> None:
    """Raise ValueError if a vector holds NaN or infinity."""
    for begin in range(0, len(keyed), BLOCK):
        finite(keyed.vectors[begin : begin + BLOCK], keyed.index_to_key[begin : begin + BLOCK])


def principal(products: Matrix) -> tuple[Matrix, Matrix]:
    """The variances, the largest first, and their axes as columns; of each axis the largest number is positive."""
    values, axes = np.linalg.eigh(products)
    values, axes = np.maximum(values[::-1], 0), axes[:, ::-1]
    signs = np.sign(np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[np.newaxis], 0))
    return values, axes * np.where(signs == 0, 1, signs)


def size_in(largest: int, wanted: Any) -> int:
    """A size of vectors that is at most so large."""
    size = whole("vector_size", wanted, 1)
    if size > largest:
        raise ValueError(f"vector_size={size} is larger than the {largest} that there are")
    return size


def moved(keyed: KeyedVectors, mean: Matrix, matrix: Matrix | None) -> KeyedVectors:
    """(x - mean) @ matrix of all vectors x, or of the rows whose means they are."""

    def move(rows: NDArray[Any]) -> NDArray[Any]:
        centred = rows.astype(np.float64) - mean
        return centred if matrix is None else centred @ matrix

    size = keyed.vector_size if matrix is None else matrix.shape[1]
    if not isinstance(keyed, FastTextKeyedVectors):
        return of_keys(keyed, transformed(keyed.vectors, move, keyed.vectors.dtype, size))
    ngrams = keyed.ngram_rows.matrix() if isinstance(keyed.ngram_rows, RandomRows) else keyed.ngram_rows
    own, ngrams = (transformed(rows, move, np.float32, size) for rows in (keyed.own_rows(), ngrams))
    return type(keyed).from_bags(list(keyed.index_to_key), own, ngrams, keyed.subwords, copied(keyed), keyed.supervised)


def transformed(
    rows: Any, change: Callable[[NDArray[Any]], NDArray[Any]], dtype: Any, size: int | None = None
) -> NDArray[Any]:
    """New rows, made some at a time."""
    found = np.empty((len(rows), rows.shape[1] if size is None else size), dtype)
    for begin in range(0, len(rows), BLOCK):
        with np.errstate(over="ignore"):
            found[begin : begin + BLOCK] = change(rows[begin : begin + BLOCK])
        if not np.isfinite(found[begin : begin + BLOCK]).all():
            raise ValueError(f"vectors would have NaN, infinity, or numbers that are too large for {found.dtype}")
    return found


def of_keys(keyed: KeyedVectors, vectors: NDArray[Any]) -> KeyedVectors:
    """Other vectors of the same keys, with copies of their attributes."""
    return KeyedVectors.from_arrays(list(keyed.index_to_key), vectors, copied(keyed))


def copied(keyed: KeyedVectors) -> dict[str, NDArray[Any]]:
    return {name: np.array(values) for name, values in keyed.expandos.items()}
