"""What the commands share of their options."""

from __future__ import annotations

import argparse
from collections.abc import Callable

EPILOG = """\
examples:
  fastemb train corpus.txt --output vectors.txt
  fastemb train corpus.txt --output model.fastemb --vector-size 300 --workers 8
  fastemb train corpus.txt --model fasttext --output model.bin
  fastemb train corpus.txt --model glove --output vectors.txt
  fastemb cooccur corpus.txt --output cooccurrence.bin
  fastemb neighbors vectors.txt king queen
  fastemb convert glove.840B.300d.txt glove.fastemb
  fastemb evaluate vectors.txt --pairs wordsim353.tsv --analogies questions-words.txt

The corpus is UTF-8 text with a sentence on each line and spaces between words; .gz, .bz2, .xz and
.zst files are unpacked as they are read.
The name of the output decides its format: .txt and .vec are word2vec text, .bin is word2vec
binary or, with --model fasttext, a model that Facebook's fastText reads, .npz is NumPy's, .tsv TensorBoard's
projector, and anything else is fastemb's own, which can be trained further; with .gz, .bz2, .xz or .zst after
that they are packed."""


def number(
    group: argparse.ArgumentParser,
    name: str,
    kind: Callable[[str], float],
    default: float | None,
    text: str,
    otherwise: str = "no limit",
) -> None:
    """Add an option that takes a number; `otherwise` says what None stands for."""
    shown = otherwise if default is None else default
    group.add_argument(name, type=kind, default=default, metavar="N", help=f"{text} (default: {shown})")


def at_least_one(text: str) -> int:
    """The type of an option."""
    if (whole := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return whole
