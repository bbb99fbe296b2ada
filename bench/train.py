"""Train fastemb, gensim and others side by side on one corpus, and compare speed, memory and quality.

    python bench/train.py CORPUS --evaluation FOLDER --json results.json
    python bench/train.py --report results.json

Every run is a process of its own. See README.md beside this file for what the columns mean.
"""

from __future__ import annotations

import argparse
import importlib
import json
import lzma
import math
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn

# The process that starts the runs imports neither NumPy nor the programs: Linux counts the peak
# memory of a process from the moment before it becomes another program, so this one stays small.

Record = dict[str, Any]

PROGRAMS = ("fastemb", "gensim")
BINARIES = ("word2vec.c", "pWord2Vec")  # compiled programs, whose paths the user gives
ALGORITHMS = {
    "skipgram": {"sg": 1},
    "cbow": {"sg": 0},
    "skipgram-hs": {"sg": 1, "hs": 1, "negative": 0},
    "cbow-hs": {"sg": 0, "hs": 1, "negative": 0},
}
PARAMETERS = ("vector_size", "window", "negative", "sample", "min_count", "alpha", "epochs", "workers")
EVALUATION_FILES = ("wordsim353.tsv", "simlex999.txt", "questions-words.txt")
ANALOGY_WORDS = 30_000
LONGEST_SENTENCE = 10_000  # gensim ignores what comes after so many words of a list
TUNING_VARIABLES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


# What the child processes do.


def train_once(job: Record) -> Record:
    """Train one program once on one corpus, and measure that."""
    return run_binary(job) if job["binary"] else run_module(job)


def run_module(job: Record) -> Record:
    program = importlib.import_module(job["program"])
    word2vec = importlib.import_module(f"{job['program']}.models").Word2Vec
    source = {"corpus_file": job["path"]} if job["input"] == "file" else {"sentences": read_sentences(job["path"])}
    arguments = source | job["parameters"] | ALGORITHMS[job["algorithm"]] | {"seed": job["seed"]}
    if job["program"] == "fastemb":
        arguments |= job["options"]

    started = time.perf_counter()
    model = word2vec(**arguments)
    seconds = time.perf_counter() - started

    peak = peak_mb(resource.RUSAGE_SELF)
    words = model.corpus_total_words * job["parameters"]["epochs"]
    return {
        "seconds": seconds,
        "training_seconds": model.total_train_time,
        "words_per_second": words / seconds,
        "training_words_per_second": words / model.total_train_time,
        "peak_mb": peak,
        "corpus_words": model.corpus_total_words,
        "vocabulary": len(model.wv),
        "quality": evaluate(model.wv, job["evaluation"]) if job["evaluation"] else None,
        "versions": {
            "python": platform.python_version(),
            "numpy": metadata.version("numpy"),
            job["program"]: program.__version__,
        },
    }


def run_binary(job: Record) -> Record:
    """The same for a program with the command line of word2vec.c. It writes its vectors to a file."""
    from fastemb import KeyedVectors

    parameters = dict(job["parameters"])
    algorithm = {"hs": 0} | ALGORITHMS[job["algorithm"]]
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "vectors.bin")
        options: Record = {
            "train": job["path"],
            "output": output,
            "binary": 1,
            "size": parameters["vector_size"],
            "window": parameters["window"],
            "negative": algorithm.get("negative", parameters["negative"]),
            "hs": algorithm["hs"],
            "sample": parameters["sample"],
            "min-count": parameters["min_count"],
            "alpha": parameters["alpha"],
            "iter": parameters["epochs"],
            "threads": parameters["workers"],
        }
        if job["program"] == "word2vec.c":
            options["cbow"] = 1 - algorithm["sg"]
        elif not algorithm["sg"] or algorithm["hs"]:
            raise SystemExit(f"{job['program']} has only skip-gram with negative sampling")
        command = [job["binary"], *(str(text) for name, value in options.items() for text in (f"-{name}", value))]
        started = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        seconds = time.perf_counter() - started
        peak = peak_mb(resource.RUSAGE_CHILDREN)
        wv = KeyedVectors.load_word2vec_format(output, binary=True)
    words = sum(map(len, read_sentences(job["path"])))
    return {
        "seconds": seconds,
        "training_seconds": None,
        "words_per_second": words * parameters["epochs"] / seconds,
        "training_words_per_second": None,
        "peak_mb": peak,
        "corpus_words": words,
        "vocabulary": len(wv),
        "quality": evaluate(wv, job["evaluation"]) if job["evaluation"] else None,
        "versions": {},
    }


