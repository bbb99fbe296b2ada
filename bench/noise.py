"""What sharing noise words changes, part by part: the same walks, trained by steps that differ in one thing.

    python bench/noise.py --graph graphs

Compiles noise.c, by `cc`. A part of BlogCatalog's graph is walked, a tenth of its edges held out. A step takes three
windows, and is trained pair by pair; "at once": its gradients and changes are of rows as they were before it; "in
turn": its gradients are, but inputs are changed by outputs as the pairs before have left them, as fastemb does.
Cosines of input vectors tell edges from other pairs. Norms are means over the half of the nodes with fewest edges.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from kinds import auc, graph_edges, held_out, walks

SHARED, OLD_INPUTS, OLD_CENTRES, OLD_NOISE, CHANGE_BY_NEW = 1, 2, 4, 8, 16
OLD = OLD_INPUTS | OLD_CENTRES | OLD_NOISE
ROWS = {
    "pair by pair, noise of each pair": 0,
    "pair by pair, noise of the step": SHARED,
    "at once, noise of the step": SHARED | OLD,
    "at once, noise of each pair": OLD,
    "at once are the centres' rows alone, noise of each pair": OLD_CENTRES,
    "in turn, noise of the step": SHARED | OLD | CHANGE_BY_NEW,
}
WINDOW, NEGATIVE, CENTRES = 10, 5, 3


def library() -> Any:
    """noise.c, compiled."""
    folder = Path(tempfile.mkdtemp())
    source, target = Path(__file__).with_suffix(".c"), folder / "noise.so"
    options = ["-O3", "-march=native", "-ffast-math", "-shared", "-fPIC"]
    subprocess.run([os.environ.get("CC", "cc"), *options, "-o", target, source, "-lm"], check=True)
    return ctypes.CDLL(str(target))


def train(compiled: Any, corpus: Any, nodes: int, given: Any, flags: int) -> tuple[Any, Any]:
    """Both matrices."""
    draw = np.random.default_rng(given.seed)
    vectors = (draw.random((nodes, given.size), np.float32) * 2 - 1) / np.float32(given.size)
    outputs = np.zeros_like(vectors)
    shares = np.bincount(corpus.ravel(), minlength=nodes) ** 0.75
    noise = np.repeat(np.arange(nodes), np.round(shares / shares.sum() * 1_000_000).astype(int)).astype(np.int32)
    rates = np.linspace(0.025, 1e-4, given.epochs * len(corpus)).astype(np.float32).reshape(given.epochs, -1)
    pointers = [ctypes.c_void_p(array.ctypes.data) for array in (corpus, vectors, outputs, noise)]
    for epoch, alphas in enumerate(rates):
        compiled.train(
            *(pointers[0], ctypes.c_int64(len(corpus)), ctypes.c_int64(corpus.shape[1]), nodes, given.size),
            *(*pointers[1:], ctypes.c_int64(len(noise)), WINDOW, NEGATIVE, CENTRES, flags),
            *(ctypes.c_void_p(alphas.ctypes.data), ctypes.c_uint64(100 * given.seed + epoch + 1)),
        )
    return vectors, outputs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graph", required=True)
    parser.add_argument("--nodes", type=int, default=2500)
    parser.add_argument("--walks", type=int, default=10)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="rows whose name holds this")
    given = parser.parse_args()
    edges = graph_edges(given.graph)
    numbers = np.full(edges.max() + 1, -1)
    numbers[np.random.default_rng(5).permutation(len(numbers))[: given.nodes]] = np.arange(given.nodes)
    edges = numbers[edges]
    edges, right, wrong = held_out(edges[(edges >= 0).all(axis=1)], given.nodes)
    corpus = np.array(walks(edges, given.walks, 80)).astype(np.int32)
    counts = np.bincount(corpus.ravel(), minlength=given.nodes)
    few = (counts > 0) & (counts <= np.median(counts))
    compiled = library()
    print("| | AUC of held-out edges | norm of input rows | of output rows |\n| --- | ---: | ---: | ---: |")
    for name, flags in ROWS.items():
        if given.only not in name:
            continue
        matrices = train(compiled, corpus, given.nodes, given, flags)
        norms = [np.linalg.norm(matrix, axis=1) for matrix in matrices]
        units = matrices[0] / np.maximum(norms[0], 1e-9)[:, None]
        found = auc(*((units[pairs[:, 0]] * units[pairs[:, 1]]).sum(axis=1) for pairs in (right, wrong)))
        print(f"| {name} | {found:.3f} | {norms[0][few].mean():.2f} | {norms[1][few].mean():.2f} |", flush=True)


if __name__ == "__main__":
    main()
