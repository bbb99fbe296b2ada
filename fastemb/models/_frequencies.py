"""What training makes of the counts of words."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb import subwords, vocabulary
from fastemb.inference import Paths
from fastemb.kernels.noise import NoiseTable
from fastemb.kernels.sgd import specs
from fastemb.models._moved import MovedRows
from fastemb.models.keyedvectors import KeyedVectors

CONTEXTS = "context_count"  # the attribute of words that says how often they were contexts of pairs
DOMAIN = 2**31 - 1  # of cum_table
QUANTILES = 11  # bits of their number


def noise_of(arrays: Mapping[str, NDArray[Any]], words: int, name: str) -> NDArray[Any] | None:
    """The probabilities of words as noise among the arrays of a file, if they are there; `name` is the file's."""
    noise = arrays.get("noise")
    if noise is None or not words:
        return None
    if noise.shape != (words,) or noise.dtype.kind != "f" or not np.isfinite(noise.sum()) or not np.all(noise >= 0):
        raise ValueError(f"{name}: its noise is not {words} probabilities")
    if not noise.sum() > 0:
        raise ValueError(f"{name}: its noise is never any word")
    return noise


def noise_of_contexts(
    wv: KeyedVectors, contexts: Mapping[Any, int] | None, earlier: NDArray[Any] | None, exponent: float
) -> NDArray[np.float64] | None:
    """The probabilities of words as noise by how often they were contexts of pairs, their attribute from then on.

    `earlier` says how often the first words were before. None where noise follows from the words' own counts.
    """
    wv.expandos.pop(CONTEXTS, None)
    if contexts is None:
        return None
    counts, index = np.zeros(len(wv), np.int64), wv.key_to_index
    if earlier is not None:
        counts[: len(earlier)] = earlier
    for word in contexts.keys() & index.keys():
        counts[index[word]] += contexts[word]
    met, noise = counts > 0, np.zeros(len(wv))
    if not met.any():
        return None
    wv.expandos[CONTEXTS] = counts
    noise[met] = vocabulary.noise_probabilities(counts[met], exponent)
    return noise


def counts_misfit(counts: Any, of_tree: bool) -> str | None:
    """What is wrong with the counts of words, which a Huffman tree may be made of, or None."""
    counts = np.asarray(counts)
    if of_tree and counts.size and (counts.dtype.kind not in "iu" or counts.sum(dtype=np.float64) >= 2**63):
        return "wv.expandos['count'] holds no whole numbers, or too large ones, and a Huffman tree is made of them"
    if counts.dtype.kind not in "iuf" or (counts.size and not (np.isfinite(counts.sum()) and counts.min() >= 0)):
        return "wv.expandos['count'] holds what are no counts"
    return None