def peak_mb(who: int) -> float:
    """Highest resident memory in MiB; macOS counts bytes, Linux KiB."""
    return resource.getrusage(who).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def measure_roofline(job: Record) -> Record:
    """What fastemb computes and moves for a word, and how fast this machine multiplies and copies.

    The products of a step with n inputs and m outputs take 6·n·m·d flops; each different row that it
    needs is read and written, 8·d bytes, and many of them are in the caches. The limits are those of NumPy's
    float32 product of large matrices, and of copying, with as many threads as workers.
    """
    import numpy as np

    from fastemb.corpus import LineSentence, encode
    from fastemb.models import Word2Vec
    from fastemb.training import Schedule
    from fastemb.training.sgd import new_epoch

    parameters = job["parameters"]
    model = Word2Vec(**parameters | ALGORITHMS[job["algorithm"]])
    model.build_vocab(corpus_file=job["path"])
    sentences, words = [], 0
    for sentence in LineSentence(job["path"]):
        sentences.append(sentence)
        words += len(sentence)
        if words > 50_000:
            break
    corpus = encode(sentences, model.wv.key_to_index)
    chunks = [arrays for part in corpus.parts() for arrays in corpus.load(part)]
    task = model._task(corpus, 0)
    blocks = new_epoch(task, task.inputs, chunks, Schedule(0.025, 0.025, words), 0, 0, 0).batches()
    sizes = [(len(block["inputs"]), len(block["outputs"])) for block in blocks]
    rows = sum(m for _, m in sizes)
    for block in blocks:
        rows += len(block["inputs"] if model.sg else set().union(*block["inputs"]))
    size = parameters["vector_size"]

    square = np.ones((2048, 2048), np.float32)
    large = [np.ones(2**25, np.float32) for _ in range(2 * parameters["workers"])]
    copies = [lambda k=k: np.copyto(large[2 * k], large[2 * k + 1]) for k in range(parameters["workers"])]
    return {
        "flops_per_word": 6 * size * sum(n * m for n, m in sizes) / words,
        "bytes_per_word": 8 * size * rows / words,
        "sgemm_flops": 2 * 2048**3 / best_seconds([lambda: square @ square]),
        "copied_bytes": 2 * 4 * 2**25 * parameters["workers"] / best_seconds(copies),
    }


def best_seconds(tasks: list[Callable[[], Any]], repetitions: int = 10) -> float:
    """The least time in which all tasks are done, each in a thread of its own."""
    best = math.inf
    for _ in range(repetitions):
        threads = [threading.Thread(target=task) for task in tasks]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        best = min(best, time.perf_counter() - started)
    return best


def read_sentences(path: str) -> list[list[str]]:
    """A sentence a line; longer ones are split, as gensim's LineSentence does."""
    sentences = []
    with open(path, encoding="utf-8", newline="\n") as file:
        for line in file:
            words = line.split()
            sentences += [words[k : k + LONGEST_SENTENCE] for k in range(0, len(words), LONGEST_SENTENCE)]
    return sentences


def evaluate(wv: Any, folder: str) -> dict[str, float | int | None]:
    """Quality of either program's vectors, measured by the same code."""
    from fastemb import evaluation

    quality: dict[str, float | int | None] = {}
    index = evaluation.folded_index(wv.index_to_key)
    for name, file in zip(("ws353", "simlex"), EVALUATION_FILES[:2], strict=True):
        pairs = evaluation.read_word_pairs(Path(folder, file))
        try:
            result = evaluation.word_pairs(wv.vectors, index, pairs)
            quality |= {name: number_or_none(result.spearman[0]), f"{name}_pairs": result.used}
        except ValueError:  # hardly a word of it is in the corpus
            quality |= {name: None, f"{name}_pairs": 0}
    questions = evaluation.read_analogies(Path(folder, EVALUATION_FILES[2]))
    sections = evaluation.word_analogies(wv.vectors[:ANALOGY_WORDS], wv.index_to_key[:ANALOGY_WORDS], questions)
    asked = sum(len(section.correct) + len(section.incorrect) for section in sections)
    return quality | {"analogies": number_or_none(evaluation.accuracy(sections)), "analogy_questions": asked}


