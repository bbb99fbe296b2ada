"""What makes vectors better: each means by itself, all together, and all but one; with standard errors and cost.

    python bench/better.py corpus.txt --evaluation shared/evaluation --json bench/better.json --seeds 5
    python bench/better.py --report bench/better.json

Every run is a process of its own, and is kept in the file of results at once: an interrupted bench goes on where it
stopped. Each trained model is scored by its input vectors, by unit input plus unit output vectors, and by the latter
after changes that need no training. Pairs and questions are also scored in halves, every second one, so that what was
chosen by one half can be looked at in the other. Cost is processor time of training, user and system.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from fastemb import evaluation
from fastemb.models._published import summed
from fastemb.queries import unit_rows

Run = dict[str, Any]

ANALOGY_WORDS = 30_000
PLAIN: Run = {"sg": 0, "alpha": 0.05, "sample": 1e-4, "epochs": 18}
CORRECTED: Run = {"corrected_cbow": True, "alpha": 0.15}
# Each means, as changes of PLAIN. Keys with a colon are recipes that are no parameters of a model; see `train`.
MEANS: dict[str, Run] = {
    "corrected CBOW, alpha=0.15": CORRECTED,
    "negative=10": {"negative": 10},
    "negative=20": {"negative": 20},
    "window=10": {"window": 10},
    "distance_decay=1": {"distance_decay": 1.0, "shrink_windows": False},
    "position_weights": {"position_weights": True},
    "windows that grow with the epochs": {"shrink_windows": False, "window:": "grow"},
    "cosine learning rate": {"alpha:": "cosine"},
    "warm-up in the first epoch": {"alpha:": "warm-up"},
    "mean of the last 4 epochs": {"average:": 4},
    "sample=3e-5": {"sample": 3e-5},
    "ns_exponent=0.5": {"ns_exponent": 0.5},
    "ns_exponent=1": {"ns_exponent": 1.0},
}
RECIPES = [name for name, change in MEANS.items() if any(key.endswith(":") for key in change)]
# What takes one means out of all together.
UNDONE: dict[str, Run] = {
    "uncorrected CBOW, alpha=0.05": {"corrected_cbow": False, "alpha": 0.05},
    "negative=5": {"negative": 5},
    "window=5": {"window": 5},
    "distance_decay=0": {"distance_decay": 0.0, "shrink_windows": True},
}
PROGRAMS: dict[str, Run] = {
    "gensim, skip-gram, 5 epochs": {"program": "gensim", "sg": 1, "sample": 1e-4, "epochs": 5},
    "fastemb, skip-gram, 5 epochs": {"sg": 1, "sample": 1e-4, "epochs": 5},
}


def runs() -> dict[str, Run]:
    """All runs by name."""
    from fastemb import Word2Vec

    best = dict(Word2Vec.PRESETS["best"])
    made = PROGRAMS | {"plain": PLAIN} | {f"plain, {name}": PLAIN | change for name, change in MEANS.items()}
    made |= {"fast": dict(Word2Vec.PRESETS["fast"]), "best": best}
    for name, change in UNDONE.items():
        if any(best.get(key) != value for key, value in change.items()):
            made[f"best, {name}"] = best | change
    for name in (*RECIPES, "distance_decay=1", "sample=3e-5"):
        made[f"best, {name}"] = best | MEANS[name]
    return made


# What the child processes do.


def train(corpus: str, seed: int, workers: int, run: Run) -> tuple[dict[Any, int], dict[str, Any], float]:
    """Words with their rows, the vectors of each kind, and processor seconds."""
    run = dict(run)
    program = run.pop("program", "fastemb")
    recipe = {name: run.pop(f"{name}:", None) for name in ("window", "alpha", "average")}
    run = run | {"output": "word"} if program == "fastemb" else run
    begin = processor_time()
    if program == "facebook":
        index, matrices = train_by_facebook(corpus, workers, run)
        return index, {"word": matrices[0], "sum": summed(*matrices)}, processor_time() - begin
    if program == "gensim":
        from gensim.models import FastText, Word2Vec
    else:
        from fastemb import FastText, Word2Vec
    kind = FastText if run.pop("fasttext", False) else Word2Vec
    if not any(recipe.values()):
        model = kind(corpus_file=corpus, seed=seed, workers=workers, **run)
        matrices = model.wv.vectors, model.syn1neg
    else:
        model, matrices = train_by_epochs(kind, corpus, seed, workers, run, recipe)
    seconds = processor_time() - begin
    vectors = {"word": np.asarray(matrices[0])}
    vectors |= {"sum": summed(*matrices), "unit + unit, not centred": sum(map(unit_rows, matrices))}
    return dict(model.wv.key_to_index), vectors, seconds


def train_by_facebook(corpus: str, workers: int, run: Run) -> tuple[dict[Any, int], Any]:
    """By fastText's Python module, which takes no seed: words, their vectors, and output vectors."""
    here = Path(__file__).resolve().parent  # where there is a fasttext.py, too
    sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != here]
    import fasttext

    model = fasttext.train_unsupervised(
        corpus, model="skipgram", dim=100, ws=5, neg=5, minCount=5, minn=3, maxn=6, bucket=run["bucket"],
        t=run["sample"], lr=run["alpha"], epoch=run["epochs"], thread=workers, verbose=0,
    )  # fmt: skip
    words = [word for word in model.get_words() if word != "</s>"]
    outputs = dict(zip(model.get_words(), model.get_output_matrix(), strict=False))
    matrices = [np.array([of(word) for word in words]) for of in (model.get_word_vector, outputs.__getitem__)]
    return {word: row for row, word in enumerate(words)}, matrices