class Frequencies:
    """Chances of words to be kept and to be noise, and their Huffman tree; made when they are first asked for.

    To make them takes longer than to train a few sentences, so a model has them until its counts are others; so it is
    with what was checked for the kernels.

    Parameters
    ----------
    counts : ndarray of int, shape (words,)
    sample, ns_exponent : float
        As of `Word2Vec`.
    noise : ndarray of float64, shape (words,), optional
        The probability of each word as noise, if it is not to follow from the counts.
    """

    def __init__(
        self, counts: NDArray[Any], sample: float, ns_exponent: float, noise: NDArray[np.float64] | None = None
    ):
        self.counts, self.given = counts.copy(), noise
        self.sample, self.ns_exponent = sample, ns_exponent
        self.measured: tuple[subwords.Bags, float] | None = None
        self.checked_paths: tuple[Paths, specs.Paths] | None = None
        self.checked_ngrams: tuple[subwords.Bags, specs.Ngrams] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()  # a copy of the model makes its own

    def same(
        self, counts: NDArray[Any], sample: float, ns_exponent: float, noise: NDArray[np.float64] | None = None
    ) -> bool:
        """Whether these are the frequencies of what is given."""
        return (
            (sample, ns_exponent) == (self.sample, self.ns_exponent)
            and noise is self.given
            and counts.dtype == self.counts.dtype
            and np.array_equal(counts, self.counts)
        )

    @property
    def keep(self) -> NDArray[np.float64]:
        """The probability to keep each occurrence of a word."""
        return vocabulary.keep_probabilities(self.counts, self.sample)

    @cached_property
    def bits(self) -> NDArray[np.uint32]:
        """The same in parts of 2**32 - 1."""
        return (self.keep * (2**32 - 1)).astype(np.uint32)

    @cached_property
    def share(self) -> float:
        """How much of the corpus is kept."""
        return float((self.counts * self.keep).sum() / max(self.counts.sum(), 1))

    @cached_property
    def kept(self) -> NDArray[np.float64]:
        """The share of each word among those that are kept."""
        kept = self.counts * self.keep
        shares: NDArray[np.float64] = kept / max(kept.sum(), 1e-9)
        return shares

    @cached_property
    def noise(self) -> NDArray[np.float64]:
        """The probability of each word as noise."""
        return vocabulary.noise_probabilities(self.counts, self.ns_exponent) if self.given is None else self.given

    @cached_property
    def table(self) -> NoiseTable:
        """What draws noise."""
        return NoiseTable(self.noise)

    @cached_property
    def paths(self) -> Paths:
        """The path to each word in the Huffman tree."""
        return vocabulary.huffman_paths(self.counts)

    @cached_property
    def spread(self) -> NDArray[np.int32]:
        """Words at evenly spread quantiles of the noise, each as often as is its share.

        They are in the order of van der Corput's sequence: of any number of them in a row, about as many are in each
        stretch of the distribution as it is long.
        """
        numbers = np.arange(1 << QUANTILES)
        reversed_bits = sum((numbers >> bit & 1) << (QUANTILES - 1 - bit) for bit in range(QUANTILES))
        ends = np.cumsum(self.noise)
        places = (reversed_bits + 0.5) / len(numbers) * ends[-1]
        found = np.minimum(np.searchsorted(ends, places), len(ends) - 1).astype(np.int32)
        found.setflags(write=False)
        return found

    @cached_property
    def shares_of_spread(self) -> NDArray[np.float32]:
        """How much of that each word is."""
        return (np.bincount(self.spread, minlength=len(self.noise)) / len(self.spread)).astype(np.float32)

    def overlap(self, bags: subwords.Bags) -> float:
        """The share of its rows that a word has in common with another: see `fastemb.subwords.overlap`."""
        if self.measured is None or self.measured[0] is not bags:
            kept = self.counts * self.bits.astype(np.float64)
            self.measured = bags, subwords.overlap(bags, kept / max(kept.sum(), 1.0))
        return self.measured[1]

    def paths_to_train(self, paths: Paths) -> specs.Paths:
        """These paths, or another program's, checked; not again before they are other arrays."""
        if self.checked_paths is None or any(map(operator.is_not, self.checked_paths[0], paths)):
            self.checked_paths = paths, specs.Paths(*paths)
        return self.checked_paths[1]

    def ngrams_to_train(self, bags: subwords.Bags, rows: int) -> specs.Ngrams:
        """The n-grams of the words, of which there are so many, checked; not again before they are other arrays."""
        known = self.checked_ngrams
        if known is None or known[0].starts is not bags.starts or known[0].ids is not bags.ids or known[1].rows != rows:
            known = self.checked_ngrams = bags, specs.Ngrams(bags.starts, bags.ids, rows)
        return known[1]


class WithFrequencies(MovedRows):
    """The part of Word2Vec that says how noise is drawn."""

    wv: KeyedVectors
    negative: int
    sample: float
    ns_exponent: float

    _noise: NDArray[np.float64] | None = None  # from a cum_table that was given, or of contexts
    _made: Frequencies | None = None

    def make_cum_table(self, domain: int = DOMAIN) -> None:
        """Draw noise by the words' counts again, if it was drawn otherwise: see `cum_table`. `domain` has no effect."""
        self._noise = None

    @property
    def cum_table(self) -> NDArray[np.uint32] | None:
        """Running sums of the words' probabilities as noise, in parts of 2**31 - 1; uint32, shape (words,).

        May be set: training then draws noise by it. None with ``negative=0``, or without a vocabulary.
        """
        if not self.negative or not len(self.wv):
            return None
        return np.rint(np.cumsum(self._frequencies().noise) * DOMAIN).astype(np.uint32)

    @cum_table.setter
    def cum_table(self, table: Any) -> None:
        if table is None:
            self._noise = None
            return
        parts = np.diff(np.asarray(table, np.float64), prepend=0)
        if parts.shape != (len(self.wv),) or not 0 < parts.sum() < np.inf or (parts < 0).any():
            raise ValueError(f"cum_table must be {len(self.wv)} numbers, one for each word, that do not fall")
        self._noise = parts / parts.sum()

    def _frequencies(self) -> Frequencies:
        self._follow()
        noise = self._noise if self._noise is not None and len(self._noise) == len(self.wv) else None
        given = self.wv._counts(), self.sample, self.ns_exponent, noise
        if self._made is None or not self._made.same(*given):
            self._made = Frequencies(*given)
        return self._made
