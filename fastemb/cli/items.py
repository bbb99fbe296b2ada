"""`fastemb items`: vectors of items from baskets and sessions, and recommendations."""

from __future__ import annotations

import argparse
import csv
import io
import re
from array import array
from collections.abc import Iterable, Iterator
from typing import Any

from fastemb._threads import usable_cores
from fastemb.cli.files import check_ending, check_roles, train_and_write
from fastemb.cli.options import at_least_one, number
from fastemb.cli.shown import show

EXAMPLES = """\
examples:
  fastemb items train baskets.txt --output items.fastemb
  fastemb items train events.csv --columns user,item,time --gap 1800 --sessions --output items.fastemb
  fastemb items similar items.fastemb milk
  fastemb items recommend items.fastemb milk bread --without butter
  fastemb items evaluate items.fastemb later.txt --topn 20

A file of baskets is UTF-8 text, a basket on each line and blanks between items; with --columns it has a line of names,
and then events, by commas, semicolons or tabs. .gz, .bz2, .xz and .zst files are unpacked as they are read."""


NUMBERS: list[tuple[str, Any, float, str]] = [
    ("--vector-size", int, 100, "numbers of a vector"),
    ("--window", int, 10, "partners of an item, to either side"),
    ("--epochs", int, 10, "how often to go through the baskets"),
    ("--min-count", int, 1, "leave out items that are in fewer baskets"),
    ("--negative", int, 5, "noise items for each pair"),
    ("--ns-exponent", float, 0.75, "noise by counts to this power"),
    ("--sample", float, 0.0, "down-sample items whose share is above this; 0 for none"),
    ("--alpha", float, 0.025, "learning rate"),
    ("--seed", int, 1, "of all that is drawn"),
]


