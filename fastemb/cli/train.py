"""`fastemb train`: models from text."""

from __future__ import annotations

import argparse
import os
from typing import Any

from fastemb._threads import usable_cores
from fastemb.cli.files import check_roles, corpus_of, train_and_write, unless_standard, write
from fastemb.cli.options import EPILOG, number, unicode_errors
from fastemb.cli.shown import show
from fastemb.cli.signals import Reminder

# Options of `fastemb train` that not all models have.
WORD2VEC = (
    *("preset", "algorithm", "negative", "hs", "sample", "alpha", "min_alpha", "loss", "distance_decay", "context"),
)
OWN = {"word2vec": WORD2VEC, "fasttext": (*WORD2VEC, "min_n", "max_n", "bucket"), "glove": ("x_max", "eta")}


def add_train(commands: Any) -> None:
    train = commands.add_parser(
        "train",
        help="train Word2Vec, FastText or GloVe on a text file",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    train.set_defaults(run=run_train, refuse=train.error)
    train.add_argument(
        "corpus",
        metavar="CORPUS",
        help="text file, plain or compressed, or a folder: a sentence a line; - for the standard input",
    )
    train.add_argument("--output", "-o", required=True, metavar="FILE", help="where to write (see below)")
    train.add_argument(
        "--preset",
        choices=["best", "fast"],
        help="what is not given: best, for the best vectors known, or fast, for a first look (see docs/better-vectors)",
    )
    train.add_argument(
        "--algorithm",
        choices=["skipgram", "cbow"],
        help="skipgram: better vectors, above all for rare words; cbow: wants --alpha 0.05 (default: skipgram)",
    )
    train.add_argument(
        "--model",
        choices=["word2vec", "fasttext", "glove"],
        default="word2vec",
        help="fasttext: words are made of their n-grams, so that those never seen have vectors too (default: word2vec)",
    )
    number(train, "--vector-size", int, 100, "numbers in a vector")
    number(train, "--window", int, None, "how many words to each side are context", "5, of glove 10")
    number(train, "--distance-decay", float, None, "a context word k words away counts k^-this", "0")
    train.add_argument("--context", choices=["both", "before", "after"], help="which words are context (default: both)")
    number(train, "--min-count", int, 5, "leave out words that occur less often")
    number(train, "--max-final-vocab", int, None, "keep at most so many words, the most frequent")
    number(train, "--negative", int, None, "noise words for each pair of words; 0 for none, with --hs", "5")
    train.add_argument(
        "--hs", action="store_true", default=None, help="hierarchical softmax, beside or instead of noise words"
    )
    number(train, "--sample", float, None, "down-sample words more frequent than this share; 0 keeps all", "0.001")
    number(train, "--epochs", int, None, "passes over the corpus, or over the cells of glove", "5, of glove 25")
    number(train, "--alpha", float, None, "learning rate at the beginning", "0.025")
    number(train, "--min-alpha", float, None, "learning rate at the end", "0.0001")
    number(train, "--x-max", float, None, "glove: pairs that meet so often have full weight", "100")
    number(train, "--eta", float, None, "glove: learning rate at the beginning", "0.05")
    number(train, "--min-n", int, None, "fasttext: characters of the shortest n-grams", "3")
    number(train, "--max-n", int, None, "fasttext: characters of the longest n-grams", "6")
    number(train, "--bucket", int, None, "fasttext: rows for n-grams", "2000000")
    number(train, "--workers", int, usable_cores(), "threads")
    number(train, "--seed", int, 1, "with --workers 1, the same seed gives the same vectors")
    train.add_argument(
        "--checkpoint",
        metavar="FILE",
        help="save there every few minutes and epochs; where there is such a file, go on from it",
    )
    train.add_argument(
        "--loss", action="store_true", default=None, help="measure the loss, and show it with the progress"
    )
    unicode_errors(train, "bytes")
    train.add_argument("--quiet", "-q", action="store_true", help="show no progress")


def run_train(options: argparse.Namespace) -> None:
    from fastemb.models.files import format_of

    for name in {name for names in OWN.values() for name in names}.difference(OWN[options.model]):
        if getattr(options, name) is not None:
            owners = " or ".join(model for model, names in OWN.items() if name in names)
            options.refuse(f"--{name.replace('_', '-')} is for --model {owners}, not {options.model}")
    format_of(options.output)  # refuses endings that nothing here writes
    written = {"the output": options.output, "the checkpoint": options.checkpoint}
    check_roles(written, {"the corpus": unless_standard(options.corpus)})
    model = train_and_write(lambda: train(options), write, options.output)
    if not options.quiet:
        show(f"{len(model.wv)} words, vectors of size {model.vector_size}: {options.output}")


def train(options: argparse.Namespace) -> Any:
    from fastemb import FastText, GloVe, Word2Vec
    from fastemb.models.callbacks import Checkpoint

    parameters: dict[str, Any] = {
        "vector_size": options.vector_size,
        "min_count": options.min_count,
        "max_final_vocab": options.max_final_vocab,
        "unicode_errors": options.unicode_errors,
        "workers": options.workers,
        "seed": options.seed,
        "progress": not options.quiet,
    }
    # What is not given has each model's own default.
    names = ("window", "epochs", *(name for name in OWN[options.model] if name not in ("algorithm", "loss")))
    parameters |= {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    if options.model != "glove":
        parameters["compute_loss"] = bool(options.loss)
        if options.algorithm is not None or options.preset is None:
            parameters["sg"] = int(options.algorithm != "cbow")
    model: Any = {"fasttext": FastText, "glove": GloVe, "word2vec": Word2Vec}[options.model]
    callbacks: list[Any] = [Reminder()]
    parameters["callbacks"] = callbacks
    if options.checkpoint is not None:
        checkpoint = Checkpoint(options.checkpoint, minutes=10, epochs=1)
        callbacks.append(checkpoint)
        if os.path.exists(checkpoint.path):
            return model.resume(options.checkpoint, *corpus_of(options), **parameters)
    return model(*corpus_of(options), **parameters)
