"""The .bin and .ftz files of Facebook's fastText: read all of its versions, write the last.

A file is a magic number and a version; arguments of training; the dictionary; the input
matrix, a row for each word and then for each bucket; and the output matrix. Either may be
product-quantised. The oldest files have neither magic number nor version. Numbers are little-endian.
"""

from __future__ import annotations

import logging
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import local
from fastemb.formats.fasttext_names import Names
from fastemb.formats.quantized import CENTROIDS, Indexed, ProductRows, Rows
from fastemb.formats.seekable import unpacked
from fastemb.io.mapping import map_file, mapped_array
from fastemb.io.outputs import writing
from fastemb.kernels.vectorfile import cut_entries

logger = logging.getLogger(__name__)

Path = str | os.PathLike[str]
MAGIC = 793712314
VERSION = 12
NAMES = (
    *("dim", "ws", "epoch", "min_count", "neg", "word_ngrams", "loss", "model", "bucket", "minn", "maxn"),
    *("lr_update_rate", "t"),
)
ARGUMENTS = struct.Struct("<12id")
SIZES = struct.Struct("<3iq")  # of the dictionary: entries, words, labels; and the tokens of the corpus
SMALLEST_T = 1e-300  # what is less, and not 0, is two integers
ENTRY = struct.Struct("<qb")  # after a word and a zero byte: its count, and whether it is a label
LOSSES = {"hs": 1, "ns": 2, "softmax": 3, "ova": 4}
MODELS = {"cbow": 1, "sg": 2, "sup": 3}
BLOCK = 1 << 22
LONGEST_WORD = 1 << 24


@dataclass
class FastTextFile:
    """What such a file holds.

    Attributes
    ----------
    arguments : dict
        By the names of fastText: `dim`, `ws`, `epoch`, `min_count`, `neg`, `word_ngrams`, `loss` (see LOSSES),
        `model` (see MODELS), `bucket`, `minn`, `maxn`, `lr_update_rate` and `t`.
    words : sequence of bytes
        Of a file that was read, `Names`.
    counts : ndarray of int64, shape (words,)
    tokens : int
        Words in the corpus.
    inputs : ndarray of float32, or ProductRows, shape (words + buckets, dim)
    outputs : the same, shape (words, dim), or None if they were not asked for
        In a supervised model a row for each label.
    kept : ndarray of int32, shape (buckets, 2), or None
        If buckets were pruned: those that are left, in ascending order, and their rows after those of the words.
    labels, label_counts : the same, and ndarray of int64, shape (labels,)
    """

    arguments: dict[str, Any]
    words: Sequence[bytes]
    counts: NDArray[np.int64]
    tokens: int
    inputs: Rows
    outputs: Rows | None
    kept: NDArray[np.int32] | None
    labels: Sequence[bytes]
    label_counts: NDArray[np.int64]


def read_fasttext(path: Path, *, outputs: bool = True, mmap: bool = False) -> FastTextFile:
    """Read a model of fastText.

    Parameters
    ----------
    path : str or os.PathLike
        Names that end in .gz, .bz2, .xz or .zst are of compressed files.
    outputs : bool, default True
        Read the output matrix too.
    mmap : bool, default False
        Map the matrices read-only from the file, where most are not aligned; see `io.mapping.map_file`.

    Raises
    ------
    ValueError
        If the file is not of this format, is damaged, or ends too early; the message names it and the byte.
    """
    with unpacked(path, starts_facebook) as file:
        source = Source(file, local(path), mmap)
        version = read_version(source)
        arguments = read_arguments(source)
        if version <= 11 and arguments["model"] == MODELS["sup"]:
            arguments["maxn"] = 0  # they had no n-grams of characters
        size, n, n_labels, tokens = source.unpack(SIZES.format, "the sizes of the dictionary")
        (pruned,) = source.unpack("<q", "the number of buckets left") if version else (-1,)
        if min(n, n_labels, tokens, pruned + 1) < 0 or n + n_labels != size:
            raise source.error(f"a dictionary of {n} words and {n_labels} labels, {size} in all")
        words, counts, kinds = read_entries(source, size)
        if np.any(kinds != (np.arange(size) >= n)):
            raise source.error("words and labels of the dictionary are mixed up")
        kept = read_kept(source, pruned, arguments["bucket"]) if pruned >= 0 else None
        rows = n + (arguments["bucket"] if kept is None else len(kept))
        inputs = read_matrix(source, version, rows, arguments["dim"], "input")
        if kept is not None and isinstance(inputs, np.ndarray):
            raise source.error("buckets were pruned from a matrix that is not quantised: fastText does not do that")
        output_rows = n_labels if arguments["model"] == MODELS["sup"] else n
        output = read_matrix(source, version, output_rows, arguments["dim"], "output") if outputs else None
        if outputs and source.left:
            raise source.error(f"{source.left} bytes follow after the end of the model")
    return FastTextFile(arguments, words[:n], counts[:n], tokens, inputs, output, kept, words[n:], counts[n:])


