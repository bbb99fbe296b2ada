"""Other vectors of the words of one model."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from fastemb import queries
from fastemb._numbers import rate, whole
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.postprocess.parts import (
    Matrix,
    check_finite,
    moments,
    moved,
    of_keys,
    principal,
    size_in,
    transformed,
    vectors_of,
    without_ngrams,
)

LEAST = 1e-10  # a variance below so much of the largest is none


def center(wv: Any, *, weights: str | ArrayLike | None = None) -> KeyedVectors:
    """Without the mean of all vectors, which says nothing of a word.

    Parameters
    ----------
    wv : KeyedVectors, or a model that has them as `wv`
    weights : {None, 'count'} or array-like, shape (len(wv),), optional
        How much each word counts in the mean: as much as any other by default; by how often it was seen, as in
        Zipfian whitening (Yokoi et al. 2024); or as given.

    Returns
    -------
    KeyedVectors
        The same keys and attributes, in the precision of `wv`, without locks. Vectors that were compressed come back as
        float32.

    Raises
    ------
    TypeError
        If there are no vectors in what is given.
    ValueError
        If there are no vectors, or one holds NaN or infinity, or weights are negative, all zero or not as many as there
        are words, or counts that were made up, as of vectors that were read from text.
    KeyError
        If counts are to be weights, and there are none.
    """
    keyed = vectors_of(wv)
    mean, _ = moments(keyed, weights, products=False)
    return moved(keyed, mean, None)


def all_but_the_top(wv: Any, components: int | None = None, *, weights: str | ArrayLike | None = None) -> KeyedVectors:
    """Without the mean and the first principal components, which frequency dominates (Mu and Viswanath 2018).

    Parameters
    ----------
    wv, weights
        As of `center`.
    components : int, optional
        How many; by default the paper's rule, a hundredth of `vector_size`, and at least 1, if that leaves any.

    Returns
    -------
    KeyedVectors
        As of `center`.

    Raises
    ------
    TypeError, ValueError, KeyError
        As of `center`; and if `components` is negative, or not less than the directions in which vectors vary:
        `vector_size`, or fewer where there are fewer words.
    """
    keyed = vectors_of(wv)
    size = keyed.vector_size
    number = max(1, size // 100) if components is None else whole("components", components, 0)
    mean, products = moments(keyed, weights)
    variances, axes = principal(products)
    found = directions(variances)
    if components is None:
        number = min(number, max(found - 1, 0))
    elif number and number >= found:
        raise ValueError(f"components={number} of vectors that vary in {found} directions would leave nothing")
    top = axes[:, :number]
    return moved(keyed, mean, np.eye(size) - top @ top.T)


def reduce(wv: Any, vector_size: int, *, weights: str | ArrayLike | None = None) -> KeyedVectors:
    """Vectors of a smaller size, by principal components, which keep the most of the variance.

    Parameters
    ----------
    wv, weights
        As of `center`.
    vector_size : int
        At most that of `wv`.

    Returns
    -------
    KeyedVectors
        As of `center`. The first number of a vector is along the axis of the largest variance, and so on.

    Raises
    ------
    TypeError, ValueError, KeyError
        As of `center`; and if `vector_size` is less than 1 or larger than that of `wv`.
    """
    keyed = vectors_of(wv)
    size = size_in(keyed.vector_size, vector_size)
    mean, products = moments(keyed, weights)
    return moved(keyed, mean, principal(products)[1][:, :size])


def whiten(
    wv: Any,
    vector_size: int | None = None,
    *,
    weights: str | ArrayLike | None = None,
    shrinkage: float = 0.0,
) -> KeyedVectors:
    """Vectors of which each direction has the same variance, 1, and none goes with another.

    Parameters
    ----------
    wv, weights
        As of `center`; with ``weights="count"`` this is Zipfian whitening (Yokoi et al. 2024).
    vector_size : int, optional
        Keep only so many principal components, along which the result lies (PCA whitening). By default all, and they
        are turned back to where they were (ZCA whitening), so that numbers of vectors mean what they meant.
    shrinkage : float, default 0.0
        Added to each variance, as a share of their mean, before it is divided by; directions of little variance then
        stay small.

    Returns
    -------
    KeyedVectors
        As of `center`.

    Raises
    ------
    TypeError, ValueError, KeyError
        As of `reduce`; and if `shrinkage` is negative, or is 0 where a direction that is kept has no variance, as when
        there are fewer words than `vector_size`.
    """
    keyed = vectors_of(wv)
    size = size_in(keyed.vector_size, keyed.vector_size if vector_size is None else vector_size)
    added = rate("shrinkage", shrinkage)
    mean, products = moments(keyed, weights)
    variances, axes = principal(products)
    if not added and (found := directions(variances)) < size:
        raise ValueError(f"the vectors of {len(keyed)} words vary in {found} directions: give vector_size or shrinkage")
    turned = axes[:, :size] / np.sqrt(variances[:size] + added * max(variances.mean(), np.finfo(float).tiny))
    return moved(keyed, mean, turned if vector_size is not None else turned @ axes.T)


def directions(variances: Matrix) -> int:
    """In how many directions vectors vary, by the variances, the largest first."""
    return int(np.count_nonzero(variances > LEAST * max(variances[0], np.finfo(float).tiny)))


def normalize(wv: Any) -> KeyedVectors:
    """Vectors of length 1; those of zeros stay.

    Parameters
    ----------
    wv
        As of `center`; not of n-grams.

    Returns
    -------
    KeyedVectors
        As of `center`.

    Raises
    ------
    TypeError, ValueError
        As of `center`; ValueError also if vectors are made of n-grams.
    """
    keyed = without_ngrams(vectors_of(wv), "normalize")
    check_finite(keyed)
    return of_keys(keyed, transformed(keyed.vectors, queries.unit_rows, keyed.vectors.dtype))
