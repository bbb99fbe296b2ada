"""What patches are made of: values that are put in the place of others, and modules."""

from __future__ import annotations

from collections.abc import Callable
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any, NamedTuple


def installed(package: str) -> bool:
    """Whether a package can be imported, or stands among the modules, also without a spec, as a stub does."""
    try:
        return find_spec(package) is not None
    except ValueError:
        return True


MISSING: Any = object()


class Swap(NamedTuple):
    """A value to put into a module or class, or into a dict; MISSING takes out what is there."""

    holder: Any
    name: str
    value: Any

    def __call__(self) -> Swap:
        """Do it, and return the swap that undoes it."""
        items = self.holder if isinstance(self.holder, dict) else vars(self.holder)
        undo = self._replace(value=items.get(self.name, MISSING))
        if isinstance(self.holder, dict):
            if self.value is MISSING:
                del self.holder[self.name]
            else:
                self.holder[self.name] = self.value
        elif self.value is MISSING:
            delattr(self.holder, self.name)
        else:
            setattr(self.holder, self.name, self.value)
        return undo


def stand_in(name: str, names: dict[str, Any], spec: ModuleSpec | None, other: Callable[[str], Any]) -> ModuleType:
    """A module with these names; `other` gives, or refuses, others."""
    module = ModuleType(name, f"fastemb, in the place of {name}.")
    module.__spec__ = spec
    if spec is not None:
        module.__package__, module.__loader__ = spec.parent, spec.loader
        if spec.submodule_search_locations is not None:
            module.__path__ = spec.submodule_search_locations
        if spec.origin:
            module.__file__ = spec.origin
    vars(module).update(names, __getattr__=other)
    return module
