"""What the vectors of a trained model are: the inputs, or inputs and outputs together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._gates import changing
from fastemb.models._moved import MovedRows
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.queries import unit_rows
from fastemb.training.checkpoints import Run
from fastemb.training.divergence import refuse_not_finite

NAME, MARKS = "input_vectors", "published_rows"
SOME = 10_000
BLOCK = 4096  # rows that are marked at a time
# What output vectors count: on 100 MB of English, analogies were 0.7 to 1 point better than with 1, other sets as good.
OUTPUTS = np.float32(2)


class Published(MovedRows):
    """The part of Word2Vec that says what `wv` holds; see `output` there.

    While a model trains `wv` holds what is trained; `input_vectors` keeps that while `wv` holds the sums. Files hold
    the sums in any case, also those that callbacks write. Vectors that users put in the place of sums are trained on.
    """

    output: str = "word"
    input_vectors: NDArray[np.float32] | None = None
    _marks: NDArray[np.uint32] | None = None  # of the sums, if there are `input_vectors`
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
            self._marks = None if self.input_vectors is None else marks_of(self.wv.vectors)

    def _check_published(self) -> None:
        """Before training: raise ValueError of what cannot be published while `wv` is as it was.

        That is NaN or infinity, in any row, since the mean of all is in each of the sums, and outputs of another size.
        """
        if self.output == "word":
            return
        refuse_not_finite(self._matrices() | self._kept_inputs())
        shape = len(self.wv) if self.input_vectors is None else len(self.input_vectors), self.vector_size
        if self.syn1neg.shape != shape:
            raise ValueError(f"syn1neg is of shape {self.syn1neg.shape}, not {shape}")

    def _unpublish(self) -> None:
        """Before training: let `wv` hold the inputs."""
        self._follow()
        inputs = self.input_vectors
        if inputs is None:
            return
        if inputs.shape != self.wv.vectors.shape:
            raise RuntimeError(
                f"wv has vectors of shape {self.wv.vectors.shape} now, and the trained ones are of shape "
                f"{inputs.shape}: words are added to a model by build_vocab(update=True)"
            )
        if self._marks is not None:
            changed = np.flatnonzero(marks_of(self.wv.vectors) != self._marks)
            if 0 < len(changed) == len(inputs):
                raise RuntimeError(
                    f"all vectors of wv were changed since training, which goes on from {NAME} and not from sums: set "
                    f"model.wv.vectors to what is to be trained, and model.{NAME} to None"
                )
            if len(changed):
                inputs = np.require(inputs, requirements="W")
                inputs[changed] = self.wv.vectors[changed]
        with changing(self.wv):
            self.wv.vectors, self.input_vectors = inputs, None
            self.wv.norms = None

    def _set_published(self, arrays: dict[str, NDArray[Any]], name: str) -> None:
        """The opposite of `_published_arrays`, once `wv` is there; `name` is the file's."""
        self.input_vectors, self._marks = arrays.get(NAME), arrays.get(MARKS)
        if self._marks is not None and (self._marks.shape != (len(self.wv),) or self._marks.dtype != np.uint32):
            raise ValueError(f"{name}: its {MARKS} are not one mark for each word")

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
        self._follow()
        if self.output == "word" or self.run is None or not len(self.wv):
            kept = self._kept_inputs()
            return kept | {MARKS: self._marks} if kept and self._marks is not None else kept
        with np.errstate(invalid="ignore", over="ignore"):
            sums = summed(self._inputs_of_words(), self.syn1neg)
        if "wv.vectors" not in self._matrices():  # they are made of others
            return {"vectors": sums}
        return {NAME: self.wv.vectors, "vectors": sums, MARKS: marks_of(sums)}


def summed(inputs: NDArray[np.float32], outputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Input and output vectors of length 1 added up, less the mean; float32, shape (words, vector_size)."""
    sums = unit_rows(inputs) + OUTPUTS * unit_rows(outputs)
    return np.asarray(sums - sums.mean(axis=0), np.float32)


def marks_of(vectors: NDArray[Any]) -> NDArray[np.uint32]:
    """A number for each row, by which one sees whether it is still the same; uint32, shape (rows,)."""
    odd = (np.random.default_rng(0).integers(2**31, size=vectors.shape[1]) * 2 + 1).astype(np.uint32)
    marks = np.empty(len(vectors), np.uint32)
    for begin in range(0, len(vectors), BLOCK):
        rows = np.ascontiguousarray(vectors[begin : begin + BLOCK], np.float32)
        marks[begin : begin + len(rows)] = np.bitwise_xor.reduce(rows.view(np.uint32) * odd, axis=1)
    return marks
