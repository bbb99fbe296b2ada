"""What all estimators are: parameters, and a fit in three jobs."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, ClassVar

from pyspark.ml import Estimator
from pyspark.ml.util import DefaultParamsReadable, DefaultParamsWritable
from pyspark.sql.utils import is_remote

import fastemb
from fastemb.models.parameters import checked
from fastemb.spark.jobs import has_integers, train_model
from fastemb.spark.model import VectorModel
from fastemb.spark.params import Shared, names_of
from fastemb.spark.training import Training


class VectorEstimator(Shared, Estimator, DefaultParamsReadable, DefaultParamsWritable):
    """An estimator of vectors of words."""

    KIND: ClassVar[str]  # the class of fastemb that is trained
    MODEL: ClassVar[type[VectorModel]]

    def __init__(self, **params: Any):
        super().__init__()
        self.setParams(**params)

    def setParams(self, **params: Any) -> Any:
        """Set parameters by their names; returns this estimator.

        Raises
        ------
        TypeError
            If one is not a parameter, or of the wrong type.
        """
        if "alpha" in params and hasattr(self, "alpha"):
            params.setdefault("stepSize", params.pop("alpha"))
        refuse_names(type(self), params)
        return self._set(**{name: value for name, value in params.items() if value is not None})

    def _fit(self, dataset: Any) -> VectorModel:
        if is_remote():
            raise NotImplementedError("fastemb.spark needs a classic session: Spark Connect has no access to resources")
        parameters = self.model_parameters()
        checked(parameters)
        column = self.getOrDefault("inputCol") if self.isDefined("inputCol") else None
        if column is None:
            raise ValueError("inputCol is not set: it names the column of lists of words")
        reading = {
            "partitions": at_least(self, "numPartitions", 0),
            "longest": at_least(self, "maxSentenceLength", 1),
            "workers": at_least(self, "workers", 0),
            "within": self.getOrDefault("workDir") if self.isDefined("workDir") else None,
        }
        integers = has_integers(dataset, column)
        training = Training(self.KIND, parameters, integers, self.MODEL.KEPT, fastemb.__version__)
        folder = train_model(dataset, column, training, reading)
        model = self.MODEL(folder.path, integers)
        model._resetUid(self.uid)
        return self._copyValues(model)


def at_least(params: Any, name: str, least: int) -> int:
    """The value of a parameter that is a whole number."""
    value = params.getOrDefault(name)
    if value < least:
        raise ValueError(f"{name} must be at least {least}, not {value}")
    return int(value)


def refuse_names(kind: type, given: dict[str, Any]) -> None:
    """Raise TypeError for an argument that an estimator has not, which names the one that may have been meant."""
    known = names_of(kind)
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.7)
            hint = f". Did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"{kind.__name__}() got an unexpected keyword argument {name!r}{hint}")
