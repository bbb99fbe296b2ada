"""What the driver has done: encode and count everywhere, train in one place."""

from __future__ import annotations

from functools import partial
from typing import Any

from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, ByteType, IntegerType, LongType, ShortType, StringType

from fastemb import vocabulary
from fastemb.spark.encoding import SCHEMA, encode_partition
from fastemb.spark.errors import errors_of_executors
from fastemb.spark.resources import training_resources
from fastemb.spark.storage import Folder, new_folder, temporary_folder
from fastemb.spark.training import INPUT, OUTPUT, Training, train

INTEGERS = (ByteType, ShortType, IntegerType, LongType)
WORDS = "word string, count bigint, places array<bigint>"  # what is stored of the vocabulary
FILES = 1 << 18  # rows of a file of vectors, so that several tasks can read them


def has_integers(dataset: Any, column: str) -> bool:
    """Whether the words in a column are whole numbers.

    Raises
    ------
    ValueError
        If there is no such column.
    TypeError
        If it is not of lists of words.
    """
    if column not in dataset.columns:
        raise ValueError(f"no column {column!r} is in the DataFrame, which has {', '.join(dataset.columns)}")
    kind = dataset.schema[column].dataType
    if isinstance(kind, ArrayType) and isinstance(kind.elementType, (StringType, *INTEGERS)):
        return not isinstance(kind.elementType, StringType)
    hint = ": split it, as pyspark.ml.feature.Tokenizer does" if isinstance(kind, StringType) else ""
    raise TypeError(
        f"column {column!r} must be of type array<string>, array<int> or array<bigint>, not {kind.simpleString()}{hint}"
    )


def read_partitions(dataset: Any, partitions: int) -> Any:
    """The dataset in so many partitions, as far as possible in its own order; 0 for those that it has."""
    if not partitions:
        return dataset
    if partitions <= dataset.rdd.getNumPartitions():
        return dataset.coalesce(partitions)
    return dataset.repartition(partitions)


def encode(dataset: Any, column: str, longest: int, version: str, path: str) -> None:
    """Encode a column of lists of words; what is stored is of `fastemb.spark.encoding.SCHEMA`."""
    encoder = partial(encode_partition, column=column, longest=longest, version=version)
    with errors_of_executors():
        dataset.select(F.col(f"`{column}`")).mapInArrow(encoder, SCHEMA).write.parquet(path)


def count(spark: Any, ids: str, min_count: int, path: str) -> int:
    """Count the words of an encoded corpus, keep those that occur often enough, and return how many they are.

    Raises
    ------
    EmptyVocabulary
        If there is none.
    """
    words = spark.read.schema(SCHEMA).parquet(ids).where("word is not null")
    counted = words.groupBy("word").agg(F.sum("count").alias("count"), F.collect_list("place").alias("places"))
    with errors_of_executors():
        counted.where(F.col("count") >= min_count).write.parquet(path)
        found = spark.read.schema(WORDS).parquet(path).count()
        if not found:
            different, most = words.groupBy("word").agg(F.sum("count").alias("n")).agg(F.count("n"), F.max("n")).first()
            raise vocabulary.EmptyVocabulary(
                f"the most frequent of {different} words occurs {most} times, and minCount is {min_count}"
                if different
                else "the corpus has no words"
            )
    return int(found)


def rows_to_train(spark: Any, folder: Folder) -> Any:
    """The vocabulary and the encoded sentences together, of `fastemb.spark.training.INPUT`."""
    words = spark.read.schema(WORDS).parquet(folder / "words")
    sentences = spark.read.schema(SCHEMA).parquet(folder / "ids").where("ids is not null").drop("word", "count")
    names = [field.split()[0] for field in INPUT.split(", ")]
    return words.unionByName(sentences, allowMissingColumns=True).select(*names)


def train_model(dataset: Any, column: str, training: Training, reading: dict[str, Any]) -> Folder:
    """Encode, count and train; return the folder of what was trained, which is removed when the program ends.

    Parameters
    ----------
    dataset : DataFrame
    column : str
    training : Training
    reading : dict
        `partitions` and `longest`, as of `read_partitions` and `encode`; `within`, where folders may be; `workers`.
    """
    spark = dataset.sparkSession
    profile, workers = training_resources(spark.sparkContext, reading["workers"])
    if workers:
        training.parameters.setdefault("workers", workers)
    with temporary_folder(spark, reading["within"]) as folder:
        parts = read_partitions(dataset, reading["partitions"])
        encode(parts, column, reading["longest"], training.version, folder / "ids")
        words = count(spark, folder / "ids", training.parameters["min_count"], folder / "words")
        rows = rows_to_train(spark, folder)
        trained, size = new_folder(spark, reading["within"]), training.parameters["vector_size"]
        try:
            with errors_of_executors(lambda: f" ({words:,} words of {size} numbers are trained in one task)"):
                one = rows.coalesce(1).mapInArrow(partial(train, training=training), OUTPUT, profile=profile)
                one.write.option("maxRecordsPerFile", FILES).parquet(trained.path)
        except BaseException:
            trained.remove()
            raise
    trained.remove_at_exit()  # it is there, as it must be
    return trained
