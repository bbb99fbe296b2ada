"""Models, under the names that gensim gives them."""

from fastemb._absent import refusing
from fastemb.models import callbacks, doc2vec, fasttext, keyedvectors, phrases, word2vec
from fastemb.models._near import name_near_parameters, naming_near
from fastemb.models.classifier import Classifier
from fastemb.models.doc2vec import Doc2Vec
from fastemb.models.fasttext import FastText
from fastemb.models.files import load_vectors
from fastemb.models.glove import GloVe
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.models.languages import identify_languages
from fastemb.models.phrases import FrozenPhrases, Phrases
from fastemb.models.tuning import autotune
from fastemb.models.word2vec import FAST_VERSION, Word2Vec

__all__ = [
    "FAST_VERSION",
    "Classifier",
    "Doc2Vec",
    "FastText",
    "FrozenPhrases",
    "GloVe",
    "KeyedVectors",
    "Phrases",
    "Word2Vec",
    "autotune",
    "callbacks",
    "doc2vec",
    "fasttext",
    "identify_languages",
    "keyedvectors",
    "load_vectors",
    "phrases",
    "word2vec",
]
__getattr__ = refusing("gensim.models")

name_near_parameters(FastText, GloVe, fasttext.FastTextKeyedVectors)
for name in ("load_facebook_model", "load_facebook_vectors", "save_facebook_model"):
    vars(fasttext)[name] = naming_near(vars(fasttext)[name])
del name
vars(keyedvectors)["FastTextKeyedVectors"] = fasttext.FastTextKeyedVectors  # where gensim, too, has it once more
for module in (callbacks, doc2vec, fasttext, keyedvectors, phrases, word2vec):
    vars(module)["__getattr__"] = refusing(module.__name__.replace("fastemb", "gensim", 1))
del module