def add_items(commands: Any) -> None:
    items = commands.add_parser(
        "items",
        help="vectors of items from baskets and sessions, and recommendations",
        description="Train vectors of items from what they are bought or seen together with, and recommend by them.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = items.add_subparsers(required=True, metavar="COMMAND")
    add_train(kinds)
    for name, text in (("similar", "items that are met in the same company"), ("recommend", "what goes with items")):
        ask = kinds.add_parser(name, help=text)
        ask.set_defaults(run=run_similar if name == "similar" else run_recommend)
        ask.add_argument("model", metavar="MODEL")
        ask.add_argument("items", metavar="ITEM", nargs="+")
        number(ask, "--topn", at_least_one, 10, "how many to show")
        ask.add_argument("--without", metavar="ITEM", nargs="+", default=None, help="do not show these")
        ask.add_argument("--cold", action="store_true", help="show also items that are known by their features alone")
        if name == "recommend":
            by(ask)
    evaluate = kinds.add_parser("evaluate", help="leave one item of each basket out, and see whether it is recommended")
    evaluate.set_defaults(run=run_evaluate)
    evaluate.add_argument("model", metavar="MODEL")
    of_baskets(evaluate)
    number(evaluate, "--topn", at_least_one, 10, "places that count")
    evaluate.add_argument(
        "--held-out", choices=["random", "last"], default="random", help="which item (default: random)"
    )
    number(evaluate, "--seed", int, 1, "of the choice")
    by(evaluate)


def add_train(kinds: Any) -> None:
    train = kinds.add_parser("train", help="train vectors of items")
    train.set_defaults(run=run_train)
    of_baskets(train)
    train.add_argument("--output", "-o", metavar="MODEL", required=True, help="where to write the model")
    train.add_argument("--sessions", action="store_true", help="items have an order: what is near belongs together")
    train.add_argument(
        "--features", metavar="FILE", help="lines of item, tab, feature, tab, feature, …: what items share"
    )
    for name, kind, default, text in NUMBERS:
        number(train, name, kind, default, text)
    number(train, "--workers", int, usable_cores(), "threads")
    train.add_argument("--own-noise", action="store_true", help="draw noise for each pair anew: for few items")
    train.add_argument("--quiet", "-q", action="store_true", help="no progress, and no summary")


def of_baskets(command: argparse.ArgumentParser) -> None:
    """Add the options that say how baskets are read."""
    command.add_argument("file", metavar="FILE", help="baskets")
    command.add_argument(
        "--columns", metavar="USER,ITEM[,TIME]", help="FILE is a table: the names of these columns, by commas"
    )
    number(command, "--gap", float, None, "with times: begin a new session after so much (seconds, of dates)")


def by(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--by",
        choices=["similarity", "prediction"],
        help="what is met in the same company, or with these (default: prediction, and with --cold similarity)",
    )


def baskets_in(options: argparse.Namespace) -> Any:
    """Baskets of a table, or None if the file has one on each line."""
    from fastemb.corpus.baskets import Baskets

    if options.columns is None:
        if options.gap is not None:
            raise ValueError("--gap is for --columns USER,ITEM,TIME")
        return None
    columns: list[list[str]] = [[] for _ in options.columns.split(",")]
    if len(columns) not in (2, 3):
        raise ValueError(f"--columns must be two or three names, not {options.columns!r}")
    values: dict[str, str] = {}  # each once in memory, however often it is there
    lines = array("q")
    for line, row in rows_of(options.file, options.columns.split(",")):
        lines.append(line)
        for column, value in zip(columns, row, strict=True):
            column.append(values.setdefault(value, value))
    users, items, *times = columns
    try:
        return Baskets.from_columns(users, items, times_of(*times) if times else None, gap=options.gap)
    except (TypeError, ValueError) as error:  # its rows are those of the columns
        said = re.sub(
            r"\brow (\d+)(?=( is missing| differs in this)?$)", lambda it: f"line {lines[int(it[1])]}", str(error)
        )
        raise ValueError(f"{options.file}: {said}") from None


def times_of(values: list[str]) -> list[Any]:
    """Numbers, if the first is one; else dates, as they are."""
    numbers: list[Any] = []
    for row, value in enumerate(values):
        try:
            numbers.append(float(value))
        except ValueError:
            if not row:
                return values
            raise ValueError(f"times must be numbers, as the first is, not {value!r:.50} in row {row}") from None
    return numbers


def rows_of(path: str, names: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The numbers of the lines of a table behind one of names, and some of their columns."""
    from fastemb.evaluation.files import likely_delimiter, text_lines

    places: list[int] | None = None
    delimiter, width = ",", 0
    for line_number, line in text_lines(path):
        if places is None:
            delimiter = likely_delimiter(line, 2) or ","
        try:
            fields = next(csv.reader(io.StringIO(line), delimiter=delimiter), [])
        except csv.Error as error:
            raise ValueError(f"{path}, line {line_number}: {error}") from None
        if places is None:
            if absent := [name for name in names if name not in fields]:
                raise ValueError(f"{path}: has no column {absent[0]!r}, but {', '.join(fields)}")
            places, width = [fields.index(name) for name in names], len(fields)
        elif fields:
            row = [fields[place] for place in places if place < len(fields)]
            if len(fields) != width or not all(row):
                raise ValueError(f"{path}, line {line_number}: {len(fields)} fields or an empty one, not {width}")
            yield line_number, row


def features_in(path: str | None) -> dict[str, list[str]] | None:
    """The features of items, from lines of an item and its features, by tabs."""
    from fastemb.evaluation.files import text_lines

    if path is None:
        return None
    found: dict[str, list[str]] = {}
    for line_number, line in text_lines(path):
        item, *features = (field.strip() for field in line.split("\t"))
        if item and not features:
            raise ValueError(f"{path}, line {line_number}: not an item, a tab and a feature: {line!r:.80}")
        if item:
            found.setdefault(item, []).extend(feature for feature in features if feature)
    return found


def run_train(options: argparse.Namespace) -> None:
    from fastemb import Item2Vec

    check_roles({"the output": options.output}, {"what is trained on": options.file, "features": options.features})
    check_ending(options.output, "a model of items is written in fastemb's own format")
    baskets = baskets_in(options)
    given: dict[str, Any] = {"corpus_file": options.file} if baskets is None else {"baskets": baskets}
    parameters: dict[str, Any] = {"workers": options.workers, "shared_noise": not options.own_noise}
    for option, *_ in NUMBERS:
        name = option.removeprefix("--").replace("-", "_")
        parameters[name] = getattr(options, name)
    features = features_in(options.features)

    def train() -> Any:
        own: dict[str, Any] = {"sets": not options.sessions, "features": features, "progress": not options.quiet}
        return Item2Vec(**given, **own, **parameters)

    model = train_and_write(train, lambda made, path: made.save(path), options.output)
    if not options.quiet:
        show(f"{options.output}: {len(model.wv)} items, vectors of size {model.vector_size}")


def model_in(path: str) -> Any:
    from fastemb import Item2Vec

    return Item2Vec.load(path)


def keys_of(model: Any, items: list[Any]) -> list[Any]:
    """Items as the model has them, which may be whole numbers."""
    return [
        int(item) if item not in model.wv and item.isdecimal() and int(item) in model.wv else item for item in items
    ]


def run_similar(options: argparse.Namespace) -> None:
    model = model_in(options.model)
    without = options.without and keys_of(model, options.without)
    for item in keys_of(model, options.items):
        ids, scores = model.similar_items(item, options.topn + 1, filter_items=without, include_cold=options.cold)
        others = [place for place, found in enumerate(ids) if found != item][: options.topn]
        show_answers(item, ids[others], scores[others])


def run_recommend(options: argparse.Namespace) -> None:
    model = model_in(options.model)
    items, without = keys_of(model, options.items), options.without and keys_of(model, options.without)
    rows = model.recommend(items, options.topn, filter_items=without, by=options.by, include_cold=options.cold)
    show_answers(" ".join(options.items), *rows)


def show_answers(asked: str, ids: Any, scores: Any) -> None:
    show(str(asked))
    for item, score in zip(ids, scores, strict=True):
        show(f"  {score:.4f}  {item}")


def run_evaluate(options: argparse.Namespace) -> None:
    from fastemb.corpus import LineSentence

    check_roles({}, {"what is recommended from": options.file})
    model = model_in(options.model)
    baskets = baskets_in(options)
    lists: Iterable[list[Any]] = LineSentence(options.file) if baskets is None else baskets.lists()
    known = (keys_of(model, basket) for basket in lists)
    found = model.evaluate(known, options.topn, held_out=options.held_out, by=options.by, seed=options.seed)
    total = found.used + found.skipped
    show(f"{options.file}: {found.used} of {total} baskets with two known items or more")
    for name, (score, low, high) in found.intervals().items():
        show(f"  {name}@{found.N}: {score:.4f} [{low:.4f}, {high:.4f}]")
