"""How sure scores are: intervals by the bootstrap, of one model and of the difference between two.

The items of a set (pairs, questions, words) are drawn anew with replacement; a score is counted as many times
(Efron 1979). Between two models the same draws count for both (paired), so that what makes an item hard for
each of them cancels out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import number, whole

Floats = NDArray[np.float64]
BLOCK = 1 << 22  # numbers of draws in memory at a time


class Interval(NamedTuple):
    """A score, or a difference between two, and where it would lie with other items of the same kind."""

    score: float  #: NaN where there is no item
    low: float  #: end of the interval; NaN without draws, or with less than two items
    high: float


class Scores(NamedTuple):
    """What vectors made of each item of a set.

    `score` is the score of all that are known; `interval` and `difference` say how sure that is.
    """

    measure: str  #: 'spearman', 'accuracy' or 'purity': what is made of them
    #: shape (items, columns), NaN for items with unknown words: people's score and the cosine; the share that is right,
    #: from 0 to 1; or the numbers of the cluster and of the category
    values: Floats

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which items have no unknown word, shape (items,)."""
        return np.asarray(~np.isnan(self.values).any(axis=1), np.bool_)

    @property
    def used(self) -> int:
        """Items without unknown words."""
        return int(np.count_nonzero(self.known))

    @property
    def skipped(self) -> int:
        """Items with unknown words."""
        return len(self.values) - self.used

    @property
    def score(self) -> float:
        """Spearman's correlation, the accuracy or the purity of the items that are known."""
        return self.of(self.known)

    def of(self, which: NDArray[np.bool_]) -> float:
        """The score of some of the items; NaN if it has none."""
        values = self.values[which]
        return float(MEASURES[self.measure](values, np.ones((1, len(values))))[0]) if len(values) else float("nan")


def together(scores: Iterable[Scores]) -> Scores:
    """The items of several sets as one set.

    Raises
    ------
    ValueError
        If they are measured in different ways, or there is none.
    """
    scores = list(scores)
    if len(measures := {each.measure for each in scores}) != 1:
        raise ValueError(f"one way to measure is needed, not {len(measures)}: {', '.join(sorted(measures))}")
    values = [each.values.copy() for each in scores]
    if scores[0].measure == "purity":
        first = 0.0  # clusters of different sets have different numbers
        for own in values:
            own[:, 0] += first
            first = max(np.nanmax(own[:, 0], initial=-1) + 1, first)
    return Scores(scores[0].measure, np.concatenate(values))


def interval(scores: Scores, samples: int = 1000, level: float = 0.95, seed: int = 1) -> Interval:
    """The score of a model, with the interval in which it lies for such a share of the draws (percentiles).

    Parameters
    ----------
    scores : Scores
        From `pair_scores` or another of these functions.
    samples : int, default 1000
        How often the items are drawn anew, at most a million times; 0 is for no interval.
    level : float, default 0.95
        Between 0 and 1.
    seed : int, default 1

    Raises
    ------
    ValueError
        If a number is out of its range.
    """
    return spread(scores.score, (drawn for (drawn,) in resampled([scores], scores.known, samples, seed)), level)


def difference(first: Scores, second: Scores, samples: int = 1000, level: float = 0.95, seed: int = 1) -> Interval:
    """By how much the second model is better than the first, on the items that both know (paired bootstrap).

    Parameters
    ----------
    first, second : Scores
        Of two models, on one set in one order.
    samples, level, seed
        As of `interval`.

    Raises
    ------
    ValueError
        If these are of two sets, or a number is out of its range.
    """
    if first.measure != second.measure or first.values.shape != second.values.shape:
        raise ValueError(
            f"scores of two sets: {len(first.values)} items by {first.measure} and {len(second.values)} by "
            f"{second.measure}"
        )
    known = first.known & second.known
    draws = (better - good for good, better in resampled([first, second], known, samples, seed))
    return spread(second.of(known) - first.of(known), draws, level)


def spread(score: float, draws: Iterable[Floats], level: float) -> Interval:
    """An interval from the scores of draws, some at a time."""
    if not 0 < number("level", level) < 1:
        raise ValueError(f"level must be between 0 and 1, not {level}")
    found = np.concatenate([np.empty(0), *draws])
    found = found[~np.isnan(found)]  # of draws whose items are all the same there is no correlation
    if not len(found):
        return Interval(score, float("nan"), float("nan"))
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return Interval(score, float(low), float(high))


def resampled(scores: list[Scores], which: NDArray[np.bool_], samples: int, seed: int) -> Iterator[list[Floats]]:
    """The score of each model for draws of some of the items, the same for all; some draws at a time."""
    samples, items = whole("samples", samples, 0), int(np.count_nonzero(which))
    rng = np.random.default_rng(whole("seed", seed, 0))
    values = [each.values[which] for each in scores]
    while samples > 0 and items > 1:
        count = min(samples, max(1, BLOCK // items))
        drawn = rng.integers(items, size=(count, items)) + items * np.arange(count)[:, np.newaxis]
        times = np.bincount(drawn.ravel(), minlength=count * items).reshape(count, items).astype(np.float64)
        yield [MEASURES[each.measure](own, times) for each, own in zip(scores, values, strict=True)]
        samples -= count


# What is made of the items: of values (items, columns) and how often each counts (draws, items), scores (draws,).


def mean(values: Floats, times: Floats) -> Floats:
    """The mean of the first column."""
    return np.asarray(times @ values[:, 0] / times.sum(axis=1), np.float64)


def purity(values: Floats, times: Floats) -> Floats:
    """Of clusters and categories: the share that the commonest category of each cluster has.

    Which that is, all items say: looked for in each draw anew, it would have more than its share, for some are drawn
    several times.
    """
    clusters, categories = (np.unique(column, return_inverse=True)[1] for column in values.T)
    counts = np.zeros((int(clusters.max()) + 1, int(categories.max()) + 1))
    np.add.at(counts, (clusters, categories), 1)
    return mean((counts.argmax(axis=1)[clusters] == categories)[:, np.newaxis].astype(np.float64), times)


def spearman(values: Floats, times: Floats) -> Floats:
    """The correlation of ranks, where equal values have the mean of their ranks."""
    first, second = (ranks(column, times) for column in values.T)
    total = times.sum(axis=1, keepdims=True)
    first -= (times * first).sum(axis=1, keepdims=True) / total
    second -= (times * second).sum(axis=1, keepdims=True) / total
    together = (times * first * second).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(
            together / np.sqrt((times * first**2).sum(axis=1) * (times * second**2).sum(axis=1)), np.float64
        )


def ranks(column: Floats, times: Floats) -> Floats:
    """The rank of each item in each draw, shape of `times`, of which each counts as often as it says."""
    order = np.argsort(column, kind="stable")
    _, begins, equals = np.unique(column[order], return_index=True, return_inverse=True)
    counts = np.add.reduceat(times[:, order], begins, axis=1)
    middle = np.cumsum(counts, axis=1) - (counts - 1) / 2
    found = np.empty_like(times)
    found[:, order] = middle[:, equals]
    return found


MEASURES: dict[str, Any] = {"accuracy": mean, "purity": purity, "spearman": spearman}
