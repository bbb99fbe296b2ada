"""Time predictions of a classifier by fastemb and by fastText's own Python module, in turn, on one thread.

    python bench/classify.py MODEL TEXTS

MODEL is a .bin or .ftz file, TEXTS a file with a text in each line. Both are given a list of texts. fasttext-wheel
needs an environment with numpy<2; without it fastemb alone is timed. Seconds are those of the processor.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastemb import Classifier

# Else fasttext.py, which stands beside this file, would be taken for fastText's module.
sys.path = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).resolve().parent]


def seconds(call: Callable[[], Any]) -> float:
    begin = time.process_time()
    call()
    return time.process_time() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("-k", type=int, default=1)
    given = parser.parse_args()
    texts = given.texts.read_text(encoding="utf-8", errors="replace").splitlines()
    load: dict[str, Callable[[], Any]] = {"fastemb": lambda: Classifier.load(given.model)}
    if find_spec("fasttext") is not None:
        load["fastText"] = lambda: import_module("fasttext").load_model(str(given.model))
    times: dict[str, list[float]] = {name: [] for name in load}
    loading: dict[str, list[float]] = {name: [] for name in load}
    for _ in range(given.runs):
        for name, make in load.items():
            loading[name].append(seconds(make))
            model = make()
            options = {"workers": 1} if name == "fastemb" else {}
            model.predict(texts[:10], k=given.k, **options)
            times[name].append(seconds(lambda model=model, options=options: model.predict(texts, k=given.k, **options)))
    characters = sum(map(len, texts)) / max(1, len(texts))
    print(f"{len(texts)} texts of {characters:.0f} characters, k={given.k}; medians of {given.runs}")
    for name, found in times.items():
        middle = statistics.median(found)
        rate = len(texts) / middle / 1000
        print(f"{name:10} {rate:8.1f} thousand texts/s; loaded in {1000 * statistics.median(loading[name]):.1f} ms")


if __name__ == "__main__":
    main()
