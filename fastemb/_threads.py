"""Threads that end before the call that started them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

Result = TypeVar("Result")


def run_threads(
    tasks: Sequence[Callable[[], Result]],
    stop: Callable[[], None],
    watch: Callable[[], None] | None = None,
    interval: float = 0.1,
) -> list[Result]:
    """Run every task in a thread of its own and return their results in order.

    Parameters
    ----------
    tasks : sequence of callables
    stop : callable
        Asks the tasks to return early. It is called when a task fails, or when the
        calling thread is interrupted; the exception is raised once all have returned.
    watch : callable, optional
        Called in the calling thread every `interval` seconds while tasks run.
    interval : float, default 0.1
        Seconds.
    """
    results: list[Result] = [None] * len(tasks)  # type: ignore[list-item]
    errors: list[BaseException] = []

    def run(number: int, task: Callable[[], Result]) -> None:
        try:
            results[number] = task()
        except BaseException as error:
            errors.append(error)
            stop()

    threads = [
        threading.Thread(target=run, args=item, name=f"fastemb-{item[0]}", daemon=True) for item in enumerate(tasks)
    ]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            # Waiting with a timeout lets the interpreter handle signals in between.
            while thread.is_alive():
                thread.join(interval)
                if watch is not None:
                    watch()
    except BaseException:
        stop()
        for thread in threads:
            # Interrupted while it started, a thread is listed but not yet alive; or it never will be.
            patience = time.monotonic() + 1
            while not thread.is_alive() and thread in threading.enumerate() and time.monotonic() < patience:
                time.sleep(0.001)
            if thread.is_alive():
                thread.join()
        raise
    if errors:
        raise errors[0]
    return results