def write_fasttext(
    path: Path,
    arguments: dict[str, Any],
    words: Sequence[bytes],
    counts: NDArray[np.int64],
    tokens: int,
    inputs: Sequence[Indexed],
    outputs: NDArray[np.float32],
) -> None:
    """Write a model as fastText does.

    Parameters
    ----------
    path : str or os.PathLike
        The file appears whole or not at all.
    arguments, words, counts, tokens, outputs
        As of `FastTextFile`.
    inputs : sequence of ndarray, or of what gives rows when it is sliced
        Matrices that make up the input matrix one below the other.

    Raises
    ------
    ValueError
        If a word cannot be said in this format, or sizes contradict each other. Nothing is written then.
    """
    rows = sum(len(matrix) for matrix in inputs)
    if rows != len(words) + arguments["bucket"] or len(outputs) != len(words) or len(counts) != len(words):
        raise ValueError(f"{len(words)} words and {arguments['bucket']} buckets, but {rows} rows")
    for word in words:
        if b"\0" in word:
            raise ValueError(f"fastText's files cannot hold the word {word!r}; save() can")
    try:
        header = struct.pack("<2i", MAGIC, VERSION) + ARGUMENTS.pack(*(arguments[name] for name in NAMES))
        header += struct.pack("<3iqq", len(words), len(words), 0, tokens, -1)
    except struct.error as error:
        raise ValueError(f"a parameter is too large for fastText's files ({error})") from None
    with writing(path) as file:
        file.write(header)
        for word, count in zip(words, counts.tolist(), strict=True):
            file.write(word + b"\0" + ENTRY.pack(count, 0))
        for matrices in (inputs, [outputs]):
            height = sum(len(matrix) for matrix in matrices)
            file.write(struct.pack("<?2q", False, height, arguments["dim"]))
            for matrix in matrices:
                write_rows(file, matrix)


