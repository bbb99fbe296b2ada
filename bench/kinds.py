"""What sharing noise words changes, part by part: the same walks, trained by steps that differ in one thing.

    python bench/kinds.py --corpus corpus.txt --evaluation evaluation --graph graphs --seeds 5 --json kinds.json
    python bench/kinds.py --only karate,baskets,kmers

`--corpus` is text, of which the first `--megabytes` are taken; `--graph` a folder with `blogcatalog-edges.txt` (or
`.xz`) and `blogcatalog-labels.txt`. What has no data is left out. The other kinds are made here. All are skip-gram,
every run with a seed of its own, and graphs have the same walks for all. Seconds are of the processor, in all threads.
With `--json` each score is kept as soon as it is there, and what is kept is not run again.
"""

from __future__ import annotations

import argparse
import json
import lzma
import math
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fastemb.graphs.logistic import area_under_curve

PROGRAMS = ("shared", "pairs", "gensim")
WALKS = {"window": 10, "vector_size": 128, "sample": 0, "min_count": 1}
# Zachary's karate club (1977): for each member those of a higher number who met outside of it.
KARATE = (
    "1 2 3 4 5 6 7 8 10 11 12 13 17 19 21 31|2 3 7 13 17 19 21 30|3 7 8 9 13 27 28 32|7 12 13|6 10|6 10 16|16||"
    "30 32 33|33||||33|32 33|32 33|||32 33|33|32 33||32 33|25 27 29 32 33|25 27 31|31|29 33|33|31 33|32 33|32 33|"
    "32 33|33|"
)
OFFICERS = {9, 14, 15, 18, 20, *range(22, 34)}  # who left with the officer when the club split

Scores = dict[str, float]
Kind = tuple[Any, dict[str, Any], Callable[[Any], Scores]]


def auc(right: Any, wrong: Any) -> float:
    """Probability that a score of the first is above one of the second."""
    return area_under_curve(np.concatenate([right, wrong]), np.arange(len(right) + len(wrong)) < len(right))


def walks(edges: Any, number: int, length: int) -> list[list[str]]:
    """Uniform random walks, `number` from each node."""
    from fastemb.graphs import Graph, Walks

    return [list(map(str, walk)) for walk in Walks(Graph.from_edges(*edges.T), number, length)]


def unit_rows(wv: Any, names: Any) -> Any:
    """Unit vectors, of zeros where there is no such word."""
    rows = np.array([wv[str(name)] if str(name) in wv else np.zeros(wv.vector_size) for name in names])
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def same(units: Any, groups: Any) -> float:
    """AUC of cosines: pairs of one group against others."""
    first, second = np.triu_indices(len(units), 1)
    cosines, alike = (units @ units.T)[first, second], (groups[:, None] == groups)[first, second]
    return auc(cosines[alike], cosines[~alike])


def karate(given: Any) -> Kind:
    """34 nodes: does the cosine tell who will be in the same half?"""
    edges = np.array([(a, int(b)) for a, line in enumerate(KARATE.split("|")) for b in line.split()])
    assert edges.shape == (78, 2)
    groups = np.array([node in OFFICERS for node in range(34)])
    options = WALKS | {"vector_size": 16, "window": 5, "epochs": 5}
    return walks(edges, 20, 40), options, lambda wv: {"halves": same(unit_rows(wv, range(34)), groups)}


def baskets(given: Any) -> Kind:
    """500 items in 50 clusters; a basket has some of one cluster and some of all, in any order."""
    draw = np.random.default_rng(0)
    popular = draw.permutation(500)
    chances = 1 / (10 + popular)
    corpus = []
    for _ in range(20_000):
        own = draw.integers(50) + 50 * draw.choice(10, draw.integers(2, 6), replace=False)
        others = draw.choice(500, draw.integers(1, 5), p=chances / chances.sum())
        corpus.append([str(item) for item in draw.permutation(np.concatenate([own, others]))])

    def score(wv: Any) -> Scores:
        units = unit_rows(wv, range(500))
        near = np.argsort(-(units @ units.T), axis=1)[:, 1:10]
        return {"9 nearest": float(np.mean(near % 50 == np.arange(500)[:, None] % 50))}

    return corpus, {"window": 10, "vector_size": 32, "sample": 0, "min_count": 1, "epochs": 3}, score


