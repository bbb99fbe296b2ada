"""Encoders of texts, beside model2vec: how fast the same folder encodes, and how well one trained on text alone does.

    python bench/encoder.py speed FOLDER TEXTS --runs 5
    python bench/encoder.py quality CORPUS PAIRS

`speed` opens a folder in both, in one process, and encodes the lines of a file in turn, A B A B, with one thread; it
prints medians of thousands of texts a second of processor time, which other programs that run disturb less than the
clock, and the largest difference of the vectors. "Two threads" is how much of the work of two processes at once two
threads of one do. `quality` trains an encoder on the corpus and prints Spearman's correlation of cosines and scores for
pairs of texts, in hundredths, by plain means, by weights, and with components taken away; of all pairs, and of those of
even and of odd numbers, so that what one half chose is seen by the other; then, with vectors of lines by another
model, what learning from it adds.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from fastemb import Encoder
from fastemb.encoder.scores import agreement, read_pairs


def rate(call: Callable[[], Any], texts: int) -> float:
    """Thousands of texts a second of processor time, in all threads."""
    begin = time.process_time()
    call()
    return texts / (time.process_time() - begin) / 1000


def seconds(folder: str, texts: list[str], workers: int, repeats: int, start: Any = None) -> float:
    """By the clock, for encoding the texts so many times."""
    encoder = Encoder.load(folder)
    encoder.encode(texts, workers=workers)
    if start is not None:
        start.wait()
    begin = time.perf_counter()
    for _ in range(repeats):
        encoder.encode(texts, workers=workers)
    return time.perf_counter() - begin


def two_processes(folder: str, texts: list[str], repeats: int) -> float:
    """Seconds of two processes at once, each with one thread, of which each encodes half as often."""
    start = multiprocessing.Barrier(2)
    with multiprocessing.Pool(2, initializer=share, initargs=(start,)) as pool:
        return max(pool.starmap(one_process, [(folder, texts, repeats // 2)] * 2, chunksize=1))


def share(start: Any) -> None:
    global barrier
    barrier = start


def one_process(folder: str, texts: list[str], repeats: int) -> float:
    return seconds(folder, texts, 1, repeats, barrier)


def speed(given: argparse.Namespace) -> None:
    from model2vec import StaticModel

    with open(given.texts, encoding="utf-8", errors="replace") as file:
        lines = [line.strip() for line in itertools.islice(file, given.lines)]
    texts = [text for line in lines for text in line.split("\t")[-2:]]
    ours, theirs = Encoder.load(given.folder), StaticModel.from_pretrained(given.folder)
    difference = np.abs(ours.encode(texts) - theirs.encode(texts, use_multiprocessing=False)).max()
    found: dict[str, list[float]] = {"fastemb": [], "model2vec": []}
    for _ in range(given.runs):
        found["fastemb"].append(rate(lambda: ours.encode(texts, workers=1), len(texts)))
        found["model2vec"].append(rate(lambda: theirs.encode(texts, use_multiprocessing=False), len(texts)))
    mean = sum(map(len, texts)) / len(texts)
    print(f"{len(texts):,} texts of {mean:.0f} characters, vectors of {ours.vector_size}, difference {difference:.1e}")
    for name, rates in found.items():
        print(f"{name:10} {statistics.median(rates):8.1f} thousand texts/s ({min(rates):.1f} to {max(rates):.1f})")
    ratio = statistics.median(found["fastemb"]) / statistics.median(found["model2vec"])
    print(f"ratio      {ratio:8.1f}")
    shares, many = [], texts * 20  # a thread is not worth a few
    for _ in range(given.runs):
        separate = two_processes(given.folder, many, given.repeats)
        shares.append(separate / seconds(given.folder, many, 2, given.repeats))
    print(f"two threads do {statistics.median(shares):.2f} of two processes ({min(shares):.2f} to {max(shares):.2f})")


def quality(given: argparse.Namespace) -> None:
    scores, texts = read_pairs(given.pairs)

    def tell(name: str, encoder: Encoder) -> None:
        vectors = encoder.encode(texts).reshape(len(scores), 2, -1)
        parts = (slice(None), slice(0, None, 2), slice(1, None, 2))
        found = [agreement(vectors[part].reshape(-1, encoder.vector_size), scores[part]) for part in parts]
        print(f"{name:50}" + "".join(f" {100 * score:5.1f}" for score in found), flush=True)

    begin, busy = time.perf_counter(), time.process_time()
    options = {"workers": given.workers, "components": given.components, "a": given.smoothing, "kin": given.kin}
    encoder = Encoder.from_corpus(given.corpus, seed=given.seed, **options)
    clock, processor = time.perf_counter() - begin, time.process_time() - busy
    print(f"trained in {clock:.0f} s by the clock, {processor:.0f} s of processor; all pairs, even ones, odd ones")
    tell("the encoder", encoder)
    for components in (1, 3, 5):
        tell(f"without {components} components of the texts of the pairs", encoder.remove_common(texts, components))
    lengths = np.maximum(np.linalg.norm(encoder.vectors, axis=1, keepdims=True), 1e-12)
    tell("without weights", Encoder(encoder.vectors / lengths, encoder._tokenizing.text))
    if given.save:
        encoder.save(given.save)
    if given.teacher:
        vectors = np.load(given.teacher)
        with open(given.taught, encoding="utf-8") as file:
            lines = list(itertools.islice(file, len(vectors)))
        begin = time.perf_counter()
        learnt = encoder.learn(lines, vectors)
        print(f"learnt from {len(lines):,} texts in {time.perf_counter() - begin:.0f} s")
        tell("with a teacher", learnt)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(required=True)
    first = kinds.add_parser("speed")
    first.set_defaults(run=speed)
    first.add_argument("folder")
    first.add_argument("texts", help="lines of text; of lines with tabs the last two fields")
    first.add_argument("--lines", type=int, default=20_000)
    first.add_argument("--runs", type=int, default=5)
    first.add_argument("--repeats", type=int, default=10)
    second = kinds.add_parser("quality")
    second.set_defaults(run=quality)
    second.add_argument("corpus")
    second.add_argument("pairs")
    second.add_argument("--teacher", help="a .npy file: vectors of lines of text, by another model")
    second.add_argument("--taught", help="these lines")
    second.add_argument("--save", help="a folder for the encoder")
    second.add_argument("--workers", type=int, default=2)
    second.add_argument("--components", type=int, default=0)
    second.add_argument("--smoothing", type=float, default=3e-4)
    second.add_argument("--kin", type=float, default=0.6)
    second.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    given.run(given)


if __name__ == "__main__":
    main()
