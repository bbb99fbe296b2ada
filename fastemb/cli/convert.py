"""`fastemb convert`: vectors in another format."""

from __future__ import annotations

import argparse
from typing import Any

from fastemb.cli.files import check_roles, read
from fastemb.cli.options import reading


def add_convert(commands: Any) -> None:
    from fastemb.models.files import FORMATS

    convert = commands.add_parser("convert", help="write vectors in another format")
    convert.set_defaults(run=run_convert)
    convert.add_argument("input", metavar="IN", help="a file of any format, which is recognised by its contents")
    convert.add_argument("output", metavar="OUT", help="where to write; its name decides the format, as in train")
    convert.add_argument("--to", choices=FORMATS, metavar="FORMAT", help=f"another format: {', '.join(FORMATS)}")
    convert.add_argument(
        "--dtype",
        choices=["float16", "float32", "float64"],
        help="numbers of the vectors, where the format has a choice (default: as in IN; float32 from text)",
    )
    reading(convert)


def run_convert(options: argparse.Namespace) -> None:
    from fastemb.models.files import format_of, save_vectors

    kind = options.to or format_of(options.output)
    check_roles({"the output": options.output}, {"what is converted": options.input})
    save_vectors(read(options.input, options, dtype=options.dtype), options.output, kind)
