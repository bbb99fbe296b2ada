"""Which format a file has: by what is in it, not by its name."""

from __future__ import annotations

import os

from fastemb.formats import gensim, native
from fastemb.formats.rows import BLOCK, Source
from fastemb.formats.word2vec import parse_header, text_row, width_of

Path = str | os.PathLike[str]
FACEBOOK = (793712314).to_bytes(4, "little")
PACKED = {b"\x1f\x8b": ".gz", b"BZh": ".bz2", b"\xfd7zXZ\0": ".xz", b"\x28\xb5\x2f\xfd": ".zst"}


def recognise(path: Path) -> str:
    """One of 'native', 'npz', 'gensim', 'facebook', 'word2vec', 'word2vec-binary', 'glove'.

    Raises
    ------
    ValueError
        If it is none of these; the message names the file.
    """
    with Source(path) as source:
        if source.size is None and source.file.unpacker is None:
            raise ValueError(f"{source.name}: cannot be read twice; only a file's format can be recognised")
        start = source.peek(BLOCK)
        if not start:
            raise ValueError(f"{source.name}: empty")
        if native.starts_native(start):
            return "native"
        if start.startswith(b"PK\x03\x04"):
            return "npz"
        if gensim.starts_pickle(start):
            return "gensim"
        if start.startswith(FACEBOOK):
            return "facebook"
        for sign, extension in PACKED.items():
            if start.startswith(sign):
                raise ValueError(f"{source.name}: compressed, so its name must end in {extension}")
        first, _, rest = start.partition(b"\n")
        sizes = parse_header(first[:100])
        if sizes is not None and (rest or not sizes[0]):
            line = rest.split(b"\n", 1)[0].rstrip(b" \r")
            return "word2vec" if not line or text_row(line, sizes[1]) else "word2vec-binary"
        try:
            if b"\0" not in first and width_of(source):
                return "glove"
        except ValueError:
            pass
    raise ValueError(f"{source.name}: of no format that fastemb knows; it begins with {start[:30]!r}")