def number_or_none(value: float) -> float | None:
    """None instead of NaN, which JSON does not know."""
    return value if math.isfinite(value) else None


def describe_machine(_job: Record) -> Record:
    """The line that says what the numbers were measured on, and with."""
    from fastemb import show_config
    from fastemb._threads import usable_cores

    config = show_config("dicts")
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    for line in cpuinfo.read_text().splitlines() if cpuinfo.exists() else []:
        if line.startswith("model name"):
            processor = line.partition(":")[2].strip()
            break
    try:
        gensim = metadata.version("gensim")
    except metadata.PackageNotFoundError:
        gensim = "not installed"
    return {
        "machine": f"{processor}, {usable_cores()} cores; Python {platform.python_version()}, "
        f"NumPy {config['numpy']}, kernels of fastemb {config['kernels']['chosen']}, "
        f"OpenBLAS core {config['blas']['core']}; fastemb {config['fastemb']}, gensim {gensim}"
    }


TASKS: dict[str, Callable[[Record], Record]] = {
    "machine": describe_machine,
    "train": train_once,
    "roofline": measure_roofline,
}


# What the parent does.


def in_child(task: str, job: Record | None = None) -> Record:
    """Run a task in a fresh process, without the variables that tune OpenBLAS; end if it fails."""
    environment = {name: value for name, value in os.environ.items() if name not in TUNING_VARIABLES}
    if task == "roofline":  # before NumPy is imported
        assert job
        environment |= dict.fromkeys(THREAD_VARIABLES, str(job["parameters"]["workers"]))
    command = [sys.executable, os.path.abspath(__file__), "--child", task, json.dumps(job or {})]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)  # errors go to our stderr
    if done.returncode:
        what = f"{job['algorithm']} {job.get('program', task)}" if job else task
        print(f"{what} failed with status {done.returncode}", file=sys.stderr)
        sys.exit(1)
    result: Record = json.loads(done.stdout.splitlines()[-1])
    return result


@contextmanager
def unpacked(corpus: Path) -> Iterator[str]:
    """Path of the plain text. It is read once before any run, so that none has to wait for the disk."""
    if corpus.suffix != ".xz":
        with open(corpus, "rb") as file:
            while file.read(2**20):
                pass
        yield str(corpus)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, corpus.stem)
        with lzma.open(corpus) as packed, open(path, "wb") as file:
            shutil.copyfileobj(packed, file)
        yield str(path)


def benchmark(arguments: argparse.Namespace) -> None:
    """Run everything, the programs in turn, and print the tables."""
    machine = in_child("machine")["machine"]
    print(machine, flush=True)
    begun = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    parameters = {name: getattr(arguments, name) for name in PARAMETERS}
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.runs)
    binaries = {"word2vec.c": arguments.word2vec_c, "pWord2Vec": arguments.pword2vec}
    programs = arguments.programs + [name for name in BINARIES if binaries[name]]
    plan = [
        (algorithm, seed, program)
        for algorithm in arguments.algorithms
        for seed in seeds
        for program in programs
        if program != "pWord2Vec" or algorithm == "skipgram"  # all that it has
    ]
    records = []
    with unpacked(arguments.corpus) as path:
        name = arguments.corpus.name.removesuffix(".xz")
        settings = {"corpus": name, "bytes": os.path.getsize(path), "input": arguments.input} | parameters
        if arguments.options:
            settings["options"] = arguments.options
        for number, (algorithm, seed, program) in enumerate(plan, 1):
            run = {"program": program, "algorithm": algorithm, "seed": seed}
            evaluation = str(arguments.evaluation) if arguments.evaluation else None
            job = {"path": path, "input": arguments.input, "parameters": parameters, "evaluation": evaluation}
            job["options"] = arguments.options
            job["binary"] = str(binaries[program].resolve()) if program in BINARIES else None
            measured = in_child("train", run | job)
            records.append({"begun": begun, "machine": machine, "settings": settings} | run | measured)
            if arguments.json:
                store(arguments.json, records[-1])
            print(
                f"[{number}/{len(plan)}] {algorithm} {program} seed {seed}: {measured['seconds']:.2f} s end to end, "
                f"{measured['peak_mb']:,.0f} MB",
                file=sys.stderr,
            )
        print_tables(records)
        for algorithm in arguments.algorithms if "fastemb" in programs else []:
            own = [r for r in records if (r["program"], r["algorithm"]) == ("fastemb", algorithm)]
            job = {"algorithm": algorithm, "path": path, "parameters": parameters | arguments.options}
            print_roofline(in_child("roofline", job), algorithm, median(own, "training_words_per_second"))


