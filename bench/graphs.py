"""Compare vectors of nodes by fastemb, PecanPy and PyPI's node2vec, in turn: seconds, and how well they tell groups.

    python bench/graphs.py edges.txt --groups groups.txt --python others/bin/python
    python bench/graphs.py edges.txt --held 0.1 --runs 5 --python others/bin/python
    python bench/graphs.py edges.txt --nodes 2500 --programs fastemb node2vec --python others/bin/python
    python bench/graphs.py --synthetic 1000000

Each run is a process of its own: from the list of edges, plain text, to the vectors of one epoch over the walks.
Importing and what numba compiles are not timed: each program has trained on a graph of a few nodes before. The others
run in the interpreter of an environment of their own (pip install pecanpy node2vec). With `--synthetic` steps a second
are counted over a graph of so many nodes in which each new one has ten edges to ends of edges that were there before,
and the memory that the graph takes at most, from a file of edges to walks.
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
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

DIMENSIONS, WALKS, LENGTH, WINDOW = 128, 10, 80, 10
STEPS = 3_200_000  # of walks that are timed together


def by_fastemb(path: str, options: Any) -> tuple[list[int], Any]:
    from fastemb import Node2Vec
    from fastemb.graphs import Graph

    graph = Graph.read(path, workers=options.workers)
    node2vec = Node2Vec(
        graph, DIMENSIONS, LENGTH, WALKS, options.p, options.q, None, options.workers, seed=options.seed
    )
    node2vec.fit(window=WINDOW, epochs=options.epochs)
    return list(graph.names), node2vec.get_embedding()


def by_pecanpy(path: str, options: Any) -> tuple[list[int], Any]:
    from pecanpy import pecanpy

    graph = pecanpy.SparseOTF(options.p, options.q, options.workers, random_state=options.seed)
    graph.read_edg(path, weighted=False, directed=False, delimiter=" ")
    vectors = graph.embed(DIMENSIONS, WALKS, LENGTH, WINDOW, options.epochs)
    return [int(name) for name in graph.nodes], vectors


def by_node2vec(path: str, options: Any) -> tuple[list[int], Any]:
    import networkx
    from node2vec import Node2Vec

    graph = networkx.read_edgelist(path, nodetype=int)
    walks = Node2Vec(
        graph, DIMENSIONS, LENGTH, WALKS, options.p, options.q, workers=options.workers, quiet=True, seed=options.seed
    )
    model = walks.fit(window=WINDOW, min_count=1, epochs=options.epochs, sample=0)
    names = list(graph)
    return names, np.array([model.wv[str(name)] for name in names])


PROGRAMS: dict[str, Callable[[str, Any], tuple[list[int], Any]]] = {
    "fastemb": by_fastemb, "pecanpy": by_pecanpy, "node2vec": by_node2vec,
}  # fmt: skip


def processor_seconds() -> float:
    """Of this process and those that it has started, in all threads; those that still run are known on Linux alone."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    running = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            running += (int(fields[11]) + int(fields[12])) * (int(fields[1]) == os.getpid())
    return sum(usage.ru_utime + usage.ru_stime for usage in usages) + running / os.sysconf("SC_CLK_TCK")


def child(options: Any) -> None:
    """One run: vectors to the file, and seconds to the standard output."""
    program = PROGRAMS[options.child]
    with tempfile.TemporaryDirectory() as folder:
        small = os.path.join(folder, "small.txt")
        Path(small).write_text("".join(f"{k} {(k + j) % 9}\n" for k in range(9) for j in (1, 2)))
        program(small, options)
    begin, busy = time.perf_counter(), processor_seconds()
    names, vectors = program(options.edges, options)
    seconds = [time.perf_counter() - begin, processor_seconds() - busy]
    np.savez(options.output, names=np.array(names), vectors=np.asarray(vectors, np.float32))
    print(json.dumps(seconds))


def run(program: str, edges: str, seed: int, given: Any, output: str) -> list[float]:
    """Seconds by the clock and of the processor."""
    python = sys.executable if program == "fastemb" else given.python
    environment = dict(os.environ)
    if program != "fastemb":
        environment.pop("PYTHONPATH", None)
    numbers = [f"--{name}={getattr(given, name)}" for name in ("p", "q", "workers", "epochs")]
    command = [python, __file__, edges, "--child", program, "--seed", str(seed), "--output", output, *numbers]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(f"{program} failed:\n{done.stderr[-2000:]}")
    return list(json.loads(done.stdout.splitlines()[-1]))


def scores_of(output: str, graph: Any, groups: Any, split: Any, seed: int) -> dict[str, float]:
    """How well the vectors in a file tell groups, and edges that were held out."""
    from fastemb.graphs import classify_nodes, predict_links

    with np.load(output) as found:
        vectors = dict(zip(found["names"].tolist(), found["vectors"], strict=True))
    made: dict[str, float] = {}
    if groups is not None:
        known = {node: its for node, its in groups.items() if node in vectors}
        score = classify_nodes(vectors, known, 0.5, repeats=1, seed=seed)[0]
        made |= {"micro-F1": score.micro, "macro-F1": score.macro}
    if split is not None:
        rows = np.array([vectors[name] for name in graph.names])
        links = predict_links(rows, split, ("hadamard", "cosine"))
        made |= {f"AUC of edges by {operator}": score.auc for operator, score in links.items()}
    return made


