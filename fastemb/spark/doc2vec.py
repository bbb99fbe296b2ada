"""Doc2Vec: vectors of documents, each a row."""

from __future__ import annotations

from typing import Any, ClassVar

from fastemb.spark.answers import Inferred
from fastemb.spark.estimator import VectorEstimator
from fastemb.spark.model import VectorModel
from fastemb.spark.params import Gradient, whole, with_accessors


class Documents(Gradient):
    """Parameters of Doc2Vec."""

    dm = whole("dm", "1 for PV-DM, 0 for PV-DBOW")
    dbowWords = whole("dbowWords", "1 lets PV-DBOW train vectors of words as well")

    DEFAULTS: ClassVar[dict[str, Any]] = {
        **Gradient.DEFAULTS,
        "maxIter": 10,
        "maxSentenceLength": 2**31 - 1,  # a document is not cut
        "dm": 1,
        "dbowWords": 0,
    }


@with_accessors
class Doc2VecModel(Documents, VectorModel):
    """What `Doc2Vec.fit` returns; `transform` infers a vector for each row, and the other methods are about words."""

    __module__ = "fastemb.spark"
    KEPT = "model"
    ANSWERS = Inferred


@with_accessors
class Doc2Vec(Documents, VectorEstimator):
    """Vectors of documents of a column of lists of words, str or int; each row is one, with a tag of its own."""

    __module__ = "fastemb.spark"
    KIND = "Doc2Vec"
    MODEL = Doc2VecModel