def print_roofline(measured: Record, algorithm: str, speed: float) -> None:
    flops, size = measured["flops_per_word"], measured["bytes_per_word"]
    print(
        f"\nroofline of {algorithm}: {flops:,.0f} flops and {size:,.0f} bytes a word; at {speed:,.0f} words/s "
        f"{speed * flops / measured['sgemm_flops']:.0%} of the machine's sgemm ({measured['sgemm_flops'] / 1e9:,.0f} "
        f"Gflop/s), {speed * size / measured['copied_bytes']:.0%} of its copying "
        f"({measured['copied_bytes'] / 1e9:,.1f} GB/s)"
    )


def load(path: Path) -> list[Record]:
    """Records that `store` wrote; ValueError if it is another file."""
    records = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(records, list) or any("settings" not in record for record in records):
        raise ValueError("not a list of runs")
    return records


def store(path: Path, record: Record) -> None:
    """Add a record to a file. The new file is written beside the old one, and takes its place."""
    records = [*(load(path) if path.exists() else []), record]
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)


# The tables.


def print_tables(records: list[Record], with_machines: bool = False) -> None:
    """A Markdown table for each algorithm of each group of records with the same settings."""
    for group in by_settings(records):
        if with_machines:
            machines = list(dict.fromkeys(record["machine"] for record in group))
            print("", *machines, sep="\n")
            if len(machines) > 1:
                print(f"Careful: the medians mix {len(machines)} machines or versions.")
        print("\n" + ", ".join(f"{name} {value}" for name, value in group[0]["settings"].items()))
        for algorithm in dict.fromkeys(record["algorithm"] for record in group):
            print_table(algorithm, [record for record in group if record["algorithm"] == algorithm])


