"""Epochs of worker threads over an encoded corpus."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._threads import run_threads
from fastemb.corpus import EncodedCorpus
from fastemb.kernels.word2vec import Epoch
from fastemb.training.blocks import BlockLimits

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """What is trained and how; the matrices are C-contiguous float32 and are trained in place.

    `options` go to `fastemb.kernels.word2vec.Epoch`, where they are described.
    """

    vectors: NDArray[np.float32]
    keep: NDArray[np.uint32]
    locks: NDArray[np.float32]
    limits: BlockLimits
    workers: int
    seed: tuple[int, ...]
    options: dict[str, Any]


@dataclass
class Progress:
    """How far training has come.

    Attributes
    ----------
    trained, raw : int
        Words that were centres, and all words, of the epochs that are complete.
    alpha : float
        The learning rate now.
    loss, pairs : float, int
        Sum of the loss over positive pairs and their number, of the last complete epoch.
    """

    alpha: float
    trained: int = 0
    raw: int = 0
    loss: float = 0.0
    pairs: int = 0

    @property
    def mean_loss(self) -> float:
        """Loss for each positive pair of the last complete epoch; NaN without pairs."""
        return self.loss / self.pairs if self.pairs else float("nan")


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
    progress: Progress,
    *,
    bar: Any = None,
    begin_epoch: Callable[[], None] = lambda: None,
    end_epoch: Callable[[], None] = lambda: None,
) -> None:
    """Train for some epochs.

    Parameters
    ----------
    task : Task
    corpus : callable
        Gives the corpus of the next epoch; the same each time, or read anew.
    epochs : int
    schedule : Schedule
    progress : Progress
        Is kept up to date, also if training is interrupted.
    bar : tqdm, optional
        From `progress_bar`.
    begin_epoch, end_epoch : callable
        Called before and after each epoch.
    """
    started = time.perf_counter()
    for number in range(epochs):
        begin_epoch()
        encoded = corpus()
        position = trained = pairs = 0
        loss = 0.0
        for part in encoded.parts():
            epoch = new_epoch(task, encoded.load(part), schedule, number, progress.raw, position)
            show = Show(bar, progress, schedule, progress.raw + position, f"epoch {number + 1}/{epochs}", epoch)
            workers = max(1, min(task.workers, epoch.stretches))
            try:
                results = run_threads([epoch.work] * workers, epoch.stop, show)
            finally:
                show()
            trained += sum(result[0] for result in results)
            loss += math.fsum(result[1] for result in results)
            pairs += sum(result[2] for result in results)
            position += epoch.words
        progress.trained += trained
        progress.raw += position
        progress.loss, progress.pairs = loss, pairs
        logger.info(
            "epoch %d of %d: %.0f words/s%s",
            number + 1,
            epochs,
            progress.raw / max(time.perf_counter() - started, 1e-9),
            f", loss {progress.mean_loss:.4f}" if pairs else "",
        )
        end_epoch()


def new_epoch(
    task: Task,
    chunks: list[tuple[NDArray[np.int32], NDArray[np.int64]]],
    schedule: Schedule,
    number: int,
    before: int,
    position: int,
) -> Epoch:
    """The part of epoch `number` that begins with the word at `position`, after `before` words of other epochs."""
    words = sum(len(ids) for ids, _ in chunks)
    return Epoch(
        chunks,
        task.vectors,
        task.keep,
        task.locks,
        centres=task.limits.centres,
        rows=task.limits.rows,
        noise_words=task.limits.noise_words,
        workers=task.workers,
        seed=int(np.random.SeedSequence([*task.seed, number]).generate_state(1, np.uint64)[0]),
        start_alpha=schedule.rate(before + position),
        end_alpha=schedule.rate(before + position + words),
        first_position=position,
        **task.options,
    )


@dataclass
class Show:
    """Bring the progress, and the bar if there is one, up to date with an epoch; call it now and then."""

    bar: Any
    progress: Progress
    schedule: Schedule
    before: int
    name: str
    epoch: Epoch

    def __call__(self) -> None:
        done = self.before + self.epoch.claimed_words
        self.progress.alpha = self.schedule.rate(done)
        if self.bar is not None:
            loss = f", loss {self.progress.mean_loss:.4f}" if self.progress.pairs else ""
            self.bar.set_postfix_str(f"{self.name}, alpha {self.progress.alpha:.4f}{loss}", refresh=False)
            self.bar.update(done - self.bar.n)


def progress_bar(total: float) -> Any:
    """A tqdm bar on standard error, over so many words."""
    from tqdm import tqdm

    class Bar(tqdm):
        monitor_interval = 0  # tqdm's monitor is a thread that stays

    return Bar(total=round(total), unit=" words", unit_scale=True, desc="training")
