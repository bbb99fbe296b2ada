"""Folders in the storage of the cluster, and their files on this machine."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Folder:
    """A folder in any file system that Spark knows.

    Parameters
    ----------
    spark : SparkSession
    path : str
    """

    def __init__(self, spark: Any, path: str):
        context = spark.sparkContext
        java = context._jvm.org.apache.hadoop.fs.Path(path)
        self.spark = spark
        self._files = java.getFileSystem(context._jsc.hadoopConfiguration())
        self._java = self._files.makeQualified(java)
        self.path: str = self._java.toString()

    def __truediv__(self, name: str) -> str:
        return f"{self.path}/{name}"

    def remove(self) -> None:
        """Remove it and what is in it, if it is there."""
        self._files.delete(self._java, True)

    def remove_at_exit(self) -> None:
        """Remove it when this program ends; it must be there already."""
        self._files.deleteOnExit(self._java)


def new_folder(spark: Any, within: str | None) -> Folder:
    """A folder for one fit, which is not there yet: in the one given, or where Spark keeps checkpoints, or by default.

    That is a folder for temporary files if all executors are on this machine, and else the user's own in the cluster's
    default file system.
    """
    name = f"fastemb-{uuid.uuid4().hex}"
    within = within or spark.sparkContext.getCheckpointDir()
    if within:
        return Folder(spark, f"{within.rstrip('/')}/{name}")
    if spark.sparkContext.master.startswith("local"):
        return Folder(spark, Path(tempfile.gettempdir(), name).as_uri())
    return Folder(spark, f".fastemb/{name}")


@contextmanager
def temporary_folder(spark: Any, within: str | None) -> Iterator[Folder]:
    """As `new_folder`, and it is gone afterwards."""
    folder = new_folder(spark, within)
    try:
        yield folder
    finally:
        folder.remove()
