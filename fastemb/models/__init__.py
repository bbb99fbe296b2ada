"""Models, under the names that gensim gives them."""

from typing import TYPE_CHECKING

from fastemb._lazy import homes_in, listed, loading

if TYPE_CHECKING:
    from fastemb.models import callbacks as callbacks
    from fastemb.models import doc2vec as doc2vec
    from fastemb.models import fasttext as fasttext
    from fastemb.models import keyedvectors as keyedvectors
    from fastemb.models import phrases as phrases
    from fastemb.models import word2vec as word2vec
    from fastemb.models.classifier import Classifier as Classifier
    from fastemb.models.doc2vec import Doc2Vec as Doc2Vec
    from fastemb.models.doc2vec import TaggedDocument as TaggedDocument
    from fastemb.models.fasttext import FastText as FastText
    from fastemb.models.files import load_vectors as load_vectors
    from fastemb.models.glove import GloVe as GloVe
    from fastemb.models.item2vec import Item2Vec as Item2Vec
    from fastemb.models.keyedvectors import KeyedVectors as KeyedVectors
    from fastemb.models.languages import identify_languages as identify_languages
    from fastemb.models.node2vec import DeepWalk as DeepWalk
    from fastemb.models.node2vec import Node2Vec as Node2Vec
    from fastemb.models.phrases import FrozenPhrases as FrozenPhrases
    from fastemb.models.phrases import Phrases as Phrases
    from fastemb.models.tuning import autotune as autotune
    from fastemb.models.word2vec import FAST_VERSION as FAST_VERSION
    from fastemb.models.word2vec import Word2Vec as Word2Vec

__all__ = listed(__name__)
__getattr__ = loading(__name__)


def __dir__() -> list[str]:
    return sorted({*globals(), *homes_in(__name__)})