def compare(given: Any) -> None:
    from fastemb.graphs import Graph, split_edges
    from fastemb.graphs.evaluation import read_groups

    graph = Graph.read(given.edges)
    groups = read_groups(given.groups, int) if given.groups else None
    split = split_edges(graph, given.held) if given.held else None
    pairs = np.array(graph.names)[(split.graph if split else graph).edge_array()]
    if given.nodes:
        chosen = np.random.default_rng(0).permutation(graph.names)[: given.nodes]
        pairs = pairs[np.isin(pairs, chosen).all(axis=1)]
    times: dict[str, list[list[float]]] = {name: [] for name in given.programs}
    scores: dict[str, list[dict[str, float]]] = {name: [] for name in given.programs}
    with tempfile.TemporaryDirectory() as folder:
        edges, output = os.path.join(folder, "edges.txt"), os.path.join(folder, "vectors.npz")
        Path(edges).write_text("".join(f"{a} {b}\n" for a, b in pairs.tolist()))
        print(f"{len(np.unique(pairs)):,} nodes, {len(pairs):,} edges, p={given.p:g}, q={given.q:g}", flush=True)
        for seed in range(1, given.runs + 1):
            for name in given.programs:
                seconds = run(name, edges, seed, given, output)
                times[name].append(seconds)
                line = f"{name:10} seed {seed}: {seconds[0]:8.2f} s by the clock, {seconds[1]:8.2f} s of the processor"
                scores[name].append(scores_of(output, graph, groups, split, seed))
                line += "".join(f", {what} {value:.3f}" for what, value in scores[name][-1].items())
                print(line, flush=True)
    first = given.programs[0]
    for name in given.programs:
        ratios = [
            statistics.median(run[k] for run in times[name]) / statistics.median(run[k] for run in times[first])
            for k in (0, 1)
        ]
        line = f"{name:10} medians: {ratios[0]:6.1f} times {first}'s seconds, {ratios[1]:6.1f} of the processor"
        for what in scores[name][0]:
            values = [found[what] for found in scores[name]]
            error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")
            line += f", {what} {statistics.mean(values):.4f} ± {error:.4f}"
        print(line)


def growing(nodes: int, each: int = 10) -> tuple[Any, Any]:
    """Edges of a graph in which new nodes are joined to ends of edges, so that those with many get more."""
    rng = np.random.default_rng(1)
    edges = np.arange(nodes * each)
    sources = np.repeat(np.arange(nodes, dtype=np.int32), each)
    ends = (rng.random(len(edges)) * (2 * (edges - edges % each) + 1)).astype(np.int64)
    targets, todo, at = np.empty(len(edges), np.int32), edges, ends.copy()
    while len(todo):
        known = at[todo] % 2 == 0  # the source of an edge; else its target, which is looked up in turn
        targets[todo[known]] = sources[at[todo[known]] // 2]
        todo = todo[~known]
        at[todo] = ends[at[todo] // 2]
    return sources, targets


def synthetic(given: Any) -> None:
    from fastemb.graphs import Graph, Walks

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "edges.txt")
        command = [sys.executable, __file__, path, "--write", "--synthetic", str(given.synthetic)]
        subprocess.run(command, check=True)  # so that its memory is not counted
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        busy = processor_seconds()
        graph = Graph.read(path, workers=given.workers)
        print(f"{graph!r}, read in {processor_seconds() - busy:.2f} s of the processor", flush=True)
    for p, q in ((given.p, given.q), (1, 4)):
        next(Walks(graph, p=p, q=q, workers=given.workers).batches(size=1000))
        taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        sizes = f"{taken / 1024:.0f} MiB more than before: {1024 * taken / graph.edges:.1f} bytes an edge"
        print(f"until walks of p={p:g}, q={q:g} at most {sizes}", flush=True)
    others = [(p, q) for p in (1e-3, 1, 1e3) for q in (1e-3, 1, 4, 1e3) if (p, q) != (1, 1)]
    kinds = [(1, 1), (given.p, given.q), *others]
    for p, q in kinds:
        walks = Walks(graph, 10, LENGTH, p, q, workers=1)
        busy = time.process_time()
        walker, part, rates = walks.walker(0), np.empty((STEPS // LENGTH, LENGTH), np.int32), []
        prepared = time.process_time() - busy
        for number in range(given.runs):
            busy = time.thread_time()
            walker.walk(number * len(part), part)
            rates.append(part.size / (time.thread_time() - busy) / 1e6)
        rate = statistics.median(rates)
        print(f"p={p:g}, q={q:g}: {rate:6.1f} million steps a second of one core, {prepared:.2f} s before", flush=True)


def write_growing(nodes: int, path: str) -> None:
    with open(path, "w") as file:
        for part in np.array_split(np.stack(growing(nodes), axis=1), 100):
            file.write("".join([f"{a} {b}\n" for a, b in part.tolist()]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("edges", nargs="?")
    parser.add_argument("--groups", help="'node group' on each line")
    parser.add_argument("--held", type=float, help="train without this share of the edges, and tell them from others")
    parser.add_argument("--nodes", type=int, help="only so many, drawn at random, and the edges between them")
    parser.add_argument("--programs", nargs="+", default=["fastemb", "pecanpy"], choices=PROGRAMS)
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has the other programs")
    parser.add_argument("--runs", type=int, default=3, help="each with a seed of its own")
    parser.add_argument("--p", type=float, default=0.25)
    parser.add_argument("--q", type=float, default=0.25)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--synthetic", type=int, metavar="NODES")
    parser.add_argument("--child", choices=PROGRAMS, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--output", help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given)
    elif given.write:
        write_growing(given.synthetic, given.edges)
    elif given.synthetic:
        synthetic(given)
    elif given.edges:
        compare(given)
    else:
        parser.error("give a list of edges, or --synthetic")


if __name__ == "__main__":
    main()
