"""Checks of what a user gives to a model: numbers, and a corpus."""

from __future__ import annotations

import math
import operator
import os
import warnings
from collections.abc import Iterable
from typing import Any

from fastemb._paths import local
from fastemb.corpus import PathLineSentences, TextFile

Path = str | os.PathLike[str]
Source = TextFile | Iterable[Iterable[object]]
OLD_NAMES = {"size": "vector_size", "iter": "epochs"}


def whole(name: str, value: Any, least: int) -> int:
    """A whole number that is at least `least`."""
    try:
        checked = operator.index(value)
    except TypeError:
        if not isinstance(value, float) or not value.is_integer():
            raise TypeError(f"{name} must be a whole number, not {value!r}") from None
        checked = int(value)
    if checked < least:
        raise ValueError(f"{name} must be at least {least}, not {checked}")
    return checked


def number(name: str, value: Any) -> float:
    """A finite number."""
    try:
        checked = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, not {value!r}") from None
    if not math.isfinite(checked):
        raise ValueError(f"{name} must be finite, not {value!r}")
    return checked


def rate(name: str, value: Any) -> float:
    """A finite number that is not negative."""
    checked = number(name, value)
    if checked < 0:
        raise ValueError(f"{name} must not be negative, not {value!r}")
    return checked


def positive(name: str, value: Any) -> float:
    """A finite number above 0."""
    checked = number(name, value)
    if checked <= 0:
        raise ValueError(f"{name} must be positive, not {value!r}")
    return checked


def text(name: str, value: Any) -> str | None:
    """A str, or None."""
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} must be a str or None, not {value!r}")
    return value


def as_source(
    corpus_iterable: Iterable[Iterable[object]] | None,
    corpus_file: Path | None,
    passes: int = 1,
    unicode_errors: str = "strict",
) -> Source:
    """The one of two inputs that was given, checked for `passes` over it."""
    if (corpus_iterable is None) == (corpus_file is None):
        raise TypeError("give either sentences or corpus_file, and not both")
    if corpus_file is not None:
        if not isinstance(corpus_file, (str, os.PathLike)):
            raise TypeError(f"corpus_file must be a path, not {type(corpus_file).__name__}")
        corpus_file = local(corpus_file)
        if os.path.isdir(corpus_file):
            return PathLineSentences(corpus_file, unicode_errors=unicode_errors)
        return TextFile(corpus_file, unicode_errors)
    if isinstance(corpus_iterable, (str, bytes, os.PathLike)):
        raise TypeError(
            f"sentences must be an iterable of lists of words, not {type(corpus_iterable).__name__}; "
            "for the path of a text file, use corpus_file="
        )
    if not hasattr(corpus_iterable, "__iter__") and not hasattr(corpus_iterable, "__getitem__"):
        raise TypeError(f"sentences must be an iterable of lists of words, not {type(corpus_iterable).__name__}")
    if passes > 1 and iter(corpus_iterable) is corpus_iterable:  # type: ignore[arg-type]
        raise TypeError("a generator can be read only once: with reread=True give something that restarts")
    return corpus_iterable  # type: ignore[return-value]


def translate_old_names(model: str, given: dict[str, Any]) -> dict[str, Any]:
    for name in given:
        if name not in OLD_NAMES:
            raise TypeError(f"{model}() got an unexpected keyword argument {name!r}")
        warnings.warn(f"{name}= is deprecated: use {OLD_NAMES[name]}=", DeprecationWarning, stacklevel=3)
    return {OLD_NAMES[name]: value for name, value in given.items()}
