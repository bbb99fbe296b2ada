"""Parameters of the estimators, and what they are called in fastemb."""

from __future__ import annotations

import re
from inspect import Parameter, Signature
from typing import Any, ClassVar, TypeVar

from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.param.shared import HasInputCol, HasMaxIter, HasOutputCol, HasSeed, HasStepSize

AnyParams = TypeVar("AnyParams", bound=type)

# What says how to read, where to store and what to answer, and is no parameter of a model.
READING = (
    *("inputCol", "outputCol", "labelCol", "predictionCol", "probabilityCol"),
    *("numPartitions", "maxSentenceLength", "workDir", "workers"),
)


def whole(name: str, text: str) -> Param[int]:
    return Param(Params._dummy(), name, text, typeConverter=TypeConverters.toInt)


def number(name: str, text: str) -> Param[float]:
    return Param(Params._dummy(), name, text, typeConverter=TypeConverters.toFloat)


def flag(name: str, text: str) -> Param[bool]:
    return Param(Params._dummy(), name, text, typeConverter=TypeConverters.toBoolean)


def text(name: str, text: str) -> Param[str]:
    return Param(Params._dummy(), name, text, typeConverter=TypeConverters.toString)


def with_underscores(name: str) -> str:
    """A name as Python has it."""
    return re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", name)


def with_accessors(kind: AnyParams) -> AnyParams:
    """Give a class ``getX()`` and ``setX()`` for each parameter x that has none, as pyspark.ml's classes have."""
    for name in names_of(kind):
        capital = name[0].upper() + name[1:]
        if not hasattr(kind, f"get{capital}"):
            setattr(kind, f"get{capital}", getter(name, capital))
        if not hasattr(kind, f"set{capital}"):
            setattr(kind, f"set{capital}", setter(name, capital))
    kind.__signature__ = signature(kind)  # type: ignore[attr-defined]
    return kind


def names_of(kind: type) -> list[str]:
    """The parameters of a class."""
    return [name for name in dir(kind) if isinstance(getattr(kind, name, None), Param)]


def getter(name: str, capital: str) -> Any:
    def get(self: Any) -> Any:
        return self.getOrDefault(name)

    get.__name__, get.__doc__ = f"get{capital}", f"The value of `{name}`, or its default."
    return get


def setter(name: str, capital: str) -> Any:
    def set_value(self: Any, value: Any) -> Any:
        return self._set(**{name: value})

    set_value.__name__, set_value.__doc__ = f"set{capital}", f"Set `{name}`; returns this object."
    return set_value


class Trained(HasInputCol, HasStepSize, HasMaxIter, HasSeed):
    """Parameters of all estimators and their models, with pyspark.ml's names where it has them."""

    vectorSize = whole("vectorSize", "the numbers of a vector")
    minCount = whole("minCount", "leave out words that occur less often")
    memoryBudget = whole("memoryBudget", "bytes of the encoded corpus that the task that trains may hold in memory")
    workers = whole("workers", "threads of the task that trains; 0: as many as an executor has cores")
    workDir = text("workDir", "where encoded corpora and trained vectors are stored, which all machines must reach")

    DEFAULTS: ClassVar[dict[str, Any]] = {"seed": 1, "vectorSize": 100, "memoryBudget": 2**30, "workers": 0}
    RENAMED: ClassVar[dict[str, str]] = {"stepSize": "alpha", "maxIter": "epochs", "windowSize": "window"}

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(**self.DEFAULTS)

    def model_parameters(self) -> dict[str, Any]:
        """The arguments of the class of fastemb, by their names there."""
        named = {
            self.RENAMED.get(param.name) or with_underscores(param.name): self.getOrDefault(param)
            for param in self.params
            if param.name not in READING and self.isDefined(param)
        }
        named["seed"] %= 2**64  # pyspark's may be negative
        return named


class Shared(Trained, HasOutputCol):
    """Parameters of what is trained on lists of words."""

    numPartitions = whole("numPartitions", "how many partitions are read and encoded at a time; 0: as they are")
    windowSize = whole("windowSize", "how far context reaches to each side, in words")
    maxSentenceLength = whole("maxSentenceLength", "longer sentences are cut into pieces of so many words")

    DEFAULTS: ClassVar[dict[str, Any]] = {
        **Trained.DEFAULTS,
        "stepSize": 0.025,
        "maxIter": 1,
        "minCount": 5,
        "numPartitions": 0,
        "windowSize": 5,
        "maxSentenceLength": 1000,
    }


class Gradient(Shared):
    """Parameters of what is trained by stochastic gradient descent over a corpus."""

    minAlpha = number("minAlpha", "the step size at the end")
    sample = number("sample", "down-sample words whose share of the corpus is above this; 0 keeps all")
    hs = whole("hs", "1 for hierarchical softmax")
    negative = whole("negative", "noise words for each pair of words; 0 for none")
    nsExponent = number("nsExponent", "noise is drawn in proportion to counts to this power")
    shrinkWindows = flag("shrinkWindows", "draw each window's width from 1 to windowSize")
    correctedCbow = flag("correctedCbow", "divide the gradients of means as the means")
    sharedNoise = flag("sharedNoise", "a few windows share their noise words")
    deterministic = flag("deterministic", "the same vectors with the same seed and several workers, too")

    DEFAULTS: ClassVar[dict[str, Any]] = {
        **Shared.DEFAULTS,
        "minAlpha": 0.0001,
        "sample": 1e-3,
        "hs": 0,
        "negative": 5,
        "nsExponent": 0.75,
        "shrinkWindows": True,
        "correctedCbow": False,
        "sharedNoise": True,
        "deterministic": False,
    }

    @property
    def alpha(self) -> Param[float]:
        """Another name of `stepSize`."""
        return self.stepSize


class Windows(Gradient):
    """Parameters of skip-gram and CBOW."""

    sg = whole("sg", "1 for skip-gram, 0 for CBOW")
    cbowMean = whole("cbowMean", "1: CBOW predicts from the mean of the context vectors; 0: from their sum")

    DEFAULTS: ClassVar[dict[str, Any]] = {**Gradient.DEFAULTS, "sg": 1, "cbowMean": 1}


def signature(kind: type[Params]) -> Signature:
    """What the constructor of an estimator takes."""
    defaults = kind.DEFAULTS
    return Signature([Parameter(name, Parameter.KEYWORD_ONLY, default=defaults.get(name)) for name in names_of(kind)])
