"""Methods of classes that objects have not."""

from __future__ import annotations

from typing import Any


class OnTheClass(classmethod):  # type: ignore[type-arg]
    """A class method that objects refuse: what it returned there was lost too often."""

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is not None:
            name = type(instance).__name__
            raise AttributeError(f"load() is a method of the class, and changes no object: model = {name}.load(path)")
        return super().__get__(instance, owner)
