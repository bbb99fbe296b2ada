"""Models, under the names that gensim gives them."""

from fastemb.models.fasttext import FastText
from fastemb.models.files import load_vectors
from fastemb.models.glove import GloVe
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.models.word2vec import Word2Vec

__all__ = ["FastText", "GloVe", "KeyedVectors", "Word2Vec", "load_vectors"]
