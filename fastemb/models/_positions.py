"""Position weights of CBOW (Mikolov et al. 2018, "Advances in pre-training distributed word representations")."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.corpus import EncodedCorpus
from fastemb.models.parameters import check_memory

NAME = "position_vectors"


class Positions:
    """The part of Word2Vec that says how contexts are pooled, and keeps the weights of offsets; see there."""

    position_weights: bool = False
    distance_decay: float = 0.0
    context: str = "both"
    position_vectors: NDArray[np.float32] | None = None
    vector_size: int
    window: int
    cbow_mean: int
    corrected_cbow: bool

    def _grown_positions(self, corpus: EncodedCorpus | None) -> NDArray[np.float32] | None:
        """The weights, of as many offsets as windows reach in a corpus, or in any; new ones are 1."""
        if not self.position_weights:
            return None
        reach = self._reach(corpus)
        known = np.empty((0, self.vector_size)) if self.position_vectors is None else self.position_vectors
        check_memory(2 * reach, self.vector_size)
        grown = np.ones((max(2 * reach, len(known)), self.vector_size), np.float32)
        grown[: len(known)] = known
        self.position_vectors = grown
        return grown

    def _distances(self, corpus: EncodedCorpus | None) -> NDArray[np.float32] | None:
        """What context words count that are 1, 2, … from the centre, if that is not 1 for all."""
        if not self.distance_decay:
            return None
        check_memory(self._reach(corpus), self.vector_size)
        made: NDArray[np.float32] = np.arange(1, self._reach(corpus) + 1, dtype=np.float32) ** -self.distance_decay
        return np.maximum(made, np.finfo(np.float32).tiny)

    def _reach(self, corpus: EncodedCorpus | None) -> int:
        """How far windows reach in a corpus, or in any."""
        return self.window if corpus is None else min(self.window, max(corpus.longest, 1))

    def _pooling(self) -> tuple[bool, bool]:
        """Whether contexts are means, and whether their gradients are divided."""
        # As in word2vec.c and gensim: the gradient of a mean is not divided, that of a sum is.
        return bool(self.cbow_mean), bool(self.cbow_mean) == self.corrected_cbow

    def _positions(self) -> dict[str, NDArray[Any]]:
        """The weights by their name, if there are any."""
        return {} if self.position_vectors is None else {NAME: self.position_vectors}

    def _set_positions(self, arrays: dict[str, NDArray[Any]], name: str) -> None:
        self.position_vectors = found = arrays.get(NAME)
        if found is not None and (found.ndim != 2 or found.shape[1] != self.vector_size or len(found) % 2):
            raise ValueError(f"{name}: its arrays do not fit together: {NAME} is of shape {found.shape}")
