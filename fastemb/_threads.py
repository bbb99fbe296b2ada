"""Threads that end before the call that started them."""

from __future__ import annotations

import operator
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Scratch = TypeVar("Scratch")


def usable_cores() -> int:
    """Number of processor cores that this process may use; from Python 3.13 on also as PYTHON_CPU_COUNT says."""
    if sys.version_info >= (3, 13):
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def thread_count(workers: int | None) -> int:
    """How many threads that is: None and -1 stand for as many as there are usable cores.

    Raises
    ------
    TypeError, ValueError
        If it is no whole number, or less than 1.
    """
    if workers is None or workers == -1:
        return usable_cores()
    try:
        workers = operator.index(workers)
    except TypeError:
        raise TypeError(f"workers must be a whole number, not {workers!r}") from None
    if workers < 1:
        raise ValueError(f"workers must be at least 1, or -1 for one for each core, not {workers}")
    return workers


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
    # Tasks begin when every thread is there: without a GIL, one that computes can keep its starter waiting.
    begin = threading.Event()

    def run(number: int, task: Callable[[], Result]) -> None:
        begin.wait()
        try:
            results[number] = task()
        except BaseException as error:
            errors.append(error)
            stop()

    named = ((f"fastemb-{number}", (number, task)) for number, task in enumerate(tasks))
    threads = [threading.Thread(target=run, args=item, name=name, daemon=True) for name, item in named]
    try:
        for thread in threads:
            thread.start()
        begin.set()
        for thread in threads:
            # Waiting with a timeout lets the interpreter handle signals in between.
            while thread.is_alive():
                thread.join(interval)
                if watch is not None:
                    watch()
    except BaseException:
        stop()
        begin.set()
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


def claims(items: Sequence[Item]) -> Callable[[], tuple[int, Item | None]]:
    """What gives threads each item once, with its number, in order; None when there are no more."""
    remaining, lock = enumerate(items), threading.Lock()

    def claim() -> tuple[int, Item | None]:
        with lock:
            return next(remaining, (-1, None))

    return claim


def run_each(items: Sequence[Item], work: Callable[[Item], Result], workers: int) -> list[Result]:
    """Work on items in several threads, none of which waits for another; all results, in the order of the items.

    Parameters
    ----------
    items : sequence
    work : callable
    workers : int
        No more threads are started than there are items.
    """
    results: list[Result] = [None] * len(items)  # type: ignore[list-item]
    claim, stopped = claims(items), threading.Event()

    def run() -> None:
        while not stopped.is_set():
            number, item = claim()
            if item is None:
                return
            results[number] = work(item)

    run_threads([run] * max(1, min(workers, len(items))), stopped.set)
    return results


def run_in_order(
    items: Sequence[Item],
    work: Callable[[Item, Scratch], Result],
    take: Callable[[Result], object],
    workers: int,
    scratch: Callable[[], Scratch],
    report: Callable[[Item], None] = lambda item: None,
) -> None:
    """Work on items in several threads, and take the results one at a time, in the order of the items.

    A worker waits with its result for its turn, so no more results than workers are in memory.

    Parameters
    ----------
    items : sequence
    work : callable
        Gets an item and what `scratch` made for its thread.
    take : callable
    workers : int
        No more threads are started than there are items.
    scratch : callable
    report : callable
        Called in the calling thread now and then, with the item whose result was taken last.
    """
    claim, turn = claims(items), threading.Condition()
    taken: list[Item] = []
    next_number = 0
    stopped = False

    def run() -> None:
        nonlocal next_number
        own = scratch()
        while not stopped:
            number, item = claim()
            if item is None:
                return
            result = work(item, own)
            with turn:
                while not stopped and next_number != number:
                    turn.wait()
                if stopped:
                    return
                take(result)
                taken[:] = [item]
                next_number += 1
                turn.notify_all()

    def stop() -> None:
        nonlocal stopped
        with turn:
            stopped = True
            turn.notify_all()

    def watch() -> None:
        for item in list(taken):
            report(item)

    run_threads([run] * max(1, min(workers, len(items))), stop, watch)
