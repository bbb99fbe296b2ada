"""Word2Vec, FastText and GloVe behind gensim's API, four to twenty times as fast."""

from fastemb import models, utils
from fastemb._absent import refuse_modules, refusing
from fastemb._config import show_config
from fastemb.models import (
    Classifier,
    Doc2Vec,
    FastText,
    GloVe,
    KeyedVectors,
    Phrases,
    Word2Vec,
    autotune,
    identify_languages,
    load_vectors,
)
from fastemb.models.doc2vec import TaggedDocument
from fastemb.patch import patch_fasttext, patch_gensim, unpatch_fasttext, unpatch_gensim
from fastemb.training import TrainingDiverged

__version__ = "0.1.0"
__all__ = [
    "Classifier",
    "Doc2Vec",
    "FastText",
    "GloVe",
    "KeyedVectors",
    "Phrases",
    "TaggedDocument",
    "TrainingDiverged",
    "Word2Vec",
    "__version__",
    "autotune",
    "identify_languages",
    "load_vectors",
    "models",
    "patch_fasttext",
    "patch_gensim",
    "show_config",
    "unpatch_fasttext",
    "unpatch_gensim",
    "utils",
]
__getattr__ = refusing("gensim")
refuse_modules()
