"""Vectors for texts of any length: the means of the vectors of their tokens, in the folders that today's tools open.

    encoder       the class                         tokenizing    tokenizer.json, natively or through the library
    folders       model.safetensors and the rest    training      tokenizer, vectors and weights from a corpus
    card          README.md                         learning      vectors of tokens that meet those of a teacher
"""

from fastemb.encoder.encoder import Encoder

__all__ = ["Encoder"]
