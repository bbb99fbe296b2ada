"""Classifiers in less memory: fewer features, and product-quantised rows (Joulin et al. 2016)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import whole
from fastemb.formats.fasttext import ENTRY
from fastemb.formats.quantized import CENTROIDS, ProductRows, Rows, decoded
from fastemb.models._classifier_files import Joined, ngram_rows_of
from fastemb.models._compression import row_lengths
from fastemb.models._subword_vectors import FastTextKeyedVectors
from fastemb.subwords import END_OF_SENTENCE, Subwords, encode_word

if TYPE_CHECKING:
    from fastemb.models._classifier_parts import Parts as Classifier

HEADER = 200  # bytes of a .ftz file, at most, beside the dictionary, buckets and matrices
KEPT = 8  # bytes of a bucket that is kept
FIT = 1 << 16, 25  # rows of the sample, and rounds, as in fastText: few words have long rows, and they decide


def cut(model: Classifier, cutoff: int) -> Classifier:
    """The same classifier with so many rows of words and n-grams, the longest, or with all if that is 0; not encoded.

    Raises
    ------
    ValueError
        If it is quantised already, or `cutoff` is negative.
    """
    wv = model.wv
    cutoff = whole("cutoff", cutoff, 0)
    if isinstance(wv.vectors_vocab, ProductRows):
        raise ValueError("this classifier is quantised already")
    rows = Joined(wv.vectors_vocab, ngram_rows_of(wv))
    if not 0 < cutoff < len(rows):
        return model
    words, ngrams = largest(wv, rows, cutoff)
    made = FastTextKeyedVectors.from_bags(
        [wv.index_to_key[word] for word in words],
        decoded(wv.vectors_vocab, words),
        decoded(rows.second, ngrams),
        pruned(wv.subwords, ngrams),
        {name: values[words] for name, values in wv.expandos.items()},
        wv.supervised,
    )
    shorter: Classifier = model._with_rows(made, model.output)
    return shorter


def quantized(model: Classifier, qnorm: bool, qout: bool, dsub: int, seed: int) -> Any:
    """The same classifier with product-quantised rows; see `Classifier.quantize`."""
    dsub, wv = whole("dsub", dsub, 1), model.wv
    chosen = np.concatenate([decoded(wv.vectors_vocab, slice(None)), decoded(ngram_rows_of(wv), slice(None))])
    inputs = ProductRows.encode(chosen, dsub, seed, qnorm, *FIT)
    output: Rows = model.output
    if qout and not isinstance(output, ProductRows):
        output = ProductRows.encode(decoded(output, slice(None)), 2, seed, qnorm, *FIT)
    parts = inputs.part(0, len(wv)), inputs.part(len(wv), len(inputs))
    made = FastTextKeyedVectors.from_bags(wv.index_to_key, *parts, wv.subwords, dict(wv.expandos), wv.supervised)
    return model._with_rows(made, output)


def cutoff_for(model: Classifier, size: int, qout: bool, dsub: int) -> int:
    """The most rows with which the quantised classifier, lengths apart, is a .ftz file of at most so many bytes.

    Raises
    ------
    ValueError
        If there is no such number.
    """
    wv, (labels, columns) = model.wv, model.output.shape
    rows = Joined(wv.vectors_vocab, ngram_rows_of(wv))
    own, lengths = lengths_of(wv, rows)
    of_row = -(-columns // dsub) + 1  # codes, and that of the length
    sizes = np.full(len(rows), of_row + KEPT)
    sizes[:own] = of_row + ENTRY.size + 1 + np.array([len(encode_word(word)) for word in wv.index_to_key], np.int64)
    fixed = HEADER + sum(len(encode_word(label)) + 1 + ENTRY.size for label in model.labels) + centroid_bytes(columns)
    fixed += labels * (-(-columns // 2) + 1) + centroid_bytes(columns) if qout else 4 * labels * columns
    count = int(np.searchsorted(np.cumsum(sizes[np.argsort(-lengths, kind="stable")]), size - fixed, "right"))
    if count < 1:
        raise ValueError(f"no file of {size} bytes can hold this classifier: its labels and centroids take {fixed}")
    return count


def centroid_bytes(columns: int) -> int:
    """Of the centroids of rows, and of their lengths, with their sizes."""
    return 4 * CENTROIDS * (columns + 1) + 32


def largest(wv: FastTextKeyedVectors, rows: Joined, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The longest rows, and that of the end of sentences, as fastText keeps it: those of words, and of n-grams."""
    own, lengths = lengths_of(wv, rows)
    kept = np.sort(np.argsort(-lengths, kind="stable")[:count])
    return kept[kept < own], kept[kept >= own] - own


def lengths_of(wv: FastTextKeyedVectors, rows: Joined) -> tuple[int, NDArray[np.float64]]:
    """How many words there are, and how long each row is; that of the end of sentences is the longest."""
    own = row_lengths(rows.first, np.arange(len(rows.first)))
    lengths = np.concatenate([own, row_lengths(rows.second, np.arange(len(rows.second)))])
    end = wv.key_to_index.get(END_OF_SENTENCE)
    if end is not None:
        lengths[end] = np.inf
    return len(own), lengths


def pruned(subwords: Subwords, rows: NDArray[np.int64]) -> Subwords:
    """Buckets that keep these rows, which are renumbered in their order."""
    if subwords.kept is None:
        buckets = rows
    else:
        numbers = np.full(len(subwords.kept), -1, np.int64)
        numbers[subwords.kept[:, 1]] = subwords.kept[:, 0]
        buckets = numbers[rows]
    kept = np.stack([buckets, np.arange(len(rows))], axis=1).astype(np.int32)
    return replace(subwords, kept=kept[np.argsort(kept[:, 0], kind="stable")])
