"""Lists of edges: text, one edge a line."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import is_open_file
from fastemb._threads import run_threads, thread_count
from fastemb.formats import native
from fastemb.graphs.columns import numbered_integers
from fastemb.graphs.graph import Edges, Graph
from fastemb.io.textfile import SMALLEST, Piece, TextFile
from fastemb.kernels.graphs.edges import parse
from fastemb.kernels.text.wordtable import WordTable

PADDING = bytes(8)
MOST_READERS = 8
# What is wrong with a line, by the status of the kernel.
WRONG = (
    "", "an edge has two nodes{weight}, and this line has fewer fields",
    "this line has more fields than {columns}; weighted=False reads the first two alone, weighted=True three",
    "a node is no whole number, as nodes=int promises", "the weight is no number", "the weight is not finite",
    "the weight is negative", "a quote is not closed, or stands inside a name", "a field is empty",
    "the weight is less than any single-precision number",
)  # fmt: skip
NO_NUMBER = 3
HEADINGS = {
    *("source", "target", "src", "dst", "from", "to", "u", "v", "id1", "id2", "node1", "node2", "node_1", "node_2"),
    *("head", "tail", "start", "end", "a", "b", "from_node", "to_node", "fromnodeid", "tonodeid", "source_id"),
    *("target_id", "subject", "object", "n1", "n2", "node_id_1", "node_id_2"),
}
MATRIX_MARKET = "%%matrixmarket"


class WrongLine(ValueError):
    """A line that cannot be read; `status` says why, by `WRONG`."""

    status = 0


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
    """The first lines of a file, up to the first that is an edge or a heading: that line, and where it begins."""

    first: str
    comments: list[str]
    place: int
    after: int


def read_graph(
    path: Any,
    *,
    directed: bool | None = None,
    weighted: bool | None = None,
    nodes: type | None = None,
    separator: str | None = None,
    loops: bool = True,
    workers: int | None = None,
    mmap: bool | str = False,
) -> Graph:
    """Read a list of edges, one a line, by several threads; or a file that `Graph.save` wrote.

    Fields stand between blanks, or a comma or semicolon; names with blanks stand between quotes, or between separators
    that are named. Lines that begin with # or % are comments. In a .csv file a first line of usual headings is left
    out. A Matrix Market file says itself how many nodes there are, numbered from 1, and whether edges are directed.

    Parameters
    ----------
    path : str, os.PathLike or open file
        Names that end in .gz, .bz2, .xz or .zst are of packed files.
    directed : bool, optional
        Default: False, or what a Matrix Market file says.
    weighted : bool, optional
        Whether a third field is the weight; by default as the first edge has one or not. With False further fields
        are not read.
    nodes : {int, str}, optional
        What names are: whole numbers, which are sorted, or texts, which are in the order of the file. By default
        numbers, if all are.
    separator : str, optional
        One character of ASCII between fields. By default a comma in a file whose name ends in .csv.
    loops : bool, default True
        False leaves edges from a node to itself out.
    workers : int, optional
        Threads; by default one for each core.
    mmap : bool or {'r'}, default False
        As of `Graph.load`; for such files alone.

    Raises
    ------
    ValueError
        If a line is no edge, or a file is damaged or cut short; it names the file and the line.
    UnicodeDecodeError
        If a name is not UTF-8.
    OSError
        If the file cannot be read.
    """
    file = TextFile(path)
    if not is_open_file(path) and file.packing is None and file.repeats():
        with open(file.path, "rb") as opened:
            if native.starts_native(opened.read(9)):
                return Graph.load(path, mmap)
    if nodes not in (None, int, str):
        raise ValueError(f"nodes must be int or str, not {nodes!r}")
    layout = layout_of(file, weighted, separator)
    layout.integers = nodes is not str
    reader = Reader(file, layout, thread_count(workers))
    try:
        found, names, count = reader.read()
    except WrongLine as wrong:
        if wrong.status != NO_NUMBER or nodes is not None or layout.nodes is not None:
            raise
        layout.integers = False
        found, names, count = reader.read()
    if directed is None:
        directed = bool(layout.directed)
    return Graph.from_numbers(found, count, names, directed, loops)


def layout_of(file: TextFile, weighted: bool | None, separator: str | None) -> Layout:
    """What the beginning of a file, its name, and the user say of its lines."""
    if separator is not None and (len(separator) != 1 or not separator.isascii() or separator in '\n\r"\0'):
        raise ValueError(f"separator must be one character of ASCII, not {separator!r}")
    if not file.repeats():
        raise ValueError(f"{file}: cannot be read twice, as a list of edges is: write it to a file first")
    plain = file.path.lower()
    is_csv = any(plain.endswith(ending) for ending in (".csv", ".csv.gz", ".csv.bz2", ".csv.xz", ".csv.zst"))
    made = Layout("," if is_csv and separator is None else separator or "")
    head = head_of(file)
    if head.comments and head.comments[0].lower().startswith(MATRIX_MARKET):
        of_matrix_market(file, made, head)
        head = head_of(file, made.begin)
    fields = fields_of(head.first, made.separator)
    if is_csv and {text.strip('"').lower() for text in fields[:2]} <= HEADINGS:
        made.begin = head.after
        fields = fields_of(head_of(file, made.begin).first, made.separator)
    if weighted is None and made.nodes is None:
        made.weighted = len(fields) > 2
    else:
        made.weighted = made.weighted if weighted is None else bool(weighted)
        made.exact = weighted is not False
    return made


def fields_of(line: str, separator: str) -> list[str]:
    return (
        [part.strip() for part in line.split(separator)]
        if separator
        else line.replace(",", " ").replace(";", " ").split()
    )


def head_of(file: TextFile, begin: int = 0) -> Head:
    """The first line that is no comment, and the comments before it."""
    comments: list[str] = []
    place, rest = begin or file.mark(), b""
    for block in file.raw_blocks(place, None) if file.packing is None else after(file, place):
        rest += bytes(block)
        while (end := rest.find(b"\n")) >= 0:
            line = rest[:end].decode("utf-8", "replace").strip()
            if line and line[0] not in "#%":
                return Head(line, comments, place, place + end + 1)
            comments += [line] if line else []
            place, rest = place + end + 1, rest[end + 1 :]
    line = rest.decode("utf-8", "replace").strip()
    return Head(
        "" if line[:1] in ("#", "%") else line, comments + [line] * (line[:1] in ("#", "%")), place, place + len(rest)
    )


def after(file: TextFile, place: int) -> Iterator[bytes]:
    """The bytes of a packed file from a place on."""
    for block in file.raw_blocks(0, None):
        if place < len(block):
            yield bytes(block[place:])
        place = max(0, place - len(block))


def of_matrix_market(file: TextFile, made: Layout, head: Head) -> None:
    """Take what the two head lines of a Matrix Market file say."""
    kind = head.comments[0].lower().split()[1:]
    if kind[:2] != ["matrix", "coordinate"] or len(kind) != 4 or kind[2] not in ("pattern", "real", "integer"):
        raise ValueError(f"{file}, line 1: a graph is a coordinate matrix of real, integer or pattern, not {kind}")
    if kind[3] not in ("general", "symmetric"):
        raise ValueError(f"{file}, line 1: a graph is a general or a symmetric matrix, not {kind[3]}")
    sizes = head.first.split()
    if len(sizes) != 3 or not all(size.isascii() and size.isdecimal() for size in sizes):
        raise ValueError(f"{file}, line {file.line_at(head.place)}: should say how many rows, columns and entries")
    if sizes[0] != sizes[1]:
        raise ValueError(f"{file}: the matrix of a graph is square, not of {sizes[0]} × {sizes[1]}")
    made.nodes, made.entries, made.begin = int(sizes[0]), int(sizes[2]), head.after
    made.directed, made.weighted = kind[3] == "general", kind[2] != "pattern"


@dataclass
class Share:
    """What one thread has read."""

    parts: list[Any] = field(default_factory=list)
    table: WordTable | None = None


class Reader:
    """Reads the edges of a file, in pieces, by threads of their own."""

    def __init__(self, file: TextFile, layout: Layout, workers: int):
        self.file, self.layout, self.workers = file, layout, min(workers, MOST_READERS)
        self.stopped = threading.Event()

    def read(self) -> tuple[list[Edges], list[str | int] | None, int]:
        """Edges between numbers of nodes, the names, and how many nodes there are."""
        self.stopped.clear()
        version = self.file.version()
        whole = self.file.splittable_size()
        size = SMALLEST if whole is None else max(SMALLEST, -(-whole // self.workers))
        pieces = self.file.pieces(size)
        shares = run_threads([lambda piece=piece: self.read_piece(piece) for piece in pieces], self.stopped.set)  # type: ignore[misc]
        if self.file.version() != version:
            raise OSError(f"{self.file}: changed while it was read")
        edges = sum(len(part[0]) for share in shares for part in share.parts)
        if not edges and self.layout.nodes is None:
            raise ValueError(f"{self.file}: has no edge")
        if self.layout.entries is not None and edges != self.layout.entries:
            raise ValueError(f"{self.file}: cut short, or damaged: {edges} entries, and {self.layout.entries} promised")
        return self.by_number(shares) if self.layout.integers else self.by_name(shares)

    def by_name(self, shares: list[Share]) -> tuple[list[Edges], list[str | int] | None, int]:
        first, *others = shares
        assert first.table is not None
        for share in others:
            assert share.table is not None
            numbers = first.table.merge(share.table)
            share.parts = [(numbers[a], numbers[b], weights) for a, b, weights in share.parts]
        names: list[str | int] = list(first.table.words())
        return [part for share in shares for part in share.parts], names, len(names)

    def by_number(self, shares: list[Share]) -> tuple[list[Edges], list[str | int] | None, int]:
        parts = [part for share in shares for part in share.parts]
        weights = [weights for _, _, weights in parts]
        ends = [(a, b) for a, b, _ in parts]
        del parts
        for share in shares:
            share.parts = []
        if self.layout.nodes is None:
            found, names, count = numbered_integers(ends)
        else:
            count = self.layout.nodes
            names = list(range(1, count + 1))
            try:
                found, _, _ = numbered_integers([(a - 1, b - 1) for a, b in ends], count)
            except ValueError:
                raise ValueError(f"{self.file}: an entry is outside of the matrix of {count} rows") from None
        return [(a, b, w) for (a, b), w in zip(found, weights, strict=True)], names, count

    def read_piece(self, piece: Piece) -> Share:
        made = Share(table=None if self.layout.integers else WordTable())
        begin = max(piece.begin, self.layout.begin)
        if piece.end is not None and piece.end <= begin:
            return made
        place = begin or self.file.mark()
        for text in self.texts(begin, piece.end):
            if self.stopped.is_set():
                break
            self.add(made, text, place)
            place += len(text)
        return made

    def texts(self, begin: int, end: int | None) -> Iterator[bytes]:
        """Whole lines of a range, some at a time."""
        rest = b""
        blocks = (
            self.file.text_blocks(begin, end) if self.file.packing is None or not begin else after(self.file, begin)
        )
        for block in blocks:
            cut = bytes(block).rfind(b"\n") + 1
            if cut:
                yield rest + bytes(block[:cut])
                rest = bytes(block[cut:])
            else:
                rest += bytes(block)
        if rest:
            yield rest + b"\n"

    def add(self, share: Share, text: bytes, place: int) -> None:
        layout = self.layout
        if share.table is not None and not text.isascii():
            self.check_text(text, place)
        columns = 3 if layout.weighted else 2
        separator = ord(layout.separator) if layout.separator else 0
        sources, targets, weights, status, done = parse(
            text + PADDING, len(text), share.table, separator, columns, layout.exact
        )
        if status:
            reason = WRONG[status].format(weight=" and a weight" if layout.weighted else "", columns=columns)
            line = bytes(text[done : text.index(b"\n", done)]).decode("utf-8", "replace")
            error = WrongLine(f"{self.file}, line {self.file.line_at(place + done)}: {reason} ({line!r:.80})")
            error.status = status
            raise error
        share.parts.append((narrow(sources), narrow(targets), weights))

    def check_text(self, text: bytes, place: int) -> None:
        try:
            text.decode()
        except UnicodeDecodeError as error:
            error.reason += f" in {self.file}, line {self.file.line_at(place + error.start)}"
            raise


def narrow(numbers: NDArray[np.int64]) -> NDArray[Any]:
    """The same as int32, if they fit."""
    fits = not len(numbers) or (numbers.min() >= -(2**31) and numbers.max() < 2**31)
    return numbers.astype(np.int32) if fits else numbers.copy()
