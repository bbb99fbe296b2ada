"""What all models are: a folder of what was trained in the cluster's storage, and what is asked of it."""

from __future__ import annotations

import os
from typing import Any, ClassVar
from urllib.parse import unquote, urlparse

import numpy as np
import pyarrow as pa
from pyspark.ml import Model
from pyspark.ml.functions import array_to_vector
from pyspark.ml.util import DefaultParamsReader, DefaultParamsWriter, MLReadable, MLReader, MLWritable, MLWriter
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, FloatType

from fastemb.models import KeyedVectors
from fastemb.spark.answers import Answers, Means, lists_of, matrix_of
from fastemb.spark.jobs import has_integers, refuse_taken
from fastemb.spark.params import Shared, Trained
from fastemb.spark.storage import Folder
from fastemb.spark.training import OUTPUT

DATA = "data"  # in the folder of a saved model


class StoredModel(Trained, Model, MLReadable, MLWritable):
    """What was trained, which lies in the cluster's storage, and is read when it is asked for.

    Parameters
    ----------
    path : str
        Where it is stored.
    integers : bool
        Words are whole numbers.
    """

    KEPT: ClassVar[str] = ""  # what is stored beside words and vectors; see `fastemb.spark.training.Training`
    ANSWERS: ClassVar[type[Answers]]  # of transform()

    def __init__(self, path: str = "", integers: bool = False):
        super().__init__()
        self.path, self.integers = path, integers

    def _stored(self) -> DataFrame:
        return session().read.schema(OUTPUT).parquet(self.path)

    def _answers(self, column: str) -> Any:
        """What answers for a column, once Spark has brought the files to each machine that runs a task of it."""
        return self.ANSWERS(column, brought_files(self.path), self.integers)

    def write(self) -> MLWriter:
        """What saves this model."""
        return Writer(self)

    @classmethod
    def read(cls) -> MLReader:
        """What loads such a model."""
        return Reader(cls)


class VectorModel(Shared, StoredModel):
    """Vectors of words."""

    ANSWERS: ClassVar[type[Answers]] = Means

    def __init__(self, path: str = "", integers: bool = False):
        super().__init__(path, integers)
        self._wv: KeyedVectors | None = None

    def getVectors(self) -> DataFrame:
        """The words and their vectors, in any order.

        Returns
        -------
        DataFrame
            With `word`, a string or bigint, and `vector`, of pyspark.ml's type.
        """
        word = F.col("word").cast("bigint") if self.integers else F.col("word")
        stored = self._stored().where("word is not null")
        vectors = F.arrow_udf(lists_of_stored, ArrayType(FloatType()))
        return stored.select(word.alias("word"), array_to_vector(vectors("vector")).alias("vector"))

    def wv(self) -> KeyedVectors:
        """The vectors on this machine, mapped from a file that is gone when the session ends; its `save` keeps them.

        Returns
        -------
        fastemb.KeyedVectors
        """
        if self._wv is None:
            self._wv = self._answers("").vectors()
        return self._wv

    def findSynonyms(self, word: Any, num: int) -> DataFrame:
        """The words that are most similar to a word or vector.

        Parameters
        ----------
        word : str, int or Vector
            A word is not among those found.
        num : int

        Returns
        -------
        DataFrame
            With `word` and `similarity`, the cosine.

        Raises
        ------
        ValueError
            If the word is not in the vocabulary.
        """
        found = self.findSynonymsArray(word, num)
        rows = ", ".join(f"({literal(each)}, {similarity!r}D)" for each, similarity in found)
        kind = "bigint" if self.integers else "string"
        # A relation in the plan: to answer takes no job, and no serialisation.
        return session().sql(
            f"VALUES {rows} AS found(word, similarity)"  # SELECT * FROM would take half as long again
            if found
            else f"SELECT CAST(NULL AS {kind}) AS word, 0.0D AS similarity WHERE false"
        )

    def findSynonymsArray(self, word: Any, num: int) -> list[tuple[Any, float]]:
        """As `findSynonyms`, as a list of words and similarities."""
        wv = self.wv()
        if num < 1:
            raise ValueError(f"num must be at least 1, not {num}")
        if not isinstance(word, (str, int, np.integer)):
            word = np.asarray(word.toArray() if hasattr(word, "toArray") else word, np.float32)
            if word.shape != (wv.vector_size,):
                raise ValueError(f"a vector here has the shape {(wv.vector_size,)}, not {word.shape}")
        elif isinstance(word, str) is self.integers or word not in wv:  # a number would be that of a row
            raise ValueError(f"{word!r} not in vocabulary")
        return [(found, float(cosine)) for found, cosine in wv.most_similar(positive=[word], topn=num)]

    def _transform(self, dataset: DataFrame) -> DataFrame:
        name = self.getOrDefault("inputCol")
        if has_integers(dataset, name) is not self.integers:
            words = "whole numbers" if self.integers else "strings"
            raise TypeError(f"the words of this model are {words}, and those of column {name!r} are not")
        refuse_taken(dataset, self, "outputCol")
        answers = self._answers(name)

        def of_column(column: pa.Array) -> pa.Array:
            return lists_of(answers(column))

        vectors = F.arrow_udf(of_column, ArrayType(FloatType()))
        return dataset.withColumn(self.getOrDefault("outputCol"), array_to_vector(vectors(F.col(f"`{name}`"))))


