"""The two files of TensorBoard's embedding projector: vectors, and their words, with tabs between columns."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._floats import in_dtype
from fastemb._paths import local
from fastemb._words import BREAKS, bytes_of_words
from fastemb.io.outputs import writing
from fastemb.io.packing import PACKINGS
from fastemb.kernels.vectorfile import format_rows

Path = str | os.PathLike[str]
STEP = 1024  # vectors that are written at once


def write_projector(path: Path, metadata: Path, words: Sequence[object], vectors: NDArray[Any]) -> None:
    """Write the vectors to `path`, and their words, a line each, to `metadata`.

    Raises
    ------
    ValueError
        If a word is empty, or holds a tab, the end of a line or a surrogate that stands for no byte; if two words are
        the same as text, a number is too large for float32, or there are not as many vectors. Nothing is written then.
    """
    names = bytes_of_words(words, "the projector's files", BREAKS)
    if len(names) != len(vectors):
        raise ValueError(f"{len(names)} words for {len(vectors)} vectors")
    with writing(metadata) as file, writing(path) as rows:
        file.write(b"".join(b"%b\n" % name for name in names))
        for begin in range(0, len(vectors), STEP):
            part = np.ascontiguousarray(in_dtype(vectors[begin : begin + STEP], "<f4", begin))
            # Lines of words that are empty, each with a space before its first number.
            lines = format_rows(b"", np.zeros(len(part) + 1, np.int64), part, False)
            rows.write(lines[1:].replace(b"\n ", b"\n").replace(b" ", b"\t"))


def metadata_path(path: Path) -> str:
    """Where the words of the vectors at `path` go: to vectors.metadata.tsv of vectors.tsv, packed as these are."""
    stem, extension = os.path.splitext(local(path))
    packing = ""
    if extension.lower() in PACKINGS:
        packing, (stem, extension) = extension, os.path.splitext(stem)
    return f"{stem}.metadata{extension}{packing}"
