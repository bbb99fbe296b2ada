"""Models, under the names that gensim gives them."""

from fastemb._absent import refusing
from fastemb.models import callbacks, fasttext, keyedvectors, word2vec
from fastemb.models.fasttext import FastText
from fastemb.models.files import load_vectors
from fastemb.models.glove import GloVe
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.models.word2vec import FAST_VERSION, Word2Vec

__all__ = [
    "FAST_VERSION",
    "FastText",
    "GloVe",
    "KeyedVectors",
    "Word2Vec",
    "callbacks",
    "fasttext",
    "keyedvectors",
    "load_vectors",
    "word2vec",
]
__getattr__ = refusing("gensim.models")

vars(keyedvectors)["FastTextKeyedVectors"] = fasttext.FastTextKeyedVectors  # where gensim, too, has it once more
for module in (callbacks, fasttext, keyedvectors, word2vec):
    vars(module)["__getattr__"] = refusing(module.__name__.replace("fastemb", "gensim", 1))
del module
