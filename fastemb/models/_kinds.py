"""The class that a file is of: one that was asked for, or one that inherits from it; its module is imported then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from fastemb._lazy import load

Class = TypeVar("Class")


def with_subclasses(kind: type[Class]) -> Iterator[type[Class]]:
    """A class and all that inherit from it."""
    yield kind
    for inheriting in kind.__subclasses__():
        yield from with_subclasses(inheriting)


def named(kind: type[Class], name: str | None) -> type[Class] | None:
    """That class, or one that inherits from it, by its name; None if there is none."""
    if name is not None:
        load(name)
    return next((each for each in with_subclasses(kind) if each.__name__ == name), None)


def of_ngrams(kind: type[Any], ngrams: bool) -> type[Any]:
    """That class of vectors, or one that inherits from it, whose vectors are made of n-grams or are not."""
    if ngrams:
        from fastemb.models import _subword_vectors  # noqa: F401
    return next((each for each in with_subclasses(kind) if each.NGRAMS is ngrams), kind)
