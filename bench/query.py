"""Ask fastemb and gensim the same questions in turn, on the same vectors, and compare the time and the answers.

    python bench/query.py --analogies questions-words.txt --vectors vectors.txt
    python bench/query.py --texts corpus.txt
    python bench/query.py --calls --json calls.json

Both programs share one matrix in one process. See README.md beside this file for what the rows mean.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):  # read when NumPy is imported
    os.environ.pop(variable, None)

import calls  # noqa: E402
import numpy as np  # noqa: E402

TOPN = 10
READ = 30_000_000  # characters of the texts whose words are counted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=400_000, help="rows of random vectors for neighbours")
    parser.add_argument("--vector-size", type=int, default=300)
    parser.add_argument("--queries", type=int, default=1000, help="in a batch")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--analogies", type=Path, metavar="FILE", help="in the layout of questions-words.txt")
    parser.add_argument("--vectors", type=Path, metavar="FILE", help="word2vec text, for the analogies")
    parser.add_argument("--analogy-words", type=int, default=30_000, metavar="N", help="the first N words of these")
    parser.add_argument("--texts", type=Path, metavar="FILE", help="time mean vectors of its lines instead")
    parser.add_argument("--text-words", type=int, default=50_000, metavar="N", help="the N most frequent have vectors")
    parser.add_argument("--text-lines", type=int, default=5000, metavar="N", help="the first N, and their beginnings")
    parser.add_argument("--calls", action="store_true", help="time every call of vectors instead, see calls.py")
    parser.add_argument("--turns", type=int, default=7, help="of each program, for each of these calls")
    parser.add_argument("--only", default="", metavar="TEXT", help="those of these calls whose name has this text")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured of these calls there")
    arguments = parser.parse_args()

    print(f"Python, NumPy {np.__version__}, gensim {metadata.version('gensim')}, {os.cpu_count()} cores\n")
    if arguments.calls:
        measured = calls.report(arguments.turns, arguments.only)
        if arguments.json:
            arguments.json.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return
    print(f"| what | fastemb, s | gensim, s | gensim / fastemb, {arguments.runs} pairs | same answers |")
    print("| --- | ---: | ---: | ---: | ---: |")
    if arguments.texts:
        texts(arguments)
        return
    if arguments.analogies:
        analogies(arguments)
    neighbors(arguments)


def both(keys: list[str], rows: Any) -> tuple[Any, Any]:
    """KeyedVectors of the two programs, with one matrix."""
    import gensim

    import fastemb

    ours = fastemb.KeyedVectors.from_arrays(keys, rows)
    theirs = gensim.models.KeyedVectors(rows.shape[1])
    theirs.index_to_key, theirs.key_to_index, theirs.vectors = ours.index_to_key, ours.key_to_index, rows
    ours.fill_norms()
    theirs.fill_norms()
    return ours, theirs


def neighbors(arguments: argparse.Namespace) -> None:
    keys = [f"w{row}" for row in range(arguments.words)]
    draw = np.random.default_rng(0)
    ours, theirs = both(keys, draw.standard_normal((len(keys), arguments.vector_size), np.float32))
    asked = [keys[row] for row in draw.integers(0, len(keys), arguments.queries)]

    several = asked[:20]
    compare(
        f"one query, {len(keys):,} × {arguments.vector_size}",
        lambda: [ours.most_similar(word, topn=TOPN) for word in several],
        lambda: [theirs.most_similar(word, topn=TOPN) for word in several],
        arguments.runs,
        same_neighbors,
        len(several),
    )
    compare(
        f"{len(asked):,} queries: a batch, and gensim's loop",
        lambda: ours.most_similar_batch(asked, topn=TOPN),
        lambda: [theirs.most_similar(word, topn=TOPN) for word in asked],
        arguments.runs,
        same_neighbors,
    )


def same_neighbors(ours: Any, theirs: Any) -> str:
    pairs = zip(ours, theirs, strict=True)
    same = sum([key for key, _ in one] == [key for key, _ in other] for one, other in pairs)
    return f"{same:,} of {len(ours):,}"


def analogies(arguments: argparse.Namespace) -> None:
    import fastemb

    path = str(arguments.analogies)
    if arguments.vectors:
        loaded = fastemb.KeyedVectors.load_word2vec_format(arguments.vectors, limit=arguments.analogy_words)
        keys, rows = loaded.index_to_key, loaded.vectors
    else:
        words = arguments.analogies.read_text(encoding="utf-8").split()
        keys = list(dict.fromkeys(words + [f"w{row}" for row in range(arguments.analogy_words)]))
        keys = keys[: arguments.analogy_words]
        rows = np.random.default_rng(1).standard_normal((len(keys), arguments.vector_size), np.float32)
    ours, theirs = both(keys, rows)
    compare(
        f"analogies, {len(keys):,} × {rows.shape[1]}",
        lambda: ours.evaluate_word_analogies(path),
        lambda: theirs.evaluate_word_analogies(path),
        arguments.runs,
        lambda one, other: f"{one[0]:.4%}, {other[0]:.4%}" + (", all the same" if one[1] == other[1] else ""),
    )


def texts(arguments: argparse.Namespace) -> None:
    with arguments.texts.open(encoding="utf-8") as file:
        text = file.read(READ)
    words = [word for word, _ in Counter(text.split()).most_common(arguments.text_words)]
    lines = text.split("\n", arguments.text_lines)[: arguments.text_lines]
    kinds = {"lines": lines, "lines of 10 words": [" ".join(line.split()[:10]) for line in lines]}
    for kind in calls.KINDS:
        ours, theirs = calls.pair_of(kind, words, 100)
        for (what, some), workers in itertools.product(kinds.items(), (1, 2)):
            ours.get_mean_vectors(some)  # what is made when it is first asked for is made here
            count = sum(len(line.split()) for line in some)
            known = statistics.mean(word in ours.key_to_index for line in some for word in line.split())
            compare(
                f"{kind}, {len(some):,} {what} ({count:,} words, {known:.1%} known), workers={workers}",
                lambda ours=ours, some=some, workers=workers: ours.get_mean_vectors(some, workers=workers),
                lambda theirs=theirs, some=some: np.array([theirs.get_mean_vector(line.split()) for line in some]),
                arguments.runs,
                lambda one, other: f"to {np.abs(one - other).max():.0e}",
            )


def compare(
    name: str,
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    runs: int,
    same: Callable[[Any, Any], str],
    count: int = 1,
) -> None:
    """Run both in turn and print a row: median seconds for one of `count`, and the median of the pairs' ratios."""
    ours_seconds, theirs_seconds = [], []
    for _ in range(runs):
        seconds, answer = timed(ours)
        ours_seconds.append(seconds / count)
        seconds, other = timed(theirs)
        theirs_seconds.append(seconds / count)
    ratio = statistics.median(b / a for a, b in zip(ours_seconds, theirs_seconds, strict=True))
    medians = f"{statistics.median(ours_seconds):.4g} | {statistics.median(theirs_seconds):.4g}"
    print(f"| {name} | {medians} | {ratio:.3g} | {same(answer, other)} |", flush=True)


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    answer = call()
    return time.perf_counter() - started, answer


if __name__ == "__main__":
    main()
