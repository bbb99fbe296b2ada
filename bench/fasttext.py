"""Train FastText by fastemb, gensim and Facebook's program on one corpus, and compare speed, memory and quality.

    python bench/fasttext.py CORPUS --evaluation FOLDER --fasttext PATH --runs 3

Every run is a process of its own; the programs take turns. CORPUS is plain text, a sentence a line. FOLDER holds
wordsim353.tsv, simlex999.txt, questions-words.txt, and rare-words.csv (number, word, word, score; Luong et
al. 2013). Processor seconds are those of all threads; on a machine that others use too they are the
steadier measure.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from train import TUNING_VARIABLES, evaluate, peak_mb

PARAMETERS = {"vector_size": 100, "window": 5, "negative": 5, "min_count": 5, "sample": 1e-4, "alpha": 0.05}
COLUMNS = ("seconds", "processor", "training", "peak_mb", "ws353", "simlex", "analogies", "rare", "rare_known")


def run_module(job: dict[str, Any]) -> dict[str, Any]:
    """Train by fastemb or gensim."""
    from importlib import import_module

    kind = import_module(f"{job['program']}.models").FastText
    before, started = time.process_time(), time.perf_counter()
    model = kind(
        corpus_file=job["corpus"],
        sg=job["sg"],
        epochs=job["epochs"],
        workers=job["workers"],
        seed=job["seed"],
        **PARAMETERS,
    )
    assert len(model.wv.vectors)  # fastemb makes them when they are asked for
    seconds, processor = time.perf_counter() - started, time.process_time() - before
    measured = {"seconds": seconds, "processor": processor, "training": model.total_train_time}
    return measured | {"peak_mb": peak_mb(resource.RUSAGE_SELF)} | quality(model.wv, job["evaluation"])


def run_binary(job: dict[str, Any]) -> dict[str, Any]:
    """Train by Facebook's program, which also writes its files."""
    from fastemb.models.fasttext import load_facebook_vectors

    with tempfile.TemporaryDirectory() as folder:
        options = {
            "input": job["corpus"], "output": f"{folder}/model", "dim": PARAMETERS["vector_size"],
            "ws": PARAMETERS["window"], "neg": PARAMETERS["negative"], "minCount": PARAMETERS["min_count"],
            "t": PARAMETERS["sample"], "lr": PARAMETERS["alpha"], "epoch": job["epochs"], "thread": job["workers"],
            "seed": job["seed"], "verbose": 0,
        }  # fmt: skip
        command = [job["fasttext"], "skipgram" if job["sg"] else "cbow"]
        command += [str(text) for name, value in options.items() for text in (f"-{name}", value)]
        started = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        seconds, used = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        measured = {"seconds": seconds, "processor": used.ru_utime + used.ru_stime, "training": float("nan")}
        vectors = load_facebook_vectors(f"{folder}/model.bin")
        return measured | {"peak_mb": peak_mb(resource.RUSAGE_CHILDREN)} | quality(vectors, job["evaluation"])


def quality(wv: Any, folder: str | None) -> dict[str, float | None]:
    """As of train.py; and with rare words, all pairs (`rare`) and those whose words are in the vocabulary."""
    if folder is None:
        return {}
    from scipy.stats import spearmanr

    lines = Path(folder, "rare-words.csv").read_text(encoding="utf-8").splitlines()[1:]
    pairs = [line.lower().rsplit(",", 3)[1:] for line in lines]
    measured: dict[str, float | None] = dict(evaluate(wv, folder))
    for name, words in (("rare", wv), ("rare_known", wv.key_to_index)):
        known = [pair for pair in pairs if pair[0] in words and pair[1] in words]
        found = [wv.similarity(first, second) for first, second, _ in known]
        measured[name] = float(spearmanr(found, [float(score) for *_, score in known])[0])
    return measured


def in_child(job: dict[str, Any]) -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if name not in TUNING_VARIABLES}
    command = [sys.executable, __file__, "--child", json.dumps(job)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        job = json.loads(sys.argv[2])
        print(json.dumps(run_binary(job) if job["program"] == "fasttext" else run_module(job)))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("--evaluation", metavar="FOLDER")
    parser.add_argument("--fasttext", metavar="PATH", help="Facebook's compiled program")
    parser.add_argument("--programs", nargs="+", default=["fastemb", "gensim"], choices=["fastemb", "gensim"])
    parser.add_argument("--algorithms", nargs="+", default=["skipgram", "cbow"], choices=["skipgram", "cbow"])
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    programs = options.programs + ["fasttext"] * (options.fasttext is not None)
    print("| algorithm | program |", " | ".join(COLUMNS), "|\n| --- | --- |", "---: | " * len(COLUMNS))
    for algorithm in options.algorithms:
        results: dict[str, list[dict[str, Any]]] = {program: [] for program in programs}
        for seed in range(1, options.runs + 1):
            for program in programs:
                job = vars(options) | {"program": program, "sg": int(algorithm == "skipgram"), "seed": seed}
                results[program].append(in_child(job))
        for program, runs in results.items():
            medians = [statistics.median(run.get(column, float("nan")) for run in runs) for column in COLUMNS]
            print(f"| {algorithm} | {program} |", " | ".join(f"{value:.4g}" for value in medians), "|", flush=True)


if __name__ == "__main__":
    main()
