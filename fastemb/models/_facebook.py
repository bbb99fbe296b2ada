"""Vectors from the files of Facebook's fastText."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastemb._paths import local
from fastemb._words import check_encoding
from fastemb.formats import fasttext as facebook
from fastemb.formats.fasttext_names import as_strings
from fastemb.formats.quantized import part
from fastemb.models._near import naming_near
from fastemb.models._sentences import Labelled
from fastemb.models._subword_vectors import FastTextKeyedVectors
from fastemb.models.keyedvectors import check_mmap
from fastemb.subwords import Subwords, numbered

Path = str | os.PathLike[str]


@naming_near
def load_facebook_vectors(path: Path, encoding: str = "utf-8", mmap: str | bool | None = None) -> FastTextKeyedVectors:
    """Read the vectors of a model of Facebook's fastText: a .bin or .ftz file of any version.

    Of a supervised model these are the vectors of its words; of a quantised one they are decoded when asked for.

    Parameters
    ----------
    path : str or os.PathLike
        May be compressed.
    encoding : str, default 'utf-8'
        Of the words; bytes that are not of this encoding become surrogates, as in Python's names of files.
    mmap : {None, 'r', False}
        With 'r' the rows are mapped from the file, read-only, and read when they are needed: a word's
        when it is asked for, all when `vectors` or `most_similar` is. The file may be replaced by renaming another to
        its name, but must not be cut short or overwritten in place. With None and False they are read.

    Raises
    ------
    ValueError
        If the file is not such a model, or damaged; the message says where.
    """
    file = facebook.read_fasttext(path, outputs=False, mmap=check_mmap(mmap) is not None)
    return vectors_of(file, local(path), encoding)


def vectors_of(file: facebook.FastTextFile, name: str, encoding: str) -> FastTextKeyedVectors:
    """The vectors of a file of fastText's."""
    check_encoding(encoding, name)
    words = as_strings(file.words, encoding)
    minn, maxn, bucket = (file.arguments[name] for name in ("minn", "maxn", "bucket"))
    parameters = Subwords(minn, maxn, bucket, file.kept, encoding)
    if not parameters.used:
        parameters = replace(parameters, max_n=0)
    own, others = part(file.inputs, 0, len(words)), part(file.inputs, len(words), len(file.inputs))
    supervised, labels = None, as_strings(file.labels, encoding)
    if file.arguments["model"] == facebook.MODELS["sup"]:
        supervised = Labelled(max(1, file.arguments["word_ngrams"]), frozenset(labels))
    else:
        parameters = replace(parameters, labels=numbered(labels))
    try:
        return FastTextKeyedVectors.from_bags(words, own, others, parameters, {"count": file.counts}, supervised)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def parameters_of(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What FastText is given for the arguments of a model that is to be trained further, but for `max_n`."""
    hs = arguments["loss"] == facebook.LOSSES["hs"]
    return {
        "sg": int(arguments["model"] == facebook.MODELS["sg"]),
        "hs": int(hs),
        "negative": 0 if hs else max(1, arguments["neg"]),
        "vector_size": arguments["dim"],
        "window": arguments["ws"],
        "min_count": max(0, arguments["min_count"]),
        "sample": arguments["t"],
        "ns_exponent": 0.5,
        "epochs": max(1, arguments["epoch"]),
        "min_n": arguments["minn"],
        "bucket": arguments["bucket"],
    }
