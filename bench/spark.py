"""Word2Vec on Spark, by fastemb and by MLlib, on real executors of this machine; and fastemb at several partitions.

    python bench/spark.py en-10mb.txt en-100mb.txt --masters 'local-cluster[2,1,2048]' 'local-cluster[1,2,4096]'
    python bench/spark.py en-30mb.txt --evaluation shared/evaluation --partitions 1 --seeds 1 2 3 4 5

A corpus has a sentence a line; before anything is timed, it is stored as Parquet with a column of lists of words. The
programs take turns in one session of each master, and tables say at the end what they took. A fit is timed by the
clock, and by the processor time of all its processes: the driver, its JVM, the executors and their Python workers.
"fastemb-hs" has hierarchical softmax and keeps all words, as MLlib does; "fastemb" has five noise words and keeps all
words. Both have MLlib's defaults: skip-gram, window 5, one iteration, sentences of at most 1,000 words. MLlib trains in
one partition unless others are asked for. Traffic is what tasks read and wrote, from Spark's log of events.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

SETTINGS = {"fastemb-hs": {"hs": 1, "negative": 0, "sample": 0.0}, "fastemb": {"sample": 0.0}, "mllib": {}}
ANALOGY_WORDS = 30_000
QUERIES = 20
WARM = 5  # times as many before those that are timed
QUALITY = "WS353, SimLex-999, analogies %"


def session(master: str, log: str) -> Any:
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.host": "127.0.0.1", "spark.ui.enabled": "false", "spark.driver.memory": "2g",
        "spark.driver.maxResultSize": "2g", "spark.executor.memory": "2g", "spark.log.level": "OFF",
        "spark.eventLog.enabled": "true", "spark.eventLog.dir": f"file://{log}", "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
    }  # fmt: skip
    builder = SparkSession.builder.master(master).appName("fastemb")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def processes() -> list[list[str]]:
    """The statistics of this process and all that descend from it."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        found[int(path.parent.name)] = fields
    kept = {os.getpid()}
    for _ in range(6):  # generations
        kept |= {pid for pid, fields in found.items() if int(fields[1]) in kept}
    return [found[pid] for pid in kept if pid in found]


def processor_seconds() -> float:
    """Of this process and all that descend from it, those included that have ended."""
    return sum(sum(map(int, fields[11:15])) for fields in processes()) / os.sysconf("SC_CLK_TCK")


def traffic(log: str, since: float) -> dict[str, float]:
    """MB that tasks read, wrote and shuffled since a time."""
    sums = {"read": 0, "written": 0, "shuffled": 0, "results": 0}
    for line in next(Path(log).iterdir()).read_text().splitlines():
        event = json.loads(line)
        metrics = event.get("Task Metrics")
        if event["Event"] != "SparkListenerTaskEnd" or not metrics or event["Task Info"]["Launch Time"] < 1000 * since:
            continue
        sums["read"] += metrics["Input Metrics"]["Bytes Read"]
        sums["written"] += metrics["Output Metrics"]["Bytes Written"]
        sums["shuffled"] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
        sums["results"] += metrics["Result Size"]
    return {name: round(size / 2**20, 1) for name, size in sums.items()}


def quality(model: Any, counts: dict[str, int], folder: Path) -> list[float]:
    """Correlations with WordSim-353 and SimLex-999, and the share of analogies among the most frequent words."""
    from fastemb import evaluation

    rows = sorted(model.getVectors().collect(), key=lambda row: (-counts[row.word], row.word))
    words, vectors = [row.word for row in rows], np.array([row.vector.toArray() for row in rows], np.float32)
    index = evaluation.folded_index(words)
    found = [
        evaluation.word_pairs(vectors, index, evaluation.read_word_pairs(folder / name)).spearman[0]
        for name in ("wordsim353.tsv", "simlex999.txt")
    ]
    questions = evaluation.read_analogies(folder / "questions-words.txt")
    asked = evaluation.word_analogies(vectors[:ANALOGY_WORDS], words[:ANALOGY_WORDS], questions)
    return [*found, 100 * evaluation.accuracy(asked)]


def peak_of_jvm() -> float:
    """MB of memory that the driver's JVM took at most."""
    from pyspark import SparkContext

    pid = SparkContext._jvm.java.lang.ProcessHandle.current().pid()
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024


