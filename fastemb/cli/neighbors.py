"""`fastemb neighbors`: the nearest words."""

from __future__ import annotations

import argparse
import re
from collections.abc import Container
from typing import Any

from fastemb.cli.files import read
from fastemb.cli.options import at_least_one, number, reading
from fastemb.cli.shown import show

Sum = list[tuple[str, float]]  # words, each with 1 or -1
SIGN = re.compile(r"\s+([+-])\s+")


def add_neighbors(commands: Any) -> None:
    neighbors = commands.add_parser(
        "neighbors",
        help="show the nearest words",
        description="Show the words nearest to each of some words, or to sums of words, as in: king - man + woman",
    )
    neighbors.set_defaults(run=run_neighbors)
    neighbors.add_argument("file", metavar="FILE", help="vectors or a model that `fastemb train` or others wrote")
    neighbors.add_argument("words", metavar="WORD", nargs="+", help="a word; + and - between two words make a sum")
    number(neighbors, "--topn", at_least_one, 10, "how many neighbours")
    reading(neighbors)


def run_neighbors(options: argparse.Namespace) -> None:
    from fastemb.models._near import form_that_is_in, near_words

    vectors = read(options.file, options)
    asked = sums(options.words, vectors.key_to_index)
    for word in [word for each in asked for word, _ in each]:
        if word not in vectors:
            if (form := form_that_is_in(word, vectors.key_to_index)) is not None:
                raise KeyError(f"{options.file}: no word {word!r}, but one that is the same in the normal form {form}")
            near = ", ".join(map(repr, near_words(word, vectors.key_to_index)))
            raise KeyError(f"{options.file}: no word {word!r}" + (f"; near it: {near}" if near else ""))
    show_neighbors(vectors, asked, options.topn)


def sums(arguments: list[str], known: Container[str]) -> list[Sum]:
    """The sums that arguments are; one of them may hold a whole sum, unless that is a word which is known."""
    rest = [part for given in arguments for part in ([given] if given in known else SIGN.split(given))][::-1]
    found: list[Sum] = []
    while rest:
        found.append([(rest.pop(), 1.0)])
        while len(rest) > 1 and rest[-1] in ("+", "-"):
            weight = 1.0 if rest.pop() == "+" else -1.0
            found[-1].append((rest.pop(), weight))
    return found


def show_neighbors(vectors: Any, asked: list[Sum], topn: int) -> None:
    for each in asked:
        (first, _), *others = each
        show(first + "".join(f" {'-' if weight < 0 else '+'} {word}" for word, weight in others) + ":")
        for neighbor, similarity in vectors.most_similar(each, topn=topn):
            show(f"  {similarity:6.3f}  {neighbor}")
