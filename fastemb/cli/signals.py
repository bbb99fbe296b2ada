"""Signals that end a command as Ctrl-C does: what was trained so far is written, and nothing is left half-written."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# What ends a process, or interrupts Python, unless it is handled; Windows has no SIGHUP, and sends no SIGTERM.
HANDLERS = {"SIGINT": signal.default_int_handler, "SIGTERM": signal.SIG_DFL, "SIGHUP": signal.SIG_DFL}


class Terminated(KeyboardInterrupt):
    """Raised in place of the end of the process; `number` is the signal's."""

    number = signal.SIGINT


raised: list[Terminated] = []


class Reminder:
    """A callback of training: raises a signal's exception again if that was lost.

    Python drops what is raised while it forgets an object, as the thread of a worker.
    """

    def due(self, model: Any) -> bool:
        """Asked a few times a second."""
        if raised:
            raise raised[-1]
        return False

    def pass_by(self, model: Any) -> None:
        """Called at other events."""

    on_train_begin = on_train_end = on_epoch_begin = on_epoch_end = pass_by


@contextmanager
def raising_signals() -> Iterator[None]:
    """Inside this, the signals raise `Terminated`, but for those that are ignored, as by nohup, or handled already."""

    def terminate(number: int, _: Any) -> None:
        terminated = Terminated()
        terminated.number = signal.Signals(number)
        raised.append(terminated)
        raise terminated

    raised.clear()
    in_main = threading.current_thread() is threading.main_thread()  # elsewhere handlers cannot be set
    before = {getattr(signal, name): handler for name, handler in HANDLERS.items() if in_main and hasattr(signal, name)}
    ours = {number: handler for number, handler in before.items() if signal.getsignal(number) == handler}
    for number in ours:
        signal.signal(number, terminate)
    try:
        yield
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)
