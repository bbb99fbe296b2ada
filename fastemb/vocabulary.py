"""Which words a model knows, how often each is kept, and how often it serves as noise."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from fastemb._warnings import warn
from fastemb.kernels import huffman

#: What a trim rule may return: decide by min_count, drop the word, keep it.
RULE_DEFAULT, RULE_DISCARD, RULE_KEEP = 0, 1, 2

LABEL = "__label__"

TrimRule = Callable[[str | int, int, int], int]


class EmptyVocabulary(ValueError, RuntimeError):
    """No word of a corpus is left to be trained. (gensim raises RuntimeError.)"""


def effective_min_count(counts: NDArray[np.int64], min_count: int, max_final_vocab: int | None) -> int:
    """The least count that leaves at most `max_final_vocab` words, but no less than `min_count`."""
    if max_final_vocab is None or max_final_vocab >= len(counts):
        return min_count
    following = np.partition(counts, -max_final_vocab - 1)[-max_final_vocab - 1]  # the first that is too many
    return max(min_count, int(following) + 1)


def select_words(
    words: Sequence[str | int], counts: NDArray[np.int64], min_count: int, trim_rule: TrimRule | None
) -> NDArray[np.int64]:
    """Places of the words to keep, in their order.

    Parameters
    ----------
    words : sequence of str or int
    counts : ndarray of int64, shape (words,)
    min_count : int
    trim_rule : callable, optional
        `trim_rule(word, count, min_count)` returns RULE_KEEP, RULE_DISCARD, or
        RULE_DEFAULT or None: keep the word if its count is at least `min_count`.
    """
    kept = counts >= min_count
    if trim_rule is not None:
        for k, word in enumerate(words):
            rule = trim_rule(word, int(counts[k]), min_count)
            if rule in (RULE_KEEP, RULE_DISCARD):
                kept[k] = rule == RULE_KEEP
            elif rule not in (RULE_DEFAULT, None):
                raise ValueError(f"trim_rule returned {rule!r} for {word!r}: not 0, 1 or 2")
    return np.flatnonzero(kept)


def choose_words(
    words: Sequence[str | int | None],
    counts: NDArray[np.int64],
    min_count: int,
    max_final_vocab: int | None,
    trim_rule: TrimRule | None,
    by_count: bool,
    known: Container[str | int] = (),
) -> tuple[NDArray[np.int64], int]:
    """Places of the words to keep, in the order of the vocabulary, and the least count that was wanted.

    Parameters
    ----------
    words : sequence of str, int or None
        None stands for a word that was forgotten.
    counts : ndarray of int64, shape (words,)
    min_count, max_final_vocab, trim_rule
        As of `fastemb.models.Word2Vec`.
    by_count : bool
        Order them by count, descending.
    known : container of str or int
        Words to keep in any case.
    """
    places = np.flatnonzero([word is not None for word in words])
    counts, there = counts[places], [word for word in words if word is not None]
    least = effective_min_count(counts, min_count, max_final_vocab)
    kept = select_words(there, counts, least, trim_rule)
    if known:
        kept = np.union1d(kept, np.flatnonzero([word in known for word in there]))
    if by_count:
        kept = kept[by_frequency(counts[kept])]
    warn_of_labels([there[k] for k in kept])
    return places[kept], least


def warn_of_labels(words: Iterable[str | int | None]) -> None:
    """Warn of words that are labels in the files of fastText's classifiers."""
    labels = [word for word in words if isinstance(word, str) and word.startswith(LABEL)]
    if labels:
        warn(
            f"words that begin with {LABEL}, as {labels[0]!r}, are trained like others here ({len(labels)} of them). "
            "fastText knows them as labels of texts, and its vectors leave them out; so can the corpus, or a trim_rule"
        )


def no_word_left(
    words: Sequence[str | int | None],
    counts: NDArray[np.int64],
    min_count: int,
    max_final_vocab: int | None,
    trim_rule: TrimRule | None,
) -> EmptyVocabulary:
    """The error to raise when `choose_words` has chosen none."""
    most = max(counts, default=0)
    message = f"no word is left of {sum(word is not None for word in words)}: the most frequent occurs {most} times; "
    if min_count <= most < effective_min_count(counts, min_count, max_final_vocab):
        equal = np.count_nonzero(counts == most)
        message += f"so do {equal} words in all, more than max_final_vocab={max_final_vocab}: raise it to {equal}"
    else:
        message += f"lower min_count, which is {min_count}"
    return EmptyVocabulary(message + (", or let trim_rule keep words" if trim_rule else ""))


def known_counts(words: Sequence[str | int | None], counts: NDArray[np.int64]) -> dict[str | int, int]:
    """Words and their counts, without those that were forgotten."""
    return {word: count for word, count in zip(words, counts.tolist(), strict=True) if word is not None}


def as_copy(word: str | int) -> str | int:
    """The same word, elsewhere in memory."""
    return (word + " ")[:-1] if type(word) is str else word


def by_frequency(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The order by count, descending; equal counts stay in their order."""
    return np.argsort(-counts, kind="stable")


def keep_probabilities(counts: NDArray[np.int64], sample: float) -> NDArray[np.float64]:
    """Probability to keep each occurrence of a word: √(t/f) + t/f, at most 1 (word2vec.c).

    Parameters
    ----------
    counts : ndarray of int64, shape (words,)
    sample : float
        The threshold t as a share of all words; 0 keeps everything. From 1 on it is a
        count instead: words that occur more often than that are down-sampled.
    """
    if not sample:
        return np.ones(len(counts))
    threshold = sample * counts.sum() if sample < 1 else int(sample * (3 + np.sqrt(5)) / 2)
    ratio = threshold / np.maximum(counts, 1)
    return np.minimum(1.0, np.sqrt(ratio) + ratio)


def noise_probabilities(counts: NDArray[np.int64], exponent: float) -> NDArray[np.float64]:
    """Probability to draw each word as noise: its count to the power `exponent`, normalised."""
    # Dividing first keeps large powers finite.
    powers = (counts / max(counts.max(), 1)) ** exponent
    return powers / powers.sum()


def huffman_paths(
    counts: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """The path to each word in its Huffman tree, for hierarchical softmax.

    Returns
    -------
    starts, nodes : ndarray
        As of `fastemb.kernels.huffman.huffman_paths`.
    labels : ndarray of float32, shape (nodes,)
        1 - code, as in word2vec.c: 1 where the path goes on to the rarer side.

    Raises
    ------
    ValueError
        If the counts are no whole numbers from 0, or their sum is above 2**63 - 1.
    """
    counts = np.asarray(counts)
    if counts.dtype.kind not in "iu":
        raise ValueError(f"wv.expandos['count'] is of {counts.dtype}, and a Huffman tree is made of whole numbers")
    starts, nodes, codes = huffman.huffman_paths(np.require(counts, np.int64, ["C", "ALIGNED"]))
    return starts, nodes, (1 - codes).astype(np.float32)
