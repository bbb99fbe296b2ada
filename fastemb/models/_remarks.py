"""Warnings in the log: of what was given and has no effect, and of training that trained nothing."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.queries import unit_rows
from fastemb.training import Progress

logger = logging.getLogger(__name__)

# Of two words, the mean cosine above which neighbours hardly differ: on 3 MB of English with the defaults it is .88.
ALIKE = 0.6
ENOUGH = 20  # alpha · words trained for each of the vocabulary, with which it was below .3 on 1 to 10 MB of English
SMALLEST = 1000  # words: below are examples, and graphs whose nodes are alike
LITTLE = 0.1  # of the words: sub-sampling that keeps less is no refinement any more


def warn_without_corpus(trim_rule: Any, callbacks: Any, sentence_weights: Any = None) -> None:
    """Say that what was given to the constructor is lost."""
    if trim_rule is not None:
        logger.warning("trim_rule is without effect: there is no corpus yet; give it to build_vocab()")
    if sentence_weights is not None:
        logger.warning("sentence_weights are without effect: there is no corpus yet; give them to train()")
    if callbacks:
        logger.warning("callbacks are without effect: there is no corpus yet; give them to train()")


def warn_of_features(of: Collection[Any], items: Collection[Any]) -> None:
    """Say that what is known of some items is of none that is trained."""
    if not of or not items or not set(of).isdisjoint(items):
        return
    kinds = [" and ".join(sorted({type(item).__name__ for item in some})) for some in (items, of)]
    hint = f": those are {kinds[0]}, and these {kinds[1]}" if kinds[0] != kinds[1] else ""
    logger.warning("features are without effect: of the baskets' items none is among those that have some%s", hint)


def warn_of_nothing(progress: Progress, pairs: list[int], sample: float, share: float) -> None:
    """Say that training trained nothing, or hardly anything.

    Parameters
    ----------
    progress : Progress
    pairs : list of int
        Of each epoch.
    sample, share : float
        The threshold, and how much of the vocabulary's words it keeps.
    """
    hint = f"sample={sample:g} keeps {share:.1%} of the words: it is for large vocabularies; sample=0 keeps all"
    if not progress.trained:
        logger.warning("nothing was trained: no word of the corpus is in the vocabulary, or none was kept")
    elif 0 in pairs:
        number = "" if not any(pairs) else f" in {pairs.count(0)} of {len(pairs)} epochs"
        reason = hint if share < LITTLE else "as in sentences of one known word"
        logger.warning("nothing was trained%s: no two words met: %s", number, reason)
    elif share < LITTLE:
        logger.warning("little was trained: %s", hint)


def warn_of_alike(
    vectors: Callable[[], NDArray[np.float32]], words: int, trained: int, epochs: int, alpha: float
) -> None:
    """Say that the corpus is too small for the settings: all vectors point the same way, as they do at first.

    Parameters
    ----------
    vectors : callable
        Gives what was trained for some of the words.
    words : int
        Of the vocabulary.
    trained : int
        Words, in all epochs.
    epochs, alpha
        As of the model.
    """
    if words < SMALLEST or not trained:
        return
    likeness = float(np.square(unit_rows(vectors()).mean(axis=0)).sum())
    if likeness < ALIKE:
        return
    each = trained / words
    more = math.ceil(epochs * max(2, ENOUGH / max(alpha * each, 1e-9)))
    hint = f"epochs={more}" + (", or alpha=0.05 and half as many" if 0.02 < alpha < 0.04 else "")
    logger.warning(
        "the vectors of the %d words are much alike: a mean cosine of %.2f between any two. The corpus is small for "
        "epochs=%d with alpha=%g: %.0f words were trained for each of the vocabulary. Try %s",
        words, likeness, epochs, alpha, each, hint,
    )  # fmt: skip
