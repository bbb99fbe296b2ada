"""What models have beside the vectors of words follows them, when these were sorted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.models.keyedvectors import KeyedVectors
from fastemb.training.glove import Parameters


class MovedRows:
    """The part of Word2Vec that keeps its arrays in the order of `wv`; trees stay, as in gensim."""

    wv: KeyedVectors

    def _follow(self) -> None:
        """Bring the rows of words into the order of `wv`, if that was sorted since this was asked last."""
        if (order := self.wv.moved) is not None:
            self.wv.moved = None
            for name in ("syn1neg", "input_vectors", "_marks", "_noise"):
                setattr(self, name, in_order(getattr(self, name, None), order))


class MovedColumns:
    """The same of GloVe, whose arrays have words as columns."""

    wv: KeyedVectors
    parameters: Parameters
    known: NDArray[np.int64]

    def _follow(self) -> None:
        if (order := self.wv.moved) is not None:
            self.wv.moved = None
            self.parameters = Parameters(**{name: in_order(it, order, 1) for name, it in vars(self.parameters).items()})
            self.known = np.argsort(order)[self.known]


def in_order(array: Any, order: NDArray[np.int64], axis: int = 0) -> Any:
    """An array with a row for each word, brought into an order; one that has not so many, or None, stays."""
    if array is None or array.shape[axis] < len(order):
        return array
    return np.take(array, np.append(order, np.arange(len(order), array.shape[axis])), axis)
