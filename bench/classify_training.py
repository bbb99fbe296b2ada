"""Time training of classifiers by fastemb, fastText's own Python module and fasttext-new, in turn; how good are they?

    python bench/classify_training.py TRAIN TEST [--settings words …] [--workers 1 2] [--runs 5] [--peak]

Both are files in fastText's form; .xz and other packed files are unpacked first. Each run has a seed of its own, and is
timed from the file to the classifier. fasttext-wheel needs an environment with numpy<2; programs that are not there are
left out. P@1 stands with its standard error over the seeds. Of fastemb the time of training alone is shown, too. With
--peak each program trains once, in a process of its own, whose peak memory is shown, and what it has before.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
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
# Their modules; both have the same functions.
OTHERS = {"fastText": "fasttext", "fasttext-new": "fasttext_new"}
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
    return import_module(OTHERS[program]).train_supervised(path, thread=workers, seed=seed, verbose=0, **given)


def programs() -> list[str]:
    """Those that are installed."""
    return ["fastemb", *(name for name, module in OTHERS.items() if find_spec(module) is not None)]


def error(values: list[float]) -> float:
    """The standard error of their mean."""
    return statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0


def compare(name: str, path: str, test: str, workers: int, runs: int) -> None:
    wall: dict[str, list[float]] = {program: [] for program in programs()}
    processor: dict[str, list[float]] = {program: [] for program in programs()}
    scores: dict[str, list[float]] = {program: [] for program in programs()}
    alone: list[float] = []
    for seed in range(1, runs + 1):
        for program in programs():
            begin, used = time.perf_counter(), time.process_time()
            model = train(program, path, SETTINGS[name], workers, seed)
            wall[program].append(time.perf_counter() - begin)
            processor[program].append(time.process_time() - used)
            scores[program].append(model.test(test)[1])
            if program == "fastemb":
                alone.append(model.total_train_time)
            del model
    for program in programs():
        print(
            f"{name:10} {workers} workers {program:12} {statistics.median(wall[program]):7.2f} s, of the processor "
            f"{statistics.median(processor[program]):7.2f} s; P@1 {statistics.mean(scores[program]):.4f} "
            f"± {error(scores[program]):.4f}"
        )
    shown = f"{statistics.median(alone):.3f} s ({min(alone):.3f} to {max(alone):.3f})"
    print(f"{name:10} {workers} workers fastemb, training alone: {shown}")
    for program in programs()[1:]:
        for what, times in (("clock", wall), ("processor", processor)):
            ratios = [theirs / ours for ours, theirs in zip(times["fastemb"], times[program], strict=True)]
            middle, spread = statistics.median(ratios), f"{min(ratios):.2f} to {max(ratios):.2f}"
            print(f"{name:10} {workers} workers {program} / fastemb by the {what}: {middle:.2f} ({spread})")


def peak() -> float:
    """Memory that this process has had at most, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e6 / 1024)


def train_in_child(program: str, path: str, name: str, workers: int) -> tuple[float, float]:
    """The peak memory of this process before and after training."""
    if program != "fastemb":
        import_module(OTHERS[program])
    before = peak()
    model = train(program, path, SETTINGS[name], workers, 1)
    del model
    return before, peak()


def compare_peaks(name: str, path: str, workers: int) -> None:
    for program in programs():
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            before, after = pool.apply(train_in_child, (program, path, name, workers))
        print(f"{name:10} {workers} workers {program:12} {after:7.0f} MB at the peak, {before:.0f} before")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=["words", "bigrams", "characters"])
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peak", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = [unpacked(path, Path(folder)) for path in (given.train, given.test)]
        for name in given.settings:
            for workers in given.workers:
                if given.peak:
                    compare_peaks(name, paths[0], workers)
                else:
                    compare(name, *paths, workers, given.runs)


if __name__ == "__main__":
    main()
