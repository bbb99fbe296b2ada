"""Let several threads do all that they do in fastemb, for ThreadSanitizer: `make races`.

The extension modules are built for it; Python itself is as it is, and its locks are seen, since they are those of
pthreads. What may race stands in `hogwild.supp`, by the names of functions, each with its reason.

    python tests/races.py [PART …]
"""

import json
import random
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from fuzz_readers import WORDPIECE

from fastemb import (
    Classifier,
    Doc2Vec,
    Encoder,
    FastText,
    GloVe,
    Item2Vec,
    Node2Vec,
    TaggedDocument,
    Word2Vec,
    load_vectors,
)  # fmt: skip
from fastemb.corpus.baskets import Baskets
from fastemb.graphs import Graph, Walks
from fastemb.kernels import step
from fastemb.models.callbacks import CallbackAny2Vec

DRAW = random.Random(1)
WORDS = [f"w{k}" for k in range(200)]
SENTENCES = [DRAW.choices(WORDS, weights=range(200, 0, -1), k=20) for _ in range(900)]
OPTIONS: dict[str, Any] = {"vector_size": 20, "min_count": 1, "epochs": 1, "workers": 4, "sample": 0}
GOLDEN = Path(__file__).parent / "golden"
PARTS: dict[str, Callable[[], Any]] = {}


def part(name: str, kind: Any, **options: Any) -> None:
    PARTS[name] = lambda: kind(SENTENCES, **OPTIONS | options)


for sg in (0, 1):
    side = "skip-gram" if sg else "cbow"
    part(side, Word2Vec, sg=sg)
    part(f"{side}-sampled", Word2Vec, sg=sg, sample=1e-3, compute_loss=True)
    part(f"{side}-tree", Word2Vec, sg=sg, hs=1, negative=0)
    part(f"{side}-both", Word2Vec, sg=sg, hs=1, vector_size=33)
    part(f"{side}-own-noise", Word2Vec, sg=sg, shared_noise=False)
    part(f"{side}-rounds", Word2Vec, sg=sg, deterministic=True)
    part(f"{side}-reread", Word2Vec, sg=sg, reread=True, memory_budget=100_000)
    part(f"{side}-bags", FastText, sg=sg, bucket=500)
    part(f"{side}-bags-tree", FastText, sg=sg, hs=1, negative=0, bucket=500)
part("positions", Word2Vec, position_weights=True)
part("positions-bags", FastText, position_weights=True, bucket=500)
part("sums", Word2Vec, cbow_mean=0, corrected_cbow=True)
for output in ("sum", "both"):
    PARTS[f"glove-{output}"] = lambda output=output: GloVe(
        SENTENCES, vector_size=20, min_count=1, epochs=3, workers=4, output=output
    )
PARTS["glove-retrofit"] = lambda: GloVe(
    SENTENCES, vector_size=20, min_count=1, workers=4, epochs=2, init_from=Word2Vec(SENTENCES, **OPTIONS).wv
)


TAGGED = [TaggedDocument(words, [number % 300, f"t{number % 7}"]) for number, words in enumerate(SENTENCES)]
for name, own in (
    ("pv-dbow", {"dm": 0}),
    ("pv-dbow-tree", {"dm": 0, "hs": 1, "negative": 0}),
    ("pv-dbow-words", {"dm": 0, "dbow_words": 1, "compute_loss": True}),
    ("pv-dm", {"dm": 1}),
    ("pv-dm-sums", {"dm": 1, "dm_mean": 0, "hs": 1}),
    ("pv-dm-concatenated", {"dm_concat": 1, "dm_tag_count": 2, "window": 2, "vector_size": 8}),
    ("pv-dm-rounds", {"dm": 1, "deterministic": True}),
):
    PARTS[name] = lambda own=own: Doc2Vec(TAGGED, **OPTIONS | own)
TEXTS = [(" ".join(words), sorted({*words[:2]})) for words in SENTENCES]  # of 200 labels
for loss in ("softmax", "hs", "ns", "ova"):
    given: dict[str, Any] = {"loss": loss, "vector_size": 20, "epochs": 2, "workers": 4}
    PARTS[f"labels-{loss}"] = lambda given=given: Classifier(TEXTS, bucket=0, **given)
    PARTS[f"labels-{loss}-ngrams"] = lambda given=given: Classifier(
        TEXTS, word_ngrams=2, min_n=2, max_n=3, bucket=500, class_weight="balanced", compute_loss=True, **given
    )
for loss in ("softmax", "ova"):  # all workers train each text
    given = {"loss": loss, "vector_size": 20, "epochs": 2, "workers": 4, "bucket": 500, "compute_loss": True}
    PARTS[f"labels-{loss}-together"] = lambda given=given: Classifier(
        [(" ".join(2 * words), str(len({*words}) % 5)) for words in SENTENCES], word_ngrams=2, **given
    )


