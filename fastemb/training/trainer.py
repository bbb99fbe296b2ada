"""What trains, and what is trained, as the driver of epochs sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from fastemb.training.checkpoints import Progress, Run

POLL = 0.1  # seconds between looks at the workers
Arrays = dict[str, NDArray[Any]]


class StopTraining(Exception):
    """Raised by a callback to end training in good order, before its time: from all methods but `due`."""


class Trainer(Protocol):
    """Trains the arrays of a model, an epoch at a time.

    Attributes
    ----------
    progress : Progress
        Is kept up to date. If training is interrupted, it stands where workers were known to be last.
    in_place : bool
        Whether the model's own arrays change while an epoch is trained; else copies, until `publish` is called.
    total : float
        What is to be done in all epochs together, in words or in
    unit : str
        these.
    """

    progress: Progress
    in_place: bool
    total: float
    unit: str

    def epoch(self, number: int, watch: Callable[[bool], bool]) -> Iterator[None]:
        """Train epoch `number`, from 0, from where the progress stands.

        Yields at each pause, when everything up to `progress.position`, and nothing behind it, is trained.

        Parameters
        ----------
        number : int
        watch : callable
            To be called a few times a second, in the calling thread, with whether anything was begun since the last
            pause; returns whether to pause.

        Raises
        ------
        TrainingDiverged
            If NaN or infinity was found.
        """

    def sample(self) -> Arrays:
        """Some rows, to see while it trains whether they are finite."""

    def status(self) -> str:
        """What to show of the training, beside how far it is."""

    def publish(self) -> None:
        """Let the model show what was trained."""

    def renew(self) -> None:
        """Train from here on the arrays that the model has now, which are others of the same shapes."""


class Trained(Protocol):
    """A model that can be trained; see `fastemb.models.base.Model`."""

    STATE: ClassVar[tuple[str, ...]]
    KEEPS_EPOCHS: ClassVar[bool]

    wv: Any
    run: Run | None
    epochs: int
    progress: bool
    train_count: int
    total_train_time: float

    def _matrices(self) -> Arrays: ...
    def _rows_to_train(self, epoch: int) -> dict[str, NDArray[np.intp]]: ...
    def _vectors_changed(self) -> None: ...
    def _forget_losses(self) -> None: ...
    def _count_loss(self, progress: Progress) -> None: ...
    def _bring_back(self, checkpoint: str) -> dict[str, Any]: ...
    def _too_high(self) -> str: ...


class Events(Protocol):
    """The callbacks of a model, called together; see `fastemb.models.callbacks.Callbacks`.

    Attributes
    ----------
    after : callable
        Is called after each method of each callback, with the name of both.
    """

    after: Callable[[str], None]

    def __bool__(self) -> bool: ...
    def __call__(self, event: str) -> None: ...
    def due(self) -> bool: ...
    def last_checkpoint(self) -> str | None: ...
