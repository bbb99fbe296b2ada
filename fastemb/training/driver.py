"""The one loop over epochs: progress, pauses, callbacks, what to do when training diverges or is interrupted."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any

from fastemb._gates import Gate, gate_of, release
from fastemb.training.carrying import carry
from fastemb.training.checkpoints import Run
from fastemb.training.divergence import LastGood, TrainingDiverged, not_finite, refuse_not_finite
from fastemb.training.held import Held
from fastemb.training.progress import progress_bar
from fastemb.training.trainer import Events, StopTraining, Trained, Trainer

logger = logging.getLogger(__name__)
END = object()


def fit(model: Trained, trainer: Trainer, run: Run, callbacks: Events) -> list[int]:
    """Train a model from where a run stands to the end, or until a callback stops it.

    Parameters
    ----------
    model : Trained
        Its `run` is this one meanwhile.
    trainer : Trainer
    run : Run
        Its `progress` is the trainer's.
    callbacks : Events

    Returns
    -------
    list of int
        Pairs of each epoch that was trained to its end.

    Raises
    ------
    TrainingDiverged
        If NaN or infinity was found. The model is brought back to its last good state.
    ValueError
        If there was NaN or infinity before in what would be trained.
    """
    with gate_of(model.wv) as gate:
        driver = Driver(model, trainer, run, callbacks, gate)
        model.run = run
        try:
            driver.check()
            driver.train()
            release(model)  # which may be trained anew
            callbacks.after = lambda by: None
            with suppress(StopTraining):  # it has ended already
                callbacks("on_train_end")
        except TrainingDiverged as diverged:
            raise driver.explained(diverged) from None
        except BaseException as error:
            carry(error, model)  # which a constructor could not hand over
            raise
        finally:
            model.run = None
            gate.open()
    return driver.pairs


class Driver:
    """One call of `fit`.

    Attributes
    ----------
    held : Held, optional
        What callbacks may replace, if there are any.
    keeps_epochs : bool
        Each is kept in case that the next one diverges.
    good : LastGood, optional
        The model as it was when all was well.
    state : dict
        Its counters then.
    pairs : list of int
        Of each epoch that was trained to its end.
    begun : bool
        No callback has refused that.
    number : int
        The epoch that is trained, from 0.
    published : tuple of int
        The place in training that the model shows, if it is not trained in place: epochs, and a position.
    """

    def __init__(self, model: Trained, trainer: Trainer, run: Run, callbacks: Events, gate: Gate):
        self.model, self.trainer, self.run, self.callbacks = model, trainer, run, callbacks
        self.gate = gate
        self.held = Held(model) if callbacks else None
        callbacks.after = self.look_for_changes
        self.progress = trainer.progress
        self.keeps_epochs = trainer.in_place and model.KEEPS_EPOCHS
        self.good: LastGood | None = None
        self.state: dict[str, Any] = {}
        self.pairs: list[int] = []
        self.bar: Any = None
        self.begun = False
        self.number = self.progress.epochs
        self.published = self.progress.epochs, self.progress.position
        self.clock = time.perf_counter() - model.total_train_time
        self.began, self.before = time.perf_counter(), self.progress.raw + self.progress.position

    def train(self) -> None:
        """Train epoch after epoch; whatever happens, the model's counters are true afterwards.

        If a callback refuses to begin, nothing has changed.
        """
        try:
            self.begin()
            for number in range(self.progress.epochs, self.model.epochs):
                self.number = number
                self.callbacks("on_epoch_begin")
                epoch = self.trainer.epoch(number, self.watch)
                while self.advance(epoch):
                    self.callbacks("on_pause")
                if self.keeps_epochs and number + 1 < self.model.epochs and self.in_file() is None:
                    self.keep()
                self.callbacks("on_epoch_end")
        except StopTraining as stop:
            self.run.stopped = True
            logger.info("training was stopped by a callback: %s", stop)
        finally:
            if self.begun:
                self.end()

    def end(self) -> None:
        """Let the model show what was trained, and count it."""
        self.model.train_count = self.run.number + 1
        self.tick()
        self.show()
        if self.bar is not None:
            self.bar.close()
        if self.trainer.in_place and self.gate.is_mine():
            self.trainer.publish()

    def check(self) -> None:
        """See that all is well before anything changes."""
        refuse_not_finite(self.model._matrices(), self.model._rows_to_train(self.progress.epochs))

    def begin(self) -> None:
        """Remember how the model is, and begin."""
        if (self.model.train_count and self.run.origin is None) or not self.trainer.in_place:
            self.keep()
        if self.run.origin is None:
            self.model._forget_losses()
        try:
            self.callbacks("on_train_begin")
            self.begun = True
        except StopTraining:  # after no epoch
            self.begun = True
            raise
        if self.model.progress:
            self.bar = progress_bar(self.trainer.total, self.trainer.unit)

    def watch(self, begun: bool) -> bool:
        """Show how far training is, and see that all is well; return whether to pause, which needs something begun."""
        self.show()
        if not_finite(self.trainer.sample()):
            raise TrainingDiverged.in_epoch(self.number + 1)
        return begun and (self.callbacks.due() or self.gate.waiting > 0)

    def show(self) -> None:
        if self.bar is not None:
            status = f"epoch {self.number + 1}/{self.model.epochs}{self.trainer.status()}"
            self.bar.set_postfix_str(status, refresh=False)
            self.bar.update(self.progress.claimed - self.bar.n)

    def end_epoch(self) -> None:
        """Count an epoch that was trained to its end."""
        self.progress.end_epoch()
        self.pairs.append(self.progress.pairs)
        self.model._count_loss(self.progress)
        speed = (self.progress.raw - self.before) / max(time.perf_counter() - self.began, 1e-9)
        status = self.trainer.status()
        logger.info("epoch %d of %d: %.0f %s/s%s", self.number + 1, self.model.epochs, speed, self.trainer.unit, status)

    def advance(self, epoch: Iterator[None]) -> bool:
        """Train to a pause or to the end of an epoch, and see that all is well; return whether it is a pause.

        Other threads see the model before or after this; if it raises, they wait until the driver has ended.
        """
        self.gate.close()
        paused = next(epoch, END) is not END
        self.show()
        self.trainer.publish()
        if not_finite(*self.shown(paused)):
            raise TrainingDiverged.in_epoch(self.number + 1)
        if not paused:
            self.end_epoch()
        self.published = self.progress.epochs, self.progress.position
        self.tick()
        if not self.trainer.in_place:
            self.keep()
        if self.held is not None:
            self.held.note()
        self.gate.open()
        return paused

    def shown(self, paused: bool) -> tuple[dict[str, Any], ...]:
        """The matrices, and which rows of them; of an epoch that nobody looks at or goes back to, only a few rows."""
        seen = paused or self.callbacks or self.number + 1 == self.model.epochs
        if self.trainer.in_place and not self.model.KEEPS_EPOCHS and not seen:
            return (self.trainer.sample(),)
        return self.model._matrices(), self.model._rows_to_train(self.number)

    def look_for_changes(self, by: str) -> None:
        """Train what the model has now, if a callback has put other arrays there."""
        if self.held is not None and self.held.changed(by):
            self.trainer.renew()

    def in_file(self) -> str | None:
        """The checkpoint that holds the last good state."""
        return self.callbacks.last_checkpoint() or self.run.origin

    def keep(self) -> None:
        """Keep the model as it is, in case that training diverges and there is no checkpoint to go back to."""
        self.state = {name: deepcopy(getattr(self.model, name)) for name in self.model.STATE}
        if not self.trainer.in_place:
            return
        try:
            self.good = None  # its file goes first: else there would be two
            self.good = LastGood(self.model._matrices(), self.model._rows_to_train(self.progress.epochs))
        except OSError as error:
            logger.warning("if training diverges, this epoch cannot be undone: %s", error)

    def tick(self) -> None:
        self.model.total_train_time = time.perf_counter() - self.clock

    def explained(self, diverged: TrainingDiverged) -> TrainingDiverged:
        """The same error, with what to do; brings the model back to its last checkpoint, or to the last epoch's end."""
        message = f"{diverged}: {self.model._too_high()} is too high for this corpus. "
        checkpoint = self.in_file()
        state: dict[str, Any] = {}
        if not self.trainer.in_place:
            epochs, position = self.published
            state = self.state
            where = f"at the last pause of epoch {epochs + 1}" if position else f"after epoch {epochs}"
            message += f"The model is as it was {where if epochs or position else 'before training'}"
        elif checkpoint is not None:
            state = self.model._bring_back(checkpoint)
            message += f"The model was brought back to its last good state, which is in {checkpoint}"
        elif self.good is not None:
            self.good.put_back(self.model._matrices())
            state = self.state
            self.model._vectors_changed()
            where = "the end of the epoch before" if self.keeps_epochs else "what it was before"
            message += f"The model was brought back to {where}"
        else:
            message += "There is no good state to go back to: it had not been trained before"
        for key in self.model.STATE if state else ():
            setattr(self.model, key, state[key])
        explained = TrainingDiverged(message)
        explained.checkpoint = checkpoint
        return carry(explained, self.model)
