"""How alike two models are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from fastemb import queries


class Overlap(NamedTuple):
    """What `neighbor_overlap` found."""

    share: float  #: of the nearest neighbours in one model, those that are so in the other
    queries: int  #: words whose neighbours were compared
    words: int  #: that both models have


def neighbor_overlap(
    vectors: Sequence[Any],
    words: Sequence[Sequence[Any]] | None = None,
    k: int = 10,
    most: int = 1000,
    workers: int | None = None,
) -> Overlap:
    """Share of the k nearest neighbours that two models have in common (Wendlandt et al. 2018).

    Parameters
    ----------
    vectors : two ndarrays, each of shape (words, vector_size), or two KeyedVectors
        The vector sizes may differ.
    words : two sequences
        The word of each row; without, those of the KeyedVectors. Only words of both are neighbours.
    k : int, default 10
    most : int, default 1000
        Compare the neighbours of the first so many of these words.
    workers : int, optional
        Threads; one for each core by default, and with -1.

    Raises
    ------
    ValueError
        If there are not two models, these have not two words in common, or `k` or `most` is less than 1.
    """
    if k < 1 or most < 1:
        raise ValueError(f"k and most must be at least 1, not {k} and {most}")
    if len(vectors) != 2:
        raise ValueError("neighbor_overlap needs two models, in a list")
    if words is None:
        vectors, words = [each.vectors for each in vectors], [each.index_to_key for each in vectors]
    places = [{word: row for row, word in enumerate(some)} for some in words]
    shared = [word for word in words[0] if word in places[1]]
    if len(shared) < 2:
        raise ValueError(f"the models have {len(shared)} words in common")
    k, most = min(k, len(shared) - 1), min(most, len(shared))
    neighbors = []
    for matrix, place in zip(vectors, places, strict=True):
        common = matrix[[place[word] for word in shared]]
        rows, _ = queries.nearest(common, common[:most], k + 1, workers=workers)
        neighbors.append([[row for row in found if row != query][:k] for query, found in enumerate(rows.tolist())])
    same = sum(len(set(first) & set(second)) for first, second in zip(*neighbors, strict=True))
    return Overlap(same / (k * most), most, len(shared))
