"""Word vectors as fast as the memory lets them be, behind gensim's API."""

from fastemb._config import show_config
from fastemb.models import FastText, GloVe, KeyedVectors, Word2Vec, load_vectors
from fastemb.training import TrainingDiverged

__version__ = "0.1.0"
__all__ = [
    "FastText",
    "GloVe",
    "KeyedVectors",
    "TrainingDiverged",
    "Word2Vec",
    "__version__",
    "load_vectors",
    "show_config",
]
