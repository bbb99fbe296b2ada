"""What the commands share of their options."""

from __future__ import annotations

import argparse
import codecs
import re
from collections.abc import Callable, Iterable
from typing import Any

EPILOG = """\
examples:
  fastemb train corpus.txt --output vectors.txt
  fastemb train corpus.txt --output model.fastemb --vector-size 300 --workers 8
  fastemb train corpus.txt --model fasttext --output model.bin
  fastemb train corpus.txt --model glove --output vectors.txt
  fastemb phrases corpus.txt --passes 2 --output joined.txt
  fastemb cooccur corpus.txt --output cooccurrence.bin
  fastemb neighbors vectors.txt king queen
  fastemb neighbors vectors.txt king - man + woman
  fastemb convert glove.840B.300d.txt glove.fastemb
  fastemb graph train edges.txt --output vectors.txt
  fastemb evaluate vectors.txt --pairs wordsim353.tsv --analogies questions-words.txt

The corpus is UTF-8 text with a sentence on each line and spaces between words; .gz, .bz2, .xz and
.zst files are unpacked as they are read.
The name of the output decides its format: .txt and .vec are word2vec text, .bin is word2vec
binary or, with --model fasttext, a model that Facebook's fastText reads, .npz is NumPy's, .tsv TensorBoard's
projector, and any other is fastemb's own, which can be trained further, but for endings of formats that fastemb does
not write; with .gz, .bz2, .xz or .zst after that they are packed."""


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


def refuse_given(options: argparse.Namespace, names: Iterable[str], why: str) -> None:
    """End with the usage, by `options.refuse`, if one of these options was given; by default they are None."""
    for name in names:
        if getattr(options, name) is not None:
            options.refuse(f"--{name.replace('_', '-')} {why}")


def at_least_one(text: str) -> int:
    """The type of an option."""
    if (whole := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return whole


def unicode_errors(group: argparse.ArgumentParser, what: str, *further: str) -> None:
    """Add the option that says what to do with bytes that are not text."""
    group.add_argument(
        "--unicode-errors",
        choices=["strict", "ignore", "replace", *further],
        default="strict",
        help=f"what to do with {what} that are not UTF-8 (default: strict)",
    )


def reading(group: argparse.ArgumentParser) -> None:
    """Add the options of commands that read vectors; see `given_for_reading`."""
    number(group, "--limit", int, None, "read only the first so many vectors; all n-grams stay")
    group.add_argument(
        "--encoding", type=encoding, default="utf-8", metavar="NAME", help="of the words of vectors (default: utf-8)"
    )
    unicode_errors(group, "words of vectors", "surrogateescape")  # which writes them as they were
    group.add_argument(
        "--no-check-finite",
        "--not-finite",
        dest="check_finite",
        action="store_false",
        help="take NaN and infinity as they are",
    )


def given_for_reading(options: argparse.Namespace) -> dict[str, Any]:
    """What these options are for `load_vectors`."""
    return {name: getattr(options, name) for name in ("limit", "encoding", "unicode_errors", "check_finite")}


def encoding(text: str) -> str:
    """The type of an option."""
    try:
        codecs.lookup(text)
    except LookupError:
        raise argparse.ArgumentTypeError(f"no encoding that Python knows: {text!r}") from None
    return text


def with_options(message: str) -> str:
    """A message of the library's, with the options of the command in place of arguments of its functions."""
    for argument, option in (
        (r"\bcheck_finite=False\b", "--no-check-finite"),
        (r"\blimit=(\d+)", r"--limit \1"),
        (r"\bunicode_errors\b", "--unicode-errors"),
        (r"\b(by|nodes)='?(\w+)'?", r"--\1 \2"),
        (r"\(extend=True\)", "(--extend)"),
        (r"\bweighted=False( .*?alone)(, weighted=True three)?", r"--unweighted\1"),
        (r": give ignore_missing=True to leave such out", ""),  # what commands have no option for
        (r"take a lower share, or connected=False", "take a lower --share"),
        (r"the vectors of the words alone, wv\.vectors_for_all\(.*\)", "--words-only"),
    ):
        message = re.sub(argument, option, message)
    return message
