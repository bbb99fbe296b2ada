"""Epochs of GloVe over the cells of a matrix of co-occurrences."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastemb._threads import run_threads
from fastemb.kernels import glove
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


def train_epoch(
    packed: Packed,
    strips: Strips,
    step: Step,
    *,
    workers: int,
    seed: tuple[int, ...],
    report: Callable[[int], None] = lambda done: None,
) -> float:
    """Train on each cell once, strip after strip.

    Parameters
    ----------
    packed : Packed
    strips : Strips
    step : Step
    workers : int
    seed : tuple of int
    report : callable, optional
        Called in the calling thread now and then, with the cells done so far.

    Returns
    -------
    float
        The mean cost of a cell; not finite if training ran away, and then it ended early.
    """
    random = np.random.default_rng(seed)
    order = strips.order(random)
    coming = zip(order, random.integers(0, 2**63, len(order)).tolist(), strict=True)
    claim = threading.Lock()
    stopped = threading.Event()
    costs: list[float] = []
    done = 0

    def work() -> None:
        nonlocal done
        while not stopped.is_set():
            with claim:
                strip, key = next(coming, (None, 0))
            if strip is None:
                return
            cells = strips.load(strip, key)
            cost = glove.train(cells, packed.rows, packed.biases, step.eta, step.alpha, step.x_max, step.clip)
            with claim:
                costs.append(cost)
                done += len(cells)
            if not math.isfinite(cost):
                stopped.set()

    run_threads([work] * max(1, min(workers, len(order))), stopped.set, lambda: report(done))
    report(done)
    return math.fsum(costs) / max(done, 1) if np.isfinite(costs).all() else math.nan
