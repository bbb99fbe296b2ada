"""Count and train fastemb's GloVe beside Stanford's programs, on one corpus and the same cells.

    python bench/glove.py CORPUS --stanford FOLDER --evaluation FOLDER

FOLDER of --stanford holds the compiled vocab_count, cooccur, shuffle and glove. Without it fastemb runs alone.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from train import evaluate, peak_mb

Record = dict[str, Any]
IMPLEMENTATIONS = ("", "portable")  # the best there is, and plain C


def run_fastemb(job: Record) -> Record:
    """Train on Stanford's cells if there are any, to compare epochs and cost; else on the corpus."""
    from fastemb import GloVe, show_config
    from fastemb.models.callbacks import CallbackAny2Vec

    ends: list[float] = []

    class Clock(CallbackAny2Vec):
        def on_train_begin(self, model: Any) -> None:
            ends.append(time.perf_counter())

        def on_epoch_end(self, model: Any) -> None:
            ends.append(time.perf_counter())

    cells = {"cooccurrences": job["cells"], "words": job["vocab"]} if job["cells"] else {"corpus_file": job["corpus"]}
    begun = time.perf_counter()
    model = GloVe(**cells, **job["parameters"], seed=job["seed"], callbacks=[Clock()])
    config = show_config("dicts")
    assert config
    return {
        "program": f"fastemb, {config['kernels']['chosen']}",
        "before": ends[0] - begun,
        "epoch": min(b - a for a, b in pairwise(ends)),
        "costs": model.epoch_losses,
        "peak": peak_mb(resource.RUSAGE_SELF),
        "quality": evaluate(model.wv, job["evaluation"]) if job["evaluation"] else None,
    }


def run_stanford(job: Record) -> Record:
    """One call of Stanford's glove on its own cells."""
    from fastemb import KeyedVectors

    p = job["parameters"]
    with tempfile.TemporaryDirectory() as folder:
        options = {
            "input-file": job["cells"], "vocab-file": job["vocab"], "save-file": f"{folder}/vectors", "verbose": 0,
            "vector-size": p["vector_size"], "x-max": p["x_max"], "iter": p["epochs"], "threads": p["workers"],
            "seed": job["seed"],
        }  # fmt: skip
        command = [
            f"{job['stanford']}/glove",
            *(str(x) for name, value in options.items() for x in (f"-{name}", value)),
        ]
        ends, costs = [time.perf_counter()], []
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as run:
            assert run.stderr
            for line in run.stderr:
                if found := re.search(r"iter: \d+, cost: ([\d.]+)", line):
                    ends.append(time.perf_counter())
                    costs.append(float(found[1]))
        if run.returncode:
            raise SystemExit(f"{command[0]} failed with status {run.returncode}")
        peak = peak_mb(resource.RUSAGE_CHILDREN)
        wv = KeyedVectors.load_word2vec_format(f"{folder}/vectors.txt", no_header=True)
    return {
        "program": "Stanford's glove",
        "before": job["before"],
        "epoch": min(b - a for a, b in zip(ends[1:] if len(ends) > 2 else ends, ends[2:] or ends[1:], strict=False)),
        "costs": costs,
        "peak": peak,
        "quality": evaluate(wv, job["evaluation"]) if job["evaluation"] else None,
    }


def stanfords_cells(arguments: argparse.Namespace, folder: str) -> Record:
    """Vocabulary and shuffled cells by Stanford's programs, and the seconds that counting and shuffling took."""
    programs, corpus = arguments.stanford.resolve(), arguments.corpus
    vocab, cells, shuffled = (f"{folder}/{name}" for name in ("vocab.txt", "cooccurrence.bin", "shuffled.bin"))
    quiet = ["-verbose", "0", "-memory", "4"]
    steps = [
        ([f"{programs}/vocab_count", "-verbose", "0", "-min-count", str(arguments.min_count)], corpus, vocab),
        ([f"{programs}/cooccur", *quiet, "-vocab-file", vocab, "-window-size", str(arguments.window),
          "-overflow-file", f"{folder}/overflow"], corpus, cells),
        ([f"{programs}/shuffle", *quiet, "-temp-file", f"{folder}/temporary"], cells, shuffled),
    ]  # fmt: skip
    seconds = 0.0
    for command, source, target in steps:
        begun = time.perf_counter()
        with open(source, "rb") as given, open(target, "wb") as made:
            subprocess.run(command, stdin=given, stdout=made, stderr=subprocess.DEVNULL, check=True)
        seconds += time.perf_counter() - begun
    os.unlink(cells)
    return {"vocab": vocab, "cells": shuffled, "before": seconds, "stanford": str(programs)}


TASKS = {"fastemb": run_fastemb, "stanford": run_stanford}


def in_child(task: str, job: Record, implementation: str = "") -> Record:
    """Run a task in a fresh process."""
    environment = os.environ | {"FASTEMB_IMPLEMENTATION": implementation}
    command = [sys.executable, os.path.abspath(__file__), "--child", task, json.dumps(job)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    result: Record = json.loads(done.stdout.splitlines()[-1])
    return result


def print_row(label: str, record: Record) -> None:
    quality = record["quality"] or {}
    scores = {"ws353": "{:.3f}", "simlex": "{:.3f}", "analogies": "{:.1%}"}
    shown = [form.format(quality[name]) if quality.get(name) is not None else "–" for name, form in scores.items()]
    print(
        f"| {record['program']}{label} | {record['before']:.1f} | {record['epoch']:.2f} | {record['costs'][0]:.5f} "
        f"| {record['costs'][-1]:.5f} | {record['peak']:,.0f} | {' | '.join(shown)} |",
        flush=True,
    )


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare fastemb's GloVe with Stanford's programs.")
    parser.add_argument("corpus", type=Path, metavar="CORPUS", help="text, a sentence a line, not compressed")
    parser.add_argument("--stanford", type=Path, metavar="FOLDER", help="holds Stanford's compiled programs")
    parser.add_argument("--evaluation", type=Path, metavar="FOLDER", help="as for train.py")
    for name, kind, default in (
        ("--seeds", int, 1), ("--epochs", int, 15), ("--vector-size", int, 100), ("--window", int, 10),
        ("--x-max", float, 10.0), ("--min-count", int, 5), ("--workers", int, 2),
    ):  # fmt: skip
        parser.add_argument(name, type=kind, default=default)
    return parser.parse_args()


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(TASKS[sys.argv[2]](json.loads(sys.argv[3]))))
        return
    arguments = parse()
    names = ("vector_size", "window", "min_count", "x_max", "epochs", "workers")
    job: Record = {"parameters": {name: getattr(arguments, name) for name in names}, "corpus": str(arguments.corpus)}
    job |= {"evaluation": str(arguments.evaluation) if arguments.evaluation else None, "cells": None}
    print(
        "| program | count and shuffle, s | an epoch, s | first cost | last cost | peak, MB "
        "| WS353 | SimLex | analogies |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        cells = stanfords_cells(arguments, folder) if arguments.stanford else {}
        for seed in range(1, arguments.seeds + 1):
            print_row("", in_child("fastemb", job | {"seed": seed}))
            if not cells:
                continue
            for implementation in IMPLEMENTATIONS:
                print_row(", Stanford's cells", in_child("fastemb", job | cells | {"seed": seed}, implementation))
            print_row("", in_child("stanford", job | cells | {"seed": seed}))


if __name__ == "__main__":
    main()
