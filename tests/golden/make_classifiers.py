"""Make the classifiers of fastText that the tests read, by fastText's own Python module: pip install fasttext-wheel.

`labels.json` holds the labels and probabilities that fastText gives some texts, with these models and those of
`make_fasttext.py`, and what its `test` says of the texts in `labelled.txt`.
"""

import json
import tempfile
from pathlib import Path

import fasttext

HERE = Path(__file__).parent
SMALL = {"dim": 3, "minCount": 1, "epoch": 30, "lr": 0.5, "thread": 1, "verbose": 0, "bucket": 50}
SENTENCES = [
    "the kettle sings while the teapot listens",
    "Köln liegt am Rhein und Bonn liegt am Rhein",
    "東京 と 京都 は 日本 の 都市",
    "кит плывёт и кот сидит",
    "👩‍👩‍👧 e\u0301te\u0301 na\u0308ive",
]
ASKED = [
    *(*SENTENCES, "", " \t ", "am", "Köln  liegt\tam Rhein", "neverseen am", "__label__1 am __label__new"),
    *("am </s> Rhein", "</s>", "</s> am", "am\xa0Rhein am", "am\u3000Rhein am", "am\x85\u2028Rhein", "am\x1cRhein am"),
    *("кит und кот", "a\0b the\vteapot", "__label__", "the teapot " * 40, "x" * 100, "w1 w2", "more of 1"),
]
MODELS = {
    "hs": {"minn": 2, "maxn": 3},
    "ns": {"wordNgrams": 2, "neg": 2},
    "ova": {"wordNgrams": 3, "minn": 1, "maxn": 2},
}
LINES = [f"__label__{n % 7} {'__label__both ' if n % 3 == 0 else ''}{SENTENCES[n % 5]} w{n % 7}" for n in range(63)]
LINES += [f"__label__{label} more of {label}" for label in (1, 1, 1, 2, 2, 5)]
answers = {}


def keep(model, name: str) -> None:
    tests = {k: model.test(str(HERE / "labelled.txt"), k) for k in (1, 3)}
    answers[name] = {
        "texts": [[text, *map(list, model.predict(text, k=20))] for text in ASKED],
        "tests": tests,
    }


(HERE / "labelled.txt").write_text("\n".join(LINES) + "\n__label__unknown am\n\nam Rhein\n", encoding="utf-8")
for loss, options in MODELS.items():
    model = fasttext.train_supervised(str(HERE / "labelled.txt"), loss=loss, **SMALL, **options)
    model.save_model(str(HERE / f"classifier-{loss}.bin"))
    keep(model, f"classifier-{loss}.bin")
with tempfile.TemporaryDirectory() as folder:  # fastText quantises no fewer than 256 rows
    lines = Path(folder, "lines")
    lines.write_text("".join(f"__label__{n} {SENTENCES[n % 5]} w{n % 7}\n" for n in range(260)), encoding="utf-8")
    model = fasttext.train_supervised(str(lines), **{**SMALL, "bucket": 400}, minn=2, maxn=3)
    model.quantize(str(lines), cutoff=260, qnorm=True, qout=True, dsub=2)
model.save_model(str(HERE / "classifier-qout.ftz"))
keep(model, "classifier-qout.ftz")
for name in ("supervised.bin", "pruned.ftz", "quantized.ftz", "phrases.bin"):
    keep(fasttext.load_model(str(HERE / name)), name)
(HERE / "labels.json").write_text(json.dumps(answers, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
