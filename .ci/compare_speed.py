"""Time training by this folder and by another commit in turn, and print the ratios of their times.

    python .ci/compare_speed.py CORPUS [--base HEAD] [--pairs 10] [--only TEXT]

Each version has a process of its own, which reads the corpus once for each row; then they train in turn, the first one
now this, now that. What is timed is training alone (`total_train_time`). A ratio below 1 is faster than the commit.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / ".ci"))
KINDS = {
    "skip-gram": ("Word2Vec", {"sg": 1}),
    "CBOW": ("Word2Vec", {"sg": 0}),
    "hierarchical softmax": ("Word2Vec", {"sg": 1, "hs": 1, "negative": 0}),
    "FastText": ("FastText", {"sg": 1}),
    "GloVe": ("GloVe", {}),
}
STUDENT = {1: 12.71, 2: 4.3, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36, 8: 2.31, 9: 2.26, 11: 2.2, 14: 2.14, 19: 2.09}
CODE = """
import runpy, sys
sys.path.insert(0, {folder!r})
runpy.run_path({script!r}, run_name="timed")["serve"]({corpus!r}, {kind!r}, {size}, {workers})
"""


def main() -> None:
    from golden_bits import built

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus")
    parser.add_argument("--base", default="HEAD", help="the commit to compare with")
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--only", default="", help="the rows whose name holds this")
    options = parser.parse_args()
    folders = [built(options.base), ROOT]
    for kind, size, workers in itertools.product(KINDS, (100, 300), (1, 2)):
        name = f"{kind}, {size}, {workers} worker{'s' * (workers > 1)}"
        if options.only in name:
            compare(name, folders, options.corpus, kind, size, workers, options.pairs)


def compare(name: str, folders: list[Path], corpus: str, kind: str, size: int, workers: int, pairs: int) -> None:
    """Print the medians of both, the ratio, and the 95 % interval of its (geometric) mean."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS_")}
    processes = [
        subprocess.Popen(
            [sys.executable, "-P", "-c", CODE.format(
                folder=str(folder), script=str(Path(__file__).resolve()), corpus=corpus, kind=kind, size=size,
                workers=workers,
            )],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder, env=environment,
        )
        for folder in folders
    ]  # fmt: skip
    for process in processes:
        ask(process)  # reads the corpus, and warms up
    times: list[list[float]] = [[], []]
    for pair in range(pairs):
        for which in (0, 1) if pair % 2 == 0 else (1, 0):
            times[which].append(ask(processes[which]))
    for process in processes:
        process.communicate()
    ratios = [math.log(new / old) for old, new in zip(*times, strict=True)]
    middle = statistics.mean(ratios)
    degrees = max(number for number in STUDENT if number <= max(pairs - 1, 1))
    half = STUDENT[degrees] * statistics.stdev(ratios) / math.sqrt(pairs) if pairs > 1 else math.inf
    old, new = map(statistics.median, times)
    low, high = math.exp(middle - half), math.exp(middle + half)
    print(f"{name}: {old:.2f} s, {new:.2f} s, ratio {new / old:.3f}, interval {low:.3f} to {high:.3f}", flush=True)


def ask(process: subprocess.Popen[str]) -> float:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return float(process.stdout.readline())


# What follows runs in those processes.


def serve(corpus: str, kind: str, size: int, workers: int) -> None:
    """Train once for each line of standard input, and print the seconds."""
    import logging
    import tempfile

    import fastemb

    logging.disable(logging.WARNING)  # of the learning rate, which begins anew each time

    name, parameters = KINDS[kind]
    with tempfile.TemporaryDirectory() as folder:
        model: Any = getattr(fastemb, name)(vector_size=size, workers=workers, epochs=1, **parameters)
        given: dict[str, Any] = {"corpus_file": corpus}
        model.build_vocab(corpus_file=corpus)
        if kind == "GloVe":
            model.save_cooccurrences(Path(folder, "cells"), corpus_file=corpus)
            given = {"cooccurrences": Path(folder, "cells")}
        for _ in sys.stdin:
            before = model.total_train_time
            model.train(**given)
            print(model.total_train_time - before, flush=True)


if __name__ == "__main__":
    main()
