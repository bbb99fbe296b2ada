"""What is trained stands still while another thread looks at it, and is trained by one caller at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

Model = TypeVar("Model")
Given = ParamSpec("Given")
Result = TypeVar("Result")


class Gate:
    """Open while nothing changes what it guards; closed while workers train it.

    Attributes
    ----------
    users : int
        Of this gate, trainers and visitors.
    owner : int, optional
        The thread that has closed it.
    closing : bool
        A thread is about to close it: who comes now has to wait until it is open again.
    waiting, admitted : int
        Threads that want to look at what is guarded, and those of them that may before it is closed.
    inside : set of int
        Threads that look at it.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.owner: int | None = None
        self.closing = False
        self.users = self.waiting = self.admitted = 0
        self.inside: set[int] = set()

    def is_mine(self) -> bool:
        """Whether this thread has closed it."""
        return self.owner == threading.get_ident()

    def close(self) -> None:
        """To be called before anything changes; waits until those that are inside, or admitted, have left."""
        with self.changed:
            self.closing = True
            try:
                self.changed.wait_for(lambda: not self.admitted and not self.inside and self.owner is None)
                self.owner = threading.get_ident()
            finally:
                self.closing = False

    def open(self) -> None:
        """To be called when everything is as others may see it."""
        with self.changed:
            if self.is_mine():
                self.owner = None
                self.admitted = self.waiting
                self.changed.notify_all()

    @contextmanager
    def visit(self) -> Iterator[None]:
        """Inside this, nothing changes.

        Raises
        ------
        RuntimeError
            In the thread that trains, which would wait for itself.
        """
        if threading.get_ident() in self.inside:
            yield
            return
        self.enter()
        try:
            yield
        finally:
            with self.changed:
                self.inside.remove(threading.get_ident())
                self.changed.notify_all()

    def enter(self) -> None:
        with self.changed:
            if self.is_mine():
                raise RuntimeError(
                    "what is being trained cannot be saved from due(): let that return True, and save in on_pause()"
                )
            self.waiting += 1
            try:
                self.changed.wait_for(lambda: self.owner is None and (self.admitted > 0 or not self.closing))
            finally:
                self.waiting -= 1
                self.admitted = min(self.admitted, self.waiting)
            self.inside.add(threading.get_ident())


# By the identity of what they guard; not attributes of it, which would be copied and pickled with it.
gates: dict[int, Gate] = {}
busy: dict[int, tuple[str, object]] = {}  # what is called of each model, and which call that is
lock = threading.Lock()


@contextmanager
def gate_of(guarded: Any) -> Iterator[Gate]:
    """The gate of an object, which is there as long as somebody uses it."""
    with lock:
        gate = gates.setdefault(id(guarded), Gate())
        gate.users += 1
    try:
        yield gate
    finally:
        with lock:
            gate.users -= 1
            if not gate.users:
                del gates[id(guarded)]


@contextmanager
def quiet(guarded: Any) -> Iterator[None]:
    """Inside this nothing changes an object; if it is trained in another thread, that makes a pause."""
    with gate_of(guarded) as gate, gate.visit():
        yield


@contextmanager
def changing(guarded: Any) -> Iterator[None]:
    """Inside this an object changes, and nobody is in `quiet`; where it is trained, its trainer stands still."""
    with gate_of(guarded) as gate:
        if gate.is_mine() or threading.get_ident() in gate.inside:
            yield
            return
        gate.close()
        try:
            yield
        finally:
            gate.open()


@contextmanager
def alone(model: Any, call: str) -> Iterator[None]:
    """Inside this, no other call changes the model.

    Raises
    ------
    RuntimeError
        If one does already: from another thread, or from a callback of which this is called.
    """
    claim = call, object()
    with lock:
        if id(model) in busy:
            running = busy[id(model)][0]
            raise RuntimeError(f"{call} was called while {running} of the same model runs: wait until that has ended")
        busy[id(model)] = claim
    try:
        yield
    finally:
        with lock:
            if busy.get(id(model)) is claim:
                del busy[id(model)]


def release(model: Any) -> None:
    """Let other calls change the model: what runs has done what it had to do."""
    with lock:
        busy.pop(id(model), None)


def alone_in_it(
    method: Callable[Concatenate[Model, Given], Result],
) -> Callable[Concatenate[Model, Given], Result]:
    """A method of a model during which no other such method of the same model can run."""

    @wraps(method)
    def call(self: Model, /, *args: Given.args, **named: Given.kwargs) -> Result:
        with alone(self, f"{method.__name__}()"):
            return method(self, *args, **named)

    return call


def in_quiet(function: Callable[Concatenate[Model, Given], Result]) -> Callable[Concatenate[Model, Given], Result]:
    """A function during which nothing changes its first argument: vectors, or a model and its vectors."""

    @wraps(function)
    def call(guarded: Model, /, *args: Given.args, **named: Given.kwargs) -> Result:
        with quiet(getattr(guarded, "wv", guarded)):
            return function(guarded, *args, **named)

    return call
