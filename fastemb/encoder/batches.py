"""Texts in batches, with their numbers, for messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple


class Piece(NamedTuple):
    """Some texts, and the number of the first."""

    texts: list[Any]
    first: int


def batches(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    """Lists of so many texts."""
    iterator, done = iter(texts), 0
    while some := list(islice(iterator, size)):
        for text_number, text in enumerate(some, done):
            if not isinstance(text, str):
                raise TypeError(f"text {text_number} must be a str, not {type(text).__name__}")
        yield some
        done += len(some)


def piece_of(before: int, texts: list[Any], first: int) -> Piece:
    """A piece of a batch, before which there were so many texts."""
    return Piece(texts, before + first)
