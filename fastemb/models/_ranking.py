"""How well what was left out is found again: recall, NDCG and MRR."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastemb.evaluation.intervals import Interval, Scores, interval


class Ranking(NamedTuple):
    """What `Item2Vec.evaluate` found."""

    N: int  #: places that count
    ranks: NDArray[np.int64]  #: of the item that was left out of each basket, from 1; 0 if it is not among the first N
    skipped: int  #: baskets with less than two known items

    @property
    def used(self) -> int:
        """Baskets."""
        return len(self.ranks)

    @property
    def recall(self) -> float:
        """Share of the items that are among the first N; of one item a basket, this is the hit rate, too."""
        return self.scores("recall").score

    @property
    def ndcg(self) -> float:
        """Mean of 1 / log₂(rank + 1): the normalised discounted cumulative gain."""
        return self.scores("ndcg").score

    @property
    def mrr(self) -> float:
        """Mean of 1 / rank."""
        return self.scores("mrr").score

    def scores(self, name: str) -> Scores:
        """Of each basket the 'recall', 'ndcg' or 'mrr', for `fastemb.evaluation.interval` and `difference`."""
        found = self.ranks > 0
        ranks = np.maximum(self.ranks, 1)
        gains = {"recall": np.ones(len(ranks)), "ndcg": 1 / np.log2(ranks + 1), "mrr": 1 / ranks}
        if name not in gains:
            raise ValueError(f"the scores are {', '.join(gains)}, not {name!r}")
        return Scores("accuracy", np.where(found, gains[name], 0.0).reshape(-1, 1))

    def intervals(self, samples: int = 1000, level: float = 0.95, seed: int = 1) -> dict[str, Interval]:
        """All three scores with bootstrap intervals over baskets; see `fastemb.evaluation.interval`."""
        return {name: interval(self.scores(name), samples, level, seed) for name in ("recall", "ndcg", "mrr")}
