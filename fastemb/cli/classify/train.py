"""`fastemb classify train`: classifiers from texts with labels."""

from __future__ import annotations

import argparse
import os
from typing import Any

from fastemb._threads import usable_cores
from fastemb.cli.classify.common import check_name, size_of, write_classifier
from fastemb.cli.files import check_roles, file_of, train_and_write, unless_standard
from fastemb.cli.options import at_least_one, number, refuse_given, unicode_errors
from fastemb.cli.shown import show
from fastemb.cli.signals import Reminder

# Options that are parameters of `fastemb.Classifier`, by their names.
PARAMETERS = (
    "loss", "vector_size", "alpha", "epochs", "word_ngrams", "min_n", "max_n", "bucket", "min_count", "min_count_label",
    "negative", "label_prefix", "workers", "seed", "unicode_errors",
)  # fmt: skip


def add_train(commands: Any) -> None:
    train = commands.add_parser(
        "train",
        help="train a classifier",
        description="Train a classifier on lines of text, each with its labels.",
    )
    train.set_defaults(run=run_train, refuse=train.error)
    train.add_argument("texts", metavar="TEXTS", help="a text and its labels in each line; - for the standard input")
    train.add_argument("--output", "-o", required=True, metavar="FILE", help="where to write, as model.bin")
    train.add_argument(
        "--loss",
        choices=["softmax", "hs", "ns", "ova"],
        default="softmax",
        help="hs: for very many labels; ova: for texts that have several; ns: negative sampling (default: softmax)",
    )
    number(train, "--vector-size", int, 100, "numbers in a row")
    number(train, "--alpha", float, 0.1, "learning rate at the beginning; it falls to 0")
    number(train, "--epochs", int, 5, "passes over the texts")
    features(train)
    number(train, "--negative", int, None, "noise labels of each text, for --loss ns", "5")
    train.add_argument("--init-from", metavar="FILE", help="vectors of words to begin with")
    train.add_argument("--label-prefix", default="__label__", metavar="TEXT", help="begins labels (default: __label__)")
    train.add_argument("--balanced", action="store_true", help="let rare labels weigh as much as frequent ones")
    train.add_argument("--validation", metavar="FILE", help="texts to measure F1 by, after each epoch")
    number(train, "--patience", at_least_one, None, "with --validation: end after so many epochs that were no better")
    number(train, "--workers", int, usable_cores(), "threads")
    number(train, "--seed", int, 1, "with --workers 1, the same seed gives the same classifier")
    train.add_argument(
        "--checkpoint",
        metavar="FILE",
        help="save there every few minutes and epochs; where there is such a file, go on from it",
    )
    train.add_argument("--show-loss", action="store_true", help="measure the loss, and show it with the progress")
    unicode_errors(train, "bytes")
    train.add_argument("--quiet", "-q", action="store_true", help="show no progress")


def features(train: argparse.ArgumentParser) -> None:
    """Add the options that say what texts are made of."""
    number(train, "--word-ngrams", int, 1, "words of the longest n-grams of words")
    number(train, "--min-n", int, 0, "characters of the shortest n-grams of words' characters")
    number(train, "--max-n", int, 0, "characters of the longest; 0 for none")
    number(train, "--bucket", int, 2_000_000, "rows for n-grams")
    number(train, "--min-count", int, 1, "leave out words that occur less often")
    number(train, "--min-count-label", int, 0, "leave out labels that occur less often")


def run_train(options: argparse.Namespace) -> None:
    if options.validation is None:
        refuse_given(options, ["patience"], "is for --validation")
    if options.loss != "ns":
        refuse_given(options, ["negative"], "is for --loss ns")
    check_name(options.output)
    written = {"the output": options.output, "the checkpoint": options.checkpoint}
    read = {"the texts": unless_standard(options.texts), "the vectors": options.init_from}
    check_roles(written, read | {"the validation texts": options.validation})
    model = train_and_write(lambda: train(options), write_classifier, options.output)
    if options.quiet:
        return
    if model.validation_scores:
        show(f"F1 of {options.validation}: " + " ".join(f"{score:.4f}" for score in model.validation_scores))
    size = size_of(options.output)
    show(f"{len(model.labels)} labels, {len(model.wv)} words, rows of {model.vector_size}: {options.output} ({size})")


def train(options: argparse.Namespace) -> Any:
    from fastemb import Classifier
    from fastemb.models.callbacks import Checkpoint

    parameters: dict[str, Any] = {
        name: getattr(options, name) for name in PARAMETERS if getattr(options, name) is not None
    }
    parameters |= {"compute_loss": options.show_loss, "progress": not options.quiet}
    callbacks: list[Any] = [Reminder()]
    beside = {"class_weight": "balanced" if options.balanced else None, "validation": options.validation}
    beside |= {"patience": options.patience, "callbacks": callbacks}
    if options.checkpoint is not None:
        checkpoint = Checkpoint(options.checkpoint, minutes=10, epochs=1)
        callbacks.append(checkpoint)
        if os.path.exists(checkpoint.path):
            return Classifier.resume(options.checkpoint, file_of(options.texts), **beside, **parameters)
    return Classifier(file_of(options.texts), init_from=options.init_from, **beside, **parameters)
