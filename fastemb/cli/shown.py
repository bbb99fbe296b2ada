"""What commands print: lines in which no word of a file can do anything to the terminal."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from fastemb._words import printable


def show(line: str, *, error: bool = False) -> None:
    """Print a line, to the standard output or that of errors."""
    print(printable(line), file=sys.stderr if error else sys.stdout, flush=True)


class OneLine(logging.Formatter):
    """Messages alone, each as one printable line."""

    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))


@contextmanager
def plain_messages() -> Iterator[None]:
    """Inside this, warnings are printed as what is logged is: without a line of the script that starts the command."""
    before, last = warnings.formatwarning, logging.lastResort  # what prints where no program has said how
    warnings.formatwarning = lambda message, *_, **__: f"{printable(str(message))}\n"
    formatter = None if last is None else last.formatter
    if last is not None:
        last.setFormatter(OneLine())
    try:
        yield
    finally:
        warnings.formatwarning = before
        if last is not None:
            last.setFormatter(formatter)


def show_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows of texts, the first column to the left and the others to the right, as wide as they need to be."""
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        show("  ".join(cells).rstrip())
