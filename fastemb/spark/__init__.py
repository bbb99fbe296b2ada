"""Word vectors on Apache Spark: many machines read, count and encode, one trains. Needs ``fastemb[spark]`` and Java.

The names and parameters are those of ``pyspark.ml.feature.Word2Vec``:

- `params`: the parameters, and what they are called in fastemb
- `estimator`, `model`: what all estimators and their models share; `word2vec`, …: each of them
- `jobs`, `storage`, `resources`: what the driver has done, where, and with how many cores
- `columns`, `encoding`, `stored`, `training`, `answers`: what the Python workers of the executors do
- `errors`: how their errors reach the driver
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastemb.spark.classifier import Classifier, ClassifierModel
    from fastemb.spark.doc2vec import Doc2Vec, Doc2VecModel
    from fastemb.spark.fasttext import FastText, FastTextModel
    from fastemb.spark.glove import GloVe, GloVeModel
    from fastemb.spark.word2vec import Word2Vec, Word2VecModel

__all__ = [
    "Classifier",
    "ClassifierModel",
    "Doc2Vec",
    "Doc2VecModel",
    "FastText",
    "FastTextModel",
    "GloVe",
    "GloVeModel",
    "Word2Vec",
    "Word2VecModel",
]
HOMES = {name: name.removesuffix("Model").lower() for name in __all__}


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        import pyarrow  # noqa: F401
        import pyspark
    except ImportError as error:
        raise ImportError(f"fastemb.spark needs {error.name}: pip install 'fastemb[spark]'", name=error.name) from error
    if tuple(map(int, pyspark.__version__.split(".")[:2])) < (4, 1):
        raise ImportError(f"fastemb.spark needs pyspark 4.1 or newer, not {pyspark.__version__}")
    return getattr(import_module(f"fastemb.spark.{HOMES[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *HOMES]