class Writer(MLWriter):
    """Saves a model: its parameters, and what was trained."""

    def __init__(self, instance: StoredModel):
        super().__init__()
        self.instance = instance

    def save(self, path: str) -> None:
        """Save it in a folder, which must not be the one that the model lies in."""
        spark = self.sparkSession
        if f"{Folder(spark, self.instance.path).path}/".startswith(f"{Folder(spark, path).path}/"):
            raise ValueError(f"{path}: this model lies there and is read from there: save it elsewhere")
        super().save(path)

    def saveImpl(self, path: str) -> None:
        more = {"integers": self.instance.integers}
        DefaultParamsWriter.saveMetadata(self.instance, path, self.sparkSession, extraMetadata=more)
        self.instance._stored().write.parquet(f"{path}/{DATA}")


class Reader(MLReader):
    """Loads a model."""

    def __init__(self, cls: type[StoredModel]):
        super().__init__()
        self.cls = cls

    def load(self, path: str) -> StoredModel:
        metadata = DefaultParamsReader.loadMetadata(path, self.sparkSession)
        name = f"{self.cls.__module__}.{self.cls.__name__}"
        if metadata["class"] != name:
            raise ValueError(f"{path}: holds {metadata['class']}, not {name}")
        model = self.cls(f"{path}/{DATA}", bool(metadata["integers"]))
        model._resetUid(metadata["uid"])
        DefaultParamsReader.getAndSetParams(model, metadata)
        return model


def lists_of_stored(column: pa.Array) -> pa.Array:
    """Vectors as they are stored, as lists."""
    return lists_of(matrix_of(column))


def literal(word: str | int) -> str:
    """A word in SQL."""
    return f"CAST(X'{word.encode().hex()}' AS STRING)" if isinstance(word, str) else f"{word}L"


def session() -> SparkSession:
    return SparkSession.active()


BROUGHT: set[tuple[str, str]] = set()  # files by the application that has them


def brought_files(path: str) -> list[str]:
    """Let Spark bring the files of a folder to each machine that will run a task; their names there."""
    spark = session()
    files = spark.read.schema(OUTPUT).parquet(path).inputFiles()
    for file in files:
        if (key := (spark.sparkContext.applicationId, file)) not in BROUGHT:
            spark.sparkContext.addFile(file)
            BROUGHT.add(key)
    return [os.path.basename(unquote(urlparse(file).path)) for file in files]