def kmers(given: Any) -> Kind:
    """DNA as words of six letters; a sequence has motifs of one of 20 families among random letters."""
    draw = np.random.default_rng(0)
    motifs = draw.integers(0, 4, (20, 8, 10))
    corpus = []
    for _ in range(6_000):
        family = draw.integers(20)
        parts = []
        for motif in motifs[family][draw.integers(0, 8, 6)]:
            parts += [draw.integers(0, 4, draw.integers(5, 25)), motif]
        letters = "".join("ACGT"[letter] for letter in np.concatenate(parts))
        corpus.append([letters[k : k + 6] for k in range(len(letters) - 5)])
    words = [["".join("ACGT"[x] for x in motif[k : k + 6]) for motif in family for k in range(5)] for family in motifs]
    names = [word for family in words for word in family]
    groups = np.repeat(np.arange(20), 40)
    single = np.array([names.count(name) == 1 for name in names])

    def score(wv: Any) -> Scores:
        return {"families": same(unit_rows(wv, np.array(names)[single]), groups[single])}

    return corpus, {"window": 25, "vector_size": 32, "sample": 0, "min_count": 1, "epochs": 3}, score


def blogcatalog(given: Any) -> Kind | None:
    """DeepWalk over nine tenths of the edges: are the others found, and the groups of people?"""
    if not given.graph:
        return None
    edges = graph_edges(given.graph)
    labels = np.loadtxt(Path(given.graph, "blogcatalog-labels.txt"), dtype=np.int64)
    labels -= labels.min(axis=0)
    n = int(edges.max()) + 1
    edges, right, wrong = held_out(edges, n)
    member = np.zeros((n, labels[:, 1].max() + 1), bool)
    member[labels[:, 0], labels[:, 1]] = True

    def score(wv: Any) -> Scores:
        units = unit_rows(wv, range(n))
        cosines = [(units[pairs[:, 0]] * units[pairs[:, 1]]).sum(axis=1) for pairs in (right, wrong)]
        return {"edges": auc(*cosines)} | groups_found(units, member)

    return walks(edges, given.walks, 80), WALKS | {"epochs": given.graph_epochs}, score


def graph_edges(folder: str) -> Any:
    """Of BlogCatalog; nodes count from 0."""
    path = next(iter(sorted(Path(folder).glob("blogcatalog-edges.txt*"))))
    with lzma.open(path) if path.suffix == ".xz" else path.open("rb") as file:
        edges = np.loadtxt(file, dtype=np.int64)
    return edges - edges.min()


def held_out(edges: Any, n: int) -> tuple[Any, Any, Any]:
    """Nine tenths of the edges, the others, and about as many pairs without an edge."""
    held = np.random.default_rng(0).random(len(edges)) < 0.1
    known = set((edges @ [n, 1]).tolist()) | set((edges @ [1, n]).tolist())
    pairs = np.random.default_rng(1).integers(0, n, (held.sum(), 2))
    none = np.array([a != b and a * n + b not in known for a, b in pairs.tolist()])
    return edges[~held], edges[held], pairs[none]


def groups_found(units: Any, member: Any) -> Scores:
    """F1 of ridge regression from half of the nodes, for as many groups as a node has."""
    order = np.random.default_rng(0).permutation(len(units))
    x = np.column_stack([units, np.ones(len(units))])
    train, test = np.array_split(order, 2)
    weights = np.linalg.solve(x[train].T @ x[train] + np.eye(x.shape[1]), x[train].T @ member[train].astype(float))
    ranks = np.argsort(np.argsort(-(x[test] @ weights), axis=1), axis=1)
    found = ranks < member[test].sum(axis=1, keepdims=True)
    hits, sizes = (found & member[test]).sum(axis=0), found.sum(axis=0) + member[test].sum(axis=0)
    micro, macro = 2 * hits.sum() / sizes.sum(), np.mean(2 * hits / np.maximum(sizes, 1))
    return {"groups, micro-F1": float(micro), "groups, macro-F1": float(macro)}


