"""What the vectors of a trained model are: the inputs, or inputs and outputs together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._gates import changing
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.queries import unit_rows
from fastemb.training.checkpoints import Run
from fastemb.training.divergence import refuse_not_finite

NAME = "input_vectors"
SOME = 10_000
# What output vectors count: on 100 MB of English, analogies were 0.7 to 1 point better than with 1, other sets as good.
OUTPUTS = np.float32(2)


class Published:
    """The part of Word2Vec that says what `wv` holds; see `output` there.

    While a model trains `wv` holds what is trained; `input_vectors` keeps that while `wv` holds the sums. Files hold
    the sums in any case, also those that callbacks write.
    """

    output: str = "word"
    input_vectors: NDArray[np.float32] | None = None
    syn1neg: NDArray[np.float32]
    wv: KeyedVectors
    vector_size: int
    run: Run | None

    def _publish(self) -> None:
        """After training: let `wv` hold what `output` says."""
        if self.output == "word" or not len(self.wv) or self.input_vectors is not None:  # as read from a checkpoint
            return
        with changing(self.wv), np.errstate(invalid="ignore", over="ignore"):  # of what ran away, too
            self._keep_inputs()
            self.wv.vectors = summed(self.wv.vectors, self.syn1neg)
            self.wv.norms = None

    def _check_published(self) -> None:
        """Before training: raise ValueError of what cannot be published while `wv` is as it was.

        In any row, since the mean of all is in each of the sums.
        """
        if self.output == "word":
            return
        refuse_not_finite(self._matrices() | self._kept_inputs())
        shape = len(self.wv) if self.input_vectors is None else len(self.input_vectors), self.vector_size
        if self.syn1neg.shape != shape:
            raise ValueError(f"syn1neg is of shape {self.syn1neg.shape}, not {shape}")

    def _unpublish(self) -> None:
        """Before training: let `wv` hold the inputs."""
        inputs, self.input_vectors = self.input_vectors, None
        if inputs is None:
            return
        if inputs.shape != self.wv.vectors.shape:
            self.input_vectors = inputs
            raise RuntimeError(
                f"wv has vectors of shape {self.wv.vectors.shape} now, and the trained ones are of shape "
                f"{inputs.shape}: words are added to a model by build_vocab(update=True)"
            )
        with changing(self.wv):
            self.wv.vectors = inputs
            self.wv.norms = None

    def _matrices(self) -> dict[str, NDArray[Any]]:
        raise NotImplementedError

    def _inputs_of_words(self) -> NDArray[np.float32]:
        """What is trained, or made of what is trained, whatever `wv` holds."""
        return self.wv.vectors if self.input_vectors is None else self.input_vectors

    def _some_inputs(self) -> NDArray[np.float32]:
        """Those of some words, from all of the vocabulary."""
        return self._inputs_of_words()[:: max(1, len(self.wv) // SOME)]

    def _keep_inputs(self) -> None:
        self.input_vectors = self.wv.vectors

    def _kept_inputs(self) -> dict[str, NDArray[Any]]:
        """By their name, if `wv` holds others."""
        return {} if self.input_vectors is None else {NAME: self.input_vectors}

    def _published_arrays(self) -> dict[str, NDArray[Any]]:
        """What a file holds beside or in place of `wv` as it is: while a model trains, what it would publish now."""
        if self.output == "word" or self.run is None or not len(self.wv):
            return self._kept_inputs()
        inputs = {NAME: self.wv.vectors} if "wv.vectors" in self._matrices() else {}  # else they are made of others
        with np.errstate(invalid="ignore", over="ignore"):
            return inputs | {"vectors": summed(self._inputs_of_words(), self.syn1neg)}


def summed(inputs: NDArray[np.float32], outputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Input and output vectors of length 1 added up, less the mean; float32, shape (words, vector_size)."""
    sums = unit_rows(inputs) + OUTPUTS * unit_rows(outputs)
    return np.asarray(sums - sums.mean(axis=0), np.float32)
