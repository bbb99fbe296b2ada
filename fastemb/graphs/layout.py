"""How the lines of a list of edges are to be read: what its first lines and its name say."""

from __future__ import annotations

import errno
import logging
import os
import re
from dataclasses import dataclass
from typing import NamedTuple

from fastemb.graphs.columns import MOST_NODES
from fastemb.io.textfile import TextFile, lines_in
from fastemb.kernels.graphs.edges import parse
from fastemb.kernels.text.wordtable import WordTable

logger = logging.getLogger(__name__)

PADDING = bytes(8)
GOOD, TOO_FEW = 0, 1
TABLES = {"csv": ",", "tsv": "\t"}  # whose first line may be of names of columns, and what separates fields
ENDING = re.compile(r"\.(\w+?)(?:\.(?:gz|bz2|xz|zst))?$")
# Letters are none: above numbers any words are headings, and elsewhere letters are nodes.
HEADINGS = {
    *("source", "target", "src", "dst", "from", "to", "id1", "id2", "node1", "node2", "node_1", "node_2", "head"),
    *("tail", "start", "end", "from_node", "to_node", "fromnodeid", "tonodeid", "source_id", "target_id", "subject"),
    *("object", "n1", "n2", "node_id_1", "node_id_2"),
}
DIGITS, NUMBER = re.compile(r"\d+"), re.compile(r"[-+.]?\d.*")
MATRIX_MARKET = "%%matrixmarket"
LONELY, LONELY_FOR_AN_ENTRY = 1 << 20, 4  # nodes that may have no edge: more cost memory that the size of a file hides


@dataclass
class Layout:
    """How the lines of a file are to be read.

    Attributes
    ----------
    separator : str
        Between fields; empty for blanks, or a comma or semicolon.
    weighted : bool
    exact : bool
        A line with more fields is wrong.
    integers : bool
        Names of nodes are whole numbers.
    begin : int
        The byte at which edges begin.
    nodes, entries : int, optional
        As a Matrix Market file says.
    directed : bool, optional
        Likewise.
    """

    separator: str = ""
    weighted: bool = False
    exact: bool = True
    integers: bool = True
    begin: int = 0
    nodes: int | None = None
    entries: int | None = None
    directed: bool | None = None


class Head(NamedTuple):
    """The first line of a file that is an edge or a heading, where it begins and ends, and the first comment before."""

    first: str
    comment: str
    place: int
    after: int


def layout_of(file: TextFile, weighted: bool | None, separator: str | None) -> Layout:
    """What the beginning of a file, its name, and the user say of its lines."""
    if separator is not None and (len(separator) != 1 or not separator.isascii() or separator in '\n\r"\0'):
        raise ValueError(f"separator must be one character of ASCII, not {separator!r}")
    if os.path.isdir(file.path):
        raise IsADirectoryError(errno.EISDIR, "is a folder", file.path)
    if not file.repeats():
        raise ValueError(f"{file}: cannot be read twice, as a list of edges is: write it to a file first")
    ending = ENDING.search(file.path.lower())
    kind = ending[1] if ending else ""
    made = Layout(TABLES.get(kind, "") if separator is None else separator)
    head = head_of(file)
    if head.comment.lower().startswith(MATRIX_MARKET):
        of_matrix_market(file, made, head)
        head = head_of(file, made.begin)
    if kind in TABLES:
        second = head_of(file, head.after)
        if is_heading(head.first, second.first, made.separator):
            logger.info("%s: the first line is left out, as names of columns: %.80s", file, head.first)
            made.begin, head = head.after, second
    if weighted is None and made.nodes is None:
        made.weighted = has_three_fields(head.first, made.separator)
    else:
        made.weighted = made.weighted if weighted is None else bool(weighted)
        made.exact = weighted is not False
    return made


def is_heading(line: str, second: str, separator: str) -> bool:
    """Whether a line has usual names of columns, or no numbers above a line of them.

    Usual names are an edge if the second line has one of them, too, but for digits, or if there is a number behind.
    """
    fields, below = ([text.strip().strip('"').lower() for text in each.split(separator)] for each in (line, second))
    weight, fields = fields[2:3], fields[:2]
    if set(fields) <= HEADINGS and not any(NUMBER.fullmatch(text) for text in weight):
        return {DIGITS.sub("", text) for text in fields}.isdisjoint(DIGITS.sub("", text) for text in below[:2])
    return not any(text.lstrip("+-").isdecimal() for text in fields) and reads(second, separator, None, 2) == GOOD


def has_three_fields(line: str, separator: str) -> bool:
    """Whether a line has a third field."""
    return reads(line, separator, WordTable(), 3) not in (None, TOO_FEW)


def reads(line: str, separator: str, table: WordTable | None, columns: int) -> int | None:
    """What the kernel says of a line, whatever stands behind these columns; None of an empty one."""
    if not line:
        return None
    text, number = line.encode("utf-8", "surrogatepass") + b"\n", ord(separator) if separator else 0
    status: int = parse(text + PADDING, len(text), table, number, columns, False)[3]
    return status


def head_of(file: TextFile, begin: int = 0) -> Head:
    """The first line that is no comment, and the first of the comments before it."""
    comment, place = "", begin or file.mark()
    for line in lines_in(file.raw_blocks(place, None)):
        text, end = line.decode("utf-8", "replace").strip(), place + len(line) + 1
        if text and text[0] not in "#%":
            return Head(text, comment, place, end)
        comment, place = comment or text, end
    return Head("", comment, place, place)


def of_matrix_market(file: TextFile, made: Layout, head: Head) -> None:
    """Take what the two head lines of a Matrix Market file say."""
    kind = head.comment.lower().split()[1:]
    if kind[:2] != ["matrix", "coordinate"] or len(kind) != 4 or kind[2] not in ("pattern", "real", "integer"):
        raise ValueError(f"{file}, line 1: a graph is a coordinate matrix of real, integer or pattern, not {kind}")
    if kind[3] not in ("general", "symmetric"):
        raise ValueError(f"{file}, line 1: a graph is a general or a symmetric matrix, not {kind[3]}")
    sizes = head.first.split()
    if len(sizes) != 3 or not all(size.isascii() and size.isdecimal() and len(size) < 20 for size in sizes):
        raise ValueError(f"{file}, line {file.line_at(head.place)}: should say how many rows, columns and entries")
    if sizes[0] != sizes[1]:
        raise ValueError(f"{file}: the matrix of a graph is square, not of {sizes[0]} × {sizes[1]}")
    if int(sizes[0]) > MOST_NODES:
        raise ValueError(f"{file}: a graph has at most {MOST_NODES} nodes, and there would be {sizes[0]}")
    if int(sizes[0]) > LONELY + LONELY_FOR_AN_ENTRY * int(sizes[2]):
        raise ValueError(
            f"{file}: {sizes[0]} rows and {sizes[2]} entries: few nodes would have an edge; write a list of edges"
        )
    made.nodes, made.entries, made.begin = int(sizes[0]), int(sizes[2]), head.after
    made.directed, made.weighted = kind[3] == "general", kind[2] != "pattern"
