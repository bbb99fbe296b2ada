"""`fastemb neighbors`: the nearest words."""

from __future__ import annotations

import argparse
from typing import Any

from fastemb.cli.files import read
from fastemb.cli.options import at_least_one, number


def add_neighbors(commands: Any) -> None:
    neighbors = commands.add_parser("neighbors", help="show the nearest words")
    neighbors.set_defaults(run=run_neighbors)
    neighbors.add_argument("file", metavar="FILE", help="vectors or a model that `fastemb train` or others wrote")
    neighbors.add_argument("words", metavar="WORD", nargs="+")
    number(neighbors, "--topn", at_least_one, 10, "how many neighbours")


def run_neighbors(options: argparse.Namespace) -> None:
    vectors = read(options.file)
    for word in options.words:
        if word not in vectors:
            raise KeyError(f"{options.file}: no word {word!r}")
    show_neighbors(vectors, options.words, options.topn)


def show_neighbors(vectors: Any, words: list[str], topn: int) -> None:
    for word in words:
        print(f"{word}:")
        for neighbor, similarity in vectors.most_similar(word, topn=topn):
            print(f"  {similarity:6.3f}  {neighbor}")
