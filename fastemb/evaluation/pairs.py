"""Similarity of pairs of words, as people judge it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastemb.evaluation.files import Pair
from fastemb.evaluation.inputs import fold, folded_index, scipy_module, takes_keyed_vectors
from fastemb.evaluation.intervals import Scores
from fastemb.queries import unit_rows


class WordPairs(NamedTuple):
    """What `word_pairs` found."""

    pearson: tuple[float, float]  #: correlation and p-value
    spearman: tuple[float, float]  #: rank correlation and p-value
    used: int  #: pairs that were compared
    skipped: int  #: pairs with an unknown word


@takes_keyed_vectors(folded_index)
def word_pairs(
    vectors: NDArray[Any],
    index: Mapping[str, int],
    pairs: Iterable[Pair],
    case_insensitive: bool = True,
    *,
    unknown_is_zero: bool = False,
) -> WordPairs:
    """Correlation of cosine similarities with people's scores. Needs SciPy.

    Parameters
    ----------
    vectors : ndarray, shape (words, vector_size), or KeyedVectors
    index : mapping
        Row of each word, from `folded_index`.
    pairs : iterable of (word, word, score)
        Pairs with a word that `index` lacks are skipped.
    case_insensitive : bool, default True
        As given to `folded_index`.
    unknown_is_zero : bool, default False
        Use these pairs too, with a similarity of 0.

    Raises
    ------
    ValueError
        If there are less than two pairs to compare.
    """
    stats = scipy_module("stats")
    pairs = list(pairs)
    similarities = cosines_of(vectors, index, pairs, case_insensitive)
    known = ~np.isnan(similarities)
    used = np.ones_like(known) if unknown_is_zero else known
    if used.sum() < 2:
        raise ValueError(f"only {used.sum()} of {len(pairs)} pairs have both words in the vocabulary")
    similarities[~known] = 0
    scores = np.array([score for _, _, score in pairs])[used]
    return WordPairs(
        stats.pearsonr(scores, similarities[used]),
        stats.spearmanr(scores, similarities[used]),
        int(used.sum()),
        int(len(pairs) - known.sum()),
    )


@takes_keyed_vectors(folded_index)
def pair_scores(
    vectors: NDArray[Any], index: Mapping[str, int], pairs: Iterable[Pair], case_insensitive: bool = True
) -> Scores:
    """People's scores and cosines, for Spearman's correlation with an interval; needs no SciPy.

    Parameters
    ----------
    vectors, index, pairs, case_insensitive
        As of `word_pairs`.
    """
    pairs = list(pairs)
    similarities = cosines_of(vectors, index, pairs, case_insensitive)
    scores = np.array([score for _, _, score in pairs], np.float64)
    return Scores("spearman", np.stack([scores, similarities], axis=1))


def cosines_of(
    vectors: NDArray[Any], index: Mapping[str, int], pairs: Sequence[Pair], case_insensitive: bool
) -> NDArray[np.float64]:
    """The cosine of each pair, shape (pairs,); NaN where a word is unknown."""
    rows = [[index.get(fold(word, case_insensitive)) for word in pair[:2]] for pair in pairs]
    known = np.array([None not in row for row in rows], bool)
    first, second = np.array([row for row in rows if None not in row], np.int64).reshape(-1, 2).T
    similarities = np.full(len(pairs), np.nan)
    similarities[known] = np.einsum("ij,ij->i", unit_rows(vectors[first]), unit_rows(vectors[second]))
    return similarities
