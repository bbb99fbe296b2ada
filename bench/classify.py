"""Time predictions of a classifier by fastemb, fastText's own Python module and fasttext-new, in turn, on one thread.

    python bench/classify.py MODEL TEXTS [--count 20000] [--characters 62]
    python bench/classify.py MODEL TEXTS --train 2000 256
    python bench/classify.py MODEL TEXTS --together

MODEL is a .bin or .ftz file, TEXTS a file with a text in each line, of which COUNT are taken, cut to so many
characters. With --train MODEL is first made of these texts: so many labels, in turn, and so many numbers in a vector.
All are given a list of texts. fasttext-wheel needs an environment with numpy<2; programs that are not there are left
out. Seconds of predictions are those of the processor, of loading those of the clock. With --together, two threads of
fastemb are timed beside two processes of one thread at once, by the clock.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from fastemb import Classifier

# Else fasttext.py, which stands beside this file, would be taken for fastText's module.
sys.path = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).resolve().parent]

OTHERS = {"fastText": "fasttext", "fasttext-new": "fasttext_new"}


def seconds(call: Callable[[], Any], clock: Callable[[], float] = time.process_time) -> float:
    begin = clock()
    call()
    return clock() - begin


def texts_of(path: Path, count: int | None, characters: int | None) -> list[str]:
    with path.open(encoding="utf-8", errors="replace") as file:
        return [line.strip("\n")[:characters] for line in islice(file, count)]


def train(path: Path, texts: list[str], count: int, size: int) -> None:
    """Write a .bin file of a classifier of so many labels."""
    pairs = [(text, str(number % count)) for number, text in enumerate(texts)]
    Classifier(pairs, vector_size=size, epochs=1, min_count=5).save_fasttext(path)


def compare(path: Path, texts: list[str], k: int, runs: int) -> None:
    load: dict[str, Callable[[], Any]] = {"fastemb": lambda: Classifier.load(path)}
    for name, module in OTHERS.items():
        if find_spec(module) is not None:
            load[name] = lambda module=module: import_module(module).load_model(str(path))  # type: ignore[misc]
    times: dict[str, list[float]] = {name: [] for name in load}
    loading: dict[str, list[float]] = {name: [] for name in load}
    for _ in range(runs):
        for name, make in load.items():
            loading[name].append(seconds(make, time.perf_counter))
            model = make()
            options = {"workers": 1} if name == "fastemb" else {}
            model.predict(texts[:10], k=k, **options)
            times[name].append(seconds(lambda model=model, options=options: model.predict(texts, k=k, **options)))
    characters = sum(map(len, texts)) / max(1, len(texts))
    print(f"{len(texts)} texts of {characters:.0f} characters, k={k}; medians of {runs}")
    for name, found in times.items():
        rate = len(texts) / statistics.median(found) / 1000
        ratios = [theirs / ours for ours, theirs in zip(times["fastemb"], found, strict=True)]
        print(
            f"{name:12} {rate:8.1f} thousand texts/s, {rate * characters / 1000:6.1f} M characters/s; "
            f"takes {statistics.median(ratios):.2f} times as long ({min(ratios):.2f} to {max(ratios):.2f}); "
            f"loaded in {1000 * statistics.median(loading[name]):.1f} ms"
        )


def predict_apart(path: Path, texts: list[str], k: int, runs: int, start: Any, results: Any) -> None:
    model = Classifier.load(path)
    model.predict(texts, k=k, workers=1)
    for _ in range(runs):
        start.wait()
        results.put(seconds(lambda: model.predict(texts, k=k, workers=1), time.perf_counter))


def compare_together(path: Path, texts: list[str], k: int, runs: int) -> None:
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(3), context.Queue()
    children = [context.Process(target=predict_apart, args=(path, texts, k, runs, start, results)) for _ in range(2)]
    for child in children:
        child.start()
    model = Classifier.load(path)
    model.predict(texts + texts, k=k, workers=2)
    ratios = []
    for _ in range(runs):
        start.wait()
        apart = max(results.get(), results.get())
        ratios.append(apart / seconds(lambda: model.predict(texts + texts, k=k, workers=2), time.perf_counter))
    for child in children:
        child.join()
    middle, spread = statistics.median(ratios), f"{min(ratios):.2f} to {max(ratios):.2f}"
    print(f"two threads do {middle:.2f} ({spread}) of what two processes do")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("-k", type=int, default=1)
    parser.add_argument("--count", type=int)
    parser.add_argument("--characters", type=int)
    parser.add_argument("--train", type=int, nargs=2, metavar=("LABELS", "SIZE"))
    parser.add_argument("--together", action="store_true")
    given = parser.parse_args()
    texts = texts_of(given.texts, given.count, given.characters)
    if given.train:
        train(given.model, texts, *given.train)
    work = compare_together if given.together else compare
    work(given.model, texts, given.k, given.runs)


if __name__ == "__main__":
    main()
