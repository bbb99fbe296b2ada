"""Words in clusters, and the categories that people put them into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastemb.evaluation.clusters import kmeans
from fastemb.evaluation.inputs import fold, folded_index, scipy_module, takes_keyed_vectors
from fastemb.evaluation.intervals import Scores
from fastemb.queries import unit_rows


class Categories(NamedTuple):
    """What `categorization` found."""

    purity: float  #: share of the words that are in a cluster whose commonest category is theirs
    used: int
    skipped: int  #: unknown words


@takes_keyed_vectors(folded_index)
def categorization(
    vectors: NDArray[Any],
    index: Mapping[str, int],
    members: Iterable[tuple[str, str]],
    case_insensitive: bool = True,
    *,
    method: str = "ward",
    seed: int = 1,
) -> Categories:
    """Purity of clusters of words, as many as there are categories (Almuhareb and Poesio 2005).

    The vectors are divided by their lengths before they are clustered.

    Parameters
    ----------
    vectors : ndarray, shape (words, vector_size), or KeyedVectors
    index : mapping
        Row of each word, from `folded_index`.
    members : iterable of (word, category)
    case_insensitive : bool, default True
        As given to `folded_index`.
    method : {'ward', 'kmeans'}
        Ward's method, which draws nothing and needs SciPy; or the best of ten runs of k-means.
    seed : int, default 1
        Of k-means.

    Raises
    ------
    ValueError
        If less than two words are known, or there is no such method.
    """
    scores = category_scores(vectors, index, members, case_insensitive, method=method, seed=seed)
    return Categories(scores.score, scores.used, scores.skipped)


@takes_keyed_vectors(folded_index)
def category_scores(
    vectors: NDArray[Any],
    index: Mapping[str, int],
    members: Iterable[tuple[str, str]],
    case_insensitive: bool = True,
    *,
    method: str = "ward",
    seed: int = 1,
) -> Scores:
    """The cluster and the category of each word, for a purity with an interval.

    The interval is over words in the clusters as they are: neither these nor the commonest category of each are made
    anew for each draw.

    Parameters
    ----------
    vectors, index, members, case_insensitive, method, seed
        As of `categorization`.
    """
    if method not in ("ward", "kmeans"):
        raise ValueError(f"method must be 'ward' or 'kmeans', not {method!r}")
    members = list(members)
    rows = [index.get(fold(word, case_insensitive)) for word, _ in members]
    known = np.array([row is not None for row in rows], bool)
    if known.sum() < 2:
        raise ValueError(f"only {known.sum()} of {len(members)} words are in the vocabulary")
    units = unit_rows(vectors[[row for row in rows if row is not None]])
    if not np.isfinite(units).all():
        raise ValueError("vectors of words to be clustered must be finite")
    names = [category for (_, category), is_known in zip(members, known, strict=True) if is_known]
    categories = np.unique(names, return_inverse=True)[1]
    count = int(categories.max()) + 1
    values = np.full((len(members), 2), np.nan)
    values[known] = np.stack([kmeans(units, count, seed) if method == "kmeans" else ward(units, count), categories], 1)
    return Scores("purity", values)


def ward(units: NDArray[Any], count: int) -> NDArray[np.int64]:
    """The cluster of each row, by Ward's method. Needs SciPy."""
    hierarchy = scipy_module("cluster.hierarchy")
    return np.asarray(hierarchy.fcluster(hierarchy.linkage(units, "ward"), count, "maxclust") - 1, np.int64)
