"""Rows of words and n-grams in less memory: which to keep, as what, and what that costs."""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fastemb._floats import in_dtype
from fastemb.formats.quantized import Indexed, ProductRows, Rows, ScaledRows, decoded
from fastemb.formats.rows import first_not_finite
from fastemb.models._attributes import Key
from fastemb.subwords import Bags, Subwords

if TYPE_CHECKING:
    from fastemb.models._subword_vectors import FastTextKeyedVectors
    from fastemb.models.keyedvectors import KeyedVectors

logger = logging.getLogger(__name__)

BLOCK = 4096  # rows that are decoded at a time
SAMPLE = 4096  # words whose vectors before and after compression are compared
STORES: dict[str, Any] = {
    "float32": np.array,
    "float16": functools.partial(in_dtype, dtype=np.float16),
    "int8": ScaledRows.encode,
    "product": ProductRows.encode,
}


def encoder(store: str, seed: int) -> Callable[[NDArray[Any]], Rows]:
    """What makes of a matrix the rows that `store` names; see `FastTextKeyedVectors.compress`."""
    if store not in STORES:
        raise ValueError(f"store must be one of {', '.join(map(repr, STORES))}, not {store!r}")
    encode = functools.partial(ProductRows.encode, seed=seed) if store == "product" else STORES[store]

    def encoded(matrix: NDArray[Any]) -> Rows:
        if store in ("int8", "product") and (bad := first_not_finite(matrix)) is not None:
            raise ValueError(f"row {bad} holds NaN or infinity, which {store!r} cannot keep")
        made: Rows = encode(matrix)
        return made

    return encoded


def compressed(
    vectors: FastTextKeyedVectors, store: str, words: int | None, buckets: int | None, seed: int
) -> FastTextKeyedVectors:
    """The same vectors in less memory; see `FastTextKeyedVectors.compress`."""
    encode = encoder(store, seed)
    if min(words or 0, buckets or 0) < 0:
        raise ValueError(f"words={words} and buckets={buckets} must not be negative")
    check_named(vectors.index_to_key)
    count = len(vectors) if words is None else min(words, len(vectors))
    ngrams, parameters = vectors.ngram_rows, vectors.subwords
    if buckets is not None and parameters.used and len(ngrams):
        ngrams, parameters = longest_buckets(buckets, ngrams, parameters, vectors.buckets_word)
    made = type(vectors).from_bags(
        vectors.index_to_key[:count],
        encode(decoded(vectors.own_rows(), slice(0, count))),
        encode(decoded(ngrams, slice(None))),
        parameters,
        {name: values[:count] for name, values in vectors.expandos.items()},
        vectors.supervised,
    )
    size = made.vectors_vocab.nbytes + made.vectors_ngrams.nbytes
    made.compression = {
        "bytes": size,
        "share": size / max(1, vectors.vectors_vocab.nbytes + vectors.ngram_rows.nbytes),
        "cosine": mean_cosine(vectors, made, vectors.index_to_key),
        "cosine_unseen": mean_cosine(vectors.without_words(), made.without_words(), vectors.index_to_key),
    }
    logger.info("compressed: %s", made.compression)
    return made


def compressed_words(vectors: KeyedVectors, store: str, words: int | None, seed: int) -> KeyedVectors:
    """The same for vectors that are not made of n-grams; see `KeyedVectors.compress`."""
    from fastemb.models._subword_vectors import FastTextKeyedVectors  # these import this module
    from fastemb.models.keyedvectors import KeyedVectors

    encode = encoder(store, seed)
    if words is not None and words < 0:
        raise ValueError(f"words={words} must not be negative")
    keys = vectors.index_to_key[:words]
    check_named(keys)
    rows = encode(np.ascontiguousarray(in_dtype(vectors.vectors[: len(keys)], np.float32)))
    attributes = {name: values[:words] for name, values in vectors.expandos.items()}
    if isinstance(rows, np.ndarray):
        made = KeyedVectors.from_arrays(keys, rows, attributes)
    else:
        none = np.zeros((0, rows.shape[1]), np.float32)
        made = FastTextKeyedVectors.from_bags(keys, rows, none, Subwords(0, 0, 0), attributes)
    made.compression = {
        "bytes": rows.nbytes,
        "share": rows.nbytes / max(1, vectors.vectors.nbytes),
        "cosine": mean_cosine(vectors, made, keys),
    }
    logger.info("compressed: %s", made.compression)
    return made


def check_named(keys: Sequence[Key | None]) -> None:
    if None in keys:
        raise ValueError("rows without a key cannot be compressed")


def longest_buckets(count: int, rows: Indexed, subwords: Subwords, bags: Bags) -> tuple[NDArray[np.float32], Subwords]:
    """The longest rows of n-grams, among those in use, in ascending order of their buckets; and whose they are."""
    kept = subwords.kept
    if kept is None:
        numbers = np.arange(subwords.bucket, dtype=np.int32)
        kept = np.stack([numbers, numbers], axis=1)
    used = np.unique(bags.ids)
    lengths = np.full(len(kept), -1, np.float32)
    lengths[used] = row_lengths(rows, used)
    order = np.argsort(-lengths[kept[:, 1]], kind="stable")
    kept = kept[np.sort(order[:count])]
    renumbered = np.stack([kept[:, 0], np.arange(len(kept), dtype=np.int32)], axis=1)
    return decoded(rows, kept[:, 1]), dataclasses.replace(subwords, kept=renumbered)


def row_lengths(rows: Indexed, which: NDArray[Any]) -> NDArray[np.float32]:
    """The lengths of some rows, shape (len(which),)."""
    lengths = np.empty(len(which), np.float32)
    for begin in range(0, len(which), BLOCK):
        part = slice(begin, begin + BLOCK)
        lengths[part] = np.linalg.norm(decoded(rows, which[part]), axis=1)
    return lengths


def mean_cosine(first: KeyedVectors, second: KeyedVectors, words: Sequence[Key]) -> float:
    """The mean of the cosines between the vectors of some words in both; NaN without any."""
    chosen = words[:: max(1, len(words) // SAMPLE)]
    if not chosen or not all(word in wv for wv in (first, second) for word in chosen):
        return float("nan")
    a, b = first[chosen], second[chosen]
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    with np.errstate(invalid="ignore"):  # of vectors that are not finite
        return float(np.mean((a * b).sum(axis=1) / np.where(lengths > 0, lengths, 1)))
