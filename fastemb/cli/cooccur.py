"""`fastemb cooccur`: counts as Stanford's GloVe programs write them."""

from __future__ import annotations

import argparse
import math
from typing import Any

from fastemb._threads import usable_cores
from fastemb.cli.files import check_ending, check_roles, corpus_of, unless_standard
from fastemb.cli.options import number, refuse_given, unicode_errors
from fastemb.cli.shown import show


def add_cooccur(commands: Any) -> None:
    cooccur = commands.add_parser(
        "cooccur", help="count how often words occur near each other, as Stanford's GloVe programs do"
    )
    cooccur.set_defaults(run=run_cooccur, refuse=cooccur.error)
    cooccur.add_argument("corpus", metavar="CORPUS", help="as for train")
    cooccur.add_argument("--output", "-o", required=True, metavar="FILE", help="records of int32, int32 and float64")
    cooccur.add_argument(
        "--vocab",
        metavar="FILE",
        help="'word count' lines that give the words; without it they are counted, and written to OUTPUT.vocab.txt",
    )
    number(cooccur, "--min-count", int, None, "without --vocab: leave out words that occur less often", "5")
    number(cooccur, "--window", int, 10, "how many words to each side are context")
    cooccur.add_argument(
        "--asymmetric", action="store_true", help="the row of a word counts what stands after it alone"
    )
    cooccur.add_argument("--no-distance-weighting", action="store_true", help="all distances count alike, not 1/d")
    number(cooccur, "--memory", float, 2.0, "about so many GiB; what is more goes to temporary files")
    number(cooccur, "--workers", int, usable_cores(), "threads")
    unicode_errors(cooccur, "bytes")
    cooccur.add_argument("--quiet", "-q", action="store_true", help="show no progress")


def run_cooccur(options: argparse.Namespace) -> None:
    from fastemb import GloVe
    from fastemb.formats.word2vec import write_counts

    if options.vocab is not None:
        refuse_given(options, ["min_count"], "is for words that are counted, and --vocab gives them")
    counts = f"{options.output}.vocab.txt" if options.vocab is None else None
    check_roles(
        {"the output": options.output, "the file of counts": counts},
        {"the corpus": unless_standard(options.corpus), "the vocabulary": options.vocab},
    )
    check_ending(options.output, "cells are written as binary records", ".bin", packed=False)
    if not 0 <= options.memory < math.inf:
        raise ValueError(f"--memory must be a number of GiB, not {options.memory}")
    model = GloVe(
        words=options.vocab,
        window=options.window,
        min_count=5 if options.min_count is None else options.min_count,
        symmetric=not options.asymmetric,
        distance_weighting=not options.no_distance_weighting,
        memory_budget=int(options.memory * 2**30),
        workers=options.workers,
        progress=not options.quiet,
        unicode_errors=options.unicode_errors,
        vector_size=1,
    )
    cells = model.save_cooccurrences(options.output, *corpus_of(options))
    if counts is not None:
        write_counts(counts, model.wv.index_to_key, model.wv.expandos["count"].tolist())
    if not options.quiet:
        show(f"{cells} cells of {len(model.wv)} words: {options.output}")
