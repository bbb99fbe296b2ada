"""`fastemb classify predict`: the labels of texts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

from fastemb._threads import usable_cores
from fastemb._words import printable
from fastemb.cli.classify.common import lines_in, model_and_texts
from fastemb.cli.options import number

TOGETHER = 1 << 14  # texts that are labelled at a time, but for what is typed


def add_predict(commands: Any) -> None:
    predict = commands.add_parser(
        "predict",
        help="find the labels of texts",
        description="Find the labels of each line, the most probable first.",
    )
    predict.set_defaults(run=run_predict)
    model_and_texts(predict)
    predict.add_argument("--probabilities", "-p", action="store_true", help="show how probable each label is")
    predict.add_argument("--no-prefix", action="store_true", help="show labels without __label__")
    number(predict, "--workers", int, usable_cores(), "threads")


def run_predict(options: argparse.Namespace) -> None:
    from fastemb import Classifier

    model = Classifier.load(options.model)
    prefix = model.args["label_prefix"] if options.no_prefix else ""
    lines = lines_in(options.texts)
    together = 1 if options.texts == "-" and sys.stdin.isatty() else TOGETHER
    while some := list(islice(lines, together)):
        for line in labelled(model, some, options, prefix):
            sys.stdout.write(line + "\n")
        sys.stdout.flush()


def labelled(model: Any, texts: list[str], options: argparse.Namespace, prefix: str) -> Iterator[str]:
    """A line for each text: its labels, and how probable they are."""
    found, probabilities = model.predict(texts, options.k, options.threshold, options.workers)
    for labels, scores in zip(found, probabilities, strict=True):
        names = [printable(label.removeprefix(prefix)) for label in labels]
        if options.probabilities:
            names = [f"{name} {score:.5f}" for name, score in zip(names, scores.tolist(), strict=True)]
        yield " ".join(names)
