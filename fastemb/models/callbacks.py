"""Code of the user's that runs between epochs."""

from typing import Any


class CallbackAny2Vec:
    """Base class: override what you need. Each method gets the model."""

    def on_epoch_begin(self, model: Any) -> None:
        """Called before each epoch."""

    def on_epoch_end(self, model: Any) -> None:
        """Called after each epoch."""

    def on_train_begin(self, model: Any) -> None:
        """Called when `train()` begins."""

    def on_train_end(self, model: Any) -> None:
        """Called when `train()` ends."""
