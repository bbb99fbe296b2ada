"""What gensim saved before its version 4, under the names that its attributes have now.

Before 0.13.4 a model had its vectors itself; then `wv` had them, as `syn0`. From 3.3 to 3.8 what training needs lay in
`vocabulary` and `trainables`. Until 4.0 counts, and paths through the Huffman tree, lay with each word in `vocab`.
FastText's n-grams had rows only where words had them, by the texts of the n-grams (2.3) or by their hashes (to 3.8).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.formats.pickles import Saved, objects
from fastemb.subwords import CODE_POINTS, MOST_BUCKETS, Subwords

OF_MODELS = {
    "iter": "epochs", "syn0_lockf": "vectors_lockf", "syn0_vocab_lockf": "vectors_vocab_lockf",
    "syn0_ngrams_lockf": "vectors_ngrams_lockf",
}  # fmt: skip
OF_VECTORS = {
    "syn0": "vectors", "index2word": "index_to_key", "index2entity": "index_to_key", "syn0_vocab": "vectors_vocab",
    "syn0_ngrams": "vectors_ngrams", "syn0_all": "vectors_ngrams",
}  # fmt: skip
LOCKS = ("vectors_lockf", "vectors_vocab_lockf", "vectors_ngrams_lockf")


def as_in_gensim_4(saved: dict[str, Any]) -> None:
    """Let the attributes of a model or of vectors be called, and lie, as gensim 4 has them; in place."""
    for part in ("vocabulary", "trainables"):
        inner = saved.pop(part, None)
        for name, value in vars(inner).items() if isinstance(inner, Saved) else ():
            saved.setdefault(name, value)
    rename(saved, OF_MODELS)
    if "hs" in saved and "wv" not in saved:
        saved["wv"] = Saved()
        names = [name for name in ("vectors", "index_to_key", "vocab", *OF_VECTORS) if name in saved]
        vars(saved["wv"]).update({name: saved.pop(name) for name in names})
    vectors = inner_vectors(saved)
    rename(vectors, OF_VECTORS)
    if vectors is not saved:
        for name in ("bucket", *LOCKS):
            if name in saved:
                vectors.setdefault(name, saved[name])
    for name in LOCKS:
        if name in vectors:
            vectors[name] = one_for_each_row(vectors[name])
    words = vectors.pop("vocab", None)
    if isinstance(words, dict) and not vectors.get("expandos") and isinstance(vectors.get("index_to_key"), list):
        vectors["expandos"] = attributes_of_words([words.get(key) for key in vectors["index_to_key"]])


def inner_vectors(attributes: dict[str, Any]) -> dict[str, Any]:
    """The attributes of saved vectors: a model's, or these themselves."""
    inner = attributes.get("wv")
    return vars(inner) if isinstance(inner, Saved) else attributes


def rename(attributes: dict[str, Any], names: dict[str, str]) -> None:
    for before, now in names.items():
        if before in attributes:
            attributes.setdefault(now, attributes.pop(before))


def one_for_each_row(locks: Any) -> Any:
    """FastText's locks, once as many as there are numbers in the rows."""
    if isinstance(locks, np.ndarray) and locks.ndim == 2 and locks.size and (locks == locks[:, :1]).all():
        return locks[:, 0]
    return locks


def attributes_of_words(words: list[Any]) -> dict[str, NDArray[Any]]:
    """What the objects of `vocab` say of the words: each attribute that all have."""
    attributes: dict[str, NDArray[Any]] = {}
    counts = [getattr(word, "count", None) for word in words]
    if all(type(count) is int or isinstance(count, np.integer) for count in counts):
        attributes["count"] = np.array(counts, np.int64)
    for name in ("code", "point"):
        values = [getattr(word, name, None) for word in words]
        if all(value is not None for value in values):
            attributes[name] = objects(values)
    return attributes


def ngrams_of(vectors: dict[str, Any], rows: Any) -> tuple[Subwords, Any]:
    """Which n-grams words have, and their rows, as `fastemb.subwords` numbers them.

    Before 3.7.2 gensim's hashes were those of code points, and not of bytes.
    """
    min_n, max_n = int(vectors["min_n"]), int(vectors["max_n"])
    encoding = "utf-8" if vectors.get("compatible_hash") else CODE_POINTS
    bucket = MOST_BUCKETS if "ngrams" in vectors and not vectors.get("bucket") else int(vectors["bucket"])
    parameters = Subwords(min_n, max_n if min_n <= max_n else 0, bucket, encoding=encoding)
    numbers = vectors.get("hash2index")
    if numbers is None and isinstance(vectors.get("ngrams"), dict):
        numbers = {old_hash(ngram) % parameters.bucket: row for ngram, row in vectors["ngrams"].items()}
    if numbers is None:
        return parameters, rows
    pairs = np.array(list(numbers.items()), np.int64).reshape(-1, 2)
    buckets, first = np.unique(pairs[:, 0], return_index=True)
    places = pairs[first, 1]
    outside = (buckets < 0).any() or (buckets >= parameters.bucket).any() or (places < 0).any()
    if outside or (places >= len(rows)).any() or len(places) > len(rows):
        raise ValueError("its n-grams have no such numbers")
    locks = vectors.get("vectors_ngrams_lockf")
    if isinstance(locks, np.ndarray) and locks.shape == (len(rows),):
        vectors["vectors_ngrams_lockf"] = locks[places]
    kept = np.stack([buckets, np.arange(len(buckets))], axis=1).astype(np.int32)
    return replace(parameters, kept=kept), rows[places]


def old_hash(ngram: str) -> int:
    """As `fastemb.kernels.subwords` has it for code points."""
    number = 2166136261
    for letter in ngram:
        number = (number ^ ord(letter)) * 16777619 % 2**32
    return number