def text(given: Any) -> Kind | None:
    """English, or whatever the evaluation is for."""
    if not given.corpus or not given.evaluation:
        return None
    from fastemb import evaluation

    opened = lzma.open if given.corpus.endswith(".xz") else open
    with opened(given.corpus, "rb") as file:
        part = file.read(given.megabytes << 20)
    file = tempfile.NamedTemporaryFile(suffix=".txt", delete=False)  # noqa: SIM115 - it is read by its name
    file.write(part[: part.rfind(b"\n") + 1])
    file.close()
    folder = Path(given.evaluation)

    def score(wv: Any) -> Scores:
        names, rows, found = list(wv.index_to_key), np.ascontiguousarray(wv.vectors, np.float32), {}
        index = evaluation.folded_index(names)
        for file, of in (("wordsim353.tsv", "WS353"), ("simlex999.txt", "SimLex-999")):
            found[of] = float(evaluation.word_pairs(rows, index, evaluation.read_word_pairs(folder / file)).spearman[0])
        questions = evaluation.read_analogies(folder / "questions-words.txt")
        sections = evaluation.word_analogies(rows[:30_000], names[:30_000], questions)
        return found | {"analogies": float(evaluation.accuracy(sections))}

    return file.name, {"window": 5, "vector_size": 100, "sample": 1e-4, "min_count": 5, "epochs": 5}, score


KINDS: dict[str, Callable[[Any], Kind | None]] = {
    "text": text,
    "blogcatalog": blogcatalog,
    "karate": karate,
    "baskets": baskets,
    "kmers": kmers,
}


def train(program: str, corpus: Any, options: dict[str, Any], seed: int) -> tuple[Any, float]:
    """The vectors, and the seconds of the processor."""
    from fastemb import Word2Vec

    given = options | {"sg": 1, "seed": seed, "workers": 2}
    if program == "gensim":
        from gensim.models import Word2Vec  # type: ignore[assignment, no-redef]
    else:
        given["shared_noise"] = program == "shared"
    begin = time.process_time()
    model = Word2Vec(**given, **({"corpus_file": corpus} if isinstance(corpus, str) else {"sentences": corpus}))
    return model.wv, time.process_time() - begin


def table(kept: dict[str, Scores]) -> str:
    """A line for each score of each kind: means ± standard errors."""
    programs = [program for program in PROGRAMS if any(key.split()[1] == program for key in kept)]
    scores: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for key, found in kept.items():
        kind, program, _ = key.split()
        for of, value in found.items():
            scores[kind, of][program].append(value)
    lines = ["| | " + " | ".join(programs) + " |", "| --- |" + " ---: |" * len(programs)]
    for (kind, of), values in scores.items():
        lines.append(f"| {kind}: {of} | " + " | ".join(shown(of, values[program]) for program in programs) + " |")
    return "\n".join(lines)


def shown(of: str, values: list[float]) -> str:
    if not values:
        return "–"
    if of == "seconds":
        return f"{statistics.median(values):.1f}"
    error = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return f"{statistics.mean(values):.3f} ± {error:.3f} ({len(values)})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus")
    parser.add_argument("--megabytes", type=int, default=30)
    parser.add_argument("--evaluation")
    parser.add_argument("--graph")
    parser.add_argument("--walks", type=int, default=10, help="from each node of BlogCatalog")
    parser.add_argument("--graph-epochs", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", default=",".join(KINDS))
    parser.add_argument("--programs", default=",".join(PROGRAMS))
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    kept: dict[str, Scores] = json.loads(given.json.read_text()) if given.json and given.json.exists() else {}
    kinds = {name: KINDS[name](given) for name in given.only.split(",")}
    for seed in range(1, given.seeds + 1):
        for name, kind in kinds.items():
            for program in given.programs.split(",") if kind else ():
                key = f"{name} {program} {seed}"
                if kind is None or key in kept:
                    continue
                corpus, options, score = kind
                wv, seconds = train(program, corpus, options, seed)
                kept[key] = score(wv) | {"seconds": seconds}
                print(key, kept[key], flush=True)
                if given.json:
                    given.json.write_text(json.dumps(kept, indent=1))
    print(table(kept))


if __name__ == "__main__":
    main()
