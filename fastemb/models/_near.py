"""Words that may have been meant."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

LONGEST = 40  # characters of a word of which variants are made
FIRST = 200  # words that show which letters there are


def unknown_key(key: Any, index: Mapping[Any, int]) -> KeyError:
    """The error to raise for a key that is not in `index`, with the most frequent of those that are near."""
    near = near_words(key, index) if isinstance(key, str) else []
    return KeyError(f"Key '{key}' not present" + (f"; near it: {', '.join(map(repr, near))}" if near else ""))


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
