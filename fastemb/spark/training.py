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
from fastemb.spark.errors import check_version, telling
from fastemb.spark.rows import pieces
from fastemb.spark.stored import StoredCorpus

# What goes out: words by their rows, with their counts and vectors, which are bytes, for Spark takes long over lists of
# numbers; then a file of the model in pieces, by their numbers, unless it can be made of the words.
OUTPUT = "id bigint, word string, count bigint, vector binary, piece binary"
ARROW = pa.schema(
    [
        ("id", pa.int64()),
        ("word", pa.string()),
        ("count", pa.int64()),
        ("vector", pa.binary()),
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
        Rows of sentences, and of the vocabulary with its places in partitions (`fastemb.spark.rows`).
    training : Training

    Yields
    ------
    pyarrow.RecordBatch
        Of `OUTPUT`.
    """
    parameters = prepare(training)
    stored = StoredCorpus(training.integers)
    for batch in batches:
        stored.add(batch)
    stored.check(parameters["min_count"])
    check_memory(sum(map(len, stored.words.values())), parameters)
    model = getattr(fastemb, training.kind)(stored, **parameters)
    del stored
    yield from rows_of(model.wv)
    if training.kept:
        yield from pieces_of(model.wv if training.kept == "wv" else model)


def prepare(training: Training) -> dict[str, Any]:
    """Let temporary files lie where Spark's own are; return the arguments of the class.

    Raises
    ------
    RuntimeError
        If this executor has another version of fastemb than the driver.
    """
    check_version(training.version)
    folder = os.environ.get("SPARK_LOCAL_DIRS", "").split(",")[0]
    if os.path.isdir(folder):
        tempfile.tempdir = folder
    context = TaskContext.get()
    return {"workers": context.cpus() if context else 1} | training.parameters


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
    """Bytes that this process may take beside what it has: by its own limit; and by that of its container, in all."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    for limit in resource.getrlimit(resource.RLIMIT_AS):
        if limit != resource.RLIM_INFINITY:
            yield max(0, limit - address_space())
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            with open(path, encoding="ascii") as file:
                text = file.read().strip()
        except OSError:
            continue
        if text.isdecimal():
            yield int(text)


def address_space() -> int:
    """Bytes of it that this process has, as far as the system says so."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:  # not on macOS
        return 0


def rows_of(wv: Any) -> Iterator[Any]:
    """Words, their counts and vectors."""
    words = wv.index_to_key
    counts = np.asarray(wv.expandos.get("count", np.zeros(len(words))), np.int64)
    size = wv.vector_size
    step = max(1, BYTES // (4 * size))
    for begin in range(0, len(words), step):
        end = min(begin + step, len(words))
        vectors = np.asarray(wv.vectors[begin:end], np.float32)
        yield pa.RecordBatch.from_arrays(
            [
                pa.array(np.arange(begin, end)),
                pa.array(list(map(str, words[begin:end])), pa.string()),
                pa.array(counts[begin:end]),
                pieces(vectors, 4 * size * np.arange(end - begin + 1)),
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
                        pa.nulls(1, pa.binary()),
                        pa.array([piece], pa.binary()),
                    ],
                    schema=ARROW,
                )
