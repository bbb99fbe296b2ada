"""What the driver has done: encode and count everywhere, train in one place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from fastemb.corpus.cooccurrence import Window
from fastemb.spark.cells import count_cells, merge_cells, number_words, train_on_cells
from fastemb.spark.counting import merge_counts
from fastemb.spark.encoding import encode_partition
from fastemb.spark.errors import errors_of_executors
from fastemb.spark.resources import training_resources
from fastemb.spark.rows import SCHEMA, SENTENCES, UPPER, WORDS
from fastemb.spark.storage import Folder, new_folder, temporary_folder
from fastemb.spark.training import OUTPUT, Training, train

LISTS = ("array<string>", "array<int>", "array<bigint>", "array<smallint>", "array<tinyint>")  # of words
MOST_RANGES = 64  # of rows of cells, which are merged each by one task
CORES = 8  # for each bucket of words: one task adds up what several have counted
FILES = 1 << 18  # rows of a file of vectors, so that several tasks can read them
OWN = {
    "spark.sql.execution.arrow.maxRecordsPerBatch": "4",  # rows are long: the next are read while some are taken
    "spark.sql.adaptive.enabled": "false",  # how many tasks there are is known, and each stage would be a job
}


def column_of(dataset: Any, column: str, types: Sequence[str]) -> Any:
    """A column that is of one of these types.

    Raises
    ------
    ValueError
        If there is no such column.
    TypeError
        If it is of another type.
    """
    if column not in dataset.columns:
        raise ValueError(f"no column {column!r} is in the DataFrame, which has {', '.join(dataset.columns)}")
    if (found := type_of(dataset, column)) not in types:
        lists = types[0].startswith("array") and found == "string"
        hint = ": split it, as pyspark.ml.feature.Tokenizer does" if lists else ""
        raise TypeError(f"column {column!r} must be of type {' or '.join(types)}, not {found}{hint}")
    return F.col(f"`{column}`")


def refuse_taken(dataset: Any, params: Any, *names: str) -> None:
    """Raise ValueError if a column that is to be added, which one of these parameters names, is there, or another's."""
    taken = list(dataset.columns)
    for name in names:
        if (column := params.getOrDefault(name)) in taken:
            raise ValueError(f"{name} is {column!r}, which is the name of another column: give it one of its own")
        taken.append(column)


def type_of(dataset: Any, column: str) -> str:
    """The type of a column, as SQL has it."""
    return re.sub(r" collate \w+", "", dataset.schema[column].dataType.simpleString())


def has_integers(dataset: Any, column: str) -> bool:
    """Whether the words in a column of lists of words are whole numbers; raises as `column_of` does."""
    column_of(dataset, column, LISTS)
    return type_of(dataset, column) != "array<string>"


def read_partitions(dataset: Any, partitions: int) -> Any:
    """The dataset in so many partitions, as far as possible in its own order; 0 for those that it has."""
    if not partitions:
        return dataset
    if partitions == 1 or partitions <= dataset.rdd.getNumPartitions():
        return dataset.coalesce(partitions)
    return dataset.repartition(partitions)


def encode(dataset: Any, column: str, longest: int, version: str, path: str) -> None:
    """Encode a column of lists of words, and store rows of `fastemb.spark.rows`."""
    encoder = partial(
        encode_partition, column=column, longest=longest, buckets=buckets(dataset.sparkSession), version=version
    )
    with errors_of_executors():
        write(dataset.select(F.col(f"`{column}`")).mapInArrow(encoder, SCHEMA), path)


def write(rows: Any, path: str) -> None:
    """Store rows as they are: packing and dictionaries take time, and make numbers in bytes hardly smaller."""
    options = {"compression": "none", "parquet.enable.dictionary": "false", "maxRecordsPerFile": FILES}
    rows.write.options(**options).parquet(path)


def ranges(spark: Any) -> int:
    """How many there are of rows of cells that are merged by different tasks."""
    return min(MOST_RANGES, int(spark.sparkContext.defaultParallelism))


