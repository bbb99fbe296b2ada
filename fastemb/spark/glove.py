"""GloVe: vectors of words from how often they stand near each other."""

from __future__ import annotations

from typing import Any, ClassVar

from fastemb.spark.estimator import VectorEstimator
from fastemb.spark.jobs import train_glove
from fastemb.spark.model import VectorModel
from fastemb.spark.params import Shared, flag, number, with_accessors


class Pairs(Shared):
    """Parameters of GloVe."""

    xMax = number("xMax", "pairs that are met so often, or more, have the full weight")
    exponent = number("exponent", "the power of counts that weighs rarer pairs")
    symmetric = flag("symmetric", "count words to both sides, not only before a word")
    distanceWeighting = flag("distanceWeighting", "divide what is counted by the distance")

    DEFAULTS: ClassVar[dict[str, Any]] = {
        **Shared.DEFAULTS,
        "stepSize": 0.05,
        "maxIter": 25,
        "windowSize": 10,
        "memoryBudget": 2**31,
        "xMax": 100.0,
        "exponent": 0.75,
        "symmetric": True,
        "distanceWeighting": True,
    }
    RENAMED: ClassVar[dict[str, str]] = {**Shared.RENAMED, "stepSize": "eta", "exponent": "alpha"}


@with_accessors
class GloVeModel(Pairs, VectorModel):
    """What `GloVe.fit` returns."""

    __module__ = "fastemb.spark"


@with_accessors
class GloVe(Pairs, VectorEstimator):
    """Vectors of words of a column of lists of words, from how often they meet, which all machines count."""

    __module__ = "fastemb.spark"
    KIND = "GloVe"
    MODEL = GloVeModel
    TRAIN = staticmethod(train_glove)
