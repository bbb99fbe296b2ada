"""The two files of TensorBoard's embedding projector: vectors, and their words, with tabs between columns."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import local
from fastemb.formats.rows import writing
from fastemb.kernels.text import format_rows

Path = str | os.PathLike[str]
STEP = 1024  # vectors that are written at once


def write_projector(path: Path, metadata: Path, words: Sequence[object], vectors: NDArray[Any]) -> None:
    """Write the vectors to `path`, and their words, a line each, to `metadata`.

    Raises
    ------
    ValueError
        If a word is empty or holds a tab or the end of a line. Nothing is written then.
    """
    names = [str(word) for word in words]
    for name in names:
        if not name or name.splitlines() != [name] or "\t" in name:
            raise ValueError(f"the projector's files cannot hold the word {name!r}; save() can")
    with writing(metadata) as file, writing(path) as rows:
        file.write("".join(f"{name}\n" for name in names).encode())
        for begin in range(0, len(vectors), STEP):
            part = np.ascontiguousarray(vectors[begin : begin + STEP], "<f4")
            # Lines of words that are empty, each with a space before its first number.
            lines = format_rows(b"", np.zeros(len(part) + 1, np.int64), part, False)
            rows.write(lines[1:].replace(b"\n ", b"\n").replace(b" ", b"\t"))


def metadata_path(path: Path) -> str:
    """Where the words of the vectors at `path` go: vectors.tsv, vectors.metadata.tsv."""
    stem, extension = os.path.splitext(local(path))
    return f"{stem}.metadata{extension}"
