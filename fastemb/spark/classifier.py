"""Classifier: labels of texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, ClassVar

import pyarrow as pa
from pyspark.ml.functions import array_to_vector
from pyspark.ml.param.shared import HasLabelCol, HasPredictionCol, HasProbabilityCol
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, FloatType, StringType, StructField, StructType

import fastemb
from fastemb.spark.answers import Labels
from fastemb.spark.columns import refuse_lines
from fastemb.spark.errors import telling
from fastemb.spark.estimator import OneTaskEstimator
from fastemb.spark.jobs import Means, column_of, refuse_taken, train_in_one_task
from fastemb.spark.model import StoredModel
from fastemb.spark.params import Trained, text, whole, with_accessors
from fastemb.spark.training import Training, pieces_of, prepare

PREFIX = "__label__"  # of all labels, also of those that begin with it
ANSWER = StructType([StructField("label", StringType()), StructField("probabilities", ArrayType(FloatType()))])


class Labelled(Trained, HasLabelCol, HasPredictionCol, HasProbabilityCol):
    """Parameters of Classifier."""

    loss = text("loss", "softmax, hs, ns or ova: one-vs-all, for texts of several labels")
    wordNgrams = whole("wordNgrams", "words of the longest n-grams of words")
    minN = whole("minN", "characters of the shortest n-grams; 0 for none")
    maxN = whole("maxN", "characters of the longest n-grams; 0 for none")
    bucket = whole("bucket", "rows of n-grams")
    minCountLabel = whole("minCountLabel", "leave out labels that occur less often")
    negative = whole("negative", "noise labels of each text, with the loss ns")

    DEFAULTS: ClassVar[dict[str, Any]] = {
        **Trained.DEFAULTS,
        "stepSize": 0.1,
        "maxIter": 5,
        "minCount": 1,
        "loss": "softmax",
        "wordNgrams": 1,
        "minN": 0,
        "maxN": 0,
        "bucket": 2_000_000,
        "minCountLabel": 0,
        "negative": 5,
    }


@with_accessors
class ClassifierModel(Labelled, StoredModel):
    """What `Classifier.fit` returns.

    `transform` adds `predictionCol`, the most probable label, a string, and `probabilityCol`, of pyspark.ml's type of
    vectors: the probability of each of `labels`. A text without words that are known, also an empty one, has both: its
    end of line is as a word of each text. Only where that is left out, as trained on fewer than `minCount` texts, is
    its label null, and are its probabilities 0. `transform` raises ValueError if it would replace a column. Where the
    rows are asked for, Spark raises its PythonException if a text is null or has an end of line; it names the column.
    """

    __module__ = "fastemb.spark"
    KEPT = "model"
    ANSWERS = Labels

    @property
    def labels(self) -> list[str]:
        """The labels as they were given, in the order of the probabilities."""
        answers: Labels = self._answers("")
        return answers.labels()

    def classifier(self) -> fastemb.Classifier:
        """The classifier on this machine, mapped from a file that is gone when the session ends; its `save` keeps it.

        Its labels are those that were given, behind fastText's prefix, ``__label__``.
        """
        answers: Labels = self._answers("")
        return answers.model()

    def _transform(self, dataset: Any) -> Any:
        name = self.getOrDefault("inputCol")
        texts = column_of(dataset, name, ["string"])
        refuse_taken(dataset, self, "predictionCol", "probabilityCol")
        answers = self._answers(name)

        def of_column(column: pa.Array) -> pa.Array:
            return answers(column)

        found = F.arrow_udf(of_column, ANSWER)(texts)
        return dataset.withColumns(
            {
                self.getOrDefault("predictionCol"): found["label"],
                self.getOrDefault("probabilityCol"): array_to_vector(found["probabilities"]),
            }
        )


@with_accessors
class Classifier(Labelled, OneTaskEstimator):
    """Learn the labels of texts, as `fastemb.Classifier`, in one task, to which the texts are streamed.

    Parameters
    ----------
    inputCol : str
        A column of strings, each a text of one line, whose words are split at blanks.
    labelCol : str, default 'label'
        A column of the label of each text, any string, or of its labels, array<string>.
    predictionCol, probabilityCol : str, default 'prediction' and 'probability'
        What the model adds to a DataFrame.
    stepSize : float, default 0.1
        Learning rate at the beginning; it falls to 0.
    maxIter : int, default 5
        Epochs.
    vectorSize, minCount, minCountLabel, loss, wordNgrams, minN, maxN, bucket, negative, seed, memoryBudget
        As `vector_size`, `min_count`, … of `fastemb.Classifier`.
    workers, workDir
        As of `Word2Vec`.

    Raises
    ------
    TypeError
        If a column is of another type.
    ValueError
        If a parameter is out of range, a text or label is null, a text has an end of line, no text has a label, or
        what the model is to add to a DataFrame has the name of another column.
    """

    __module__ = "fastemb.spark"
    KIND = "Classifier"
    MODEL = ClassifierModel
    INPUT = "texts"

    def _trained(self, dataset: Any, parameters: dict[str, Any], means: Means) -> StoredModel:
        names = (self.getOrDefault("inputCol"), self.getOrDefault("labelCol"))
        texts = column_of(dataset, names[0], ["string"])
        labels = column_of(dataset, names[1], ["string", "array<string>"])
        refuse_taken(dataset, self, "predictionCol", "probabilityCol")
        training = Training(self.KIND, parameters, False, self.MODEL.KEPT, fastemb.__version__)
        rows = dataset.select(texts.alias("text"), labels.alias("labels")).coalesce(1)
        return self.MODEL(train_in_one_task(rows, partial(learn, names=names), training, means).path)


@telling
def learn(batches: Iterable[Any], training: Training, names: tuple[str, str]) -> Iterator[Any]:
    """Train on texts and their labels; yield the model in pieces."""
    parameters = prepare(training)
    model = fastemb.Classifier(pairs_of(batches, names), label_prefix=PREFIX, **parameters)
    yield from pieces_of(model)


def pairs_of(batches: Iterable[Any], names: tuple[str, str]) -> Iterator[tuple[str, Any]]:
    """Texts with their labels, which get a prefix.

    Raises
    ------
    ValueError
        If a text or label is null, or a text has an end of line.
    """
    row = 0
    for batch in batches:
        for column, name in zip(batch.columns, names, strict=True):
            if column.null_count:
                raise ValueError(f"column {name!r} has null: leave these rows out, as by dropna(subset=[{name!r}])")
            if pa.types.is_list(column.type) and column.flatten().null_count:
                raise ValueError(
                    f"column {name!r} has null among a row's labels: leave them out, as by array_compact()"
                )
        refuse_lines(batch.columns[0], names[0], row)
        row += batch.num_rows
        for line, given in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield line, [PREFIX + label for label in ([given] if isinstance(given, str) else given)]
