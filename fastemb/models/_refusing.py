"""Calls that are refused, and change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def unless_refused(model: Any) -> Iterator[None]:
    """Look at what a call was given inside this: if it raises, parameters and counters become what they were before."""
    before = {name: getattr(model, name) for name in (*model.PARAMETERS, *model.STATE)}
    try:
        yield
    except BaseException:
        for name, value in before.items():
            setattr(model, name, value)
        raise
