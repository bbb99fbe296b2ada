"""Which word does not belong?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastemb.evaluation.files import OutlierSet
from fastemb.evaluation.inputs import fold, folded_index, takes_keyed_vectors
from fastemb.evaluation.intervals import Scores
from fastemb.queries import unit_rows


class Outliers(NamedTuple):
    """What `outlier_detection` found."""

    accuracy: float  #: share of the outliers that are the least similar to the others
    position: float  #: mean place of the outlier, from 0 (the most similar) to 1 (the least)
    used: int  #: outliers
    skipped: int  #: outliers that are unknown, or whose set has less than two known words


@takes_keyed_vectors(folded_index)
def outlier_detection(
    vectors: NDArray[Any],
    index: Mapping[str, int],
    sets: Mapping[str, OutlierSet],
    case_insensitive: bool = True,
) -> Outliers:
    """Which word does not belong to a set: the one least similar to the others (Camacho-Collados and Navigli 2016).

    Parameters
    ----------
    vectors : ndarray, shape (words, vector_size), or KeyedVectors
    index : mapping
        Row of each word, from `folded_index`.
    sets : mapping
        For each name the words that belong together, and words of which each in turn is added as the outlier.
        Unknown words are left out.
    case_insensitive : bool, default True
        As given to `folded_index`.
    """
    found = positions_of(vectors, index, sets, case_insensitive)
    known = found[~np.isnan(found)]
    return Outliers(
        float((known == 1).mean()) if len(known) else float("nan"),
        float(known.mean()) if len(known) else float("nan"),
        len(known),
        len(found) - len(known),
    )


@takes_keyed_vectors(folded_index)
def outlier_scores(
    vectors: NDArray[Any], index: Mapping[str, int], sets: Mapping[str, OutlierSet], case_insensitive: bool = True
) -> Scores:
    """Which outliers are found, for an accuracy with an interval.

    Parameters
    ----------
    vectors, index, sets, case_insensitive
        As of `outlier_detection`.
    """
    found = positions_of(vectors, index, sets, case_insensitive)
    return Scores("accuracy", np.where(np.isnan(found), np.nan, found == 1).reshape(-1, 1))


def positions_of(
    vectors: NDArray[Any], index: Mapping[str, int], sets: Mapping[str, OutlierSet], case_insensitive: bool
) -> NDArray[np.float64]:
    """The place of each outlier, from 0 (the most similar) to 1; NaN if it or its set is unknown, or not finite."""
    positions: list[float] = []
    for belonging, others in sets.values():
        inside = [row for word in belonging if (row := index.get(fold(word, case_insensitive))) is not None]
        cluster = unit_rows(vectors[inside])
        products = cluster @ cluster.T
        within = products.sum(axis=1) - np.diagonal(products)  # which is 0 for a vector of zeros
        for word in others:
            row = index.get(fold(word, case_insensitive))
            if row is None or len(inside) < 2:
                positions.append(float("nan"))
                continue
            similarities = unit_rows(vectors[[row]])[0] @ cluster.T
            position = (within + similarities > similarities.sum()).mean()
            positions.append(float(position if np.isfinite(within + similarities).all() else np.nan))
    return np.array(positions, np.float64)
