"""Stochastic gradient descent over an encoded corpus, by worker threads."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from fastemb._threads import run_threads
from fastemb.corpus import Chunk, EncodedCorpus
from fastemb.kernels.sgd.chunks import Chunks
from fastemb.kernels.sgd.documentspecs import Documents
from fastemb.kernels.sgd.epoch import Epoch
from fastemb.kernels.sgd.specs import Inputs, Objective, Sampling, Team
from fastemb.training import trainer
from fastemb.training.checkpoints import Progress
from fastemb.training.divergence import SAMPLE


@dataclass(frozen=True)
class Task:
    """What is trained and how; the matrices are C-contiguous float32 and are trained in place.

    Attributes
    ----------
    inputs : SkipGram, Cbow, Texts or Documents
    objectives : sequence of Negatives, Tree
    team : Team
    seed : tuple of int
    measure : bool
        The loss.
    keep : ndarray of uint32, shape (vocabulary,), optional
        A token is kept with probability keep / (2³² - 1). Of texts all are kept.
    window, shrink_windows
        As of `fastemb.models.Word2Vec`; texts have none.
    before, after : bool
        Whether windows reach to that side.
    importance : ndarray of float32, shape (sentences,), optional
        What the pairs of each sentence of the corpus are multiplied by.
    """

    inputs: Inputs
    objectives: Sequence[Objective]
    team: Team
    seed: tuple[int, ...]
    measure: bool
    keep: NDArray[np.uint32] | None = None
    window: int = 1
    shrink_windows: bool = False
    before: bool = True
    after: bool = True
    importance: NDArray[np.float32] | None = None

    def inputs_of(self, part: list[Chunk]) -> Inputs:
        """The input side of some chunks of the corpus."""
        return self.inputs

    def matrices(self) -> dict[str, NDArray[np.float32]]:
        """What is trained, but for the rows of n-grams."""
        outputs = {type(objective).__name__: objective.matrix for objective in self.objectives}
        tags = {"tags": self.inputs.tags.matrix} if isinstance(self.inputs, Documents) else {}
        return {"inputs": self.inputs.words.matrix} | outputs | tags


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


class SgdTrainer:
    """Trains a task over an encoded corpus, in place; a `Trainer`.

    Parameters
    ----------
    make_task : callable
        Gives the Task, of the arrays that the model has.
    corpora : iterator of EncodedCorpus
        Gives the corpus of each epoch; the same each time, or read anew.
    schedule : Schedule
    progress : Progress
    publish : callable
        Called when what was trained is to be seen.
    unit : str, default 'words'
        What a corpus consists of.
    """

    in_place = True

    def __init__(
        self,
        make_task: Callable[[], Task],
        corpora: Iterator[EncodedCorpus],
        schedule: Schedule,
        progress: Progress,
        publish: Callable[[], None],
        unit: str = "words",
    ):
        self.make_task, self.corpora, self.schedule, self.progress = make_task, corpora, schedule, progress
        self.publish, self.unit = publish, unit
        self.cut: WeakKeyDictionary[Chunk, Chunks] = WeakKeyDictionary()  # parts that stay in memory
        self.renew()
        self.total = schedule.total - schedule.done
        progress.alpha = schedule.rate(progress.raw + progress.position)

    def epoch(self, number: int, watch: Callable[[bool], bool]) -> Iterator[None]:
        """As of `Trainer`."""
        progress, position, sentence = self.progress, 0, 0
        encoded = next(self.corpora).of_epoch(self.task.seed, number)
        for part in encoded.parts():
            end = position + sum(chunk.words for chunk in part)
            if progress.position < end:
                chunks = encoded.load(part)

                def new() -> Epoch:
                    inputs, cut = self.task.inputs_of(part), self.cut.get(part[0])  # noqa: B023
                    place = number, progress.raw, position, sentence  # noqa: B023
                    return new_epoch(self.task, inputs, chunks, self.schedule, *place, cut)  # noqa: B023

                task, epoch = self.task, new()
                if all(chunk.resident for chunk in part):
                    self.cut[part[0]] = epoch.chunks
                while self.train_part(epoch, position, watch):
                    yield
                    if task is not self.task:
                        task, epoch = self.task, new()
            position, sentence = end, sentence + sum(chunk.sentences for chunk in part)

    def train_part(self, epoch: Epoch, position: int, watch: Callable[[bool], bool]) -> bool:
        """Train a part of an epoch, which begins at `position`, to its end or to a pause; return whether to pause."""
        progress = self.progress
        epoch.begin_at(progress.position - position)
        first, paused = epoch.claimed_words, False

        def look() -> None:
            nonlocal paused
            self.note(position + epoch.claimed_words)
            if watch(epoch.claimed_words > first and not paused):
                paused = True
                epoch.pause()

        try:
            results = run_threads([epoch.work] * epoch.workers, epoch.stop, look, trainer.POLL)
        finally:
            self.note(position + epoch.claimed_words)
        progress.partial_trained += sum(result[0] for result in results)
        losses = [result[1] for result in results] if self.task.measure else [math.nan]
        progress.partial_loss = math.fsum([progress.partial_loss, *losses])
        progress.partial_pairs += sum(result[2] for result in results)
        progress.position = position + epoch.claimed_words
        return paused

    def renew(self) -> None:
        """As of `Trainer`."""
        self.task = self.make_task()
        self.cut.clear()

    def note(self, position: int) -> None:
        """Workers have begun with so many words of this epoch."""
        self.progress.claimed = self.progress.raw + position
        self.progress.alpha = self.schedule.rate(self.progress.claimed)

    def sample(self) -> dict[str, NDArray[np.float32]]:
        """The most frequent words, which meet all others."""
        return {name: matrix[:SAMPLE] for name, matrix in self.task.matrices().items()}

    def status(self) -> str:
        """The learning rate, and the loss if it is measured."""
        return f", alpha {self.progress.alpha:.4f}{self.progress.shown_loss}"


def new_epoch(
    task: Task,
    inputs: Inputs,
    chunks: Sequence[tuple[Any, ...]],
    schedule: Schedule,
    number: int,
    before: int,
    position: int,
    sentence: int = 0,
    cut: Chunks | None = None,
) -> Epoch:
    """The part of epoch `number` that begins with the word at `position`, after `before` words of other epochs.

    That word is the first of `sentence`, a number from 0. `cut` are these chunks as an epoch of this task has cut them.
    """
    words = sum(len(ids) for ids, *_ in chunks)
    importance = task.importance
    if importance is not None:
        importance = importance[sentence : sentence + sum(len(starts) - 1 for _, starts, *_ in chunks)]
    seed = int(np.random.SeedSequence([*task.seed, number]).generate_state(1, np.uint64)[0])
    return Epoch(
        cut or chunks,
        inputs,
        task.objectives,
        Sampling(task.keep, task.window, task.shrink_windows, seed, position, task.before, task.after, importance),
        rates=(schedule.rate(before + position), schedule.rate(before + position + words)),
        team=task.team,
        measure=task.measure,
    )
