"""What is said where a model lacks an output matrix, or rows of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastemb.models.keyedvectors import KeyedVectors

NEEDED_BY = {"syn1": "hs", "syn1neg": "negative"}


class Outputs:
    """What is inherited by Word2Vec: words for matrices that are not there."""

    wv: KeyedVectors
    _outputs: Callable[[], list[str]]

    def _check_outputs(self) -> None:
        """Raise ValueError unless each output matrix has a row for each word."""
        for name in self._outputs():
            if (rows := len(getattr(self, name))) != len(self.wv):
                raise ValueError(
                    f"wv has {len(self.wv)} words, and {name} rows of {rows}: words that were put into wv are trained "
                    "after build_vocab(update=True) with a corpus that has them"
                )

    if not TYPE_CHECKING:  # which is to find attributes that there are not

        def __getattr__(self, name: str) -> Any:
            parameter = NEEDED_BY.get(name)
            if parameter is None:
                return object.__getattribute__(self, name)  # raises what it raised before
            kind, value = type(self).__name__, self.__dict__.get(parameter)
            if not value:
                message = f"this {kind} has no {name}: it was made with {parameter}=0"
            else:
                message = (
                    f"this {kind} has no {name}: {parameter}={value} was set after its vocabulary was built with "
                    f"{parameter}=0. init_weights() makes all its matrices anew, to be trained from the beginning"
                )
            raise AttributeError(message, name=name, obj=self)
