"""What commands print: lines in which no word of a file can do anything to the terminal."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
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
