"""Which format a file has: by what is in it, not by its name."""

from __future__ import annotations

import re
from contextlib import suppress

from fastemb._paths import Path, named
from fastemb.formats import fasttext, gensim, native, npz
from fastemb.formats.evidence import (
    NotRecognised,
    Shape,
    begin_text,
    first_lines,
    is_binary,
    parse_header,
    shape_of,
    strip_end,
    text_row,
)
from fastemb.formats.rows import BLOCK, Source

NPY = b"\x93NUMPY"


def recognise(path: Path) -> str:
    """One of 'native', 'npz', 'gensim', 'facebook', 'word2vec', 'word2vec-binary', 'glove'.

    Raises
    ------
    ValueError
        If it is none of these; the message names the file.
    """
    with Source(path) as source:
        if not source.file.repeats():
            raise ValueError(f"{source.name}: cannot be read twice; only a file's format can be recognised")
        start = source.peek(BLOCK)
        if not start:
            raise NotRecognised(f"{source.name}: empty")
        if native.starts_native(start):
            return "native"
        if npz.starts_npz(start):
            return "npz"
        if gensim.starts_pickle(start):
            return "gensim"
        if fasttext.starts_facebook(start):
            return "facebook"
        if start.startswith(NPY):
            raise NotRecognised(
                f"{source.name}: an array of NumPy's, without words. numpy.load() reads it, and add_vectors() of "
                "KeyedVectors takes words and such an array; load_vectors() reads both from an .npz file"
            )
        return recognise_vectors(source)


def recognise_vectors(source: Source) -> str:
    """One of 'word2vec', 'word2vec-binary', 'glove'."""
    begin_text(source)
    start = source.peek(BLOCK)
    first, _, rest = start.partition(b"\n")
    sizes = parse_header(first[:100])
    if sizes is not None:
        text = text_row(strip_end(rest.split(b"\n", 1)[0]), sizes[1])
        return "word2vec-binary" if not text and is_binary(rest, len(start) < BLOCK, *sizes) else "word2vec"
    if re.fullmatch(rb"(?:\d+ ){6}\S+ \S+\s*", first):
        raise ValueError(f"{source.name}: a table of floret's n-grams, which fastemb does not read")
    shape = shape_of(first_lines(source)) if b"\0" not in first else Shape(0)
    if not shape.size:
        raise NotRecognised(f"{source.name}: of no format that fastemb knows; it begins with {start[:30]!r}")
    if shape.grave:
        raise NotRecognised(
            f"{source.name}: of no format that fastemb knows: {shape.doubt}; if it holds words and vectors, "
            "load_word2vec_format(…, no_header=True) reads it"
        )
    return "glove"


def refuse_others(path: Path, wanted: str, what: str) -> None:
    """Raise ValueError if a file is of a known format that is not the one wanted."""
    with suppress(NotRecognised):
        kind = recognise(path)
        if kind != wanted:
            raise ValueError(f"{named(path)}: not {what} but of the format {kind!r}; load_vectors() reads it")