def write_rows(file: BinaryIO, matrix: Indexed) -> None:
    step = max(1, BLOCK // max(1, matrix.shape[1]))
    for begin in range(0, len(matrix), step):
        file.write(np.ascontiguousarray(matrix[begin : begin + step], "<f4").data)


class Source:
    """A file whose sizes are checked before anything is read or allocated."""

    def __init__(self, file: BinaryIO, name: str, mmap: bool):
        self.file, self.name, self.mmap = file, name, mmap
        self.mapped: NDArray[np.uint8] | None = None
        self.position = 0
        self.size = os.fstat(file.fileno()).st_size

    @property
    def left(self) -> int:
        return self.size - self.position

    def error(self, reason: str) -> ValueError:
        return ValueError(f"{self.name}, byte {self.position}: {reason}")

    def need(self, count: int, what: str) -> None:
        if count > self.left:
            raise self.error(f"cut short: {what} would take {count} bytes, and {self.left} are left")

    def unpack(self, layout: str, what: str) -> tuple[Any, ...]:
        count = struct.calcsize(layout)
        self.need(count, what)
        self.file.seek(self.position)
        data = self.file.read(count)
        if len(data) < count:
            raise self.error("cut short while it was read")
        self.position += count
        return struct.unpack(layout, data)

    def array(self, dtype: str, shape: tuple[int, ...], what: str, mmap: bool = False) -> NDArray[Any]:
        count = int(np.prod([int(n) for n in shape], dtype=object))
        nbytes = count * np.dtype(dtype).itemsize
        self.need(nbytes, what)
        if nbytes and mmap:
            if self.mapped is None:
                self.mapped = map_file(self.file, scattered=True)
            array = mapped_array(self.mapped, dtype, shape, self.position)
        else:
            self.file.seek(self.position)
            array = np.fromfile(self.file, dtype, count)
            if len(array) < count:
                raise self.error("cut short while it was read")
            array = array.reshape(shape)
        self.position += nbytes
        return array


def read_version(source: Source) -> int:
    """The version, 0 for the oldest files, which do not say it."""
    magic, version = source.unpack("<2i", "the beginning")
    if magic != MAGIC:
        from fastemb.formats.recognise import refuse_others  # which knows this module

        source.position = 0
        refuse_others(source.name, "facebook", "a model of fastText")
        return 0
    if not 0 < version <= VERSION:
        raise source.error(f"a fastText file of version {version}; {VERSION} is the last one known")
    return version


def read_arguments(source: Source) -> dict[str, Any]:
    begin = source.position
    arguments = dict(zip(NAMES, source.unpack("<12id", "the arguments"), strict=True))
    if not likely(arguments):
        raise source.error(f"not a model of fastText: its arguments would be {arguments}")
    if begin and 0 < arguments["t"] < SMALLEST_T:  # two more arguments stand before it
        raise source.error("a model of floret, which fastemb does not read")
    return arguments


def likely(arguments: dict[str, Any]) -> bool:
    return bool(
        min(arguments["dim"], arguments["ws"], arguments["bucket"] + 1) > 0
        and arguments["loss"] in LOSSES.values()
        and arguments["model"] in MODELS.values()
        and 0 <= arguments["t"] < np.inf
    )


def starts_facebook(start: bytes) -> bool:
    """Whether a file that begins so is of this format, of any version."""
    return start.startswith(MAGIC.to_bytes(4, "little")) or starts_oldest(start)


def starts_oldest(start: bytes) -> bool:
    """Whether a file that begins so is of the oldest version: likely arguments, and a dictionary whose sizes agree."""
    if len(start) < ARGUMENTS.size + SIZES.size:
        return False
    size, words, labels, tokens = SIZES.unpack_from(start, ARGUMENTS.size)
    sizes = words >= 0 and labels >= 0 and tokens >= 0 and words + labels == size
    return sizes and likely(dict(zip(NAMES, ARGUMENTS.unpack_from(start), strict=True)))


def read_entries(source: Source, size: int) -> tuple[Names, NDArray[np.int64], NDArray[np.int8]]:
    """Words and labels, their counts, and which are labels."""
    source.need(size * (1 + ENTRY.size), f"a dictionary of {size}")
    places, counts, kinds = np.empty((size, 2), np.int64), np.empty(size, np.int64), np.empty(size, np.int8)
    source.file.seek(source.position)
    text, begin, at, found = bytearray(), source.position, 0, 0
    while found < size:
        block = source.file.read(BLOCK)
        text += block
        found, at = cut_entries(text, at, found, places, counts, kinds)
        source.position = begin + at
        if found < size and (not block or len(text) - at > LONGEST_WORD):
            raise source.error(f"word {found + 1} of {size} does not end")
    del text[at:]
    if np.any(counts < 0):
        raise source.error(f"the count of word {np.flatnonzero(counts < 0)[0] + 1} is negative")
    return Names(text, places), counts, kinds


def read_kept(source: Source, pruned: int, buckets: int) -> NDArray[np.int32]:
    given = source.array("<i4", (pruned, 2), "the buckets that are left").astype(np.int64)
    pairs = np.sort(given[:, 0] << 32 | given[:, 1] & 0xFFFFFFFF)  # as one number each: sooner than an argsort
    kept = np.stack([pairs >> 32, pairs], axis=1).astype(np.int32)
    if np.any(kept[:, 0] < 0) or np.any(kept[:, 0] >= buckets) or np.any(np.diff(kept[:, 0]) == 0):
        raise source.error("the numbers of the buckets that are left are damaged")
    if np.any(kept[:, 1] < 0) or np.any(kept[:, 1] >= pruned):
        raise source.error("the rows of the buckets that are left are damaged")
    return kept


def read_matrix(source: Source, version: int, rows: int, columns: int, name: str) -> Rows:
    (quantized,) = source.unpack("<B", f"the {name} matrix") if version else (0,)
    if quantized > 1:
        raise source.error(f"the {name} matrix is neither quantised nor not: {quantized}")
    return (read_quantized if quantized else read_plain)(source, (rows, columns), name)


def check_shape(source: Source, found: tuple[int, int], shape: tuple[int, int], what: str) -> None:
    if found != shape:
        raise source.error(f"{what} has the shape {found} instead of {shape}")


def read_plain(source: Source, shape: tuple[int, int], name: str) -> NDArray[np.float32]:
    what = f"the {name} matrix"
    check_shape(source, source.unpack("<2q", f"the shape of {what}"), shape, what)
    return source.array("<f4", shape, f"{what} of {shape[0]} × {shape[1]}", source.mmap)


def read_quantized(source: Source, shape: tuple[int, int], name: str) -> ProductRows:
    what = f"the quantised {name} matrix"
    with_norms, rows, columns, size = source.unpack("<Bqqi", what)
    check_shape(source, (rows, columns), shape, what)
    if size < 0:
        raise source.error(f"{what} has {size} codes")
    data = source.array("|u1", (size,), what, source.mmap)
    centroids = read_centroids(source, columns, what)
    if size != rows * len(centroids):
        raise source.error(f"{what} has {size} codes instead of {rows} × {len(centroids)}")
    norms = np.ones(rows, np.float32)
    if with_norms:
        codes = source.array("|u1", (rows,), f"the lengths of {what}")
        norms = read_centroids(source, 1, what)[0, codes, 0]
    return ProductRows(data.reshape(rows, -1), centroids, norms, columns)


def read_centroids(source: Source, columns: int, what: str) -> NDArray[np.float32]:
    """Centroids of a product quantiser, shape (groups, 256, width); columns that the last group lacks are zeros."""
    found, groups, width, last = source.unpack("<4i", what)
    if found != columns or width < 1 or groups != -(-columns // width) or last != columns - (groups - 1) * width:
        raise source.error(f"{what}: {groups} groups of {width} and a last one of {last} are not {columns} columns")
    width = min(width, columns)
    values = source.array("<f4", (columns * CENTROIDS,), f"the centroids of {what}")
    begin = (groups - 1) * CENTROIDS * width
    centroids = np.zeros((groups, CENTROIDS, width), np.float32)
    centroids[:-1] = values[:begin].reshape(groups - 1, CENTROIDS, width)
    centroids[-1, :, :last] = values[begin:].reshape(CENTROIDS, last)
    return centroids
