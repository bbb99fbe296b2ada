"""`fastemb evaluate`: how good vectors are."""

from __future__ import annotations

import argparse
from typing import Any

from fastemb._threads import usable_cores
from fastemb.cli.files import read
from fastemb.cli.options import at_least_one, number, reading
from fastemb.cli.shown import show


def add_evaluate(commands: Any) -> None:
    evaluate = commands.add_parser(
        "evaluate",
        help="measure how good vectors are",
        description="Measure how well vectors agree with people, or with other vectors. Each option may be repeated.",
    )
    evaluate.set_defaults(run=run_evaluate)
    evaluate.add_argument("file", metavar="FILE", help="vectors or a model that `fastemb train` or others wrote")
    for name, text in [
        ("pairs", "lines of word, word, score, by tabs, semicolons, commas or spaces: correlation (needs SciPy)"),
        ("analogies", "`: section`, then lines of four words: accuracy by section"),
        ("categories", "lines of word, category: purity of as many clusters (needs SciPy)"),
        ("outliers", "words that belong together, an empty line, words that do not; or a folder of such files"),
        ("compare", "other vectors: share of the nearest neighbours in common"),
    ]:
        evaluate.add_argument(f"--{name}", metavar="FILE", action="append", default=[], help=text)
    number(evaluate, "--restrict-vocab", int, 300_000, "use only the first so many words; 0 for all")
    number(evaluate, "--topn", at_least_one, 10, "how many neighbours to compare")
    number(evaluate, "--workers", int, usable_cores(), "threads")
    evaluate.add_argument(
        "--method", choices=["add", "mul"], default="add", help="3CosAdd or 3CosMul for analogies (default: add)"
    )
    evaluate.add_argument("--case-sensitive", action="store_true", help="tell Paris from paris")
    reading(evaluate)


def run_evaluate(options: argparse.Namespace) -> None:
    from fastemb import evaluation

    if not any([options.pairs, options.analogies, options.categories, options.outliers, options.compare]):
        raise ValueError("nothing to evaluate: give --pairs, --analogies, --categories, --outliers or --compare")
    if options.restrict_vocab < 0:
        raise ValueError(f"--restrict-vocab must not be negative, not {options.restrict_vocab}")
    keyed = read(options.file, options)
    first = slice(options.restrict_vocab or None)
    vectors, words, fold = keyed.vectors[first], keyed.index_to_key[first], not options.case_sensitive
    index = evaluation.folded_index(words, fold)
    for path in options.pairs:
        pairs = evaluation.word_pairs(vectors, index, evaluation.read_word_pairs(path), fold)
        show(f"{path}: Pearson {pairs.pearson[0]:.4f}, Spearman {pairs.spearman[0]:.4f}, {counted(pairs, 'pairs')}")
    for path in options.analogies:
        questions = evaluation.read_analogies(path)
        results = evaluation.word_analogies(
            vectors, words, questions, fold, method=options.method, workers=options.workers
        )
        show_analogies(path, results, sum(map(len, questions.values())))
    for path in options.categories:
        found = evaluation.categorization(vectors, index, evaluation.read_categories(path), fold)
        show(f"{path}: purity {found.purity:.4f}, {counted(found, 'words')}")
    for path in options.outliers:
        outliers = evaluation.outlier_detection(vectors, index, evaluation.read_outliers(path), fold)
        show(
            f"{path}: accuracy {outliers.accuracy:.1%}, outlier position {outliers.position:.1%}, "
            f"{counted(outliers, 'outliers')}"
        )
    for path in options.compare:
        other = read(path, options)
        overlap = evaluation.neighbor_overlap(
            [vectors, other.vectors[first]], [words, other.index_to_key[first]], options.topn, workers=options.workers
        )
        show(
            f"{path}: {overlap.share:.1%} of the {options.topn} nearest neighbours in common, "
            f"for {overlap.queries} of {overlap.words} shared words"
        )


def counted(found: Any, what: str) -> str:
    """How many of an evaluation's items could be used."""
    total = found.used + found.skipped
    return f"{found.used} of {total} {what} ({found.skipped / total if total else 0:.1%} unknown)"


def show_analogies(path: str, results: Any, asked: int) -> None:
    known = 0
    for result in results:
        correct, total = len(result.correct), len(result.correct) + len(result.incorrect)
        known += total
        if total:
            show(f"  {result.section}: {correct / total:.1%} ({correct}/{total})")
    correct = sum(len(result.correct) for result in results)
    share = f"{correct / known:.1%} ({correct}/{known})" if known else "no question with known words"
    show(f"{path}: {share}, {(asked - known) / asked if asked else 0:.1%} of {asked} questions unknown")
