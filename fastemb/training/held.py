"""What training holds of a model while code of the user's runs, which may put other arrays there."""

from __future__ import annotations

from typing import Any

from fastemb.training.divergence import not_finite
from fastemb.training.trainer import Trained


class Held:
    """The words and the arrays of a model, as training knows them."""

    def __init__(self, model: Trained):
        self.model = model
        self.wv, self.keys = model.wv, list(model.wv.index_to_key)
        self.note()

    def note(self) -> None:
        """Take what is there now for training's own."""
        self.places = self.where()
        self.made = None if self.wv.NGRAMS or "wv.vectors" in self.places else self.wv.vectors

    def where(self) -> dict[str, tuple[Any, ...]]:
        """Where in memory each array is, and what it is."""
        arrays = self.model._matrices()
        return {
            name: (array.__array_interface__["data"][0], array.shape, array.dtype) for name, array in arrays.items()
        }

    def changed(self, by: str) -> bool:
        """Whether there are other arrays, which can be trained in place of those before.

        Parameters
        ----------
        by : str
            What may have put them there, for messages.

        Raises
        ------
        RuntimeError
            If the words are others, or the arrays are of other shapes.
        ValueError
            If an array holds NaN or infinity.
        """
        if self.model.wv is not self.wv or self.model.wv.index_to_key != self.keys:
            raise RuntimeError(f"{by} has changed the words of the model that is being trained: do so after train()")
        if self.made is not None and self.wv.vectors is not self.made:
            raise RuntimeError(
                f"{by} has put other wv.vectors into the model that is being trained, which makes them of "
                f"{', '.join(self.places)}: change those"
            )
        before, self.places = self.places, self.where()
        if self.places == before:
            return False
        for name, (_, shape, _) in before.items():
            now = self.places.get(name, (None, None))[1]
            if now != shape:
                raise RuntimeError(
                    f"{by} has put {name} of shape {now} in place of {shape} into the model that is being trained"
                )
        if bad := not_finite(self.model._matrices()):
            raise ValueError(f"{bad} holds NaN or infinity, which {by} has put there")
        return True
