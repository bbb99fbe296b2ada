"""Make the files of fastText that the tests read, by fastText's own Python module: pip install fasttext-wheel.

They are written here; `vectors.json` holds the vectors that fastText gives some words, known and unknown, and
`sentences.json` those that it gives some texts.
"""

import json
import tempfile
from pathlib import Path

import fasttext

HERE = Path(__file__).parent
SMALL = {"dim": 3, "minCount": 1, "epoch": 20, "thread": 1, "verbose": 0}
SENTENCES = [
    "the kettle sings while the teapot listens",
    "Köln liegt am Rhein und Bonn liegt am Rhein",
    "東京 と 京都 は 日本 の 都市",
    "кит плывёт и кот сидит",
    "👩‍👩‍👧 e\u0301te\u0301 na\u0308ive",
]
ASKED = ["the", "Köln", "京都", "kit", "teakettle", "Kölner", "東京都", "🦊", "a", "e\u0301", "</s>", "x" * 100]
TEXTS = [
    *("", " \t ", "am", "Köln  liegt\tam Rhein", "neverseen am", "__label__1 am __label__new", "am </s> Rhein", "</s>"),
    *("am\xa0Rhein am", "am\u3000Rhein am", "am\x85\u2028Rhein", "am\x1cRhein am"),
]
MODELS = {
    "skipgram": {"model": "skipgram", "bucket": 50},
    "cbow-hs": {"model": "cbow", "loss": "hs", "bucket": 50, "minn": 1, "maxn": 2},
    "words": {"model": "skipgram", "maxn": 0},
}
vectors, sentences = {}, {}


def keep(model, name: str) -> None:
    model.save_model(str(HERE / name))
    sentences[name] = [[text, model.get_sentence_vector(text).tolist()] for text in TEXTS]
    vectors[name] = {word: model.get_word_vector(word).tolist() for word in ASKED}


with tempfile.TemporaryDirectory() as folder:
    corpus, labelled = Path(folder, "corpus"), Path(folder, "labelled")
    # The last word is not UTF-8.
    corpus.write_bytes("\n".join(SENTENCES * 4).encode() + b"\nb\xfft\xc3 b\xfft\xc3\n")
    labelled.write_text("".join(f"__label__{n % 2} {s}\n" for n, s in enumerate(SENTENCES * 4)))
    for name, options in MODELS.items():
        keep(fasttext.train_unsupervised(str(corpus), **SMALL, **options), f"{name}.bin")
    # Whose labels it takes for no words, though it learns of none.
    keep(fasttext.train_unsupervised(str(labelled), **SMALL, model="skipgram", bucket=50), "labels.bin")
    supervised = {**SMALL, "minn": 2, "maxn": 3, "bucket": 400}
    model = fasttext.train_supervised(str(labelled), **supervised)
    keep(model, "supervised.bin")
    model.quantize(str(labelled), cutoff=300, qnorm=True, dsub=2)
    keep(model, "pruned.ftz")
    model = fasttext.train_supervised(str(labelled), **supervised)
    model.quantize(str(labelled), dsub=2, qout=False)
    keep(model, "quantized.ftz")
    phrases = {**SMALL, "wordNgrams": 3, "bucket": 50}
    keep(fasttext.train_supervised(str(labelled), **phrases), "phrases.bin")
(HERE / "sentences.json").write_text(json.dumps(sentences, ensure_ascii=False, indent=1) + "\n")
(HERE / "vectors.json").write_text(json.dumps(vectors, ensure_ascii=False, indent=1) + "\n")
