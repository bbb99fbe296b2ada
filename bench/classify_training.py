"""Time training of classifiers by fastemb and by fastText's own Python module, in turn, and compare how good they are.

    python bench/classify_training.py TRAIN TEST [--settings words …] [--workers 1 2] [--runs 5]

Both are files in fastText's form; .xz and other packed files are unpacked first. Each run has a seed of its own, and is
timed from the file to the classifier. fasttext-wheel needs an environment with numpy<2; without it fastemb alone is
timed. P@1 stands with its standard error over the seeds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastemb import Classifier
from fastemb.corpus import TextFile

# Else fasttext.py, which stands beside this file, would be taken for fastText's module.
sys.path = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).resolve().parent]

# By fastText's names.
SETTINGS: dict[str, dict[str, Any]] = {
    "words": {"lr": 0.5, "epoch": 5},
    "bigrams": {"lr": 0.5, "epoch": 5, "wordNgrams": 2},
    "characters": {"lr": 0.5, "epoch": 5, "dim": 16, "minn": 2, "maxn": 4, "loss": "hs"},
    "one-vs-all": {"lr": 0.3, "epoch": 25, "loss": "ova"},
    "tutorial": {"lr": 1.0, "epoch": 25, "wordNgrams": 2},
}
NAMES = {
    "lr": "alpha", "epoch": "epochs", "wordNgrams": "word_ngrams", "dim": "vector_size", "minn": "min_n",
    "maxn": "max_n", "loss": "loss",
}  # fmt: skip


def unpacked(path: Path, folder: Path) -> str:
    """The file itself, or a copy that is not packed."""
    file = TextFile(path)
    if file.packing is None:
        return str(path)
    copy = folder / path.stem
    with copy.open("wb") as out:
        for block in file.blocks():
            out.write(block)
    return str(copy)


def train(program: str, path: str, given: dict[str, Any], workers: int, seed: int) -> Any:
    if program == "fastemb":
        named = {NAMES[name]: value for name, value in given.items()}
        return Classifier(path, workers=workers, seed=seed, **named)
    return import_module("fasttext").train_supervised(path, thread=workers, seed=seed, verbose=0, **given)


def error(values: list[float]) -> float:
    """The standard error of their mean."""
    return statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0


def compare(name: str, path: str, test: str, workers: int, runs: int) -> None:
    programs = ["fastemb", *(["fastText"] if find_spec("fasttext") is not None else [])]
    wall: dict[str, list[float]] = {program: [] for program in programs}
    processor: dict[str, list[float]] = {program: [] for program in programs}
    scores: dict[str, list[float]] = {program: [] for program in programs}
    for seed in range(1, runs + 1):
        for program in programs:
            begin, used = time.perf_counter(), time.process_time()
            model = train(program, path, SETTINGS[name], workers, seed)
            wall[program].append(time.perf_counter() - begin)
            processor[program].append(time.process_time() - used)
            scores[program].append(model.test(test)[1])
            del model
    for program in programs:
        print(
            f"{name:10} {workers} workers {program:8} {statistics.median(wall[program]):7.2f} s, of the processor "
            f"{statistics.median(processor[program]):7.2f} s; P@1 {statistics.mean(scores[program]):.4f} "
            f"± {error(scores[program]):.4f}"
        )
    if len(programs) == 2:
        for what, times in (("clock", wall), ("processor", processor)):
            ratios = [theirs / ours for ours, theirs in zip(times["fastemb"], times["fastText"], strict=True)]
            middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
            print(
                f"{name:10} {workers} workers fastText / fastemb by the {what}: {middle:.2f} ({low:.2f} to {high:.2f})"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=["words", "bigrams", "characters"])
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = [unpacked(path, Path(folder)) for path in (given.train, given.test)]
        for name in given.settings:
            for workers in given.workers:
                compare(name, *paths, workers, given.runs)


if __name__ == "__main__":
    main()