def by_settings(records: list[Record]) -> list[list[Record]]:
    """The records in groups with the same settings."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(json.dumps(record["settings"], sort_keys=True), []).append(record)
    return list(groups.values())


def print_table(algorithm: str, records: list[Record]) -> None:
    """A row for each program, and the ratios to the others below."""
    print(f"\n### {algorithm}\n")
    print("| program | runs | end to end, s | training, words/s | peak, MB | WS353 | SimLex-999 | analogies, % |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    runs = {name: [record for record in records if record["program"] == name] for name in (*PROGRAMS, *BINARIES)}
    for program, own in runs.items():
        if own:
            training = "–" if program in BINARIES else f"{median(own, 'training_words_per_second'):,.0f}"
            print(
                f"| {program} | {len(own)} | {median(own, 'seconds'):.2f} | {training} | {median(own, 'peak_mb'):,.0f} "
                f"| {mean(own, 'ws353')} | {mean(own, 'simlex')} | {mean(own, 'analogies', 100, 1)} |"
            )
    print()
    for other in (*PROGRAMS[1:], *BINARIES):
        if not runs["fastemb"] or not runs[other]:
            continue
        ours, theirs = ({(run["begun"], run["seed"]): run for run in runs[name]} for name in ("fastemb", other))
        pairs = [(ours[key], theirs[key]) for key in ours if key in theirs]
        ratios = []
        for label, key in (
            ("end-to-end seconds", "seconds"),
            ("training words/s", "training_words_per_second"),
            ("peak MB", "peak_mb"),
        ):
            if runs[other][0][key] is None:
                continue
            ratio = f"{median(runs['fastemb'], key) / median(runs[other], key):.3g}"
            if pairs:
                ratio += f" (pairwise {statistics.median(a[key] / b[key] for a, b in pairs):.3g})"
            ratios.append(f"{label} {ratio}")
        print(f"fastemb / {other}: {', '.join(ratios)}")


def median(records: list[Record], key: str) -> float:
    return statistics.median(record[key] for record in records)


def mean(records: list[Record], key: str, scale: float = 1, digits: int = 3) -> str:
    """Mean of a measure of quality, ± the standard deviation if there is more than one run."""
    values = [record["quality"][key] for record in records if record["quality"]]
    values = [scale * value for value in values if value is not None]
    if not values:
        return "–"
    deviation = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{digits}f}{deviation}"


# The command line.


def refuse(message: str) -> NoReturn:
    print(f"train.py: {message}", file=sys.stderr)
    sys.exit(2)


def at_least_one(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {value}")
    return value


def parse() -> argparse.Namespace:
    """Read the command line, and check what it names before anything is run."""
    parser = argparse.ArgumentParser(description="Train fastemb and gensim side by side, and compare.")
    parser.add_argument("corpus", nargs="?", type=Path, metavar="CORPUS", help="text, a sentence a line; may be .xz")
    parser.add_argument("--evaluation", type=Path, metavar="FOLDER", help=f"holds {', '.join(EVALUATION_FILES)}")
    parser.add_argument("--programs", nargs="+", choices=PROGRAMS, default=list(PROGRAMS))
    parser.add_argument("--word2vec-c", type=Path, metavar="PATH", help="also run this binary of word2vec.c")
    parser.add_argument("--pword2vec", type=Path, metavar="PATH", help="also run this binary of pWord2Vec")
    parser.add_argument("--algorithms", nargs="+", choices=ALGORITHMS, default=list(ALGORITHMS))
    parser.add_argument("--input", choices=("file", "list"), default="file", help="corpus_file or a list of lists")
    parser.add_argument(
        "--options", type=json.loads, default={}, metavar="JSON", help="an object: more for fastemb alone"
    )
    parser.add_argument("--epochs", type=at_least_one, default=1)
    parser.add_argument("--runs", type=at_least_one, default=3)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--window", type=int, default=5)
    parser.add_argument("--negative", type=int, default=5)
    parser.add_argument("--sample", type=float, default=1e-4)
    parser.add_argument("--min-count", type=int, default=5)
    parser.add_argument("--alpha", type=float, default=0.025)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, metavar="FILE", help="add a record of every run to this file")
    parser.add_argument("--report", type=Path, metavar="FILE", help="print the tables of such a file, and run nothing")
    arguments = parser.parse_args()
    arguments.programs = list(dict.fromkeys(arguments.programs))
    arguments.algorithms = list(dict.fromkeys(arguments.algorithms))
    if (arguments.corpus is None) == (arguments.report is None):
        parser.error("give either a corpus or --report")
    if arguments.corpus and not arguments.corpus.is_file():
        refuse(f"there is no corpus {arguments.corpus}")
    if arguments.evaluation and not arguments.evaluation.is_dir():
        refuse(f"there is no evaluation folder {arguments.evaluation}")
    for name in EVALUATION_FILES if arguments.evaluation else ():
        if not (arguments.evaluation / name).is_file():
            refuse(f"the evaluation folder {arguments.evaluation} lacks {name}")
    for binary in (arguments.word2vec_c, arguments.pword2vec):
        if binary and not os.access(binary, os.X_OK):
            refuse(f"there is no program {binary}")
    if arguments.report and not arguments.report.is_file():
        refuse(f"there is no file {arguments.report}")
    if arguments.json and not arguments.json.absolute().parent.is_dir():
        refuse(f"there is no folder for {arguments.json}")
    stored = arguments.report or arguments.json
    if stored and stored.exists():
        try:
            load(stored)
        except ValueError as error:
            refuse(f"{stored} does not hold results: {error}")
    return arguments


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(TASKS[sys.argv[2]](json.loads(sys.argv[3]))))
        return
    arguments = parse()
    if arguments.report:
        print_tables(load(arguments.report), with_machines=True)
    else:
        benchmark(arguments)


if __name__ == "__main__":
    main()
