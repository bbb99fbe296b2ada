"""Calls that are refused, and change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastemb.training import TrainingDiverged


@contextmanager
def unless_refused(model: Any) -> Iterator[None]:
    """A call that raises before training has begun leaves parameters, counters and learnt phrases as they were."""
    before = {name: getattr(model, name) for name in (*model.PARAMETERS, *model.STATE)}
    phrasers: list[Any] = getattr(model, "phrasers", [])
    learnt = phrasers[:]
    try:
        yield
    except TrainingDiverged:  # which says what the model was brought back to
        raise
    except BaseException:
        if model.train_count == before["train_count"]:
            for name, value in before.items():
                setattr(model, name, value)
            phrasers[:] = learnt
        raise
