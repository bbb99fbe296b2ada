"""`fastemb classify`: labels for texts. One file a command."""

from __future__ import annotations

import argparse
from typing import Any

from fastemb.cli.classify.autotune import add_autotune
from fastemb.cli.classify.predict import add_predict
from fastemb.cli.classify.quantize import add_quantize
from fastemb.cli.classify.test import add_test
from fastemb.cli.classify.train import add_train

EXAMPLES = """\
examples:
  fastemb classify train cooking.train --output cooking.bin --alpha 1 --epochs 25 --word-ngrams 2
  fastemb classify test cooking.bin cooking.valid --by-label
  fastemb classify predict cooking.bin texts.txt -k 3 --probabilities
  echo 'how to bake bread' | fastemb classify predict cooking.bin -
  fastemb classify quantize cooking.bin --output cooking.ftz --cutoff 100000 --qnorm
  fastemb classify autotune cooking.train --validation cooking.valid --output cooking.bin --seconds 600

Texts are lines of UTF-8, split at ASCII blanks; words that begin with __label__ are labels. .gz, .bz2, .xz and .zst
files are unpacked as they are read, and - is the standard input. Models are fastText's .bin and .ftz files, or
fastemb's own. The name of a file says how it is written: .bin and .ftz as fastText reads it, any other in fastemb's
own format."""


def add_classify(commands: Any) -> None:
    classify = commands.add_parser(
        "classify",
        help="find labels for texts, as fastText's classifiers do",
        description="Find labels for texts, as fastText's classifiers do.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = classify.add_subparsers(required=True, metavar="COMMAND")
    add_train(kinds)
    add_test(kinds)
    add_predict(kinds)
    add_quantize(kinds)
    add_autotune(kinds)
