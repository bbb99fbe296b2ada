"""Diaries of models."""

from __future__ import annotations

import logging
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from datetime import datetime
from typing import Any

logger = logging.getLogger(__name__)

silent = ContextVar("silent", default=False)


@contextmanager
def no_events() -> Iterator[None]:
    """Inside this nothing is noted: what is only read from a file was not created."""
    before = silent.set(True)
    try:
        yield
    finally:
        silent.reset(before)


class Lifecycle:
    """Keeps a diary of what becomes of an object, in `lifecycle_events`."""

    lifecycle_events: list[dict[str, Any]] | None

    def add_lifecycle_event(self, event_name: str, log_level: Any = logging.INFO, **event: Any) -> None:
        """Append an event to `lifecycle_events`, with time and versions; keep none if that attribute is None.

        Parameters
        ----------
        event_name : str
        log_level : int or False, default logging.INFO
            Log the event too, unless False.
        **event
            What to keep beside these.
        """
        if silent.get():
            return
        import fastemb

        entry = deepcopy(event) | {
            "datetime": datetime.now().isoformat(),
            "fastemb": fastemb.__version__,
            "python": sys.version,
            "platform": platform.platform(),
            "event": event_name,
        }
        if log_level:
            logger.log(log_level, "%s: %s", type(self).__name__, entry)
        events = self.__dict__.setdefault("lifecycle_events", [])
        if events is not None:
            events.append(entry)
