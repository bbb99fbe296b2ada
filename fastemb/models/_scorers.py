"""Scores of phrases."""

from __future__ import annotations

from collections.abc import Callable
from inspect import getfullargspec
from math import log
from typing import Any

from fastemb._numbers import measure

Scorer = Callable[..., float]

NEGATIVE_INFINITY = float("-inf")
SCORER_PARAMETERS = ("worda_count", "wordb_count", "bigram_count", "len_vocab", "min_count", "corpus_word_count")


def original_scorer(
    worda_count: float,
    wordb_count: float,
    bigram_count: float,
    len_vocab: float,
    min_count: float,
    corpus_word_count: float,
) -> float:
    """(bigram_count - min_count) / (worda_count * wordb_count) * len_vocab, as in word2phrase (Mikolov et al. 2013).

    Parameters
    ----------
    worda_count, wordb_count, bigram_count : int
        How often the first and the last word, and the phrase, were counted.
    len_vocab : int
        Different words and phrases.
    min_count : float
    corpus_word_count : int
        Not used.

    Returns
    -------
    float
        Minus infinity if a word was never counted.
    """
    both = worda_count * wordb_count
    return NEGATIVE_INFINITY if both == 0 else (bigram_count - min_count) / float(both) * len_vocab


def npmi_scorer(
    worda_count: float,
    wordb_count: float,
    bigram_count: float,
    len_vocab: float,
    min_count: float,
    corpus_word_count: float,
) -> float:
    """Normalised pointwise mutual information, ln(p(ab) / (p(a) p(b))) / -ln p(ab), from -1 to 1 (Bouma 2009).

    Parameters
    ----------
    worda_count, wordb_count, bigram_count : int
        As of `original_scorer`.
    len_vocab : int
        Not used.
    min_count : float
    corpus_word_count : int
        All words of the corpus.

    Returns
    -------
    float
        Minus infinity if the phrase was counted less often than `min_count`, or something never.
    """
    if bigram_count < min_count:
        return NEGATIVE_INFINITY
    words = float(corpus_word_count)
    first, last, both = worda_count / words, wordb_count / words, bigram_count / words
    try:
        return log(both / (first * last)) / -log(both)
    except ValueError:
        return NEGATIVE_INFINITY


def checked_scorer(scoring: str | Scorer, threshold: float) -> Scorer:
    """The function that is meant.

    Raises
    ------
    ValueError
        If there is no such one, it lacks a parameter, or the threshold is out of its range.
    TypeError
        If it is no function.
    pickle.PickleError
        If it cannot be pickled.
    """
    threshold = measure("threshold", threshold)
    if scoring == "default":
        if not threshold > 0:
            raise ValueError(f"threshold must be positive for the default scorer, not {threshold}")
        return original_scorer
    if scoring == "npmi":
        if not -1 <= threshold <= 1:
            raise ValueError(f"threshold must be from -1 to 1 for 'npmi', not {threshold}")
        return npmi_scorer
    if isinstance(scoring, str):
        raise ValueError(f"scoring must be 'default', 'npmi' or a function, not {scoring!r}")
    if not callable(scoring):
        raise TypeError(f"scoring must be 'default', 'npmi' or a function, not {type(scoring).__name__}")
    if missing := missing_parameters(scoring):
        raise ValueError(f"scoring: the function has no parameters {', '.join(missing)}")
    import pickle  # hardly ever wanted

    try:
        pickle.loads(pickle.dumps(scoring))
    except (pickle.PickleError, AttributeError, TypeError) as error:
        raise pickle.PickleError(f"scoring: the function cannot be pickled ({error})") from None
    return scoring


def missing_parameters(scoring: Any) -> list[str]:
    """What a scorer is given and this function does not take."""
    try:
        taken = getfullargspec(scoring)
    except TypeError:
        return list(SCORER_PARAMETERS)
    return [name for name in SCORER_PARAMETERS if name not in (*taken.args, *taken.kwonlyargs)]
