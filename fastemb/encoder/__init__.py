"""Vectors for texts of any length: the means of the vectors of their tokens, in the folders that today's tools open.

encoder       the class
tokenizing    tokenizer.json, natively or through the `tokenizers` library
folders       model.safetensors and the rest, of model2vec and sentence-transformers
card          README.md of a folder
training      tokenizer, vectors and weights from a corpus, or from vectors of words
learning      vectors of tokens that meet those of a teacher
scores        agreement with what people judged
"""

from fastemb.encoder.encoder import Encoder

__all__ = ["Encoder"]
