"""GloVe's text: a word and its numbers on each line, and no line of sizes.

Some words of the files that Stanford published hold spaces: the last fields are the vector, all before
them is the word. The numbers that the first line ends with are the size.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from fastemb.formats.word2vec import read_word2vec, write_word2vec

Path = str | os.PathLike[str]


def write_glove(path: Path, words: Sequence[object], vectors: NDArray[Any], **options: Any) -> None:
    """As `write_word2vec`, without a header."""
    write_word2vec(path, words, vectors, header=False, **options)


def read_glove(path: Path, **options: Any) -> tuple[list[str], NDArray[Any]]:
    """As `read_word2vec`, without a header."""
    return read_word2vec(path, header=False, **options)
