"""Exceptions that carry a model, within a process."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, TypeVar

Error = TypeVar("Error", bound=BaseException)


def carry(error: Error, model: Any) -> Error:
    """Let `error.model` be the model, unless it has another; return the error. Pickled, it is as it was without.

    Errors go to parent processes, where nobody wants the matrices, and not all that a model holds can be pickled.
    """
    if getattr(error, "model", None) is not None:
        return error
    own: dict[str, Any] = {"model": model}
    with suppress(Exception):  # what cannot be pickled goes nowhere
        whole = type(error).__reduce_ex__(error, 4)
        if not isinstance(whole, str):
            whole = tuple(dict(part) if part is vars(error) else part for part in whole)
        own["__reduce_ex__"] = lambda protocol: whole  # pickle asks the object, not its class, how to reduce it
    vars(error).update(own)  # not by assignment, which a class may forbid
    return error
