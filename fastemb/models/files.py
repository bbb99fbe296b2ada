"""Any file of vectors in, any file out."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._floats import in_dtype
from fastemb._gates import in_quiet
from fastemb._paths import local, named
from fastemb.formats import npz, projector
from fastemb.formats.glove import read_glove, write_glove
from fastemb.formats.quantized import part
from fastemb.formats.recognise import recognise
from fastemb.formats.rows import first_not_finite, not_finite
from fastemb.formats.word2vec import only_dtype, read_word2vec, write_word2vec
from fastemb.io.packing import PACKINGS
from fastemb.models._arrays import check_rows
from fastemb.models._facebook import load_facebook_vectors
from fastemb.models._near import naming_near
from fastemb.models._published import NAME, Published
from fastemb.models._subword_vectors import FastTextKeyedVectors
from fastemb.models._tag_vectors import TagVectors
from fastemb.models.base import Model
from fastemb.models.keyedvectors import KeyedVectors, check_mmap

Path = str | os.PathLike[str]
# What the end of a name says, after that of a packed file; anything else is native.
EXTENSIONS = {".txt": "word2vec", ".vec": "word2vec", ".bin": "word2vec-binary", ".npz": "npz", ".tsv": "projector"}
# What nothing here writes, and nobody expects to be native.
UNWRITTEN = (
    *(".ftz", ".h5", ".hdf5", ".kv", ".pkl", ".pickle", ".csv", ".npy", ".parquet", ".arrow", ".feather", ".json"),
    *(".zip", ".tar", ".tgz", ".pt", ".pth", ".joblib", ".dill", ".onnx", ".mat"),
)
FORMATS = ("native", "npz", "word2vec", "word2vec-binary", "glove", "projector")


def check_init_from(given: Any) -> None:
    """Refuse what cannot be vectors to begin with, before time is spent on the corpus."""
    given = vectors_in(given)
    if given is None or isinstance(given, KeyedVectors):
        return
    if not isinstance(given, (str, os.PathLike)):
        kind = f"{type(given).__module__}.{type(given).__qualname__}".removeprefix("builtins.")
        raise TypeError(f"init_from must be a model, KeyedVectors or a path, not {kind}")
    os.stat(local(given))


def vectors_to_begin_with(given: Any, vector_size: int | None = None) -> KeyedVectors:
    """The vectors that `init_from` names, which must be of this size if one is given."""
    found = vectors_in(given)
    known = found if isinstance(found, KeyedVectors) else load_vectors(found)
    known = as_trained(known, given)
    if vector_size is not None and known.vector_size != vector_size:
        name = "init_from" if isinstance(found, KeyedVectors) else named(found)
        raise ValueError(f"{name} has vectors of size {known.vector_size}, not vector_size={vector_size}")
    return known


def as_trained(known: KeyedVectors, given: Any) -> KeyedVectors:
    """The vectors of a model, or of its file, as they were trained, where its `wv` holds sums with output vectors."""
    inputs: Any
    output: Any
    if isinstance(given, Published):
        given._follow()
        inputs, output = given.input_vectors, given.output
    elif isinstance(given, (str, os.PathLike)) and recognise(given) == "native":
        arrays, _, saved, _ = Model._read(given, "r")
        inputs, output = arrays.get(NAME), str(saved.get("output"))
    else:
        return known
    if inputs is not None and len(inputs) <= len(known):  # behind them are those that were put into `wv` since
        rows = np.concatenate([inputs, known.vectors[len(inputs) :]]) if len(inputs) < len(known) else inputs
        return KeyedVectors.from_arrays(known.index_to_key, rows, {})
    if output == "sum" and isinstance(known, FastTextKeyedVectors):  # made of rows, which stay as they were trained
        return known.from_bags(known.index_to_key, known.vectors_vocab, known.ngram_rows, known.subwords)
    return known


def vectors_in(given: Any) -> Any:
    """The vectors of a model; what is no model as it is."""
    vectors = getattr(given, "wv", None)
    return vectors if isinstance(vectors, KeyedVectors) else given


@naming_near
def load_vectors(
    path: Path,
    *,
    limit: int | None = None,
    encoding: str = "utf-8",
    unicode_errors: str = "strict",
    dtype: Any = None,
    workers: int | None = None,
    check_finite: bool = True,
    datatype: Any = None,
    mmap: str | bool | None = None,
) -> KeyedVectors:
    """Read vectors from a file of any format that fastemb knows, which is recognised by its contents.

    These are word2vec's text (also fastText's .vec) and binary files and GloVe's text, plain, packed (.gz,
    .bz2, .xz, .zst) or alone in an archive (.zip, .tar); the models of Facebook's fastText (.bin, .ftz) and
    fastemb's own, which are mapped into memory and not read before they are used; NumPy's .npz; and what gensim's
    `save()` wrote, of which no code is run. Of models with n-grams the vectors are `FastTextKeyedVectors`.

    Parameters
    ----------
    path : str or os.PathLike
    limit : int, optional
        Read, or of other formats than word2vec's and GloVe's keep, only the first so many vectors. N-grams are all
        kept; the vectors of the other words are made of them alone.
    encoding, unicode_errors : str
        Of the words of such a file, and of bytes in .npz; the encoding also of those of Facebook's.
    dtype : dtype, optional
        Of the vectors. By default they are as in the file, and float32 from text; those of n-grams can be float16
        or float32.
    workers : int, optional
        Threads; by default one for each core, 8 at most, and with -1 one for each.
    check_finite : bool, default True
        Refuse NaN and infinity in such a file, and in .npz; what fastemb, gensim or Facebook's program saved is taken
        as it is.
    datatype : dtype, optional
        Another name of `dtype`, as of `load_word2vec_format`.
    mmap : {None, 'r', 'c', False}
        Of fastemb's own files and Facebook's, which are mapped unless this is False; with 'r' read-only, as Facebook's
        are in any case; and of arrays that gensim stored in files of their own, which are mapped with 'r' and 'c'. A
        mapped file may be replaced by renaming another to its name, as `save()` does; one that is cut short or
        overwritten in place changes the vectors or ends the process. Where that may happen, give False.

    Raises
    ------
    TypeError
        If both `dtype` and `datatype` are given.
    ValueError
        If the file is of another format, damaged or cut short, or holds NaN or infinity, or a number too large for
        `dtype`; the message names it and says where. If it is text without a line of sizes whose lines do not look
        like words and vectors: `load_word2vec_format(…, no_header=True)` reads it. If it is packed and far larger when
        unpacked: the environment variable FASTEMB_MAX_EXPANSION (100) says how many times. If `limit` is negative.
    """
    dtype = only_dtype(dtype, datatype)
    dtype = None if dtype is None else np.dtype(dtype)
    if dtype is not None and dtype.kind != "f":
        raise ValueError(f"dtype must be of floating-point numbers, not {dtype}")
    name = local(path)
    kind = recognise(path)
    if limit is not None and limit < 0:
        raise ValueError(f"limit must not be negative, not {limit}")
    check_mmap(mmap)
    if kind == "facebook":
        rows = load_facebook_vectors(path, encoding, mmap="r" if mmap is None else mmap)
        return of_dtype(first_keys(rows, limit), dtype, name)
    if kind in ("native", "gensim"):
        mapped = mmap in ("r", "c") or (mmap is None and kind == "native")
        return of_dtype(first_keys(KeyedVectors.load(path, mmap), limit, mapped), dtype, name)
    if kind == "npz":
        found = from_npz(npz.read_npz(path), name, check_finite, encoding, unicode_errors)
        return of_dtype(first_keys(found, limit, mapped=False), dtype, name)
    options: dict[str, Any] = {
        "limit": limit, "encoding": encoding, "unicode_errors": unicode_errors, "workers": workers,
        "dtype": np.float32 if dtype is None else dtype, "check_finite": check_finite,
    }  # fmt: skip
    if kind == "glove":
        return KeyedVectors.from_rows(*read_glove(path, **options), name)
    return KeyedVectors.from_rows(*read_word2vec(path, binary=kind == "word2vec-binary", **options), name)


def first_keys(vectors: KeyedVectors, limit: int | None, mapped: bool = True) -> KeyedVectors:
    """The first so many keys; copies of their rows, unless these are mapped, so that the others take no memory."""
    if limit is None or limit >= len(vectors):
        return vectors
    keys, attributes = vectors.index_to_key[:limit], {name: values[:limit] for name, values in vectors.expandos.items()}
    first: KeyedVectors
    if isinstance(vectors, FastTextKeyedVectors):
        own = part(vectors.vectors_vocab, 0, limit)
        given = keys, own, vectors.vectors_ngrams, vectors.subwords, attributes, vectors.supervised
        first = type(vectors).from_bags(*given)
        first.vectors_ngrams_lockf = vectors.vectors_ngrams_lockf
        if (changed := vectors.given_vectors()) is not None:
            first.vectors = changed[:limit]
    else:
        rows = vectors.vectors[:limit]
        first = KeyedVectors.from_arrays(keys, rows if mapped else rows.copy(), attributes)
    if len(vectors.vectors_lockf) > 1:
        first.vectors_lockf = np.resize(vectors.vectors_lockf, len(vectors))[:limit]
    return first


def of_dtype(vectors: KeyedVectors, dtype: Any, name: str) -> KeyedVectors:
    """The same vectors as numbers of another type, if one is asked for; `name` is the file's, for messages."""
    try:
        if dtype is None:
            return vectors
        if not isinstance(vectors, FastTextKeyedVectors):
            vectors.vectors = in_dtype(vectors.vectors, dtype)
            return vectors
        rows = vectors.vectors_vocab, vectors.vectors_ngrams
        if all(matrix.dtype == dtype for matrix in rows):
            return vectors
        plain = [matrix for matrix in rows if isinstance(matrix, np.ndarray)]
        if dtype not in (np.float16, np.float32) or len(plain) < len(rows):
            raise ValueError(f"vectors of n-grams, or compressed, cannot be read as {dtype}")
        given = vectors.given_vectors()
        vectors.vectors_vocab, vectors.vectors_ngrams = (in_dtype(matrix, dtype) for matrix in plain)
        if given is not None:
            vectors.vectors = in_dtype(given, dtype)
        return vectors
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def from_npz(
    arrays: dict[str, NDArray[Any]], name: str, check_finite: bool, encoding: str, unicode_errors: str
) -> KeyedVectors:
    """Vectors that we or others wrote; `name` is the file's, for messages."""
    if "keys.utf8" in arrays:
        vectors = KeyedVectors.from_native(arrays, name)
    else:
        vectors = KeyedVectors.from_rows(*npz.vectors_of(arrays, name, encoding, unicode_errors), name)
    if check_finite and (bad := first_not_finite(vectors.vectors)) is not None:
        raise not_finite(name, f"row {bad}", vectors.index_to_key[bad], vectors.vectors.dtype)
    return vectors


