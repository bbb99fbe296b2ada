"""Let programs that import gensim's word vectors get fastemb's, without a change to them.

With gensim installed, its modules get stand-ins that have fastemb's names and pass on everything else to gensim.
Without it, the stand-ins are all there is: what fastemb lacks is refused by name.
"""

from __future__ import annotations

import copyreg
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from fastemb._absent import instead, refusing
from fastemb.patch.fasttext import patch_fasttext, unpatch_fasttext
from fastemb.patch.swaps import Swap, installed, stand_in

__all__ = ["patch_fasttext", "patch_gensim", "unpatch_fasttext", "unpatch_gensim"]

logger = logging.getLogger(__name__)

VERSION = "4.4.0"  # of gensim, whose interface this is
WORD2VEC = "Word2Vec LineSentence PathLineSentences Text8Corpus BrownCorpus KeyedVectors pseudorandom_weak_vector"
KEYED = "KeyedVectors Word2VecKeyedVectors Doc2VecKeyedVectors EuclideanKeyedVectors load_word2vec_format"
DOC2VEC = "Doc2Vec TaggedDocument TaggedLineDocument TaggedBrownCorpus Doctag Word2Vec KeyedVectors"
FASTTEXT = "FastText FastTextKeyedVectors Word2Vec KeyedVectors load_facebook_model load_facebook_vectors"
PHRASES = "Phrases FrozenPhrases Phraser ENGLISH_CONNECTOR_WORDS original_scorer npmi_scorer _PhrasesTransformation"
# What stands in for gensim's modules: names of fastemb's modules. A class says it is from the first that has it.
STAND_INS = {
    "gensim.models.keyedvectors": f"{KEYED} FastTextKeyedVectors pseudorandom_weak_vector",
    "gensim.models.callbacks": "CallbackAny2Vec",
    "gensim.models.word2vec": f"{WORD2VEC} FAST_VERSION CORPUSFILE_VERSION MAX_WORDS_IN_BATCH",
    "gensim.models.fasttext": f"{FASTTEXT} save_facebook_model ft_ngram_hashes",
    "gensim.models.doc2vec": f"{DOC2VEC} pseudorandom_weak_vector FAST_VERSION CORPUSFILE_VERSION",
    "gensim.models.phrases": PHRASES,
    "gensim.models": "Word2Vec FastText Doc2Vec KeyedVectors Phrases FAST_VERSION",
}
# Modules of gensim that build on its own classes: they are imported before these are replaced.
BUILDS_ON_GENSIM = ("gensim.models.poincare",)

lock = threading.RLock()
undo: list[Any] = []  # calls: what unpatch_gensim() has to do, in this order


def patch_gensim() -> None:
    """From now on, whoever imports gensim's Word2Vec, FastText, Doc2Vec, KeyedVectors or Phrases gets fastemb's.

    Call it before anything imports gensim's classes: names that were imported already stay as they are. The classes say
    that they are from gensim's modules; `importlib.metadata.version("gensim")` is gensim's, or 4.4.0 where it is not
    installed. Processes that are spawned, not forked, have to call it themselves.
    """
    with lock:
        if undo:
            return
        gensim = installed_gensim()
        for swap in swaps_with(gensim) if gensim else swaps_without():
            undo.insert(0, swap())
        if not gensim:
            from fastemb.patch.finder import Finder

            finder = Finder("gensim", VERSION, instead)
            sys.meta_path.append(finder)
            undo.insert(0, lambda: sys.meta_path.remove(finder))
        logger.info("gensim's word vectors are fastemb's now; gensim is %sinstalled", "" if gensim else "not ")


def unpatch_gensim() -> None:
    """Undo `patch_gensim`. What was imported in the meantime stays fastemb's."""
    with lock:
        for step in undo:
            step()
        undo.clear()


@contextmanager
def unpatched() -> Iterator[None]:
    """Undo the patch for a while."""
    with lock:
        unpatch_gensim()
        try:
            yield
        finally:
            patch_gensim()


def installed_gensim() -> ModuleType | None:
    """gensim, with all of its modules that use its word vectors; None if it is not installed, or cannot be imported."""
    if not installed("gensim"):
        return None
    try:
        for name in (*STAND_INS, *BUILDS_ON_GENSIM):
            import_module(name)
    except ImportError as error:
        logger.warning("gensim is installed but cannot be imported (%s): fastemb does without it", error)
        return None
    return sys.modules["gensim"]


# What to swap.


def served(name: str) -> dict[str, Any]:
    """What fastemb has for a module of gensim."""
    home = name.replace("gensim", "fastemb", 1)
    ours = import_module(home) if find_spec(home) else None
    return {each: getattr(ours, each) for each in STAND_INS[name].split() if hasattr(ours, each)}


def swaps_with(gensim: ModuleType) -> list[Swap]:
    """The stand-ins beside an installed gensim, whose own modules stay whole: other models of its need them."""
    models = gensim.models
    swaps = [Swap(models, name, value) for name, value in served("gensim.models").items()]
    for name in STAND_INS:
        if name != "gensim.models" and served(name):
            original = sys.modules[name]
            module = stand_in(name, served(name), original.__spec__, partial(getattr, original))
            swaps += [Swap(sys.modules, name, module), Swap(models, name.rpartition(".")[2], module)]
    # Its other models hold word vectors of its own, which pickle finds by their names.
    swaps += [Swap(gensim.utils, name, without_patch(getattr(gensim.utils, name))) for name in ("pickle", "unpickle")]
    return swaps + renamed_classes()


def swaps_without() -> list[Swap]:
    """The stand-ins as all there is of gensim."""
    from fastemb import utils

    contents = {name: served(name) for name in STAND_INS if served(name)} | {
        "gensim.utils": {name: getattr(utils, name) for name in utils.__all__},
        "gensim": {"__version__": VERSION},
    }
    modules = {}
    for name, names in contents.items():
        spec = ModuleSpec(name, None, is_package=name in ("gensim", "gensim.models"))
        modules[name] = stand_in(name, names, spec, refusing(name))
    for name, module in modules.items():
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(modules[parent], last, module)
    return [Swap(sys.modules, name, module) for name, module in modules.items()] + renamed_classes()


def renamed_classes() -> list[Swap]:
    """Let the classes say that they are gensim's, and let pickle know better."""
    swaps: list[Swap] = []
    seen = set()
    for module in STAND_INS:
        for value in served(module).values():
            if isinstance(value, type) and value not in seen:
                seen.add(value)
                swaps += [Swap(value, "__module__", module), Swap(value, "__reduce_ex__", reducer(value))]
    return swaps


def reducer(cls: type) -> Callable[[Any, int], Any]:
    """A `__reduce_ex__` by which objects are pickled as of the module that `cls` is in now."""
    home = cls.__module__

    def __reduce_ex__(self: Any, protocol: Any) -> Any:
        reduced = object.__reduce_ex__(self, max(2, protocol))
        make, arguments, *state = reduced if isinstance(reduced, tuple) else (None, ())
        if make is copyreg.__newobj__ and arguments[0] is cls:  # type: ignore[attr-defined]
            return (create, (home, cls.__qualname__, *arguments[1:]), *state)
        return reduced

    return __reduce_ex__


def create(module: str, name: str, *arguments: Any) -> Any:
    """A bare object of a class; pickles call this."""
    cls = getattr(import_module(module), name)
    return cls.__new__(cls, *arguments)


def without_patch(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which undoes the patch while it runs."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with unpatched():
            return function(*args, **kwargs)

    return call
