"""Code of the user's that runs during training, and some that is ready: checkpoints, early stopping, a plot."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from fastemb._absent import refusing
from fastemb._paths import local
from fastemb.io.outputs import check_writable, replacing
from fastemb.training import StopTraining

__getattr__ = refusing("gensim.models.callbacks")

logger = logging.getLogger(__name__)

Path = str | os.PathLike[str]
EVENTS = "on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end"


class CallbackAny2Vec:
    """Base class: override what you need. Each method gets the model.

    `model.run.progress` says how far training has come: see `fastemb.training.Progress`. What
    `model.save(path)` writes from `on_epoch_end` or `on_pause` is a checkpoint, with which `resume()` goes on.
    """

    def on_epoch_begin(self, model: Any) -> None:
        """Called before each epoch."""

    def on_epoch_end(self, model: Any) -> None:
        """Called after each epoch."""

    def on_train_begin(self, model: Any) -> None:
        """Called when `train()` begins."""

    def on_train_end(self, model: Any) -> None:
        """Called when `train()` ends."""

    def due(self, model: Any) -> bool:
        """Asked a few times a second while workers train; True lets them pause, and `on_pause` be called."""
        return False

    def on_pause(self, model: Any) -> None:
        """Called in the middle of an epoch, while nothing is trained, after `due` has answered True."""


class Callbacks:
    """Callbacks of a model, called together.

    Parameters
    ----------
    callbacks : iterable of CallbackAny2Vec
        Objects of any class will do that have the four methods of gensim's.
    model : object

    Raises
    ------
    TypeError
        If one is no such object.

    Attributes
    ----------
    after : callable
        Is called after each method of each callback, with the name of both.
    """

    def __init__(self, callbacks: Iterable[Any], model: Any):
        self.callbacks = list(callbacks)
        for callback in self.callbacks:
            if lacking := [event for event in EVENTS if not hasattr(callback, event)]:
                raise TypeError(f"a callback of class {type(callback).__name__} has no method {lacking[0]}")
        self.model = model
        self.waiting: list[Any] = []
        self.after: Callable[[str], None] = lambda by: None

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.callbacks)

    def __call__(self, event: str) -> None:
        """Call a method of all; that one of them stops training keeps none of the others from being called."""
        callbacks, stop = (self.waiting if event == "on_pause" else self.callbacks), None
        for callback in callbacks:
            try:
                getattr(callback, event)(self.model)
            except StopTraining as asked:
                stop = asked
            self.after(f"{type(callback).__name__}.{event}")
        if stop is not None:
            raise stop

    def due(self) -> bool:
        """Whether one of them wants a pause."""
        self.waiting = [
            callback for callback in self.callbacks if hasattr(callback, "due") and callback.due(self.model)
        ]
        return bool(self.waiting)

    def last_checkpoint(self) -> str | None:
        """The file that a `Checkpoint` has written last, if any."""
        written = [each for each in self.callbacks if isinstance(each, Checkpoint) and each.saved_at is not None]
        return max(written, key=lambda each: each.saved_at or 0).path if written else None


class Checkpoint(CallbackAny2Vec):
    """Save the model now and then, so that training can go on with `resume()` after a crash.

    The file holds one state, the last; it is replaced as a whole, so that there is a good one at every
    moment. A state with NaN or infinity is never written.

    Parameters
    ----------
    path : str or os.PathLike
    minutes : float, optional
        Save when so many minutes have passed, also in the middle of an epoch: workers pause meanwhile.
    words : int, optional
        Save when so many words have been trained, also in the middle of an epoch.
    epochs : int, optional
        Save after every so many epochs; 1 by default if neither `minutes` nor `words` is given.
        When training ends, its end is saved in any case.

    Raises
    ------
    ValueError
        If an interval is not positive.
    OSError
        When training begins, if the file cannot be written; and later, if it can no longer be. The
        file that was written before stays.
    """

    def __init__(
        self, path: Path, *, minutes: float | None = None, words: int | None = None, epochs: int | None = None
    ):
        for name, value in {"minutes": minutes, "words": words, "epochs": epochs}.items():
            if value is not None and not value > 0:
                raise ValueError(f"{name} must be positive, not {value!r}")
        self.path = local(path)
        self.minutes, self.words = minutes, words
        self.epochs = 1 if minutes is words is epochs is None else epochs
        self.saved_at: float | None = None
        self.saved: tuple[int, int, bool] | None = None
        self._begin(0)

    def _begin(self, words: int) -> None:
        self.last_time, self.last_words = time.monotonic(), words

    def on_train_begin(self, model: Any) -> None:
        check_writable(self.path)
        self.saved = self.saved_at = None
        self._begin(model.run.progress.claimed)

    def due(self, model: Any) -> bool:
        late = self.minutes is not None and time.monotonic() - self.last_time >= 60 * self.minutes
        return late or (self.words is not None and model.run.progress.claimed - self.last_words >= self.words)

    def on_pause(self, model: Any) -> None:
        progress = model.run.progress
        place = progress.epochs, progress.position, model.run.stopped
        if place == self.saved:
            return
        model.save(self.path)
        self._begin(progress.claimed)
        self.saved, self.saved_at = place, self.last_time
        logger.info("checkpoint: %s", self.path)

    def on_epoch_end(self, model: Any) -> None:
        if self.due(model) or (self.epochs is not None and model.run.progress.epochs % self.epochs == 0):
            self.on_pause(model)

    def on_train_end(self, model: Any) -> None:
        self.on_pause(model)


class EarlyStopping(CallbackAny2Vec):
    """Stop when epochs no longer make the model better.

    Parameters
    ----------
    pairs : str or os.PathLike, optional
        Judge by the rank correlation with this file of word pairs, as of `KeyedVectors.evaluate_word_pairs`; fields are
        divided as the first line has them. Needs SciPy, the extra `evaluation`.
    metric : callable, optional
        Judge by `metric(model)`, a number that is larger for better models. Without `pairs` and `metric`, the
        loss is the judge: train with ``compute_loss=True``.
    patience : int, default 1
        Stop after so many epochs in a row that were not better than the best before them.
    min_delta : float, default 0
        What counts as better: by more than this.

    Attributes
    ----------
    scores : list of float
        What was found after each epoch, larger for better: for the loss, its negative.

    Raises
    ------
    ValueError
        When training begins, if there is no loss to judge by, or less than two of the pairs are known.
    OSError, ImportError
        When training begins, if the file of pairs cannot be read, or SciPy is not there.
    """

    def __init__(
        self,
        pairs: Path | None = None,
        *,
        metric: Callable[[Any], float] | None = None,
        patience: int = 1,
        min_delta: float = 0.0,
    ):
        if pairs is not None and metric is not None:
            raise TypeError("give either pairs or metric, and not both")
        if patience < 1:
            raise ValueError(f"patience must be at least 1, not {patience}")
        if pairs is not None:
            metric = lambda model: model.wv.evaluate_word_pairs(pairs, None)[1][0]  # noqa: E731
        self.pairs = pairs
        self.metric, self.patience, self.min_delta = metric, patience, min_delta
        self.scores: list[float] = []

    def on_train_begin(self, model: Any) -> None:
        if self.metric is None and not model.compute_loss:
            raise ValueError("there is no loss to stop by: train with compute_loss=True")
        if self.metric is not None and self.pairs is not None:
            self.metric(model)  # raises now, and not after an epoch, what it would raise then
        self.scores = []

    def on_epoch_end(self, model: Any) -> None:
        if self.metric is None:
            self.scores = [-loss for loss in model.epoch_losses]  # also of epochs before an interruption
        else:
            self.scores.append(float(self.metric(model)))
        before, last = self.scores[: -self.patience], self.scores[-self.patience :]
        if before and not max(last) > max(before) + self.min_delta:
            raise StopTraining(f"no better than {max(before):.4f} for {self.patience} epochs: {last}")


class LossPlot(CallbackAny2Vec):
    """Draw the loss of each epoch so far into a picture. Needs matplotlib, the extra `plot`.

    Parameters
    ----------
    path : str or os.PathLike
        Its ending gives the format, for example .png or .svg. Train with ``compute_loss=True``.

    Raises
    ------
    ImportError
        When training begins, without matplotlib.
    ValueError
        When training begins, if no loss is measured, or matplotlib writes no such pictures.
    """

    def __init__(self, path: Path):
        self.path = local(path)
        self.format = os.path.splitext(self.path)[1].lstrip(".").lower() or "png"

    def on_train_begin(self, model: Any) -> None:
        try:
            from matplotlib.figure import Figure
        except ImportError:
            raise ImportError("a plot of the loss needs matplotlib: pip install 'fastemb[plot]'") from None
        known = Figure().canvas.get_supported_filetypes()
        if self.format not in known:
            raise ValueError(f"{self.path}: matplotlib writes no .{self.format} files, but {', '.join(sorted(known))}")
        if not model.compute_loss:
            raise ValueError("there is no loss to draw: train with compute_loss=True")
        check_writable(self.path)

    def on_epoch_end(self, model: Any) -> None:
        from matplotlib.figure import Figure

        figure = Figure(layout="constrained")
        axes = figure.add_subplot(xlabel="epoch", ylabel="loss for each pair")
        axes.plot(range(1, len(model.epoch_losses) + 1), model.epoch_losses, marker="o")
        with replacing(self.path) as file:
            figure.savefig(file, format=self.format)
