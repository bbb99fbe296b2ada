"""Word2Vec, in the place of ``pyspark.ml.feature.Word2Vec``."""

from __future__ import annotations

from fastemb.spark.estimator import VectorEstimator
from fastemb.spark.model import VectorModel
from fastemb.spark.params import Windows, with_accessors


@with_accessors
class Word2VecModel(Windows, VectorModel):
    """What `Word2Vec.fit` returns, with the methods of ``pyspark.ml.feature.Word2VecModel``."""

    __module__ = "fastemb.spark"


@with_accessors
class Word2Vec(Windows, VectorEstimator):
    """Vectors of words of a column of lists of words, str or int."""

    __module__ = "fastemb.spark"
    KIND = "Word2Vec"
    MODEL = Word2VecModel