def train_by_epochs(kind: Any, corpus: str, seed: int, workers: int, run: Run, recipe: Run) -> Any:
    """One call of `train` for each epoch, with its own window and learning rates."""
    from fastemb.corpus import LineSentence

    epochs, alpha, window = run["epochs"], run["alpha"], run.get("window", 5)
    model = kind(seed=seed, workers=workers, **run)
    model.build_vocab(corpus_file=corpus)
    sums: Any = None
    for epoch in range(epochs):
        rates = [rate(recipe["alpha"], (epoch + k) / epochs, epochs) * alpha for k in (0, 1)]
        if recipe["average"]:  # a rate that stays above 0 leaves something to average
            rates = [max(one, alpha / 3) for one in rates]
        model.window = 1 + epoch * window // epochs if recipe["window"] == "grow" else window
        model.alpha = rates[0] or 1e-6
        model.train(
            LineSentence(corpus), total_examples=model.corpus_count, epochs=1, start_alpha=rates[0] or 1e-6,
            end_alpha=max(rates[1], 1e-6),
        )  # fmt: skip
        if recipe["average"] and epoch >= epochs - recipe["average"]:
            now = [model.wv.vectors.astype(np.float64), model.syn1neg.astype(np.float64)]
            sums = now if sums is None else [one + other for one, other in zip(sums, now, strict=True)]
    return model, sums or (model.wv.vectors, model.syn1neg)


def rate(kind: str | None, share: float, epochs: int) -> float:
    """Of the learning rate that is left after a share of training."""
    if kind == "cosine":
        return (1 + math.cos(math.pi * share)) / 2
    if kind == "warm-up" and share < 1 / epochs:
        return share * epochs
    return 1 - share


def processor_time() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def without_components(matrix: Any, count: int) -> Any:
    """Less the mean and the first principal components (Mu and Viswanath 2018)."""
    centred = matrix - matrix.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    first = directions[:, len(directions) - count :]
    return centred - (centred @ first) @ first.T


