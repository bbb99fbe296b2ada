"""`fastemb classify autotune`: the parameters of a classifier, found by trials."""

from __future__ import annotations

import argparse
import time
from typing import Any

from fastemb._threads import usable_cores
from fastemb.cli.classify.common import check_name, size_of, write_classifier
from fastemb.cli.files import check_roles, file_of, unless_standard
from fastemb.cli.options import at_least_one, number
from fastemb.cli.shown import show

# Options that are parameters of `fastemb.Classifier`, and fixed if they are given.
FIXED = {
    "vector_size": int, "alpha": float, "epochs": int, "word_ngrams": int, "min_n": int, "max_n": int, "bucket": int,
    "min_count": int, "min_count_label": int, "negative": int,
}  # fmt: skip


def add_autotune(commands: Any) -> None:
    tune = commands.add_parser(
        "autotune",
        help="find the parameters of a classifier by trials",
        description="Try parameters, judge each by texts that a classifier was not trained on, and keep the best.",
        epilog="With the same --seed and --trials the same parameters are tried. What is given of these is not tried, "
        "but so: --loss, " + ", ".join(f"--{name.replace('_', '-')}" for name in FIXED) + ".",
    )
    tune.set_defaults(run=run_autotune, refuse=tune.error)
    tune.add_argument("texts", metavar="TEXTS", help="a text and its labels in each line; - for the standard input")
    tune.add_argument("--output", "-o", required=True, metavar="FILE", help="where to write the best classifier")
    judged = tune.add_mutually_exclusive_group(required=True)
    judged.add_argument("--validation", metavar="FILE", help="texts to judge by")
    judged.add_argument("--folds", type=int, metavar="N", help="judge by parts of TEXTS that were left out, in N turns")
    tune.add_argument(
        "--metric",
        default="f1",
        metavar="NAME",
        help="f1, precision, recall, macro_f1 or loss; f1:LABEL; precisionAtRecall:30, recallAtPrecision:30:LABEL "
        "(default: f1)",
    )
    number(tune, "--predictions", at_least_one, 1, "labels of a text that are predicted")
    number(tune, "--seconds", float, None, "begin no trial after so many", "300, without --trials")
    number(tune, "--trials", at_least_one, None, "end after so many")
    tune.add_argument("--model-size", metavar="SIZE", help="quantise, to at most so many bytes, as 2M")
    tune.add_argument("--log", metavar="FILE", help="remember trials there; where there is such a file, go on from it")
    number(tune, "--seed", int, 1, "of the trials")
    number(tune, "--workers", int, usable_cores(), "trials that run at once")
    tune.add_argument("--loss", choices=["softmax", "hs", "ns", "ova"], help=argparse.SUPPRESS)
    for name, kind in FIXED.items():
        tune.add_argument(f"--{name.replace('_', '-')}", type=kind, metavar="N", help=argparse.SUPPRESS)
    tune.add_argument("--label-prefix", metavar="TEXT", help=argparse.SUPPRESS)
    tune.add_argument("--quiet", "-q", action="store_true", help="show no trials")


def run_autotune(options: argparse.Namespace) -> None:
    from fastemb.models.tuning import autotune

    check_name(options.output)
    read = {"the texts": unless_standard(options.texts), "the validation texts": options.validation}
    check_roles({"the output": options.output, "the log": options.log}, read)
    names = [*FIXED, "loss", "label_prefix"]
    fixed = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    tuned = autotune(
        file_of(options.texts),
        validation=options.validation,
        folds=options.folds,
        metric=options.metric,
        predictions=options.predictions,
        seconds=options.seconds,
        trials=options.trials,
        model_size=options.model_size,
        log=options.log,
        seed=options.seed,
        workers=options.workers,
        report=None if options.quiet else Shown(options),
        **fixed,
    )
    write_classifier(tuned.model, options.output)
    if options.quiet:
        return
    for line in tuned.table().splitlines():
        show(line)
    show(f"{options.metric} {tuned.score:.4f}: {options.output} ({size_of(options.output)})")


class Shown:
    """Shows each trial, and how much is left."""

    def __init__(self, options: argparse.Namespace):
        self.options, self.began, self.best, self.ended = options, time.monotonic(), float("-inf"), 0

    def __call__(self, trial: Any) -> None:
        self.ended += 1
        if trial.score > self.best:
            self.best = trial.score
        score = trial.error or f"{trial.score:.4f}"
        show(f"trial {trial.number}: {score}, best {self.best:.4f}, {self.left(trial)} left", error=True)

    def left(self, trial: Any) -> str:
        """By the time that is given, or that trials took so far."""
        passed, trials, seconds = time.monotonic() - self.began, self.options.trials, self.options.seconds
        limits = []
        if trials is not None:
            limits.append(passed / self.ended * max(0, trials - 1 - trial.number))
        if seconds is not None or trials is None:
            limits.append((300 if seconds is None else seconds) - passed)
        left = max(0, round(min(limits)))
        return f"{left // 60}:{left % 60:02}"
