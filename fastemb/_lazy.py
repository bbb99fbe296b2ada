"""Public names, and the modules that they are imported from when they are asked for the first time.

`import fastemb` loads no model, no kernel and not NumPy; what a program uses, it loads. To add a public name, add it to
`HOMES`, and import it for type checkers in `fastemb/__init__.py`, and in `fastemb/models/__init__.py` if it is of a
module in there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from fastemb._absent import refusal

# What `fastemb` has, and `fastemb.models` if the module is one of its own.
HOMES = {
    "Classifier": "fastemb.models.classifier",
    "DeepWalk": "fastemb.models.node2vec",
    "Doc2Vec": "fastemb.models.doc2vec",
    "Encoder": "fastemb.encoder",
    "FastText": "fastemb.models.fasttext",
    "GloVe": "fastemb.models.glove",
    "Item2Vec": "fastemb.models.item2vec",
    "KeyedVectors": "fastemb.models.keyedvectors",
    "Node2Vec": "fastemb.models.node2vec",
    "Phrases": "fastemb.models.phrases",
    "TaggedDocument": "fastemb.models.doc2vec",
    "TrainingDiverged": "fastemb.training",
    "Word2Vec": "fastemb.models.word2vec",
    "autotune": "fastemb.models.tuning",
    "identify_languages": "fastemb.models.languages",
    "load_vectors": "fastemb.models.files",
    "patch_fasttext": "fastemb.patch",
    "patch_gensim": "fastemb.patch",
    "show_config": "fastemb._config",
    "unpatch_fasttext": "fastemb.patch",
    "unpatch_gensim": "fastemb.patch",
}
# What `fastemb.models` has beside these: names that gensim has there.
ONLY_MODELS = {
    "FAST_VERSION": "fastemb.models.word2vec",
    "FrozenPhrases": "fastemb.models.phrases",
}
# Modules that are there without an import of their own; the first are gensim's, too, and in `from … import *`.
MODULES = {"fastemb": "models utils", "fastemb.models": "callbacks doc2vec fasttext keyedvectors phrases word2vec"}
UNLISTED = {
    "fastemb": "corpus evaluation graphs pooling postprocess queries training",
    "fastemb.models": "classifier files glove item2vec languages node2vec tuning",
}


def homes_in(package: str) -> dict[str, str]:
    """The modules of the names that a package has; a module has itself."""
    names = dict(HOMES)
    if package == "fastemb.models":
        names = {name: home for name, home in (HOMES | ONLY_MODELS).items() if home.startswith("fastemb.models.")}
    return names | {name: f"{package}.{name}" for name in f"{MODULES[package]} {UNLISTED[package]}".split()}


def listed(package: str) -> list[str]:
    """`__all__` of a package."""
    return sorted(set(homes_in(package)) - set(UNLISTED[package].split()))


def loading(package: str, homes: dict[str, str] | None = None) -> Callable[[str], Any]:
    """A `__getattr__` that imports names of a package, or of a module, when they are asked for.

    Names that are gensim's, and that fastemb lacks, are refused; see `fastemb._absent.refusing`.

    Parameters
    ----------
    package : str
        Its own name.
    homes : dict of str to str, optional
        The modules of its names, if they are not those of `homes_in`.
    """
    known = homes_in(package) if homes is None else homes

    def __getattr__(name: str) -> Any:
        home = known.get(name)
        if home is None:
            raise refusal(package.replace("fastemb", "gensim", 1), name, sys._getframe(1))
        module = import_module(home)
        value = module if home == f"{package}.{name}" else getattr(module, name)
        vars(sys.modules[package])[name] = value  # so that this is not called again
        return value

    return __getattr__


def load(name: str) -> None:
    """Import the module of a public name; other names are no matter."""
    if name in HOMES:
        import_module(HOMES[name])