def evaluate(index: dict[Any, int], vectors: Any, folder: str) -> dict[str, list[float]]:
    """For each set the score of all of it, of its first half (0, 2, …) and of its second."""
    folded, made = evaluation.folded_index(index), {}
    for name, file in (("WS353", "wordsim353.tsv"), ("SimLex", "simlex999.txt"), ("rare words", "rare-words.csv")):
        pairs = evaluation.read_word_pairs(Path(folder) / file)
        made[name] = in_halves(evaluation.pair_scores(vectors, folded, pairs))
    sections = evaluation.read_analogies(Path(folder) / "questions-words.txt")
    frequent = vectors[:ANALOGY_WORDS], list(index)[:ANALOGY_WORDS]
    found = evaluation.together(evaluation.analogy_scores(*frequent, sections).values())
    known = found._replace(values=found.values[found.known])  # halves are of the questions that can be answered
    made["analogies"] = [100 * score for score in in_halves(known)]
    return made


def in_halves(scores: evaluation.Scores) -> list[float]:
    second = np.arange(len(scores.values)) % 2 == 1
    return [scores.score, scores.of(scores.known & ~second), scores.of(scores.known & second)]


def with_twins(source: str, to: str, count: int = 1500) -> dict[str, tuple[str, int]]:
    """Write a corpus in which half of the occurrences of some words are another word, of random letters.

    A measure for any language: how often is the twin the nearest neighbour? Its letters tell FastText nothing.

    Returns
    -------
    dict of str to (str, int)
        The twin of each word, and how often the word had been there.
    """
    draw = random.Random(0)
    lines = [line.split() for line in Path(source).read_text(encoding="utf-8").splitlines()]
    counts = Counter(word for line in lines for word in line)
    words = sorted(word for word, n in counts.items() if 20 <= n < 400 and len(word) > 3)
    chosen = draw.sample(words, min(count, len(words)))
    twins = {word: "".join(draw.choices("bcdfghjklmnpqrstvwxyz", k=len(word))) + "x" for word in chosen}
    with open(to, "w", encoding="utf-8") as file:
        for line in lines:
            file.write(" ".join(twins[word] if word in twins and draw.random() < 0.5 else word for word in line) + "\n")
    return {word: (twin, counts[word]) for word, twin in twins.items()}


def found_twins(index: dict[Any, int], vectors: Any, twins: dict[str, tuple[str, int]]) -> dict[str, list[float]]:
    """Mean reciprocal rank of the twin among a word's neighbours: of rare words (20 to 59 times) and of others."""
    rows, made = unit_rows(vectors), {}
    for name, least, most in (("rare twins", 20, 60), ("twins", 60, 400)):
        known = [
            (index[word], index[twin])
            for word, (twin, n) in twins.items()
            if least <= n < most and word in index and twin in index
        ]
        words, others = np.array(known).T
        scores = rows[words] @ rows.T
        scores[np.arange(len(words)), words] = -9
        places = (scores > scores[np.arange(len(words)), others][:, np.newaxis]).sum(axis=1)
        made[name] = [100 * float(np.mean(1 / (places + 1)))]
    return made


def run_once(corpus: str, evaluation: str, seed: int, workers: int, run: Run, twins: bool) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        path, known = corpus, {}
        if twins:
            path = os.path.join(folder, "corpus.txt")
            known = with_twins(corpus, path)
        begin = time.perf_counter()
        index, vectors, processor = train(path, seed, workers, run)
        seconds = time.perf_counter() - begin
    vectors["sum, all but the top"] = without_components(vectors["sum"], 1)
    scores = {
        kind: found_twins(index, each, known) if twins else evaluate(index, each, evaluation)
        for kind, each in vectors.items()
    }
    return {"seconds": seconds, "processor": processor, "scores": scores}


# The parent.


