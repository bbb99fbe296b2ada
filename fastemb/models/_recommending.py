"""What goes with items: similar ones, and recommendations for baskets, by implicit's names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb import queries
from fastemb._numbers import rate, whole
from fastemb.kernels import topk
from fastemb.models._item_vectors import ItemVectors
from fastemb.models._ranking import Ranking
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.models.parameters import check_memory

Found = tuple[NDArray[Any], NDArray[np.float32]]
BY = ("similarity", "prediction")
FEW = 1000  # items to be left out of what is found; for more, the vectors of all others are copied


class Recommending:
    """The part of Item2Vec that recommends; see there."""

    wv: ItemVectors
    negative: int
    syn1neg: NDArray[np.float32]

    def similar_items(
        self,
        itemid: Any,
        N: int = 10,
        filter_items: Iterable[Any] | None = None,
        items: Iterable[Any] | None = None,
        *,
        ignore_missing: bool = False,
        include_cold: bool = False,
    ) -> Found:
        """The items that have the largest cosine with an item; it is among them itself, as in implicit.

        Parameters
        ----------
        itemid : str or int, or a list of these
            Items that are known by their features alone will do.
        N : int, default 10
        filter_items : iterable of str or int, optional
            Items that are not to be found.
        items : iterable of str or int, optional
            Find only these.
        ignore_missing : bool, default False
            Unknown items have no answers, instead of raising KeyError; those in filters are left out.
        include_cold : bool, default False
            Find also items that are known by their features alone.

        Returns
        -------
        ids : ndarray of objects, shape (n,), or of several items (items, N)
            The most similar first. Of one item n is less than N where there are not as many; of several the rest is
            None.
        scores : ndarray of float32, of the same shape
            Cosines; the rest is NaN.

        Raises
        ------
        KeyError
            If an item is unknown.
        ValueError
            If `N` is less than 1, or both filters are given.
        """
        single = isinstance(itemid, (str, int, np.integer))
        asked = [[item] for item in ([itemid] if single else itemid)]
        N = self._at_most(N) if single else N
        found = self._found(asked, N, False, filter_items, items, ignore_missing, include_cold, "similarity", {})
        return trimmed(*found) if single else found

    def recommend(
        self,
        liked: Sequence[Any],
        N: int = 10,
        filter_already_liked_items: bool = True,
        filter_items: Iterable[Any] | None = None,
        items: Iterable[Any] | None = None,
        *,
        by: str | None = None,
        weights: dict[Any, float] | None = None,
        ignore_missing: bool = False,
        include_cold: bool = False,
    ) -> Found:
        """What goes with a basket, or with each of several.

        Parameters
        ----------
        liked : list of str or int, or list of such lists
            What is in the basket, or what somebody has liked.
        N : int, default 10
        filter_already_liked_items : bool, default True
            Do not recommend what is in the basket.
        filter_items, items, ignore_missing, include_cold
            As of `similar_items`. With `ignore_missing`, the known items of a basket count.
        by : {'similarity', 'prediction'}, optional
            The cosine with the mean of the basket's vectors, of length 1 each: items that are met in the same
            company. Or what the model was trained to predict, the dot product of that mean, of vectors as they are,
            with output vectors: items that are met with these, popular ones more often. By default the prediction,
            unless cold items are to be found or there are no output vectors (``negative=0``).
        weights : dict of str or int to float, optional
            How much an item of a basket counts in the mean, 0 or more; 1 where it is not there.

        Returns
        -------
        ids, scores : ndarray
            As of `similar_items`.

        Raises
        ------
        KeyError
            If an item is unknown.
        TypeError
            If it is no list of items, nor of lists.
        ValueError
            As of `similar_items`; also if `by` is another, or needs output vectors that there are not, or a weight is
            negative or not finite.
        """
        liked = items_of(liked)
        single = not liked or isinstance(liked[0], (str, int, np.integer))
        asked = [liked] if single else [items_of(basket) for basket in liked]
        counts, N = weights_of(weights), self._at_most(N) if single else N
        found = self._found(
            asked, N, filter_already_liked_items, filter_items, items, ignore_missing, include_cold, by, counts
        )
        return trimmed(*found) if single else found

    def evaluate(
        self,
        baskets: Iterable[Iterable[Any]],
        N: int = 10,
        *,
        held_out: str = "random",
        by: str | None = None,
        seed: int = 1,
    ) -> Ranking:
        """Leave one item of each basket out, and look at which place it is recommended for the others.

        Parameters
        ----------
        baskets : iterable of iterables of str or int
            Such that were not trained on. Unknown items are left out, and then baskets of less than two different ones.
        N : int, default 10
            Places that count.
        held_out : {'random', 'last'}
            Which item is left out; of sessions the last is what comes next.
        by
            As of `recommend`.
        seed : int, default 1

        Returns
        -------
        Ranking
            With `recall`, `ndcg`, `mrr` and their `intervals()`.

        Raises
        ------
        TypeError
            If a basket is a str, or nothing that can be iterated over.
        ValueError
            If no basket has two known items, or an argument is another.
        """
        if held_out not in ("random", "last"):
            raise ValueError(f"held_out must be 'random' or 'last', not {held_out!r}")
        rng, rests, targets, total = np.random.default_rng(whole("seed", seed, 0)), [], [], 0
        for basket in baskets:
            total += 1
            known = [item for item in dict.fromkeys(items_of(basket)) if item in self.wv.key_to_index]
            if len(known) > 1:
                targets.append(known.pop(int(rng.integers(len(known))) if held_out == "random" else -1))
                rests.append(known)
        if not rests:
            raise ValueError(f"none of {total} baskets has two known items")
        ids, _ = self.recommend(rests, self._at_most(N), by=by)
        hits = ids == np.array([*targets, None], object)[:-1, np.newaxis]
        ranks = np.where(hits.any(axis=1), hits.argmax(axis=1) + 1, 0)
        return Ranking(N, ranks, total - len(rests))

    # How they are found.

    def _at_most(self, N: int) -> int:
        """N, or how many items there are, with one to spare, if these are fewer."""
        return min(whole("N", N, 1), 1 + len(self.wv) + len(self.wv.subwords.items))

    def _found(
        self, asked: list[list[Any]], N: int, without_liked: bool, barred: Any, only: Any, ignore_missing: bool,
        include_cold: bool, by: str | None, weights: dict[Any, float],
    ) -> Found:  # fmt: skip
        """The answers for baskets, shape (baskets, N)."""
        if by is None:
            by = "prediction" if self.negative and not include_cold else "similarity"
        if by not in BY:
            raise ValueError(f"by must be 'similarity' or 'prediction', not {by!r}")
        if by == "prediction" and (not self.negative or include_cold):
            raise ValueError("by='prediction' needs output vectors: negative above 0, and no cold items")
        N = whole("N", N, 1)
        check_memory(len(asked), 3 * N, "N")  # an item and a score for each answer
        known = self.wv.with_cold() if include_cold else self.wv
        rows, left_out = filtered(known, barred, only, ignore_missing)
        centres = self._centres(asked, ignore_missing, by, weights)
        index, barring = known.key_to_index, asked if without_liked else [[]] * len(asked)
        barred_rows = [[index[item] for item in basket if item in index] + left_out for basket in barring]
        candidates = known.vectors if by == "similarity" else self.syn1neg
        if rows is not None:
            rows = rows[rows < len(candidates)]  # a vector that a user added has no output vector
            candidates = candidates[rows]
        search = queries.nearest if by == "similarity" else largest_products
        ids, found = np.full((len(asked), N), None, object), np.full((len(asked), N), np.nan, np.float32)
        for part in of_a_length(barred_rows):
            places, scores = search(candidates, centres[part], N + len(barred_rows[part[-1]]))
            places = places if rows is None else rows[places]
            for basket, row, theirs in zip(part.tolist(), places, scores, strict=True):
                if not np.isnan(centres[basket]).any():
                    kept = np.flatnonzero(~np.isin(row, barred_rows[basket]))[:N]
                    ids[basket, : len(kept)] = [known.index_to_key[place] for place in row[kept].tolist()]
                    found[basket, : len(kept)] = theirs[kept]
        return ids, found

    def _centres(
        self, asked: list[list[Any]], ignore_missing: bool, by: str, weights: dict[Any, float]
    ) -> NDArray[np.float32]:
        """The mean vector of each basket; NaN where it has no known item that weighs something."""
        found = np.full((len(asked), self.wv.vector_size), np.nan, np.float32)
        for number, basket in enumerate(asked):
            if not ignore_missing and (unknown := [item for item in basket if item not in self.wv]):
                raise KeyError(f"the item {unknown[0]!r} is unknown: give ignore_missing=True to leave such out")
            items = [item for item in basket if item in self.wv]
            if not items:
                continue
            vectors = np.asarray(self.wv[items], np.float32)
            if by == "similarity":
                vectors = queries.unit_rows(vectors)
            share = np.array([weights.get(item, 1.0) for item in items])
            if share.any():
                found[number] = share @ vectors / share.sum()
        return found


def items_of(basket: Any) -> list[Any]:
    """A basket as a list."""
    if isinstance(basket, (str, bytes)) or not isinstance(basket, Iterable):
        raise TypeError(f"a list of items is needed, not {type(basket).__name__}: give [{basket!r:.50}]")
    if isinstance(basket, Mapping):
        raise TypeError("a list of items is needed, not a mapping: give its keys, and its numbers as weights=")
    return list(basket)


def weights_of(given: Any) -> dict[Any, float]:
    """The weights of items, checked."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise TypeError(f"weights must be a dict of items to numbers, not {type(given).__name__}")
    return {item: rate(f"the weight of {item!r}", weight) for item, weight in given.items()}


