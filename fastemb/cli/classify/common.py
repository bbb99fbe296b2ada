"""What the commands of classifiers share."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from typing import Any

from fastemb.cli.files import STANDARD, file_of

FASTTEXTS = (".bin", ".ftz")


def model_and_texts(command: argparse.ArgumentParser) -> None:
    """Add what commands that find labels have in common."""
    command.add_argument("model", metavar="MODEL", help="a classifier: fastText's .bin or .ftz file, or fastemb's own")
    command.add_argument("texts", metavar="TEXTS", help="a file with a text in each line; - for the standard input")
    command.add_argument(
        "-k", type=some_or_all, default=1, metavar="N", help="labels for a text, -1 for all (default: 1)"
    )
    command.add_argument(
        "--threshold", type=float, default=0.0, metavar="P", help="leave out labels that are less probable (default: 0)"
    )


def some_or_all(text: str) -> int:
    """The type of an option."""
    if (whole := int(text)) < 1 and whole != -1:
        raise argparse.ArgumentTypeError(f"must be at least 1, or -1 for all, not {text}")
    return whole


def named(path: str) -> str:
    """What to call it in a message."""
    return "the standard input" if path == STANDARD else path


def lines_in(path: str) -> Iterator[str]:
    """Lines without their ends, those that are typed as they come; bytes that are not UTF-8 are surrogates."""
    from fastemb.io.textfile import TextFile, lines_of

    typed = path == STANDARD and sys.stdin.isatty()
    for line in sys.stdin.buffer if typed else lines_of(TextFile(file_of(path))):
        yield line.decode("utf-8", "surrogateescape").rstrip("\n")


def check_name(path: str) -> None:
    """Refuse names of files that no classifier is written to."""
    from fastemb.models.files import format_of

    if path == STANDARD:
        raise ValueError("a model is written to a file, not to the standard output")
    if not path.lower().endswith(FASTTEXTS) and format_of(path) != "native":
        raise ValueError(
            f"{path}: a classifier is written as {' or '.join(FASTTEXTS)}, or in fastemb's own format under other names"
        )


def write_classifier(model: Any, path: str) -> None:
    """Write a classifier in the format that the name of the file says."""
    if path.lower().endswith(FASTTEXTS):
        model.save_fasttext(path)
    else:
        model.save(path)


def size_of(path: str) -> str:
    """How large a file is, for people."""
    size = float(os.path.getsize(path))
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB"
