"""`fastemb evaluate`: how good vectors are, or which of several are better."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from fastemb._threads import usable_cores
from fastemb.cli.files import read
from fastemb.cli.options import at_least_one, number, reading, refuse_given
from fastemb.cli.shown import show, show_table

if TYPE_CHECKING:
    from fastemb.evaluation import Interval, Scores

KINDS = ("pairs", "analogies", "relations", "categories", "outliers")
# Options, and those of which there must be one for them.
USED_BY = {
    "topn": ("compare",), "clusters": ("categories",), "method": ("analogies", "relations"),
    "infer": ("pairs", "categories", "outliers"),
}  # fmt: skip
UNITS = {"pairs": "pairs", "categories": "words"}  # of which there must be some, or there is no score


class Measured(NamedTuple):
    """What a model made of a file of items."""

    kind: str
    path: str
    scores: Scores
    said: str  # on the line of the file beside the score
    parts: dict[str, Scores]  # sections, or relations


def add_evaluate(commands: Any) -> None:
    evaluate = commands.add_parser(
        "evaluate",
        help="measure how good vectors are, and which are better",
        description="Measure how well vectors agree with people, or with other vectors, with bootstrap intervals. Of "
        "several FILEs, a table says by how much each is better than the first. Each option may be repeated.",
    )
    evaluate.set_defaults(run=run_evaluate, refuse=evaluate.error)
    evaluate.add_argument(
        "file", metavar="FILE", nargs="+", help="vectors or a model that `fastemb train` or others wrote"
    )
    for name, text in [
        ("pairs", "lines of word, word, score, by tabs, semicolons, commas or spaces: correlation"),
        ("analogies", "`: section`, then lines of four words: accuracy by section"),
        ("relations", "a folder in the layout of BATS, files of lines word, tab, answer/answer: accuracy by relation"),
        ("categories", "lines of word, category: purity of as many clusters"),
        ("outliers", "words that belong together, an empty line, words that do not; or a folder of such files"),
        ("compare", "other vectors: share of the nearest neighbours in common"),
    ]:
        evaluate.add_argument(f"--{name}", metavar="FILE", action="append", default=[], help=text)
    number(evaluate, "--restrict-vocab", int, 300_000, "use only the first so many words; 0 for all")
    number(evaluate, "--topn", at_least_one, None, "how many neighbours to compare", "10")
    number(evaluate, "--workers", int, usable_cores(), "threads")
    evaluate.add_argument(
        "--method",
        choices=["add", "mul", "average"],
        help="3CosAdd or 3CosMul for analogies and relations, or 3CosAvg for relations (default: add)",
    )
    evaluate.add_argument("--clusters", choices=["ward", "kmeans"], help="how to cluster (default: ward; needs SciPy)")
    evaluate.add_argument("--case-sensitive", action="store_true", help="tell Paris from paris")
    evaluate.add_argument(
        "--infer",
        action="store_true",
        default=None,
        help="in pairs, categories and outliers, make unknown words of their n-grams",
    )
    number(evaluate, "--bootstrap", int, 1000, "draws of the items for intervals; 0 for none")
    number(evaluate, "--level", float, 0.95, "of the intervals")
    number(evaluate, "--seed", int, 1, "of the draws")
    reading(evaluate)


def run_evaluate(options: argparse.Namespace) -> None:
    if not any(getattr(options, kind) for kind in (*KINDS, "compare")):
        names = ", ".join(f"--{kind}" for kind in KINDS)
        raise ValueError(f"nothing to evaluate: give {names} or --compare")
    for name, kinds in USED_BY.items():
        if not any(getattr(options, kind) for kind in kinds):
            refuse_given(options, [name], f"is for {' or '.join(f'--{kind}' for kind in kinds)}")
    if options.restrict_vocab < 0:
        raise ValueError(f"--restrict-vocab must not be negative, not {options.restrict_vocab}")
    if not 0 < options.level < 1 or options.bootstrap < 0:
        raise ValueError("--level must be between 0 and 1, and --bootstrap not negative")
    if len(options.file) == 1:
        show_one(options)
    else:
        show_several(options)


def vectors_to_measure(path: str, options: argparse.Namespace) -> Any:
    """The vectors of a file; says where they can make none for unknown words, if they are to."""
    from fastemb.models.fasttext import FastTextKeyedVectors

    keyed = read(path, options)
    if options.infer and not (isinstance(keyed, FastTextKeyedVectors) and keyed.subwords.used):
        show(f"fastemb: {path}: --infer is without effect: these vectors are not made of n-grams", error=True)
    return keyed


def show_one(options: argparse.Namespace) -> None:
    """A line for each file of items, and before it those of its parts."""
    keyed = vectors_to_measure(options.file[0], options)
    for measured in measurements(keyed, options.file[0], options):
        for name, scores in measured.parts.items():
            if scores.used:
                show(f"  {name}: {shown(scores, options)}{counted_right(measured, scores)}")
        show(f"{measured.path}: {measured.said}")
    show_overlaps(keyed, options)


def show_several(options: argparse.Namespace) -> None:
    """A table of the scores of all models, on the items that they all know, and of the differences from the first.

    A model that knows none has a dash, and those of the others count; they are compared with the first that knows any.
    Raises ValueError, after the table, if all know none of the pairs or categories of a file.
    """
    from fastemb.evaluation import difference

    found: list[list[Measured]] = []
    unknown: list[str] = []
    for path in options.file:
        keyed = vectors_to_measure(path, options)
        found.append(list(measurements(keyed, path, options)))
        show_overlaps(keyed, options, f"{path}, ")
    rows = [["", *options.file]] if found[0] else []
    for of_set in zip(*found, strict=True):
        scores = in_common([measured.scores for measured in of_set])
        used = max(each.used for each in scores)
        name = f"{of_set[0].path}: {label(of_set[0])}, {used} of {len(scores[0].values)}"
        rows.append([name, *(shown(each, options) for each in scores)])
        draws = options.bootstrap, options.level, options.seed
        base = next((k for k, each in enumerate(scores) if each.used), 0)
        better = [
            spread(difference(scores[base], each, *draws), each.measure, "+") if k != base else ""
            for k, each in enumerate(scores)
        ]
        rows.append([f"  beside {options.file[base] if base else 'the first'}", *better])
        if used < 2 and of_set[0].kind in UNITS:
            items = f"{used} of {len(scores[0].values)} {UNITS[of_set[0].kind]}"
            unknown.append(f"{of_set[0].path}: only {items} are known to the models")
    show_table(rows)
    if unknown:
        raise ValueError("; ".join(unknown))


def in_common(scores: list[Scores]) -> list[Scores]:
    """The same without what not all of the models know that know any."""
    import numpy as np

    known = np.logical_and.reduce([each.known for each in scores if each.used] or [scores[0].known])
    return [each._replace(values=np.where(known[:, np.newaxis], each.values, np.nan)) for each in scores]


def too_few(message: str, items: Any, measure: str, options: argparse.Namespace) -> Scores:
    """Scores of no item; of a single model raises ValueError."""
    import numpy as np

    from fastemb.evaluation import Scores

    if len(options.file) == 1:
        raise ValueError(message)
    return Scores(measure, np.full((len(items), 2), np.nan))


def measurements(keyed: Any, model: str, options: argparse.Namespace) -> Iterator[Measured]:
    """What the vectors of a file make of each file of items."""
    from fastemb import evaluation

    first = slice(options.restrict_vocab or None)
    vectors, words, fold = keyed.vectors[first], keyed.index_to_key[first], not options.case_sensitive
    index = evaluation.folded_index(words, fold)

    def known(asked: Any) -> Any:
        return evaluation.with_inferred(vectors, index, keyed, asked, fold) if options.infer else (vectors, index)

    for path in options.pairs:
        pairs = evaluation.read_word_pairs(path)
        rows = known(word for pair in pairs for word in pair[:2])
        scores = evaluation.pair_scores(*rows, pairs, fold)
        if scores.used < 2:
            found = f"{path}: only {scores.used} of {len(pairs)} pairs have both words in {model}"
            scores = too_few(found, pairs, "spearman", options)
        said = f"Spearman {shown(scores, options)}, {counted(scores, 'pairs')}"
        yield Measured("pairs", path, scores, f"{pearson(scores)}{said}", {})
    for kind, measure in (("analogies", evaluation.analogy_scores), ("relations", evaluation.relation_scores)):
        if kind == "analogies" and options.analogies and options.method == "average":
            raise ValueError("--method average is for --relations; analogies have 'add' and 'mul'")
        for path in getattr(options, kind):
            given: Any = getattr(evaluation, f"read_{kind}")(path)
            parts = measure(vectors, words, given, fold, method=options.method or "add", workers=options.workers)
            yield of_parts(kind, path, parts, options)
    for path in options.categories:
        members = evaluation.read_categories(path)
        rows = known(word for word, _ in members)
        if (used := sum(evaluation.inputs.fold(word, fold) in rows[1] for word, _ in members)) < 2:
            found = f"{path}: only {used} of {len(members)} words are in {model}"
            scores = too_few(found, members, "purity", options)
        else:
            scores = evaluation.category_scores(
                *rows, members, fold, method=options.clusters or "ward", seed=options.seed
            )
        said = f"purity {shown(scores, options)}, {counted(scores, 'words')}"
        yield Measured("categories", path, scores, said, {})
    for path in options.outliers:
        sets = evaluation.read_outliers(path)
        rows = known(word for both in sets.values() for words in both for word in words)
        scores, outliers = evaluation.outlier_scores(*rows, sets, fold), evaluation.outlier_detection(*rows, sets, fold)
        position = f"outlier position {written(outliers.position, '.1%')}"
        said = f"accuracy {shown(scores, options)}, {position}, {counted(scores, 'outliers')}"
        yield Measured("outliers", path, scores, said, {})


def pearson(scores: Scores) -> str:
    """The correlation of what was given with what was found, if there is any."""
    import numpy as np

    if not scores.used:
        return ""
    with np.errstate(invalid="ignore"):  # of those that are all the same
        found = np.asarray(np.corrcoef(scores.values[scores.known].T))[0, 1]
    return f"Pearson {written(found, '.4f')}, "


def of_parts(kind: str, path: str, parts: dict[str, Scores], options: argparse.Namespace) -> Measured:
    """The accuracy of all sections or relations together."""
    from fastemb import evaluation

    if not parts:
        raise ValueError(f"{path}: no {kind}")
    scores = evaluation.together(parts.values())
    made = Measured(kind, path, scores, "", parts)
    what = "questions" if kind == "analogies" else "pairs"
    share = (
        "no question with known words" if not scores.used else f"{shown(scores, options)}{counted_right(made, scores)}"
    )
    unknown = scores.skipped / len(scores.values) if len(scores.values) else 0
    return made._replace(said=f"{share}, {unknown:.1%} of {len(scores.values)} {what} unknown")


def label(measured: Measured) -> str:
    return "Spearman" if measured.scores.measure == "spearman" else measured.scores.measure


def counted_right(measured: Measured, scores: Scores) -> str:
    """How many questions were answered; of relations, how many pairs were asked for."""
    values = scores.values[scores.known]
    return f" ({values.sum():.0f}/{len(values)})" if measured.kind == "analogies" else f" ({len(values)} pairs)"


def shown(scores: Scores, options: argparse.Namespace) -> str:
    """A score and its interval."""
    from fastemb.evaluation import interval

    return spread(interval(scores, options.bootstrap, options.level, options.seed), scores.measure)


def spread(found: Interval, measure: str, sign: str = "") -> str:
    """An interval as text: shares in percent, correlations and purities as they are."""
    form = f"{sign}.1%" if measure == "accuracy" else f"{sign}.4f"
    score, low, high = (written(value, form) for value in found)
    return score if found.low != found.low else f"{score} [{low}, {high}]"


def written(value: float, form: str) -> str:
    """A number as text; a dash where there is none, as none of the items is known."""
    return "-" if value != value else format(value, form)


def counted(found: Any, what: str) -> str:
    """How many of an evaluation's items could be used."""
    total = found.used + found.skipped
    return f"{found.used} of {total} {what} ({found.skipped / total if total else 0:.1%} unknown)"


def show_overlaps(keyed: Any, options: argparse.Namespace, begin: str = "") -> None:
    """How many neighbours a model and others have in common."""
    from fastemb import evaluation

    first = slice(options.restrict_vocab or None)
    for path in options.compare:
        other = read(path, options)
        overlap = evaluation.neighbor_overlap(
            [keyed.vectors[first], other.vectors[first]],
            [keyed.index_to_key[first], other.index_to_key[first]],
            options.topn or 10,
            workers=options.workers,
        )
        compared = min(options.topn or 10, overlap.words - 1)
        show(
            f"{begin}{path}: {overlap.share:.1%} of the {compared} nearest neighbours in common"
            f"{' (all that there are)' if compared == overlap.words - 1 else ''}, "
            f"for {overlap.queries} of {overlap.words} shared words"
        )
