"""What all estimators are: parameters, and a fit."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, ClassVar

from pyspark.ml import Estimator
from pyspark.ml.util import DefaultParamsReadable, DefaultParamsWritable
from pyspark.sql.utils import is_remote

import fastemb
from fastemb.models.parameters import checked
from fastemb.spark.jobs import Means, has_integers, read_partitions, train_vectors
from fastemb.spark.model import StoredModel, VectorModel
from fastemb.spark.params import Shared, Trained, names_of
from fastemb.spark.storage import Folder
from fastemb.spark.training import Training


class OneTaskEstimator(Trained, Estimator, DefaultParamsReadable, DefaultParamsWritable):
    """An estimator of what one task trains."""

    KIND: ClassVar[str]  # the class of fastemb that is trained
    MODEL: ClassVar[type[StoredModel]]
    INPUT: ClassVar[str]  # what the column of the input holds

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

    def _fit(self, dataset: Any) -> StoredModel:
        if is_remote():
            raise NotImplementedError("fastemb.spark needs a classic session: Spark Connect has no access to resources")
        parameters = self.model_parameters()
        checked(parameters)
        if not self.isDefined("inputCol"):
            raise ValueError(f"inputCol is not set: it names the column of {self.INPUT}")
        means = Means(at_least(self, "workers", 0), self.getOrDefault("workDir") if self.isDefined("workDir") else None)
        model = self._trained(dataset, parameters, means)
        model._resetUid(self.uid)
        return self._copyValues(model)

    def _trained(self, dataset: Any, parameters: dict[str, Any], means: Means) -> StoredModel:
        raise NotImplementedError


class VectorEstimator(Shared, OneTaskEstimator):
    """An estimator of vectors of words."""

    MODEL: ClassVar[type[VectorModel]]
    INPUT = "lists of words"
    TRAIN: ClassVar[Callable[..., Folder]] = staticmethod(train_vectors)

    def _trained(self, dataset: Any, parameters: dict[str, Any], means: Means) -> StoredModel:
        column = self.getOrDefault("inputCol")
        partitions, longest = at_least(self, "numPartitions", 0), at_least(self, "maxSentenceLength", 1)
        integers = has_integers(dataset, column)
        training = Training(self.KIND, parameters, integers, self.MODEL.KEPT, fastemb.__version__)
        folder = self.TRAIN(read_partitions(dataset, partitions), column, longest, training, means)
        return self.MODEL(folder.path, integers)


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
