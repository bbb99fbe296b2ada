"""FastText: vectors of words and of their n-grams."""

from __future__ import annotations

from typing import Any, ClassVar

from fastemb.spark.answers import MeansOfNgrams
from fastemb.spark.estimator import VectorEstimator
from fastemb.spark.model import VectorModel
from fastemb.spark.params import Windows, whole, with_accessors


class Ngrams(Windows):
    """Parameters of FastText."""

    minN = whole("minN", "characters of the shortest n-grams")
    maxN = whole("maxN", "characters of the longest n-grams; 0 for none")
    bucket = whole("bucket", "rows of n-grams")

    DEFAULTS: ClassVar[dict[str, Any]] = {**Windows.DEFAULTS, "maxIter": 5, "minN": 3, "maxN": 6, "bucket": 2_000_000}


@with_accessors
class FastTextModel(Ngrams, VectorModel):
    """What `FastText.fit` returns; words that were never seen have vectors, too."""

    __module__ = "fastemb.spark"
    KEPT = "wv"
    ANSWERS = MeansOfNgrams


@with_accessors
class FastText(Ngrams, VectorEstimator):
    """Vectors of words, and of their n-grams, of a column of lists of words, str or int (of digits)."""

    __module__ = "fastemb.spark"
    KIND = "FastText"
    MODEL = FastTextModel