def buckets(spark: Any) -> int:
    """How many there are of words whose counts are merged by different tasks."""
    return -(-ranges(spark) // CORES)


def words_of_partitions(spark: Any, ids: str) -> Any:
    """The words of all partitions of an encoded corpus."""
    return spark.read.schema(SCHEMA).parquet(ids).where("bucket is not null").select(*WORDS)


def sentences_of_partitions(spark: Any, ids: str) -> Any:
    """The sentences of all partitions of an encoded corpus."""
    return spark.read.schema(SCHEMA).parquet(ids).where("bucket is null").select(*SENTENCES)


def by_bucket(rows: Any, merge: Callable[..., Any], buckets: int) -> Any:
    """What `merge` makes of the rows of each of so many buckets, in one partition."""
    merged = rows.repartitionById(buckets, F.col("bucket")).mapInArrow(merge, SCHEMA)
    return merged if buckets == 1 else merged.repartition(1)


def vocabulary(spark: Any, ids: str, min_count: int) -> Any:
    """The words of an encoded corpus that occur often enough, with where partitions have them, in one partition."""
    return by_bucket(words_of_partitions(spark, ids), partial(merge_counts, min_count=min_count), buckets(spark))


def together(first: Any, second: Any) -> Any:
    """The rows of both in one partition."""
    return first.unionByName(second, allowMissingColumns=True).coalesce(1)


def own_session(spark: Any) -> Any:
    """A session like this one, with settings for rows of `fastemb.spark.rows`."""
    session = SparkSession(spark.sparkContext, spark._jsparkSession.cloneSession())
    for name, value in OWN.items():
        session.conf.set(name, value)
    return session


@dataclass(frozen=True)
class Means:
    """What a fit may use.

    Attributes
    ----------
    workers : int
        Threads of the task that trains; 0 for all that an executor has.
    within : str, optional
        Where folders may be.
    """

    workers: int
    within: str | None


def train_vectors(dataset: Any, column: str, longest: int, training: Training, means: Means) -> Folder:
    """Encode lists of words, count and train; see `train_in_one_task`, `encode`."""
    spark = own_session(dataset.sparkSession)
    with temporary_folder(spark, means.within) as folder:
        ids = folder / "ids"
        encode(dataset, column, longest, training.version, ids)
        words = vocabulary(spark, ids, training.parameters["min_count"])
        return train_in_one_task(together(words, sentences_of_partitions(spark, ids)), train, training, means)


def train_glove(dataset: Any, column: str, longest: int, training: Training, means: Means) -> Folder:
    """As `train_vectors`, but what is trained on is counted by all."""
    spark, parameters = own_session(dataset.sparkSession), training.parameters
    window = Window(parameters["window"], parameters["symmetric"], parameters["distance_weighting"])
    with temporary_folder(spark, means.within) as folder:
        ids, words = folder / "ids", folder / "words"
        encode(dataset, column, longest, training.version, ids)
        number = partial(number_words, training=training, ranges=ranges(spark))
        with errors_of_executors():
            write(vocabulary(spark, ids, parameters["min_count"]).mapInArrow(number, SCHEMA), words)
        numbered = spark.read.schema(SCHEMA).parquet(words)
        places = numbered.where("words is null").unionByName(
            sentences_of_partitions(spark, ids), allowMissingColumns=True
        )
        count = partial(count_cells, window=window, memory=parameters["memory_budget"] // 2)
        counted = places.repartition(F.shiftright("place", UPPER)).mapInArrow(count, SCHEMA)
        rows = together(by_bucket(counted, merge_cells, ranges(spark)), numbered.where("words is not null"))
        return train_in_one_task(rows, partial(train_on_cells, window=window), training, means)


def train_in_one_task(rows: Any, task: Callable[..., Any], training: Training, means: Means) -> Folder:
    """Train on a partition; return the folder of what was trained, which is removed when the program ends.

    Raises
    ------
    ValueError
        If there was nothing to train on: of a DataFrame that Spark knows to have no rows, no task is run.

    Parameters
    ----------
    rows : DataFrame
        Of one partition.
    task : callable
        For ``DataFrame.mapInArrow``; it takes `training` as well, and yields rows of `OUTPUT`.
    training : Training
    means : Means
    """
    spark, parameters = rows.sparkSession, training.parameters
    profile, workers = training_resources(spark.sparkContext, means.workers)
    if workers:
        parameters.setdefault("workers", workers)
    trained, begun = new_folder(spark, means.within), spark.sparkContext.accumulator(0)
    noted = partial(noting, task=partial(task, training=training), begun=begun)
    try:
        with errors_of_executors(f" (one task trains all, in vectors of {parameters['vector_size']} numbers)"):
            write(rows.mapInArrow(noted, OUTPUT, profile=profile), trained.path)
        if not begun.value:
            raise ValueError("the DataFrame has no rows: there is nothing to train on")
    except BaseException:
        trained.remove()
        raise
    trained.remove_at_exit()  # it is there, as it must be
    return trained


def noting(batches: Iterable[Any], task: Callable[..., Any], begun: Any) -> Iterator[Any]:
    """What a task makes of its batches; an accumulator learns that there is one."""
    begun.add(1)
    yield from task(batches)
