"""Warnings in the log: of what was given and has no effect, and of training that trained nothing."""

from __future__ import annotations

import logging
from typing import Any

from fastemb.training import Progress

logger = logging.getLogger(__name__)

LITTLE = 0.1  # of the words: sub-sampling that keeps less is no refinement any more


def warn_without_corpus(trim_rule: Any, callbacks: Any, sentence_weights: Any = None) -> None:
    """Say that what was given to the constructor is lost."""
    if trim_rule is not None:
        logger.warning("trim_rule is without effect: there is no corpus yet; give it to build_vocab()")
    if sentence_weights is not None:
        logger.warning("sentence_weights are without effect: there is no corpus yet; give them to train()")
    if callbacks:
        logger.warning("callbacks are without effect: there is no corpus yet; give them to train()")


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
