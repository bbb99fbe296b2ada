"""`fastemb classify quantize`: smaller classifiers."""

from __future__ import annotations

import argparse
from typing import Any

from fastemb._threads import usable_cores
from fastemb.cli.classify.common import check_name, size_of, write_classifier
from fastemb.cli.files import check_roles, file_of, unless_standard
from fastemb.cli.options import number, refuse_given
from fastemb.cli.shown import show


def add_quantize(commands: Any) -> None:
    quantize = commands.add_parser(
        "quantize",
        help="make a classifier smaller",
        description="Make a classifier smaller: fewer rows, each in a byte for every few numbers.",
    )
    quantize.set_defaults(run=run_quantize, refuse=quantize.error)
    quantize.add_argument("model", metavar="MODEL", help="a classifier that is not quantised yet")
    quantize.add_argument("--output", "-o", required=True, metavar="FILE", help="where to write, as model.ftz")
    number(quantize, "--cutoff", int, 0, "keep the rows of so many words and n-grams, the longest; 0 for all")
    number(quantize, "--dsub", int, 2, "numbers that share a byte")
    quantize.add_argument("--qnorm", action="store_true", help="keep the lengths of rows apart")
    quantize.add_argument("--qout", action="store_true", help="quantise the rows of labels, too")
    number(quantize, "--seed", int, 1, "for the sample that is looked at")
    quantize.add_argument("--retrain", metavar="TEXTS", help="train the rows that are left, on texts as for train")
    number(quantize, "--epochs", int, None, "of that training", "those of the model")
    number(quantize, "--alpha", float, None, "of that training", "that of the model")
    number(quantize, "--workers", int, usable_cores(), "threads")


def run_quantize(options: argparse.Namespace) -> None:
    from fastemb import Classifier

    if options.retrain is None:
        refuse_given(options, ["epochs", "alpha"], "is for --retrain")
    check_name(options.output)
    read = {"the model": options.model, "the texts": unless_standard(options.retrain)}
    check_roles({"the output": options.output}, read)
    model = Classifier.load(options.model)
    more = {name: getattr(options, name) for name in ("epochs", "alpha", "workers")}
    more["retrain"] = options.retrain and file_of(options.retrain)
    small = model.quantize(options.cutoff, options.qnorm, options.qout, options.dsub, options.seed, **more)
    write_classifier(small, options.output)
    show(f"{options.model} ({size_of(options.model)}) as {options.output} ({size_of(options.output)})")