def measure(given: argparse.Namespace, chosen: dict[str, Run]) -> None:
    path = Path(given.json)
    results = json.loads(path.read_text()) if path.exists() else []
    done = {(one["name"], one["seed"], one["corpus"]) for one in results}
    corpus = f"{os.path.basename(given.corpus)}, {os.path.getsize(given.corpus)} bytes" + ", twins" * given.twins
    for seed in range(1, given.seeds + 1):
        for name, run in chosen.items():
            if (name, seed, corpus) in done:
                continue
            job = {
                "corpus": given.corpus, "evaluation": given.evaluation, "seed": seed, "workers": given.workers,
                "run": run, "twins": given.twins,
            }  # fmt: skip
            command = [sys.executable, __file__, "--run", json.dumps(job)]
            found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
            results.append({"name": name, "seed": seed, "corpus": corpus, "run": run} | found)
            path.write_text("[\n" + ",\n".join(map(json.dumps, results)) + "\n]\n")
            print(name, seed, round(found["processor"]), found["scores"]["sum"], flush=True)


def report(results: list[Run]) -> None:
    for corpus in dict.fromkeys(one["corpus"] for one in results):
        print(f"\n{corpus}\n")
        here = [one for one in results if one["corpus"] == corpus]
        sets = [*here[0]["scores"]["sum"]]
        print("| run | vectors | seeds |", " | ".join(sets), "| processor s |")
        print("| --- | --- | --- |", " | ".join("---" for _ in sets), "| --- |")
        for name in dict.fromkeys(one["name"] for one in here):
            mine = [one for one in here if one["name"] == name]
            for kind in [kind for kind in mine[0]["scores"] if all(kind in one["scores"] for one in mine)]:
                cells = [shown([one["scores"][kind][each][0] for one in mine]) for each in sets]
                seconds = statistics.mean(one["processor"] for one in mine)
                print(f"| {name} | {kind} | {len(mine)} |", " | ".join(cells), f"| {seconds:.0f} |")


def shown(values: list[float]) -> str:
    """Mean and its standard error."""
    digits = 3 if abs(values[0]) < 1 else 1
    error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else math.nan
    return f"{statistics.mean(values):.{digits}f}" + ("" if math.isnan(error) else f" ± {error:.{digits}f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?")
    parser.add_argument("--evaluation", help="folder of the sets")
    parser.add_argument("--json", default="better.json", help="where results are kept")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="of the runs; --list shows them")
    parser.add_argument("--twins", action="store_true", help="score by twins of words instead, in any language")
    parser.add_argument("--fasttext", action="store_true", help="FastText in place of Word2Vec, with its own presets")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--report", metavar="FILE")
    parser.add_argument("--run", type=json.loads, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        print(json.dumps(run_once(**given.run)))
    elif given.report:
        report(json.loads(Path(given.report).read_text()))
    else:
        chosen = of_fasttext() if given.fasttext else runs()
        if given.list:
            print(*chosen, sep="\n")
            return
        if given.corpus is None or not (given.evaluation or given.twins):
            parser.error("give a corpus, and --evaluation FOLDER or --twins")
        if unknown := {*(given.only or chosen)} - {*chosen}:
            parser.error(f"no runs: {', '.join(unknown)}")
        measure(given, {name: chosen[name] for name in given.only or chosen})


def of_fasttext() -> dict[str, Run]:
    """Runs of FastText: as its own program and gensim have it, and the presets."""
    from fastemb import FastText

    own: Run = {"fasttext": True, "bucket": 200_000}
    usual = {"sg": 1, "alpha": 0.05, "sample": 1e-4, "epochs": 5}
    return {
        "FastText of gensim, skip-gram, 5 epochs": own | usual | {"program": "gensim"},
        "Facebook's fasttext, skip-gram, 5 epochs": own | usual | {"program": "facebook"},
        "FastText, skip-gram, 5 epochs": own | usual,
        **{f"FastText, {name}": own | dict(preset) for name, preset in FastText.PRESETS.items()},
    }


if __name__ == "__main__":
    main()
