"""fastText's Python module over fastemb: ``import fastemb.fasttext as fasttext``.

- `FastText`: the functions, and the class of models, by fastText's names, arguments, defaults and errors
- `util`: its helpers
- `_pybind`: what it has compiled, over `_model`, `_reading` and `_training`; `_args`: its arguments
"""

from fastemb.fasttext import FastText, util
from fastemb.fasttext.FastText import (
    BOW,
    EOS,
    EOW,
    cbow,
    load_model,
    skipgram,
    supervised,
    tokenize,
    train_supervised,
    train_unsupervised,
)

__all__ = [
    "BOW",
    "EOS",
    "EOW",
    "FastText",
    "cbow",
    "load_model",
    "skipgram",
    "supervised",
    "tokenize",
    "train_supervised",
    "train_unsupervised",
    "util",
]
