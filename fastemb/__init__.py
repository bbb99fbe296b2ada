"""Word2Vec, FastText and GloVe behind gensim's API, four to twenty times as fast."""

from typing import TYPE_CHECKING

from fastemb._absent import refuse_modules
from fastemb._lazy import homes_in, listed, loading

if TYPE_CHECKING:
    from fastemb import models as models
    from fastemb import utils as utils
    from fastemb._config import show_config as show_config
    from fastemb.encoder import Encoder as Encoder
    from fastemb.models import Classifier as Classifier
    from fastemb.models import DeepWalk as DeepWalk
    from fastemb.models import Doc2Vec as Doc2Vec
    from fastemb.models import FastText as FastText
    from fastemb.models import GloVe as GloVe
    from fastemb.models import Item2Vec as Item2Vec
    from fastemb.models import KeyedVectors as KeyedVectors
    from fastemb.models import Node2Vec as Node2Vec
    from fastemb.models import Phrases as Phrases
    from fastemb.models import TaggedDocument as TaggedDocument
    from fastemb.models import Word2Vec as Word2Vec
    from fastemb.models import autotune as autotune
    from fastemb.models import identify_languages as identify_languages
    from fastemb.models import load_vectors as load_vectors
    from fastemb.patch import patch_fasttext as patch_fasttext
    from fastemb.patch import patch_gensim as patch_gensim
    from fastemb.patch import unpatch_fasttext as unpatch_fasttext
    from fastemb.patch import unpatch_gensim as unpatch_gensim
    from fastemb.training import TrainingDiverged as TrainingDiverged

__version__ = "0.1.0"
__all__ = sorted([*listed(__name__), "__version__"])
__getattr__ = loading(__name__)
refuse_modules()


def __dir__() -> list[str]:
    return sorted({*globals(), *homes_in(__name__)})
