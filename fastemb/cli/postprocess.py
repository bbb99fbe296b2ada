"""`fastemb postprocess`: vectors made better, smaller, or one of several."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from fastemb.cli.files import check_roles, read
from fastemb.cli.options import at_least_one, reading
from fastemb.cli.shown import show


class Step(argparse.Action):
    """Takes note of a step, behind those that were given before it."""

    def __call__(self, parser: Any, options: Any, values: Any, option: str | None = None) -> None:
        options.steps = [*options.steps, (self.dest, values if values != [] else None)]


def add_postprocess(commands: Any) -> None:
    command = commands.add_parser(
        "postprocess",
        help="make vectors better or smaller, or one model of several",
        description="Change vectors by steps, in the order in which they are given, and write them. Several INs become "
        "one before, by --average or --concatenate. Vectors that are made of n-grams stay so.",
    )
    command.set_defaults(run=run_postprocess, steps=[])
    command.add_argument("input", metavar="IN", nargs="+", help="vectors or a model, of any format")
    command.add_argument(
        "--output", "-o", metavar="OUT", required=True, help="its name decides the format, as in train"
    )
    step: Callable[..., Any] = command.add_argument
    step("--center", nargs=0, action=Step, help="take away the mean")
    step(
        "--all-but-the-top",
        nargs="?",
        type=int,
        metavar="N",
        action=Step,
        help="take away the mean and N principal components (default: a hundredth of the size)",
    )
    step("--reduce", type=at_least_one, metavar="SIZE", action=Step, help="keep SIZE principal components")
    step("--whiten", nargs=0, action=Step, help="give all directions the same variance")
    step("--normalize", nargs=0, action=Step, help="divide vectors by their lengths")
    step("--by-count", action="store_true", help="in means and variances, weigh words by their counts; text has none")
    command.add_argument(
        "--words-only", action="store_true", help="take the vectors of words as they are, without n-grams"
    )
    several = command.add_mutually_exclusive_group()
    several.add_argument(
        "--average", action="store_true", help="of several INs, turned to the first, after their words"
    )
    several.add_argument(
        "--concatenate",
        nargs="?",
        type=at_least_one,
        const=0,
        metavar="SIZE",
        help="several INs end to end, after their words; brought to SIZE by singular value decomposition",
    )
    reading(command)


def run_postprocess(options: argparse.Namespace) -> None:
    from fastemb import postprocess
    from fastemb.models.files import format_of, save_vectors

    kind = format_of(options.output)
    joins = options.average or options.concatenate is not None
    if joins is (len(options.input) == 1):
        raise ValueError("several files are needed for --average and --concatenate, and one of these for several files")
    if not (joins or options.steps):
        raise ValueError("nothing to do: give --center, --all-but-the-top, --reduce, --whiten or --normalize")
    if options.by_count and all(name == "normalize" for name, _ in options.steps):
        raise ValueError("--by-count is for --center, --all-but-the-top, --reduce and --whiten")
    check_roles({"the output": options.output}, {f"input {number}": path for number, path in enumerate(options.input)})
    keyed = [read(path, options) for path in options.input]
    if options.words_only:
        keyed = [each.vectors_for_all(each.index_to_key, copy_vecattrs=True) for each in keyed]
    if joins:
        size = options.concatenate or None
        made = postprocess.average(keyed) if options.average else postprocess.concatenate(keyed, size)
    else:
        made = keyed[0]
    weights = "count" if options.by_count else None
    for name, value in options.steps:
        given = () if value is None else (value,)
        named = {} if name == "normalize" else {"weights": weights}
        made = getattr(postprocess, name)(made, *given, **named)
    save_vectors(made, options.output, kind)
    show(f"{options.output}: {len(made)} words, vectors of size {made.vector_size}")