def ending_of(path: Path) -> str:
    """What the name of a file ends in, before the ending of a packed one; lower case, with its dot."""
    stem, extension = os.path.splitext(named(path).lower())
    if extension in PACKINGS and PACKINGS[extension].pack is not None:
        extension = os.path.splitext(stem)[1]
    return extension


def format_of(path: Path) -> str:
    """The format that the name of a file asks for.

    Raises
    ------
    ValueError
        If its ending is that of a format which fastemb does not write.
    """
    extension = ending_of(path)
    if extension in UNWRITTEN:
        known = ", ".join(EXTENSIONS)
        raise ValueError(
            f"{named(path)}: fastemb writes no {extension} files, but {known}, and its own format under other names"
        )
    return EXTENSIONS.get(extension, "native")


@naming_near
@in_quiet
def save_vectors(vectors: KeyedVectors, path: Path, kind: str | None = None) -> None:
    """Write vectors in one of the formats `FORMATS`, by default that which the name asks for.

    .txt and .vec are word2vec text, .bin is word2vec binary, .npz is NumPy's, .tsv TensorBoard's projector
    (with the words in a second file, .metadata.tsv), and anything else fastemb's own. With .gz, .bz2, .xz or
    .zst after that they are packed.

    Parameters
    ----------
    vectors : KeyedVectors
        Those of n-grams become plain vectors of their words in all formats but the native one.
    path : str or os.PathLike
        The file appears whole or not at all.
    kind : {'native', 'npz', 'word2vec', 'word2vec-binary', 'glove', 'projector'}, optional
        By default what the name says.

    Raises
    ------
    TypeError
        If a key is neither a str nor an int, or an attribute that is to be written holds objects.
    ValueError
        If a word cannot be said in that format, or a number is too large for it, there are not as many vectors as
        words, or there is no such format, or none that fastemb writes under that name.
    """
    kind = kind or format_of(path)
    vectors = vectors.plain() if isinstance(vectors, TagVectors) else vectors  # whose numbers stand in no dict
    keys, matrix = vectors.index_to_key, vectors.vectors
    check_rows(vectors, "vectors", matrix)
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
