"""Word2Vec, in the place of ``pyspark.ml.feature.Word2Vec``."""

from __future__ import annotations

from typing import Any, ClassVar

from fastemb.spark.estimator import VectorEstimator
from fastemb.spark.model import VectorModel
from fastemb.spark.params import Shared, flag, whole, with_accessors


class Word2VecParams(Shared):
    """Parameters of Word2Vec beside those of all estimators."""

    sg = whole("sg", "1 for skip-gram, 0 for CBOW")
    cbowMean = whole("cbowMean", "1: CBOW predicts from the mean of the context vectors; 0: from their sum")
    correctedCbow = flag("correctedCbow", "divide CBOW's gradients as its means")
    sharedNoise = flag("sharedNoise", "a few windows share their noise words")

    DEFAULTS: ClassVar[dict[str, Any]] = {
        **Shared.DEFAULTS,
        "sg": 1,
        "cbowMean": 1,
        "correctedCbow": False,
        "sharedNoise": True,
    }


@with_accessors
class Word2VecModel(Word2VecParams, VectorModel):
    """What `Word2Vec.fit` returns, with the methods of ``pyspark.ml.feature.Word2VecModel``."""

    __module__ = "fastemb.spark"


@with_accessors
class Word2Vec(Word2VecParams, VectorEstimator):
    """Vectors of words of a column of lists of words, str or int."""

    __module__ = "fastemb.spark"
    KIND = "Word2Vec"
    MODEL = Word2VecModel
