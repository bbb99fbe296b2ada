"""Any file of vectors in, any file out."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import local, named
from fastemb.formats import npz, projector
from fastemb.formats.glove import read_glove, write_glove
from fastemb.formats.quantized import part
from fastemb.formats.recognise import recognise
from fastemb.formats.rows import first_not_finite, not_finite
from fastemb.formats.word2vec import read_word2vec, write_word2vec
from fastemb.models._facebook import load_facebook_vectors
from fastemb.models._subword_vectors import FastTextKeyedVectors
from fastemb.models.keyedvectors import KeyedVectors

Path = str | os.PathLike[str]
# What the end of a name says, after that of a packed file; anything else is native.
EXTENSIONS = {".txt": "word2vec", ".vec": "word2vec", ".bin": "word2vec-binary", ".npz": "npz", ".tsv": "projector"}
FORMATS = ("native", "npz", "word2vec", "word2vec-binary", "glove", "projector")


def check_init_from(given: Any) -> None:
    """Refuse what cannot be vectors to begin with, before time is spent on the corpus."""
    if given is None or isinstance(given, KeyedVectors):
        return
    if not isinstance(given, (str, os.PathLike)):
        raise TypeError(f"init_from must be KeyedVectors or a path, not {type(given).__name__}")
    os.stat(local(given))


def vectors_to_begin_with(given: KeyedVectors | Path, vector_size: int) -> KeyedVectors:
    """The vectors that `init_from` names, which must be of this size."""
    known = given if isinstance(given, KeyedVectors) else load_vectors(given)
    if known.vector_size != vector_size:
        name = "init_from" if isinstance(given, KeyedVectors) else named(given)
        raise ValueError(f"{name} has vectors of size {known.vector_size}, not vector_size={vector_size}")
    return known


def load_vectors(
    path: Path,
    *,
    limit: int | None = None,
    encoding: str = "utf-8",
    unicode_errors: str = "strict",
    dtype: Any = np.float32,
    workers: int | None = None,
    check_finite: bool = True,
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
        Read, or of other formats than word2vec's and GloVe's keep, only the first so many vectors. N-grams are all
        kept; the vectors of the other words are made of them alone.
    encoding, unicode_errors : str
        Of the words of such a file; the encoding also of those of Facebook's.
    dtype : dtype, default float32
        Of the vectors of such a file.
    workers : int, optional
        Threads; by default one for each processor, 8 at most.
    check_finite : bool, default True
        Refuse NaN and infinity in such a file, and in .npz; what fastemb, gensim or Facebook's program saved is taken
        as it is.

    Raises
    ------
    ValueError
        If the file is of another format, damaged or cut short, or holds NaN or infinity; the message names it and
        says where. If `limit` is negative.
    """
    name = local(path)
    kind = recognise(path)
    if limit is not None and limit < 0:
        raise ValueError(f"limit must not be negative, not {limit}")
    if kind == "facebook":
        return first_keys(load_facebook_vectors(path, encoding, mmap="r"), limit)
    if kind in ("native", "gensim"):
        return first_keys(KeyedVectors.load(path), limit)
    if kind == "npz":
        return first_keys(from_npz(npz.read_npz(path), name, check_finite), limit)
    options = {
        "limit": limit, "encoding": encoding, "unicode_errors": unicode_errors, "dtype": dtype, "workers": workers,
        "check_finite": check_finite,
    }  # fmt: skip
    if kind == "glove":
        return KeyedVectors.from_rows(*read_glove(path, **options), name)
    return KeyedVectors.from_rows(*read_word2vec(path, binary=kind == "word2vec-binary", **options), name)


def first_keys(vectors: KeyedVectors, limit: int | None) -> KeyedVectors:
    if limit is None or limit >= len(vectors):
        return vectors
    keys, attributes = vectors.index_to_key[:limit], {name: values[:limit] for name, values in vectors.expandos.items()}
    if isinstance(vectors, FastTextKeyedVectors):
        own = part(vectors.vectors_vocab, 0, limit)
        return FastTextKeyedVectors.from_bags(keys, own, vectors.vectors_ngrams, vectors.subwords, attributes)
    return KeyedVectors.from_arrays(keys, vectors.vectors[:limit], attributes)


def from_npz(arrays: dict[str, NDArray[Any]], name: str, check_finite: bool) -> KeyedVectors:
    """Vectors that we or others wrote; `name` is the file's, for messages."""
    if "keys.utf8" in arrays:
        vectors = KeyedVectors.from_native(arrays, name)
    else:
        vectors = KeyedVectors.from_rows(*npz.vectors_of(arrays, name), name)
    if check_finite and (bad := first_not_finite(vectors.vectors)) is not None:
        raise not_finite(name, f"row {bad}", vectors.index_to_key[bad], vectors.vectors.dtype)
    return vectors


def format_of(path: Path) -> str:
    """The format that the name of a file asks for."""
    stem, extension = os.path.splitext(named(path))
    if extension in (".gz", ".bz2", ".xz", ".zst"):
        extension = os.path.splitext(stem)[1]
    return EXTENSIONS.get(extension, "native")


def save_vectors(vectors: KeyedVectors, path: Path, kind: str | None = None) -> None:
    """Write vectors in one of the formats `FORMATS`, by default that which the name asks for.

    .txt and .vec are word2vec text, .bin is word2vec binary, .npz is NumPy's, .tsv TensorBoard's projector
    (with the words in a second file, .metadata.tsv), and anything else fastemb's own. With .gz, .bz2, .xz or
    .zst after that they are packed.

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
        raise ValueError(f"kind must be one of {', '.join(map(repr, FORMATS))}, not {kind!r}")
