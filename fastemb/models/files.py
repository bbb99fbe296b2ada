"""Any file of vectors in, any file out."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from fastemb.formats import gensim, native, npz, projector
from fastemb.formats.glove import read_glove, write_glove
from fastemb.formats.recognise import recognise
from fastemb.formats.word2vec import read_word2vec, write_word2vec
from fastemb.models._subword_vectors import FastTextKeyedVectors, load_facebook_vectors
from fastemb.models.keyedvectors import KeyedVectors

Path = str | os.PathLike[str]
# What the end of a name says, after that of a packed file; anything else is native.
EXTENSIONS = {".txt": "word2vec", ".vec": "word2vec", ".bin": "word2vec-binary", ".npz": "npz", ".tsv": "projector"}
FORMATS = ("native", "npz", "word2vec", "word2vec-binary", "glove", "projector")


def load_vectors(
    path: Path,
    *,
    limit: int | None = None,
    encoding: str = "utf-8",
    unicode_errors: str = "strict",
    dtype: Any = np.float32,
    workers: int | None = None,
) -> KeyedVectors:
    """Read vectors from a file of any format that fastemb knows, which is recognised by its contents.

    These are word2vec's text (also fastText's .vec) and binary files and GloVe's text, plain or packed (.gz,
    .bz2, .xz, .zst); the models of Facebook's fastText (.bin, .ftz) and fastemb's own, which are mapped into
    memory and not read before they are used; NumPy's .npz; and what gensim's `save()` wrote, of which no code
    is run. Of models with n-grams the vectors are `FastTextKeyedVectors`.

    Parameters
    ----------
    path : str or os.PathLike
    limit : int, optional
        Read only the first so many vectors of a word2vec or GloVe file.
    encoding, unicode_errors : str
        Of the words of such a file; the encoding also of those of Facebook's.
    dtype : dtype, default float32
        Of the vectors of such a file.
    workers : int, optional
        Threads; by default one for each processor, 8 at most.

    Raises
    ------
    ValueError
        If the file is of another format, damaged or cut short; the message names it and says where.
    """
    name = os.fspath(path)
    kind = recognise(path)
    if kind == "facebook":
        return load_facebook_vectors(path, encoding, mmap="r")
    if kind == "native":
        made_of_ngrams = "subwords" in native.read_native(path, mmap="r")[0]
        return (FastTextKeyedVectors if made_of_ngrams else KeyedVectors).load(path)
    if kind == "gensim":
        saved = gensim.read_gensim(path)
        made_of_ngrams = "vectors_ngrams" in gensim.inner_vectors(saved)
        return (FastTextKeyedVectors if made_of_ngrams else KeyedVectors).from_gensim(saved, name)
    if kind == "npz":
        arrays = npz.read_npz(path)
        if "keys.utf8" in arrays:
            return KeyedVectors.from_native(arrays, name)
        return KeyedVectors.from_rows(*npz.vectors_of(arrays, name), name)
    options = {
        "limit": limit, "encoding": encoding, "unicode_errors": unicode_errors, "dtype": dtype, "workers": workers,
    }  # fmt: skip
    if kind == "glove":
        return KeyedVectors.from_rows(*read_glove(path, **options), name)
    return KeyedVectors.from_rows(*read_word2vec(path, binary=kind == "word2vec-binary", **options), name)


def format_of(path: Path) -> str:
    """The format that the name of a file asks for."""
    stem, extension = os.path.splitext(os.fspath(path))
    if extension in (".gz", ".bz2", ".xz", ".zst"):
        extension = os.path.splitext(stem)[1]
    return EXTENSIONS.get(extension, "native")


def save_vectors(vectors: KeyedVectors, path: Path, kind: str | None = None) -> None:
    """Write vectors in one of the formats `FORMATS`, by default that which the name asks for.

    .txt and .vec are word2vec text, .bin is word2vec binary (with .gz, .bz2, .xz or .zst after that they are
    packed), .npz is NumPy's, .tsv TensorBoard's projector (with the words in a second file, .metadata.tsv),
    and anything else fastemb's own.

    Raises
    ------
    ValueError
        If a word cannot be said in that format, or there is no such format.
    """
    kind = kind or format_of(path)
    keys, matrix = vectors.index_to_key, vectors.vectors
    if kind in ("word2vec", "word2vec-binary"):
        write_word2vec(path, keys, matrix, binary=kind == "word2vec-binary")
    elif kind == "glove":
        write_glove(path, keys, matrix)
    elif kind == "npz":
        npz.write_npz(path, KeyedVectors.to_arrays(vectors))
    elif kind == "projector":
        projector.write_projector(path, projector.metadata_path(path), keys, matrix)
    elif kind == "native":
        vectors.save(path)
    else:
        raise ValueError(f"the format must be one of {', '.join(FORMATS)}, not {kind!r}")
