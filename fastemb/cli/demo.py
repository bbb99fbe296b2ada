"""`fastemb demo`: vectors of Python's own documentation."""

from __future__ import annotations

import argparse
from typing import Any

from fastemb._threads import usable_cores
from fastemb.cli.files import check_roles
from fastemb.cli.neighbors import show_neighbors
from fastemb.cli.shown import show


def add_demo(commands: Any) -> None:
    demo = commands.add_parser(
        "demo", help="train on the documentation of Python's standard library, and draw the result"
    )
    demo.set_defaults(run=run_demo)
    demo.add_argument("--output", "-o", default="fastemb-demo", metavar="NAME", help="default: fastemb-demo")


def run_demo(options: argparse.Namespace) -> None:
    from fastemb import Word2Vec
    from fastemb.corpus.stdlib import sentences

    picture, vectors = f"{options.output}.png", f"{options.output}.txt"
    check_roles({"the picture": picture, "the vectors": vectors}, {})
    texts = sentences()
    show(f"{len(texts)} texts, {sum(map(len, texts))} words of Python's own documentation")
    model = Word2Vec(texts, sg=1, epochs=20, workers=usable_cores(), progress=True)
    shown = [word for word in ("first", "socket", "string", "raise", "thread") if word in model.wv]
    show_neighbors(model.wv, [[(word, 1.0)] for word in shown], 5)
    model.wv.save_word2vec_format(vectors)
    show(f"vectors: {vectors}")
    try:
        draw(model.wv, picture)
    except ImportError:
        show("no picture: that needs matplotlib: pip install 'fastemb[plot]'")
    else:
        show(f"picture: {picture}")


def draw(vectors: Any, path: str, words: int = 150) -> None:
    """Draw the most frequent words of three letters and more in the plane of their two principal components."""
    import numpy as np
    from matplotlib.figure import Figure

    from fastemb.io.outputs import replacing

    rows = [row for row, word in enumerate(vectors.index_to_key) if len(word) > 2][:words]
    points = vectors.get_normed_vectors()[rows]
    points = points - points.mean(axis=0)
    x, y = (points @ np.linalg.svd(points, full_matrices=False)[2][:2].T).T
    figure = Figure(figsize=(12, 9), layout="constrained")
    axes = figure.add_subplot()
    axes.scatter(x, y, s=4)
    for row, point in zip(rows, zip(x, y, strict=True), strict=True):
        axes.annotate(vectors.index_to_key[row], point, fontsize=8)
    axes.set_title(f"{len(rows)} frequent words, by the two principal components of their vectors")
    with replacing(path) as file:
        figure.savefig(file, format="png", dpi=120)
