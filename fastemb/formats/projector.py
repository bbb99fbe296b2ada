"""The two files of TensorBoard's embedding projector: vectors, and their words, with tabs between columns."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.formats.rows import writing

Path = str | os.PathLike[str]


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
            raise ValueError(f"the projector's files cannot hold the word {name!r}")
    with writing(metadata) as file:
        file.write("".join(f"{name}\n" for name in names).encode())
    with writing(path) as file:
        for row in vectors:
            file.write(("\t".join(map(str, row.astype(np.float32))) + "\n").encode())


def metadata_path(path: Path) -> str:
    """Where the words of the vectors at `path` go: vectors.tsv, vectors.metadata.tsv."""
    stem, extension = os.path.splitext(os.fspath(path))
    return f"{stem}.metadata{extension}"