def filtered(
    known: KeyedVectors, barred: Any, only: Any, ignore_missing: bool
) -> tuple[NDArray[np.int64] | None, list[int]]:
    """The rows to look among, None for all, and some of them that are not to be found."""
    if barred is not None and only is not None:
        raise ValueError("give filter_items or items, and not both")
    given = barred if barred is not None else only
    if given is None:
        return None, []
    if isinstance(given, (str, bytes)):
        raise TypeError("filters are lists of items")
    given = list(given)
    if wrong := [item for item in given if not isinstance(item, (str, int, np.integer))]:
        raise TypeError(f"filters are lists of items, the same for all that is asked: no {type(wrong[0]).__name__}")
    if not ignore_missing and (unknown := [item for item in given if item not in known.key_to_index]):
        raise KeyError(f"the item {unknown[0]!r} of a filter is unknown: give ignore_missing=True to leave such out")
    found = np.array([known.key_to_index[item] for item in given if item in known.key_to_index], np.int64)
    if barred is None:
        return np.unique(found), []
    return (None, found.tolist()) if len(found) <= FEW else (np.setdiff1d(np.arange(len(known)), found), [])


def largest_products(vectors: NDArray[Any], centres: NDArray[np.float32], k: int) -> Any:
    """The k rows with the largest dot product with each centre, as `queries.nearest`."""

    def score(block: slice, tile: slice, out: NDArray[np.float32]) -> None:
        topk.products(centres[block], queries.as_single(vectors[tile]), out)

    return queries.search(score, len(centres), len(vectors), k)


def of_a_length(barred: list[list[int]]) -> Iterator[NDArray[np.intp]]:
    """The numbers of baskets, some at a time, those with few barred rows first: of others more places are looked at."""
    order = np.argsort([len(basket) for basket in barred], kind="stable")
    return (order[begin : begin + queries.BLOCK] for begin in range(0, len(order), queries.BLOCK))


def trimmed(ids: NDArray[Any], scores: NDArray[np.float32]) -> Found:
    """The answer to one question, without what fills it up."""
    count = sum(item is not None for item in ids[0])
    return ids[0, :count], scores[0, :count]
