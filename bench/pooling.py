"""Measure vectors of texts by each pooling, on pairs of sentences whose similarity people have judged.

    python bench/pooling.py corpus.txt stsb-dev.tsv

A model is trained on the corpus, with `--vector-size`, `--epochs` and `--negative`; each pooling is fitted on the
sentences of all pairs, without their scores. Spearman's correlation of cosines and scores, in hundredths, and
thousands of texts a second, pooled once they are fitted, the best of three. The words are runs of letters and digits,
in lower case.
"""

from __future__ import annotations

import argparse
import re
import time
from pathlib import Path
from typing import Any

import numpy as np

from fastemb import Word2Vec
from fastemb.encoder.scores import agreement
from fastemb.pooling import SIF, USIF, Max, Mean, PowerMeans, Tfidf


def rate(pooling: Any, texts: list[str]) -> float:
    """Thousands of texts a second."""
    best = np.inf
    for _ in range(3):
        begin = time.perf_counter()
        pooling.transform(texts)
        best = min(best, time.perf_counter() - begin)
    return len(texts) / best / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--negative", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    scores, texts = [], []
    for line in given.pairs.read_text(encoding="utf-8").splitlines():
        score, *pair = line.split("\t")
        scores.append(float(score))
        texts += [" ".join(re.findall(r"\w+", text.lower())) for text in pair]
    model = Word2Vec(
        corpus_file=given.corpus, sg=1, sample=1e-4, vector_size=given.vector_size, epochs=given.epochs,
        negative=given.negative, workers=given.workers,
    )  # fmt: skip
    poolings = {
        "Mean(normalize=False)": Mean(model, normalize=False),
        "Mean": Mean(model),
        "Max": Max(model),
        "PowerMeans": PowerMeans(model),
        "Tfidf": Tfidf(model),
        "SIF(components=0)": SIF(model, components=0),
        "SIF": SIF(model),
        "SIF(components=5)": SIF(model, components=5),
        "USIF": USIF(model),
    }
    print(f"{len(scores)} pairs, {len(model.wv):,} words, vectors of {given.vector_size}")
    for name, pooling in poolings.items():
        pooling.fit(texts)
        print(f"{name:24} {100 * agreement(pooling.transform(texts), scores):5.1f} {rate(pooling, texts * 50):8.0f}")


if __name__ == "__main__":
    main()
