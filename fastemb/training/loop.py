"""Epochs of worker threads over an encoded corpus."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._threads import run_threads
from fastemb.corpus import EncodedCorpus
from fastemb.kernels.word2vec import Epoch, NoiseTable
from fastemb.training.blocks import BlockLimits

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """What is trained and how; the matrices are C-contiguous float32 and are trained in place."""

    vectors: NDArray[np.float32]
    output_vectors: NDArray[np.float32]
    keep: NDArray[np.uint32]
    noise: NoiseTable
    limits: BlockLimits
    sg: bool
    window: int
    shrink_windows: bool
    negative: int
    cbow_mean: bool
    workers: int
    seed: tuple[int, ...]


@dataclass(frozen=True)
class Schedule:
    """A learning rate that goes linearly from `start` to `end` with the share of the words done.

    Attributes
    ----------
    start, end : float
    total : float
        Words of all epochs, including those outside the vocabulary.
    done : float, default 0
        Words that were done before.
    """

    start: float
    end: float
    total: float
    done: float = 0

    def rate(self, words: float) -> float:
        """The rate after so many words more."""
        share = min(1.0, (self.done + words) / self.total) if self.total else 1.0
        return self.start + (self.end - self.start) * share


def train_epochs(
    task: Task,
    corpus: Callable[[], EncodedCorpus],
    epochs: int,
    schedule: Schedule,
    *,
    progress: bool = False,
    begin_epoch: Callable[[], None] = lambda: None,
    end_epoch: Callable[[float], None] = lambda rate: None,
) -> tuple[int, int]:
    """Train for some epochs.

    Parameters
    ----------
    task : Task
    corpus : callable
        Gives the corpus of the next epoch; the same each time, or read anew.
    epochs : int
    schedule : Schedule
    progress : bool, default False
        Show a progress bar on standard error.
    begin_epoch, end_epoch : callable
        Called before and after each epoch; the second with the learning rate reached.

    Returns
    -------
    trained, raw : int
        Words that were centres, and all words, over all epochs.
    """
    trained = raw = 0
    started = time.perf_counter()
    bar = progress_bar(schedule.total - schedule.done) if progress else None
    try:
        for number in range(epochs):
            begin_epoch()
            encoded = corpus()
            epoch = new_epoch(task, encoded, schedule, number, raw)

            def watch(epoch: Epoch = epoch, number: int = number, before: int = raw) -> None:
                if bar is not None:
                    rate = schedule.rate(before + epoch.claimed_words)
                    bar.set_postfix_str(f"epoch {number + 1}/{epochs}, alpha {rate:.4f}", refresh=False)
                    bar.update(before + epoch.claimed_words - bar.n)

            workers = max(1, min(task.workers, epoch.stretches))
            trained += sum(run_threads([epoch.work] * workers, epoch.stop, watch))
            raw += encoded.words
            watch(before=raw - encoded.words)
            seconds = time.perf_counter() - started
            logger.info("epoch %d of %d: %.0f words/s", number + 1, epochs, raw / max(seconds, 1e-9))
            end_epoch(schedule.rate(raw))
    finally:
        if bar is not None:
            bar.close()
    return trained, raw


def new_epoch(task: Task, corpus: EncodedCorpus, schedule: Schedule, number: int, before: int) -> Epoch:
    return Epoch(
        corpus.chunks,
        task.vectors,
        task.output_vectors,
        task.keep,
        task.noise,
        sg=task.sg,
        window=task.window,
        shrink_windows=task.shrink_windows,
        negative=task.negative,
        cbow_mean=task.cbow_mean,
        centres=task.limits.centres,
        rows=task.limits.rows,
        noise_share=task.limits.noise_share,
        seed=int(np.random.SeedSequence([*task.seed, number]).generate_state(1, np.uint64)[0]),
        start_alpha=schedule.rate(before),
        end_alpha=schedule.rate(before + corpus.words),
    )


def progress_bar(total: float) -> Any:
    from tqdm import tqdm

    class Bar(tqdm):
        monitor_interval = 0  # tqdm's monitor is a thread that stays

    return Bar(total=round(total), unit=" words", unit_scale=True, desc="training")