def fit(kind: str, data: Any, seed: int, partitions: int, log: str) -> tuple[Any, dict[str, Any]]:
    if kind == "mllib":
        from pyspark.ml.feature import Word2Vec
    else:
        from fastemb.spark import Word2Vec
    # 0 partitions: fastemb reads those that there are, and MLlib trains in one, where it is best.
    number = max(1, partitions) if kind == "mllib" else partitions
    estimator = Word2Vec(inputCol="words", outputCol="mean", seed=seed, numPartitions=number, **SETTINGS[kind])
    since, begin, busy = time.time(), time.perf_counter(), processor_seconds()
    model = estimator.fit(data)
    found = {
        "kind": kind, "seed": seed, "partitions": partitions, "seconds": time.perf_counter() - begin,
        "processor": processor_seconds() - busy,
        "driver, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "driver's JVM, MB": peak_of_jvm(),
    }  # fmt: skip
    time.sleep(1)
    return model, found | {"traffic": traffic(log, since)}


def synonyms(model: Any) -> dict[str, float]:
    """Milliseconds of a query, once the JVM has compiled what it takes."""
    words = [row.word for row in model.getVectors().limit(QUERIES).collect()]
    found: dict[str, float] = {}
    calls = {"array": model.findSynonymsArray, "DataFrame": lambda word, n: model.findSynonyms(word, n).collect()}
    for name, call in calls.items():
        for word in WARM * words:
            call(word, 10)
        times = []
        for word in words:
            begin = time.perf_counter()
            call(word, 10)
            times.append(1000 * (time.perf_counter() - begin))
        found[name] = statistics.median(times)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", metavar="corpus")
    parser.add_argument("--evaluation", type=Path)
    parser.add_argument("--kinds", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--partitions", nargs="+", type=int, default=[0])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--masters", nargs="+", default=["local-cluster[2,1,2048]"])
    parser.add_argument("--json")
    given = parser.parse_args()
    fits = [found for master in given.masters for found in fits_on(master, given)]
    print(table(fits))


def fits_on(master: str, given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """What is known of each fit in a session."""
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        os.mkdir(log)
        spark = session(master, log)
        for k, corpus in enumerate(given.corpora):
            path = f"file://{folder}/corpus-{k}"
            lines = spark.read.text(f"file://{os.path.abspath(corpus)}")
            lines.selectExpr("split(value, ' ') as words").write.parquet(path)
            data = spark.read.parquet(path)
            words = data.selectExpr("explode(words) as word").groupBy("word").count().where("count >= 5")
            counts = {row["word"]: row["count"] for row in words.collect()} if given.evaluation else {}
            for seed, partitions, kind in product(given.seeds, given.partitions, given.kinds):
                model, found = fit(kind, data, seed, partitions, log)
                found = {"master": master, "corpus": Path(corpus).name, **found, "query, ms": synonyms(model)}
                if given.evaluation:
                    found[QUALITY] = quality(model, counts, given.evaluation)
                print(json.dumps(found), flush=True)
                if given.json:
                    with open(given.json, "a", encoding="utf-8") as file:
                        file.write(json.dumps(found) + "\n")
                yield found
        spark.stop()


def table(fits: list[dict[str, Any]]) -> str:
    """Medians and ranges over seeds, MLlib's time as a multiple of each, and the means of qualities."""
    lines = [
        f"| master | corpus | partitions | | fit, s | processor, s | MLlib's / this | {QUALITY} |",
        "| --- | --- | ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for found in fits:
        groups.setdefault(tuple(found[name] for name in ("master", "corpus", "partitions", "kind")), []).append(found)
    for (*where, kind), some in groups.items():
        seconds, busy = ([found[name] for found in some] for name in ("seconds", "processor"))
        theirs = [found["seconds"] for found in groups.get((*where, "mllib"), [])]
        ratio = f"{statistics.median(theirs) / statistics.median(seconds):.1f}" if theirs and kind != "mllib" else ""
        scores = np.array([found.get(QUALITY, []) for found in some])
        errors = scores.std(0, ddof=1) / len(some) ** 0.5 if len(some) > 1 else np.full(scores.shape[1], np.nan)
        shown = ", ".join(f"{mean:.3f} ± {error:.3f}" for mean, error in zip(scores.mean(0), errors, strict=True))
        cells = [*map(str, where), kind, spread(seconds), spread(busy), ratio, shown]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def spread(values: list[float]) -> str:
    """A median, and between what the values are."""
    median = f"{statistics.median(values):.1f}"
    return f"{median} ({min(values):.1f}–{max(values):.1f})" if len(values) > 1 else median


if __name__ == "__main__":
    main()
