"""Lists of edges: text, one edge a line."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import flag, or_none
from fastemb._paths import is_open_file
from fastemb._threads import run_threads, thread_count
from fastemb.formats import native
from fastemb.graphs.columns import in_pages, numbered_integers
from fastemb.graphs.graph import Edges, Graph
from fastemb.graphs.layout import PADDING, Layout, layout_of
from fastemb.graphs.options import saved_graph
from fastemb.io.textfile import SMALLEST, Piece, TextFile
from fastemb.kernels.graphs.edges import parse
from fastemb.kernels.text.wordtable import WordTable

MOST_READERS = 8
# What is wrong with a line, by the status of the kernel.
WRONG = (
    "", "an edge has two nodes{weight}, and this line has fewer fields",
    "this line has more fields than {columns}; weighted=False reads the first two alone, weighted=True three",
    "a node is no whole number, as nodes=int promises",
    "the weight is no number; weighted=False reads the first two fields alone", "the weight is not finite",
    "the weight is negative", "a quote is not closed, or stands inside a name", "a field is empty",
    "the weight is less than any single-precision number",
)  # fmt: skip
NO_NUMBER = 3
OTHERS = (".adjlist", ".gexf", ".gml", ".graphml")  # whose readers are NetworkX's


class WrongLine(ValueError):
    """A line that cannot be read; `status` says why, by `WRONG`."""

    status = 0


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
    """Read a list of edges, one a line, by several threads; or a file that `fastemb.graphs.Graph.save` wrote.

    Fields stand between blanks, or a comma or semicolon; names with blanks stand between quotes, or between separators
    that are named. Lines that begin with # or % are comments. In a .csv or .tsv file a first line of usual headings, or
    of words above numbers, is left out. A Matrix Market file says itself how many nodes there are, numbered from 1, and
    whether edges are directed. A graph that was saved is changed as these options say.

    Parameters
    ----------
    path : str, os.PathLike or open file
        Names that end in .gz, .bz2, .xz or .zst are of packed files, which must not hold too many times their size.
    directed : bool, optional
        Default: False, or what a Matrix Market file says.
    weighted : bool, optional
        Whether a third field is the weight; by default as the first edge has one or not. With False further fields
        are not read.
    nodes : {int, str}, optional
        What names are: whole numbers, which are sorted, or texts, which are in the order of the file. By default
        numbers, if all are.
    separator : str, optional
        One character of ASCII between fields. By default a comma in a .csv file and a tab in a .tsv file.
    loops : bool, default True
        False leaves edges from a node to itself out.
    workers : int, optional
        Threads; by default one for each core.
    mmap : bool or {'r'}, default False
        As of `fastemb.graphs.Graph.load`; for such files alone.

    Raises
    ------
    ValueError
        If a line is no edge, or a file is damaged or cut short; it names the file and the line. If options contradict
        a graph that was saved: it lacks the weights, or which way edges lead, or whole numbers as names.
    UnicodeDecodeError
        If a name is not UTF-8.
    OSError
        If the file cannot be read.
    """
    if nodes not in (None, int, str):
        raise ValueError(f"nodes must be int or str, not {nodes!r}")
    directed, weighted = or_none(flag, "directed", directed), or_none(flag, "weighted", weighted)
    file, loops = TextFile(path, kept=True), flag("loops", loops)
    if file.repeats() and native.starts_native(b"".join(file.raw_blocks(0, 9))):
        if is_open_file(path):
            raise ValueError(f"{file}: holds arrays of fastemb's: give the path of the file, not the open file")
        return saved_graph(file, mmap, directed, weighted, nodes, separator, loops)
    layout = layout_of(file, weighted, separator)
    layout.integers = nodes is not str or layout.nodes is not None
    reader = Reader(file, layout, thread_count(workers))
    try:
        found, names, count = reader.read()
    except WrongLine as wrong:
        if wrong.status != NO_NUMBER or nodes is not None or layout.nodes is not None:
            raise
        layout.integers = False
        found, names, count = reader.read()
    if nodes is str and names is not None and layout.nodes is not None:
        names = [str(name) for name in names]
    if directed is None:
        directed = bool(layout.directed)
    return Graph.from_numbers(found, count, names, directed, loops)


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
            numbers, moved = first.table.merge(share.table), []
            while share.parts:
                a, b, weights = share.parts.pop(0)
                moved.append((in_pages(numbers[a], np.int32), in_pages(numbers[b], np.int32), weights))
            share.parts = moved
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
            found, _, _ = numbered_integers([(a - 1, b - 1) for a, b in ends], count)
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
        parts: list[bytes] = []  # of a line that goes on: joined once, for it may be the whole file
        for block in self.file.text_blocks(begin, end):
            if cut := bytes(block).rfind(b"\n") + 1:
                yield b"".join([*parts, block[:cut]])
                parts = []
            parts.append(bytes(block[cut:]))
        if rest := b"".join(parts):
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
            where, other = self.file.line_at(place + done), of_another_kind(self.file.path)
            error = WrongLine(f"{self.file}, line {where}: {reason} ({line!r:.80}){other}")
            error.status = status
            raise error
        if layout.nodes is not None:
            self.check_entries(sources, targets, layout.nodes, text, place)
        kept = None if weights is None else in_pages(weights, np.float32)
        share.parts.append((narrow(sources), narrow(targets), kept))

    def check_entries(
        self, sources: NDArray[np.int64], targets: NDArray[np.int64], nodes: int, text: bytes, place: int
    ) -> None:
        """Raise if an entry is outside of a matrix."""
        wrong = (np.minimum(sources, targets) < 1) | (np.maximum(sources, targets) > nodes)
        if not wrong.any():
            return
        left = int(wrong.argmax()) + 1
        for line in text.split(b"\n"):
            left -= line.strip()[:1] not in (b"", b"#", b"%")
            if not left:
                where, said = self.file.line_at(place), line.decode("utf-8", "replace")
                raise ValueError(f"{self.file}, line {where}: outside of the matrix of {nodes} rows ({said!r:.80})")
            place += len(line) + 1

    def check_text(self, text: bytes, place: int) -> None:
        try:
            text.decode()
        except UnicodeDecodeError as error:
            error.reason += f" in {self.file}, line {self.file.line_at(place + error.start)}"
            raise


def of_another_kind(path: str) -> str:
    """What to say of a file that cannot be read, where its name tells of another kind."""
    ending = os.path.splitext(path.lower())[1]
    return f"; of a {ending} file networkx.read_{ending[1:]}() makes a graph to be given" if ending in OTHERS else ""


def narrow(numbers: NDArray[Any]) -> NDArray[Any]:
    """The same as int32, if they fit; in pages of their own."""
    fits = not len(numbers) or (numbers.min() >= -(2**31) and numbers.max() < 2**31)
    return in_pages(numbers, np.int32 if fits else np.int64)
