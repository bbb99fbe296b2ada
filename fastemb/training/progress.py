"""How far a program has come, for people: a bar on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import io
import os
import sys
import time
from typing import Any

EVERY = 10.0  # seconds between lines


def progress_bar(total: float, unit: str = "words", description: str = "training") -> Any:
    """A tqdm bar on standard error, over so many words or other things; `Lines` where that is a file or a pipe."""
    from tqdm import tqdm

    options = {"total": round(total), "unit": f" {unit}", "unit_scale": True}
    # Notebooks have streams of their own, which show bars; and tqdm itself knows what this variable says.
    redirected = isinstance(sys.stderr, io.TextIOWrapper) and not sys.stderr.isatty()
    if redirected and "TQDM_DISABLE" not in os.environ:
        return Lines(lambda **state: tqdm.format_meter(prefix=description, ncols=0, **options, **state))

    class Bar(tqdm):
        monitor_interval = 0  # tqdm's monitor is a thread that stays

    return Bar(desc=description, **options)


class Lines:
    """The part of tqdm's interface that is used here, for a file of text.

    Parameters
    ----------
    say : callable
        Makes a line from `n`, `elapsed` and `postfix`.
    """

    def __init__(self, say: Any):
        self.say = say
        self.n = 0
        self.postfix = ""
        self.began = time.monotonic()
        self.last: float | None = None
        self.shown = -1

    def set_postfix_str(self, text: str, refresh: bool = True) -> None:
        """What stands at the end of the next line."""
        self.postfix = text

    def update(self, count: int) -> None:
        """Count further; print the first time, and then every `EVERY` seconds."""
        self.n += count
        if self.last is None or time.monotonic() - self.last >= EVERY:
            self.print()

    def close(self) -> None:
        """Print how it ended, unless the last line says so."""
        if self.shown != self.n:
            self.print()

    def print(self) -> None:
        now = time.monotonic()
        print(self.say(n=self.n, elapsed=now - self.began, postfix=self.postfix), file=sys.stderr, flush=True)
        self.last, self.shown = now, self.n
