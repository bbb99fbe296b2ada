"""`fastemb classify test`: how good a classifier is."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from fastemb._threads import usable_cores
from fastemb.cli.classify.common import model_and_texts, named
from fastemb.cli.files import file_of
from fastemb.cli.options import at_least_one, number
from fastemb.cli.shown import show


def add_test(commands: Any) -> None:
    test = commands.add_parser(
        "test",
        help="measure how good a classifier is",
        description="Compare the labels that are found for texts with those that they have.",
    )
    test.set_defaults(run=run_test)
    model_and_texts(test)
    test.add_argument("--by-label", action="store_true", help="show each label, the most frequent first")
    number(test, "--confused", at_least_one, None, "show so many pairs of labels that are most often confused", "none")
    number(test, "--workers", int, usable_cores(), "threads")


def run_test(options: argparse.Namespace) -> None:
    from fastemb import Classifier

    model = Classifier.load(options.model)
    found = model.evaluate(file_of(options.texts), options.k, options.threshold, options.workers)
    if not found.texts:
        raise ValueError(f"{named(options.texts)}: no text has a label that {options.model} knows")
    show(f"{named(options.texts)}: {found.texts} texts")
    k = "all" if options.k == -1 else options.k
    for line in table(
        ("", ""),
        [
            (f"precision at {k}", f"{found.precision:.4f}"),
            (f"recall at {k}", f"{found.recall:.4f}"),
            ("F1", f"{found.f1:.4f}"),
            ("macro F1", f"{found.macro_f1:.4f}"),
        ],
    )[1:]:
        show(line)
    if options.by_label:
        show_labels(found)
    if options.confused:
        show_confused(found, options.confused)


def show_labels(found: Any) -> None:
    measured = found.by_label()
    order = np.argsort(-found.gold, kind="stable").tolist()
    rows = []
    for number_ in order:
        values = measured.get(found.labels[number_])
        if values is not None:
            three = [shown(values[name]) for name in ("precision", "recall", "f1score")]
            rows.append((found.labels[number_], *three, str(found.gold[number_]), str(found.found[number_])))
    for line in table(("label", "precision", "recall", "F1", "texts", "found"), rows):
        show(line)


def show_confused(found: Any, most: int) -> None:
    """Pairs of a label that texts have, and another that was found first for them."""
    pairs = Counter((own, first) for own, first in found.pairs.tolist() if own != first)
    rows = [(found.labels[own], found.labels[first], str(count)) for (own, first), count in pairs.most_common(most)]
    for line in table(("label", "found first", "texts"), rows, left=2):
        show(line)


def shown(value: float) -> str:
    return "-" if value != value else f"{value:.4f}"


def table(titles: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Lines of columns, the first of them flush left, the others right."""
    every = [titles, *rows]
    widths = [max(map(len, column)) for column in zip(*every, strict=True)]
    lines = []
    for row in every:
        cells = [
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  " + "  ".join(cells).rstrip())
    return lines
