"""The task that trains: what was stored of the corpus comes in, vectors go out."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark import TaskContext

import fastemb
from fastemb.spark.encoding import SCHEMA
from fastemb.spark.errors import check_version, telling
from fastemb.spark.stored import StoredCorpus

# What comes in: rows of the encoded corpus, and words of the vocabulary with all their places.
INPUT = f"{SCHEMA}, places array<bigint>"
# What goes out: words by their rows, with their counts and vectors; then a file of the model in pieces, by their
# numbers, unless it can be made of the words.
OUTPUT = "id bigint, word string, count bigint, vector array<float>, piece binary"
ARROW = pa.schema(
    [
        ("id", pa.int64()),
        ("word", pa.string()),
        ("count", pa.int64()),
        ("vector", pa.list_(pa.float32())),
        ("piece", pa.binary()),
    ]
)
BYTES = 1 << 20  # of vectors that are given to Spark at a time
PIECE = 1 << 16  # bytes of a file


@dataclass(frozen=True)
class Training:
    """What a task is to train.

    Attributes
    ----------
    kind : str
        The class of fastemb.
    parameters : dict
        Its arguments, but for `workers` where there are none.
    integers : bool
        Words are whole numbers.
    kept : {'', 'wv', 'model'}
        What is stored as a file beside the words and their vectors: nothing, the vectors of n-grams, too, or all.
    version : str
        Of fastemb at the driver.
    """

    kind: str
    parameters: dict[str, Any]
    integers: bool
    kept: str
    version: str


@telling
def train(batches: Iterable[Any], training: Training) -> Iterator[Any]:
    """Train on a stored corpus: a function for ``DataFrame.mapInArrow`` over one partition.

    Parameters
    ----------
    batches : iterator of pyarrow.RecordBatch
        Of `INPUT`.
    training : Training

    Yields
    ------
    pyarrow.RecordBatch
        Of `OUTPUT`.
    """
    check_version(training.version)
    use_disks_of_spark()
    stored = StoredCorpus(training.integers)
    for batch in batches:
        stored.add(batch)
    parameters = {"workers": cpus()} | training.parameters
    check_memory(len(stored.words), parameters)
    model = getattr(fastemb, training.kind)(stored, **parameters)
    del stored
    yield from rows_of(model.wv)
    if training.kept:
        yield from pieces_of(model.wv if training.kept == "wv" else model)


def use_disks_of_spark() -> None:
    """Let temporary files lie where Spark's own are."""
    folder = os.environ.get("SPARK_LOCAL_DIRS", "").split(",")[0]
    if os.path.isdir(folder):
        tempfile.tempdir = folder


def cpus() -> int:
    """How many this task was given."""
    context = TaskContext.get()
    return context.cpus() if context else 1


def check_memory(words: int, parameters: dict[str, Any]) -> None:
    """Raise MemoryError if the matrices are larger than what this process may take."""
    matrices = 1 + bool(parameters.get("negative")) + bool(parameters.get("hs"))
    needed = 4 * matrices * parameters["vector_size"] * (words + parameters.get("bucket", 0))
    allowed = min(memory_limits(), default=needed)
    if needed > allowed:
        raise MemoryError(
            f"{words:,} words of {parameters['vector_size']} numbers take {needed / 2**30:.2f} GiB in the task that "
            f"trains, whose Python may take {allowed / 2**30:.2f} GiB: give executors more by "
            "spark.executor.pyspark.memory or spark.executor.memoryOverhead, or take a larger minCount"
        )


def memory_limits() -> Iterator[int]:
    """Bytes that this process may take: by its own limit, and by that of its container."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    for limit in resource.getrlimit(resource.RLIMIT_AS):
        if limit != resource.RLIM_INFINITY:
            yield limit
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            with open(path, encoding="ascii") as file:
                text = file.read().strip()
        except OSError:
            continue
        if text.isdecimal():
            yield int(text)


def rows_of(wv: Any) -> Iterator[Any]:
    """Words, their counts and vectors."""
    words = wv.index_to_key
    counts = np.asarray(wv.expandos.get("count", np.zeros(len(words))), np.int64)
    size = wv.vector_size
    step = max(1, BYTES // (4 * size))
    for begin in range(0, len(words), step):
        end = min(begin + step, len(words))
        ends = np.arange(0, (end - begin + 1) * size, size, dtype=np.int32)
        vectors = np.ascontiguousarray(wv.vectors[begin:end], np.float32)
        yield pa.RecordBatch.from_arrays(
            [
                pa.array(np.arange(begin, end)),
                pa.array(list(map(str, words[begin:end])), pa.string()),
                pa.array(counts[begin:end]),
                pa.ListArray.from_arrays(pa.array(ends), pa.array(vectors.reshape(-1))),
                pa.nulls(end - begin, pa.binary()),
            ],
            schema=ARROW,
        )


def pieces_of(model: Any) -> Iterator[Any]:
    """The file of a model or of vectors, in pieces."""
    with tempfile.TemporaryDirectory(prefix="fastemb-") as folder:
        path = os.path.join(folder, "model")
        model.save(path)
        with open(path, "rb") as file:
            for number, piece in enumerate(iter(lambda: file.read(PIECE), b"")):
                yield pa.RecordBatch.from_arrays(
                    [
                        pa.array([number]),
                        pa.nulls(1, pa.string()),
                        pa.nulls(1, pa.int64()),
                        pa.nulls(1, ARROW.field("vector").type),
                        pa.array([piece], pa.binary()),
                    ],
                    schema=ARROW,
                )
