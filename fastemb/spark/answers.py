"""What executors answer with trained vectors, which each machine has once, in a file that its processes map."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyspark import SparkFiles

from fastemb.kernels.text.batch import weighted_means
from fastemb.kernels.text.columnencoder import ColumnEncoder
from fastemb.models import KeyedVectors
from fastemb.spark.columns import add_column, table_of

LOADED: dict[str, Any] = {}  # of this process: what was loaded last


def vectors_of(files: Sequence[str], integers: bool) -> KeyedVectors:
    """The trained vectors, whose files Spark has brought to this machine.

    Parameters
    ----------
    files : sequence of str
        Their names.
    integers : bool
        Words are whole numbers.
    """
    return loaded(files, "vectors", lambda target: save_vectors(files, integers, target), KeyedVectors.load)


def loaded(files: Sequence[str], what: str, make: Callable[[str], None], load: Callable[..., Any]) -> Any:
    """What is in a file that is made once on each machine, and mapped by all its processes."""
    target = os.path.join(SparkFiles.getRootDirectory(), f"{files[0]}.{what}")
    if target not in LOADED:
        if not os.path.exists(target):
            make_once(target, make)
        LOADED.clear()
        LOADED[target] = load(target, mmap="r")
    return LOADED[target]


def make_once(target: str, make: Callable[[str], None]) -> None:
    """Make a file, unless another process does."""
    try:
        import fcntl
    except ImportError:  # on Windows each process makes it; it appears whole
        make(target)
        return
    with open(f"{target}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(target):
            make(target)


def save_vectors(files: Sequence[str], integers: bool, target: str) -> None:
    """Make a file of vectors of those in which Spark has stored words."""
    words: list[Any] = []
    counts, vectors = [], []
    for file in files:
        with pq.ParquetFile(SparkFiles.get(file)) as parquet:
            for batch in parquet.iter_batches(columns=["id", "word", "count", "vector"]):
                batch = batch.filter(batch.column("word").is_valid())
                words += zip(batch.column("id").to_pylist(), batch.column("word").to_pylist(), strict=True)
                counts.append(batch.column("count").to_numpy())
                vectors.append(batch.column("vector").flatten().to_numpy().reshape(batch.num_rows, -1))
    order = np.argsort(np.array([number for number, _ in words], np.int64), kind="stable")
    keys = [int(words[k][1]) if integers else words[k][1] for k in order.tolist()]
    matrix = np.concatenate(vectors)[order]
    KeyedVectors.from_arrays(keys, matrix, {"count": np.concatenate(counts)[order]}).save(target)


def means(column: Any, name: str, files: Sequence[str], integers: bool) -> Any:
    """The sum of the vectors of the words of each list, divided by the number of all its words, as in MLlib.

    Parameters
    ----------
    column : pyarrow.Array
        Lists of words.
    name : str
        What it is called.
    files, integers
        As of `vectors_of`.

    Returns
    -------
    pyarrow.Array
        Lists of float32; zeros where there are no words.
    """
    wv = vectors_of(files, integers)
    if "table" not in LOADED:
        LOADED["table"] = table_of(wv.index_to_key)
    encoder = ColumnEncoder(LOADED["table"])
    add_column(encoder, column, name, 0)
    ids, starts = encoder.finish()
    found = np.zeros((len(column), wv.vector_size), np.float32)
    weighted_means(np.asarray(wv.vectors), np.ones(len(wv)), ids, starts, found)
    found *= known_share(ids, starts)[:, None]
    ends = np.arange(0, found.size + 1, wv.vector_size, dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(found.reshape(-1)))


def known_share(ids: NDArray[np.int32], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    """How many of the words of each list are known, of all its words."""
    known = np.append(0, np.cumsum(ids >= 0))[starts]
    return (np.diff(known) / np.maximum(np.diff(starts), 1)).astype(np.float32)