ENDS = [DRAW.choices(range(300), range(300, 0, -1), k=2) for _ in range(2000)]
EDGES = [(min(ends), max(ends)) for ends in ENDS]  # some are loops
for name, p, q, weighted in (
    ("uniform", 1, 1, False), ("weighted", 1, 1, True), ("rejected", 0.25, 0.25, False), ("common", 2, 50, False),
    ("common-weighted", 1000, 1000, True), ("plus", 0.5, 2, True),
):  # fmt: skip
    columns = [*zip(*EDGES, strict=True), *([[1 + k % 3 for k in range(len(EDGES))]] if weighted else [])]
    extend = {"extend": name == "plus"}
    PARTS[f"walks-{name}"] = lambda columns=columns, p=p, q=q, extend=extend: Node2Vec(
        tuple(map(list, columns)), 20, 20, 5, p, q, workers=4, **extend
    ).fit(epochs=2)
FEATURES = {word: [f"kind={word[-1]}", "all"] for word in WORDS}
GOALS = [words[0] for words in SENTENCES]
for name, own in (
    ("sets", {}),
    ("sets-spilled", {"memory_budget": 50_000}),
    ("sets-cbow", {"sg": 0}),
    ("features", {"features": FEATURES}),
    ("sessions", {"sets": False}),
):
    PARTS[f"baskets-{name}"] = lambda own=own: Item2Vec(SENTENCES, **OPTIONS | own)
PARTS["baskets-goals"] = lambda: Item2Vec(Baskets(SENTENCES, goals=GOALS), sets=False, **OPTIONS)


class Pauses(CallbackAny2Vec):
    """Pauses at each span."""

    def due(self, model: Any) -> bool:
        return True

    def on_pause(self, model: Any) -> None:
        model.wv.vectors.sum()


def beside(*others: Callable[[Any, Path], Any], kind: Any = Word2Vec, **options: Any) -> None:
    """Train while other threads do something with the model, again and again."""
    model, ended = kind(**OPTIONS | options), threading.Event()
    model.build_vocab(SENTENCES)

    def repeat(work: Callable[[Any, Path], Any]) -> None:
        while not ended.is_set():
            work(model, Path(folder))

    with tempfile.TemporaryDirectory() as folder:
        threads = [threading.Thread(target=repeat, args=[work]) for work in others]
        for thread in threads:
            thread.start()
        try:
            model.train(SENTENCES, total_examples=len(SENTENCES), epochs=2, callbacks=[Pauses()])
        finally:
            ended.set()
            for thread in threads:
                thread.join()


def corpus_in_threads() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("a.txt", "b.txt"):
            lines = "\n".join(map(" ".join, SENTENCES)) + "\n"
            Path(folder, name).write_text(lines * 20)
        Word2Vec(corpus_file=folder, **OPTIONS)
        GloVe(corpus_file=folder, vector_size=4, workers=4, epochs=1)


def questions_in_threads() -> None:
    wv = FastText(SENTENCES, bucket=500, **OPTIONS).wv
    wv.get_mean_vectors(SENTENCES * 9, workers=4)
    wv.most_similar_batch(WORDS * 5)
    with tempfile.TemporaryDirectory() as folder:
        wv.save_word2vec_format(Path(folder, "v.txt"))
        load_vectors(Path(folder, "v.txt"), workers=4)
    Doc2Vec(TAGGED, dm=0, **OPTIONS).infer_vectors(SENTENCES, workers=4)
    classifier = Classifier.load(GOLDEN / "classifier-ns.bin")
    classifier.predict(["the kettle sings while the teapot listens"] * 2000, k=3, workers=4)


def graphs_in_threads() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "edges.txt")
        for name in ("", "n"):
            path.write_text("".join(f"{name}{a} {name}{b}\n" for a, b in EDGES) * 600)
            graph = Graph.read(path, workers=4)
        Walks(graph, 2, 20, q=9, workers=4).write(Path(folder, "walks.txt"))
    Item2Vec(SENTENCES, **OPTIONS).recommend(SENTENCES, N=5)


def encoder_in_threads() -> None:
    encoder = Encoder(np.ones((8, 5)), json.dumps(WORDPIECE))
    encoder.encode(["the cats, é 你 . unknown words"] * 20_000, workers=4)


PARTS["encoder"] = encoder_in_threads
PARTS["graphs"] = graphs_in_threads
PARTS["saved"] = lambda: beside(lambda model, folder: model.save(folder / "model"))
PARTS["vectors-saved"] = lambda: beside(
    lambda model, folder: model.wv.save(folder / "wv"), kind=FastText, bucket=500, sg=1
)
PARTS["asked"] = lambda: beside(lambda model, folder: model.wv.most_similar("w1"))
PARTS["corpus"] = corpus_in_threads
PARTS["questions"] = questions_in_threads


def main() -> None:
    for name in sys.argv[1:] or PARTS:
        print(name, flush=True)
        PARTS[name]()
    print("with the kernels", step.implementation(), np.__name__, np.__version__)


if __name__ == "__main__":
    main()
