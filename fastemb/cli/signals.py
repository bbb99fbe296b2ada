"""Signals that end a command as Ctrl-C does: what was trained so far is written, and nothing is left half-written."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("SIGTERM", "SIGHUP")  # Windows has but the first, and the programs there do not send it


class Terminated(KeyboardInterrupt):
    """Raised in place of the end of the process; `number` is the signal's."""

    number = signal.SIGINT


@contextmanager
def raising_signals() -> Iterator[None]:
    """Inside this, the signals raise `Terminated`, but for those that are ignored, as by nohup, or handled already."""

    def terminate(number: int, _: Any) -> None:
        terminated = Terminated()
        terminated.number = signal.Signals(number)
        raise terminated

    numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
    in_main = threading.current_thread() is threading.main_thread()  # elsewhere handlers cannot be set
    ours = [number for number in numbers if in_main and signal.getsignal(number) == signal.SIG_DFL]
    for number in ours:
        signal.signal(number, terminate)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
