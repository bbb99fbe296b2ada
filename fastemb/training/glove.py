"""Epochs of GloVe over the cells of a matrix of co-occurrences."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastemb._threads import run_threads
from fastemb.kernels import glove
from fastemb.training import trainer
from fastemb.training.checkpoints import Progress
from fastemb.training.divergence import TrainingDiverged
from fastemb.training.strips import Strips

ALIGNMENT = 64  # bytes of a cache line


@dataclass
class Parameters:
    """What GloVe trains; first of words, then of contexts.

    Attributes
    ----------
    vectors, vector_squares : ndarray of float32, shape (2, words, vector_size)
        Vectors, and the sums of their squared gradients, for AdaGrad.
    biases, bias_squares : ndarray of float32, shape (2, words)
    """

    vectors: NDArray[np.float32]
    vector_squares: NDArray[np.float32]
    biases: NDArray[np.float32]
    bias_squares: NDArray[np.float32]


@dataclass(frozen=True)
class Step:
    """How each cell is trained; see `fastemb.models.GloVe`."""

    eta: float
    alpha: float
    x_max: float
    clip: float


class Packed:
    """Parameters as the kernel wants them: a word's vector and squares side by side, from a cache line's start."""

    def __init__(self, parameters: Parameters):
        _, words, size = parameters.vectors.shape
        shape = (2, words, 2, -(-size // glove.PADDING) * glove.PADDING)
        floats = math.prod(shape)
        memory = np.zeros(floats + ALIGNMENT // 4, np.float32)
        begin = -memory.ctypes.data % ALIGNMENT // 4
        self.size = size
        self.rows = memory[begin : begin + floats].reshape(shape)
        self.rows[:, :, 0, :size] = parameters.vectors
        self.rows[:, :, 1, :size] = parameters.vector_squares
        self.rows[:, :, 1, size:] = 1
        self.biases = np.stack([parameters.biases, parameters.bias_squares], axis=2)

    def unpack(self, parameters: Parameters) -> None:
        """Copy back, into the same arrays unless they are read-only."""
        vectors, biases = self.rows[..., : self.size], self.biases
        for name, values in {
            "vectors": vectors[:, :, 0],
            "vector_squares": vectors[:, :, 1],
            "biases": biases[:, :, 0],
            "bias_squares": biases[:, :, 1],
        }.items():
            array = np.require(getattr(parameters, name), requirements="W")
            array[:] = values
            setattr(parameters, name, array)

    def finite(self) -> bool:
        """Whether all of it is."""
        with np.errstate(all="ignore"):
            return bool(np.isfinite(self.rows.sum()) and np.isfinite(self.biases.sum()))

    def pull(self, known: NDArray[np.int64], originals: NDArray[np.float32], strength: float, eta: float) -> None:
        """Pull the sums of some words' two vectors towards `originals`, as the penalty strength·|w + u - r|² wants.

        This is its proximal step (Duchi and Singer 2009) with AdaGrad's rates, so no strength is too much.
        """
        values, squares = self.rows[:, known, 0, : self.size], self.rows[:, known, 1, : self.size]
        rates = 2 * strength * eta / np.sqrt(squares)
        away = (values[0] + values[1] - originals) / (1 + rates[0] + rates[1])
        self.rows[:, known, 0, : self.size] = values - rates * away


class GloveTrainer:
    """Trains packed copies of parameters on cells, strip after strip; a `Trainer`.

    Parameters
    ----------
    pack : callable
        Gives Packed, of the parameters that the model has.
    strips : Strips
    step : Step
    progress : Progress
        Its positions are numbers of cells.
    epochs, workers : int
    seed : tuple of int
        The order of the cells of each epoch follows from it.
    end_epoch, publish : callable
        Called with what is packed: when all cells of an epoch were trained, before it is taken for good; and when the
        model is to show it.
    """

    in_place = False
    unit = "cells"

    def __init__(
        self,
        pack: Callable[[], Packed],
        strips: Strips,
        step: Step,
        progress: Progress,
        *,
        epochs: int,
        workers: int,
        seed: tuple[int, ...],
        end_epoch: Callable[[Packed], None],
        publish: Callable[[Packed], None],
    ):
        self.pack, self.strips, self.step, self.progress = pack, strips, step, progress
        self.workers, self.seed = workers, seed
        self.end_epoch, self.show = end_epoch, publish
        self.renew()
        self.total: float = strips.cells * epochs

    def epoch(self, number: int, watch: Callable[[bool], bool]) -> Iterator[None]:
        """As of `Trainer`."""
        random = np.random.default_rng((*self.seed, number))
        order = self.strips.order(random)
        keys = random.integers(0, 2**63, len(order)).tolist()
        done = int(np.searchsorted(self.strips.cells_before(order), self.progress.position))
        coming = list(zip(order, keys, strict=True))[done:]
        while coming:
            coming = coming[self.train_strips(coming, watch) :]
            if not coming:
                self.end_epoch(self.packed)
            if not self.packed.finite():
                raise TrainingDiverged.in_epoch(number + 1)
            if coming:
                yield

    def train_strips(self, strips: Sequence[tuple[tuple[int, int], int]], watch: Callable[[bool], bool]) -> int:
        """Train some strips, each of which has a key, in this order to the end or to a pause; return how many."""
        progress, claim, stopped = self.progress, threading.Lock(), threading.Event()
        before, claimed, done = progress.raw + progress.position, 0, 0
        costs: list[float] = []

        def work() -> None:
            nonlocal claimed, done
            while True:
                with claim:
                    if stopped.is_set() or claimed == len(strips):
                        return
                    strip, key = strips[claimed]
                    claimed += 1
                cells = self.strips.load(strip, key)
                step = self.step
                cost = glove.train(
                    cells, self.packed.rows, self.packed.biases, step.eta, step.alpha, step.x_max, step.clip
                )
                with claim:
                    costs.append(cost)
                    done += len(cells)
                if not math.isfinite(cost):
                    stopped.set()

        def look() -> None:
            progress.claimed = before + done
            if watch(claimed > 0 and not stopped.is_set()):
                stopped.set()

        run_threads([work] * max(1, min(self.workers, len(strips))), stopped.set, look, trainer.POLL)
        progress.claimed = before + done
        if not all(map(math.isfinite, costs)):
            raise TrainingDiverged.in_epoch(progress.epochs + 1)
        progress.partial_loss = math.fsum([progress.partial_loss, *costs])
        progress.partial_pairs += done
        progress.position += done
        return claimed

    def publish(self) -> None:
        """As of `Trainer`."""
        self.show(self.packed)

    def renew(self) -> None:
        """As of `Trainer`."""
        self.packed = self.pack()

    def sample(self) -> dict[str, NDArray[np.float32]]:
        """Nothing: the costs show whether all is well."""
        return {}

    def status(self) -> str:
        """The mean cost of a cell."""
        return f", cost {self.progress.mean_loss:.6f}" if self.progress.pairs else ""
