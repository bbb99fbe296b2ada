"""Weights of sentences: by how recent or how important they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.corpus import EncodedCorpus
from fastemb.training import Run

NAME = "sentence_weights"


class Weighted:
    """The part of Word2Vec that keeps the weights of the sentences that are trained, for as long as they are."""

    sentence_weights: NDArray[np.float32] | None = None
    run: Run | None

    def _rereads(self) -> bool:
        raise NotImplementedError

    def _take_weights(self, given: Any) -> None:
        """Let these be the weights of the next training, if they can be."""
        self.sentence_weights = None
        weights = weights_of_sentences(given)
        if weights is not None and self._rereads():
            raise ValueError(
                "sentence_weights are of sentences that stay the same, and with reread=True, or a _do_train_job of a "
                "subclass, each epoch may have others"
            )
        self.sentence_weights = weights

    def _highest_weight(self) -> str:
        """For the message that training diverged: steps are as much longer as weights are above 1."""
        highest = 0 if self.sentence_weights is None else self.sentence_weights.max(initial=0)
        return f" with sentence_weights of up to {highest:g}" if highest > 1 else ""

    def _kept_weights(self) -> dict[str, NDArray[Any]]:
        """By their name, while training goes on: whoever goes on with it needs them."""
        return {NAME: self.sentence_weights} if self.run is not None and self.sentence_weights is not None else {}

    def _check_weights(self, corpus: EncodedCorpus) -> None:
        """Raise ValueError where there are more weights than sentences, or less."""
        weights = self.sentence_weights
        if weights is None:
            return
        self.sentence_weights = None  # of those that do not fit nothing stays
        if len(weights) != corpus.sentences:
            raise ValueError(f"there are {len(weights)} sentence_weights, and {corpus.sentences} sentences")
        if corpus.max_sentence_length is not None and any(
            chunk.longest > corpus.max_sentence_length for chunk in corpus.chunks
        ):
            raise ValueError("sentence_weights are for whole sentences, and max_sentence_length cuts some of them")
        self.sentence_weights = weights


def weights_of_sentences(given: Any) -> NDArray[np.float32] | None:
    """Weights as a user gives them, checked."""
    if given is None:
        return None
    try:
        with np.errstate(over="ignore"):
            weights = np.array(given, np.float32)  # a copy: training must not see them change
    except OverflowError:
        raise ValueError("sentence_weights: a number is too large") from None
    except (TypeError, ValueError):
        kind = type(given).__name__
        raise TypeError(f"sentence_weights must be a sequence of numbers, not {kind} ({given!r:.60})") from None
    if weights.ndim != 1:
        raise ValueError(f"sentence_weights must be one number for each sentence, not of shape {weights.shape}")
    if not np.isfinite(weights).all() or weights.min(initial=0) < 0:
        raise ValueError("sentence_weights must be finite, and not negative")
    return weights
