"""Load vectors with fastemb and gensim: seconds and peak memory, each run in a process of its own, in turn.

python bench/load.py --words 400000 --size 300 --runs 3 --folder /tmp
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

TASKS = {
    "GloVe text": "glove.txt",
    "word2vec binary": "word2vec.bin",
    "own format, and one word": {"fastemb": "vectors.fastemb", "gensim": "vectors.kv"},
}


def file_of(task: str, program: str) -> str:
    name = TASKS[task]
    return name if isinstance(name, str) else name[program]


def make_files(folder: Path, words: int, size: int) -> None:
    """The files that are not there yet: numbers with five decimals, as in GloVe's."""
    from gensim.models import KeyedVectors as Gensim

    from fastemb import KeyedVectors
    from fastemb.models.files import save_vectors

    folder.mkdir(exist_ok=True)
    if all((folder / file_of(task, program)).exists() for task in TASKS for program in ("fastemb", "gensim")):
        return
    matrix = np.random.default_rng(0).standard_normal((words, size), np.float32) * np.float32(0.3)
    matrix = matrix.round(5)
    keys = [f"word{number}" for number in range(words)]
    ours = KeyedVectors.from_arrays(keys, matrix)
    save_vectors(ours, folder / "glove.txt", "glove")
    save_vectors(ours, folder / "word2vec.bin")
    ours.save(folder / "vectors.fastemb")
    theirs = Gensim(size)
    theirs.add_vectors(keys, matrix)
    theirs.save(str(folder / "vectors.kv"))


def load(task: str, program: str, path: str) -> dict[str, float]:
    """One run, in this process."""
    if program == "gensim":
        from gensim.models import KeyedVectors
    else:
        from fastemb import KeyedVectors
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin, processor = time.perf_counter(), time.process_time()
    if task == "GloVe text":
        vectors = KeyedVectors.load_word2vec_format(path, no_header=True)
    elif task == "word2vec binary":
        vectors = KeyedVectors.load_word2vec_format(path, binary=True)
    else:
        vectors = KeyedVectors.load(path)
    checksum = float(vectors[vectors.index_to_key[-1]][:5].sum())
    seconds, processor = time.perf_counter() - begin, time.process_time() - processor
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    matrix = vectors.vectors.nbytes / 2**20
    return {"seconds": seconds, "processor": processor, "MB": peak, "matrix": matrix, "checksum": checksum}


def itself(options: argparse.Namespace, *arguments: str) -> str:
    """What another process of this program prints; this one stays small, since its peak would count as theirs."""
    sizes = ["--words", str(options.words), "--size", str(options.size), "--folder", str(options.folder)]
    command = [sys.executable, os.path.abspath(__file__), *sizes, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--words", type=int, default=400_000)
    parser.add_argument("--size", type=int, default=300)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("bench-load"))
    parser.add_argument("--task", choices=list(TASKS), action="append", help="only these")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--make", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        task, program = options.one
        print(json.dumps(load(task, program, str(options.folder / file_of(task, program)))))
        return
    if options.make:
        make_files(options.folder, options.words, options.size)
        return
    itself(options, "--make")
    print("| | program | runs | seconds | processor, s | peak, MB | matrix, MB | gensim / fastemb |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for task in options.task or TASKS:
        runs: dict[str, list[dict[str, float]]] = {"fastemb": [], "gensim": []}
        for program in runs:  # so that none waits for the disk
            with open(options.folder / file_of(task, program), "rb") as file:
                while file.read(1 << 24):
                    pass
        for _ in range(options.runs):
            for program, results in runs.items():
                command = [
                    sys.executable,
                    os.path.abspath(__file__),
                    "--folder",
                    str(options.folder),
                    "--one",
                    task,
                    program,
                ]
                results.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        checksums = {round(run["checksum"], 4) for results in runs.values() for run in results}
        assert len(checksums) == 1, checksums
        medians = {program: statistics.median(run["seconds"] for run in results) for program, results in runs.items()}
        for program, results in runs.items():
            ratio = f"{medians['gensim'] / medians['fastemb']:.1f}" if program == "fastemb" else ""
            peak, processor = (statistics.median(run[key] for run in results) for key in ("MB", "processor"))
            print(
                f"| {task} | {program} | {len(results)} | {medians[program]:.2f} | {processor:.2f} | {peak:.0f} "
                f"| {results[0]['matrix']:.0f} | {ratio} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
