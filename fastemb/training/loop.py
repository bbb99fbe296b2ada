"""Epochs of worker threads over an encoded corpus."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._threads import run_threads
from fastemb.corpus import EncodedCorpus
from fastemb.kernels.sgd.epoch import Epoch
from fastemb.kernels.sgd.specs import Inputs, Objective, Sampling, Team
from fastemb.training.checkpoints import Progress
from fastemb.training.divergence import SAMPLE, TrainingDiverged, not_finite

logger = logging.getLogger(__name__)

POLL = 0.1  # seconds between looks at the workers


@dataclass(frozen=True)
class Task:
    """What is trained and how; the matrices are C-contiguous float32 and are trained in place.

    Attributes
    ----------
    inputs : SkipGram or Cbow
    objectives : sequence of Negatives, Tree
    keep : ndarray of uint32, shape (vocabulary,)
        A token is kept with probability keep / (2³² - 1).
    window, shrink_windows
        As of `fastemb.models.Word2Vec`.
    team : Team
    seed : tuple of int
    measure : bool
        The loss.
    """

    inputs: Inputs
    objectives: Sequence[Objective]
    keep: NDArray[np.uint32]
    window: int
    shrink_windows: bool
    team: Team
    seed: tuple[int, ...]
    measure: bool

    def matrices(self) -> dict[str, NDArray[np.float32]]:
        """What is trained, but for the rows of n-grams."""
        outputs = {type(objective).__name__: objective.matrix for objective in self.objectives}
        return {"inputs": self.inputs.words.matrix} | outputs


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
    due: Callable[[], bool] = lambda: False,
    at_pause: Callable[[], None] = lambda: None,
) -> None:
    """Train for some epochs, from where `progress` stands.

    Parameters
    ----------
    task : Task
    corpus : callable
        Gives the corpus of the next epoch; the same each time, or read anew.
    epochs : int
    schedule : Schedule
    progress : Progress
        Is kept up to date. If training is interrupted, it stands where workers were known to be last.
    bar : tqdm, optional
        From `fastemb.training.progress`.
    begin_epoch, end_epoch : callable
        Called before and after each epoch.
    due : callable
        Asked a few times a second whether to pause.
    at_pause : callable
        Called in each pause, when everything up to `progress.position`, and nothing behind it, is trained.

    Raises
    ------
    TrainingDiverged
        If the first rows of a matrix are found not to be finite.
    """
    started, before = time.perf_counter(), progress.raw + progress.position
    for number in range(progress.epochs, epochs):
        begin_epoch()
        watch = Watch(task, schedule, progress, f"epoch {number + 1}/{epochs}", bar, due)
        encoded = corpus()
        position = 0
        for part in encoded.parts():
            end = position + sum(chunk.words for chunk in part)
            if progress.position < end:
                epoch = new_epoch(task, encoded.load(part), schedule, number, progress.raw, position)
                while train_part(epoch, watch, position):
                    at_pause()
            position = end
        progress.end_epoch()
        logger.info(
            "epoch %d of %d: %.0f words/s%s",
            number + 1,
            epochs,
            (progress.raw - before) / max(time.perf_counter() - started, 1e-9),
            progress.shown_loss,
        )
        end_epoch()


def train_part(epoch: Epoch, watch: Watch, position: int) -> bool:
    """Train a part of an epoch, which begins at `position`, to its end or to a pause; return whether to pause."""
    progress = watch.progress
    epoch.begin_at(progress.position - position)
    watch.begin(epoch, position)
    try:
        results = run_threads([epoch.work] * epoch.workers, epoch.stop, watch, POLL)
    finally:
        watch.show()
    progress.partial_trained += sum(result[0] for result in results)
    losses = [result[1] for result in results] if watch.task.measure else [math.nan]
    progress.partial_loss = math.fsum([progress.partial_loss, *losses])
    progress.partial_pairs += sum(result[2] for result in results)
    progress.position = position + epoch.claimed_words
    return watch.paused


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
    seed = int(np.random.SeedSequence([*task.seed, number]).generate_state(1, np.uint64)[0])
    return Epoch(
        chunks,
        task.inputs,
        task.objectives,
        Sampling(task.keep, task.window, task.shrink_windows, seed, first_position=position),
        rates=(schedule.rate(before + position), schedule.rate(before + position + words)),
        team=task.team,
        measure=task.measure,
    )


@dataclass
class Watch:
    """Look after an epoch while workers train; to be called now and then."""

    task: Task
    schedule: Schedule
    progress: Progress
    name: str
    bar: Any
    due: Callable[[], bool]

    def begin(self, epoch: Epoch, position: int) -> None:
        """Look after this part of an epoch, which begins at `position`."""
        self.epoch, self.position = epoch, position
        self.first = epoch.claimed_words
        self.paused = False

    def __call__(self) -> None:
        self.show()
        if not_finite({name: matrix[:SAMPLE] for name, matrix in self.task.matrices().items()}):
            raise TrainingDiverged.in_epoch(self.progress.epochs + 1)
        # A pause before anything was claimed would be no progress.
        if not self.paused and self.epoch.claimed_words > self.first and self.due():
            self.paused = True
            self.epoch.pause()

    def show(self) -> None:
        """Bring the learning rate, and the bar if there is one, up to date."""
        done = self.progress.raw + self.position + self.epoch.claimed_words
        self.progress.claimed = done
        self.progress.alpha = self.schedule.rate(done)
        if self.bar is not None:
            shown = f"{self.name}, alpha {self.progress.alpha:.4f}{self.progress.shown_loss}"
            self.bar.set_postfix_str(shown, refresh=False)
            self.bar.update(done - self.bar.n)
