"""Classifiers in less memory: fewer features, and product-quantised rows (Joulin et al. 2016)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fastemb.formats.quantized import ProductRows, Rows, decoded
from fastemb.models._classifier_files import Joined, ngram_rows_of
from fastemb.models._compression import row_lengths
from fastemb.models._subword_vectors import FastTextKeyedVectors
from fastemb.subwords import END_OF_SENTENCE, Subwords

if TYPE_CHECKING:
    from fastemb.models._classifier_parts import Parts as Classifier

FIT = 1 << 16, 25  # rows of the sample, and rounds, as in fastText: few words have long rows, and they decide


def quantized(model: Classifier, cutoff: int, qnorm: bool, qout: bool, dsub: int, seed: int) -> Classifier:
    """The same classifier in less memory, nearly; see `Classifier.quantize`."""
    if cutoff < 0 or dsub < 1:
        raise ValueError(f"cutoff={cutoff} must not be negative, and dsub={dsub} must be at least 1")
    wv = model.wv
    if isinstance(wv.vectors_vocab, ProductRows):
        raise ValueError("this classifier is quantised already")
    rows = Joined(wv.vectors_vocab, ngram_rows_of(wv))
    words, ngrams, subwords = np.arange(len(wv)), np.arange(len(rows) - len(wv)), wv.subwords
    if 0 < cutoff < len(rows):
        words, ngrams = largest(wv, rows, cutoff)
        subwords = pruned(subwords, ngrams)
    chosen = np.concatenate([decoded(wv.vectors_vocab, words), decoded(rows.second, ngrams)])
    inputs = ProductRows.encode(chosen, dsub, seed, qnorm, *FIT)
    output: Rows = model.output
    if qout and not isinstance(output, ProductRows):
        output = ProductRows.encode(decoded(output, slice(None)), 2, seed, qnorm, *FIT)
    made = FastTextKeyedVectors.from_bags(
        [wv.index_to_key[word] for word in words],
        inputs.part(0, len(words)),
        inputs.part(len(words), len(inputs)),
        subwords,
        {name: values[words] for name, values in wv.expandos.items()},
        wv.supervised,
    )
    return type(model)._from_parts(made, model.labels, model.label_counts, output, model.loss, model.args)


def largest(wv: FastTextKeyedVectors, rows: Joined, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The longest rows, and that of the end of sentences, as fastText keeps it: those of words, and of n-grams."""
    own = row_lengths(rows.first, np.arange(len(rows.first)))
    lengths = np.concatenate([own, row_lengths(rows.second, np.arange(len(rows.second)))])
    end = wv.key_to_index.get(END_OF_SENTENCE)
    if end is not None:
        lengths[end] = np.inf
    kept = np.sort(np.argsort(-lengths, kind="stable")[:count])
    return kept[kept < len(own)], kept[kept >= len(own)] - len(own)


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
