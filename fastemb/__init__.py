"""Word vectors as fast as the memory lets them be, behind gensim's API."""

from fastemb import models, utils
from fastemb._absent import refusing
from fastemb._config import show_config
from fastemb.models import KeyedVectors, Word2Vec
from fastemb.patch import patch_gensim, unpatch_gensim

__version__ = "0.1.0"
__all__ = [
    "KeyedVectors",
    "Word2Vec",
    "__version__",
    "models",
    "patch_gensim",
    "show_config",
    "unpatch_gensim",
    "utils",
]
__getattr__ = refusing("gensim")
