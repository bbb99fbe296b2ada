"""How what goes wrong on executors is said at the driver."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import fastemb
from fastemb.training import TrainingDiverged
from fastemb.vocabulary import EmptyVocabulary

SAID = re.compile(r"<fastemb>(.*?)</fastemb>", re.DOTALL)
KINDS: dict[str, type[Exception]] = {
    kind.__name__: kind
    for kind in (TypeError, ValueError, MemoryError, OSError, RuntimeError, TrainingDiverged, EmptyVocabulary)
}
ABSENT = re.compile(r"No module named '(fastemb|pyarrow)[.\w]*'|cannot import name '\w+' from 'fastemb")
DIED = re.compile(
    r"Python worker exited unexpectedly|Python worker process terminated|exit code 137|OutOfMemoryError|"
    r"Container killed|exceeding memory limits|ExecutorLostFailure"
)


class Told(RuntimeError):
    """An error as a text from which the driver makes the error again."""


def telling(function: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """A generator that runs on executors, whose errors the driver can tell."""

    @wraps(function)
    def wrapped(*arguments: Any, **options: Any) -> Iterator[Any]:
        try:
            yield from function(*arguments, **options)
        except Exception as error:
            raise Told(text_of(error)) from error

    return wrapped


def text_of(error: Exception) -> str:
    """An error as the driver finds it in whatever Spark says of it."""
    kind = next((kind.__name__ for kind in type(error).__mro__ if kind.__name__ in KINDS), "RuntimeError")
    return f"<fastemb>{json.dumps([kind, str(error)])}</fastemb>"


def check_version(of_driver: str) -> None:
    """Raise RuntimeError if an executor has another version of fastemb."""
    if fastemb.__version__ != of_driver:
        raise RuntimeError(
            f"the driver has fastemb {of_driver}, and an executor {fastemb.__version__}: they must be the same"
        )


@contextmanager
def errors_of_executors(needed: str = "") -> Iterator[None]:
    """Raise what was raised on an executor, if it was told, and say what is known of other errors.

    Parameters
    ----------
    needed : str
        How much memory is needed, where a worker may have had too little.
    """
    try:
        yield
    except Exception as error:
        text = texts_of(error)
        if found := SAID.search(text):
            kind, message = json.loads(found[1])
            raise KINDS[kind](message) from error
        if found := ABSENT.search(text):
            raise RuntimeError(
                f"the Python of the executors cannot import {found[1] or 'all of fastemb'}: install the "
                "same fastemb[spark] there, or send it along with spark.archives and set PYSPARK_PYTHON accordingly"
            ) from error
        if DIED.search(text):
            raise RuntimeError(
                "an executor, or its Python worker, was killed again and again, most probably for want of memory"
                f"{needed}: give executors more by spark.executor.memoryOverhead, or, where that is set, "
                "spark.executor.pyspark.memory"
            ) from error
        raise


def texts_of(error: Exception) -> str:
    """What an error and its causes say, of Python and of Java."""
    texts = [str(error)]
    java = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    for _ in range(20):
        if java is None:
            break
        texts.append(str(java.toString()))
        java = java.getCause()
    return "\n".join(texts)
