"""Words, and parameters of methods, that may have been meant."""

from __future__ import annotations

import functools
import inspect
import string
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from types import FunctionType
from typing import Any, Literal, TypeVar

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
FORMS: tuple[Form, ...] = ("NFC", "NFD", "NFKC", "NFKD")
LONGEST = 40  # characters of a word of which variants are made
FIRST = 200  # words that show which letters there are
# Queries, which programs call for each word: to tell of parameters, another function would be called each time.
QUERIES = {
    *("get_index", "has_index_for", "get_vector", "word_vec", "get_vecattr", "set_vecattr", "allocate_vecattrs"),
    *("add_vector", "add_vectors", "fill_norms", "get_normed_vectors", "get_mean_vector", "get_sentence_vector"),
    *("similarity", "distance", "distances", "cosine_similarities", "n_similarity", "wmdistance", "closer_than"),
    *("most_similar", "most_similar_cosmul", "similar_by_key", "similar_by_vector", "similar_by_word", "doesnt_match"),
    *("most_similar_to_given", "relative_cosine_similarity", "rank_by_centrality", "rank"),
}

Function = TypeVar("Function", bound=Callable[..., Any])
Kind = TypeVar("Kind", bound=type)

told: set[type] = set()  # classes whose methods do so already


def unknown_key(key: Any, index: Mapping[Any, int]) -> KeyError:
    """The error to raise for a key that is not in `index`, with the most frequent of those that are near."""
    if isinstance(key, str) and (form := form_that_is_in(key, index)) is not None:
        return KeyError(f"Key '{key}' not present; unicodedata.normalize('{form}', …) of it is")
    near = near_words(key, index) if isinstance(key, str) else []
    return KeyError(f"Key '{key}' not present" + (f"; near it: {', '.join(map(repr, near))}" if near else ""))


def form_that_is_in(word: str, index: Mapping[Any, int]) -> Form | None:
    """The normal form of Unicode in which a word is in `index`, if it is not so itself: one cannot see which it has."""
    forms = () if word.isascii() or word in index else FORMS
    return next((form for form in forms if unicodedata.normalize(form, word) in index), None)


def near_words(word: str, index: Mapping[Any, int], most: int = 3) -> list[str]:
    """Words of `index` that differ from one by case, by spaces, or by one letter; those of the first rows first.

    The time it takes depends on the length of the word alone, and not on the vocabulary.
    """
    seen = "".join(str(key) for key in islice(index, FIRST)).lower() + string.ascii_lowercase
    letters = [letter for letter in {*word.lower(), *seen} if letter.isalpha()]
    found = {variant for variant in variants(word, letters) if variant in index} - {word}
    return sorted(found, key=index.__getitem__)[:most]


def variants(word: str, letters: list[str]) -> Iterator[str]:
    yield from (word.lower(), word.upper(), word.capitalize(), word.title(), word.strip())
    yield from (word.replace(" ", "_"), word.replace("_", " "), word.replace("-", "_"), word.replace("_", "-"))
    if len(word) > LONGEST:
        return
    for k in range(len(word) + 1):
        before, after = word[:k], word[k:]
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]
        for letter in letters:
            yield before + letter + after
            yield before + letter + after[1:]


def naming_near(function: Function) -> Function:
    """Let a call with an unknown parameter name the one that may have been meant, as Python does from 3.13 on."""
    code = inspect.unwrap(function).__code__
    if sys.version_info >= (3, 13) or code.co_flags & inspect.CO_VARKEYWORDS:
        return function
    names = code.co_varnames[code.co_posonlyargcount : code.co_argcount + code.co_kwonlyargcount]

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            unknown = next((name for name in kwargs if name not in names), None)
            if unknown is None or repr(unknown) not in str(error):
                raise
            from difflib import get_close_matches  # slow to import

            near = get_close_matches(unknown.lower(), sorted(names), n=1, cutoff=0.7)
            raise TypeError(f"{error}. Did you mean {near[0]!r}?" if near else str(error)) from None

    return call  # type: ignore[return-value]


def naming_near_parameters(kind: Kind) -> Kind:
    """Let all public methods of a class of ours, and of those that it inherits from, do so, but for queries."""
    for each in kind.__mro__:
        if not each.__module__.startswith("fastemb.") or each in told:
            continue
        told.add(each)
        for name, member in list(vars(each).items()):
            if name in QUERIES or (name.startswith("_") and name != "__init__"):
                continue
            if isinstance(member, (classmethod, staticmethod)):
                setattr(each, name, type(member)(naming_near(member.__func__)))
            elif isinstance(member, FunctionType):
                setattr(each, name, naming_near(member))
    return kind
