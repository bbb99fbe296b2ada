"""How the golden files were made. gensim 4.4 wrote all but glove.txt, fasttext.vec, native.fastemb, fasttext-2.model.

glove.txt is in the layout of Stanford's glove.840B (words with spaces, no header), fasttext.vec in that of
fastText (a space before each newline). Run it in this folder; it needs gensim.
"""

import json
import lzma
from pathlib import Path

import numpy as np
from gensim.models import FastText, KeyedVectors, Word2Vec

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

GERMAN = [["ein", "zwei", "fünf"], ["zwei", "drei", "ein"], ["vier", "zwei", "drei"]] * 3
model = FastText(GERMAN, sg=1, hs=1, negative=2, min_n=2, max_n=3, bucket=20, vector_size=3, min_count=1, workers=1)
model.save("gensim-fasttext.model")
asked = {word: model.wv[word].tolist() for word in ("ein", "fünf", "neverseen", "東京")}
Path("gensim-fasttext.json").write_text(json.dumps(asked, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

model = fastemb.FastText(
    vector_size=2, min_count=1, sg=1, hs=1, negative=1, epochs=2, window=3, min_n=2, max_n=4, bucket=10, workers=1
)
model.build_vocab_from_freq({"ein": 3, "zwei": 2, 7: 1})
rows = np.arange(6, dtype=np.float32).reshape(3, 2)
model.wv.vectors_vocab, model.wv.vectors_ngrams = rows, np.arange(20, dtype=np.float32).reshape(10, 2)
model.syn1neg, model.syn1 = -rows, rows / 2
model.wv.vectors_vocab_lockf = np.array([1, 0, 0.5], np.float32)
model.wv.vectors_ngrams_lockf = np.array([0.25], np.float32)
model.save("fasttext-2.model")
