"""What evaluations are given: words as one wants to compare them, and vectors that know their words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from importlib import import_module
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Result = TypeVar("Result")


def folded_index(words: Iterable[object], case_insensitive: bool = True) -> dict[str, int]:
    """Rows of the words, the most frequent first where several are the same but for case."""
    index: dict[str, int] = {}
    for row, word in enumerate(words):
        index.setdefault(fold(str(word), case_insensitive), row)
    return index


def fold(word: str, case_insensitive: bool) -> str:
    return word.upper() if case_insensitive else word


def with_words(words: Iterable[object], _: bool) -> Iterable[object]:
    return words


def with_inferred(
    vectors: NDArray[Any], index: Mapping[str, int], keyed: Any, words: Iterable[str], case_insensitive: bool
) -> tuple[NDArray[Any], dict[str, int]]:
    """The same with those words that lack a row, as `keyed` makes them of their n-grams; as they are if none is."""
    new: dict[str, str] = {}
    for word in words:
        if fold(word, case_insensitive) not in index and word in keyed:
            new.setdefault(fold(word, case_insensitive), word)
    if not new:
        return vectors, dict(index)
    rows = {name: len(vectors) + number for number, name in enumerate(new)}
    return np.concatenate([vectors, keyed[list(new.values())]]), {**index, **rows}


def takes_keyed_vectors(
    second: Callable[[Iterable[object], bool], Any],
) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Let a function take KeyedVectors in place of its first two arguments: vectors, and what is made of their words.

    Parameters
    ----------
    second : callable
        Makes the second argument, of the words and of whether case is folded, which is the fourth.
    """

    def decorate(function: Callable[..., Result]) -> Callable[..., Result]:
        @wraps(function)
        def call(vectors: Any, *given: Any, **named: Any) -> Result:
            if not hasattr(vectors, "index_to_key"):
                return function(vectors, *given, **named)
            last = given[1] if len(given) > 1 else named.get("case_insensitive", True)
            if isinstance(last, bool) and not {"index", "words"} & named.keys():
                given = (second(vectors.index_to_key, last), *given)
            return function(vectors.vectors, *given, **named)

        return call

    return decorate


def scipy_module(name: str) -> Any:
    """A module of SciPy.

    Raises
    ------
    ImportError
        If SciPy is not installed.
    """
    try:
        return import_module(f"scipy.{name}")
    except ImportError as error:
        raise ImportError("this evaluation needs SciPy: pip install 'fastemb[evaluation]'") from error
