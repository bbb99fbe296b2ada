"""How the golden files were made: gensim 4.4 wrote all but glove.txt, fasttext.vec and native.fastemb.

glove.txt is in the layout of Stanford's glove.840B (words with spaces, no header), fasttext.vec in that of
fastText (a space before each newline). Run it in this folder; it needs gensim.
"""

import lzma
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors, Word2Vec

import fastemb

WORDS = ["the", "Köln", "東京"]
VECTORS = np.array([[1.5, -2, 0.1], [3.4e38, 1 / 3, -0.0], [7, 1e-45, -1e9]], np.float32)

vectors = KeyedVectors(3)
vectors.add_vectors(WORDS, VECTORS)
for word, count in zip(WORDS, (9, 5, 2), strict=True):
    vectors.set_vecattr(word, "count", count)
vectors.save_word2vec_format("word2vec.txt")
vectors.save_word2vec_format("word2vec.bin", binary=True)
Path("word2vec.txt.xz").write_bytes(lzma.compress(Path("word2vec.txt").read_bytes()))
vectors.save("vectors.kv")
vectors.save("beside.kv", sep_limit=1)
vectors.save("python2.kv", pickle_protocol=2)
np.savez("vectors.npz", words=np.array(WORDS), vectors=VECTORS)
model = Word2Vec([WORDS] * 3, vector_size=3, min_count=1, seed=1, workers=1)
model.wv.vectors[[model.wv.key_to_index[word] for word in WORDS]] = VECTORS
model.save("model.gensim")
Path("glove.txt").write_text(". . . 0.1 -2e-3 3\nat name@example.org 4 5 6\nthe 1 2.5 -0.25\n")
Path("fasttext.vec").write_text("2 3\nthe 0.1 -2e-3 3 \nof 1 2.5 -0.25 \n")
fastemb.load_vectors("vectors.kv").save("native.fastemb")
