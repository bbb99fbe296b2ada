"""Train the same models by this folder and by another commit, and compare the bits of all matrices and batches.

    python .ci/golden_bits.py [--base HEAD] [--only TEXT]

The other commit is built once, under build/golden. Both are built by the same compiler and run on the same processor:
elsewhere the last bits differ, so the project keeps no hashes.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CODE = """
import runpy, sys
sys.path.insert(0, {folder!r})
runpy.run_path({script!r}, run_name="golden")["print_hashes"]({only!r})
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", default="HEAD", help="the commit to compare with")
    parser.add_argument("--only", default="", help="compare the cases whose name holds this")
    options = parser.parse_args()
    process = start(ROOT, options.only)
    before = hashes_of(built(options.base), options.only)
    now = json.loads(process.communicate()[0])
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) != now.get(name):
            print(f"differs: {name}")
    equal = sum(now.get(name) == value for name, value in before.items())
    print(f"{equal} of {len(before)} cases are equal, bit by bit, to those of {options.base}")
    sys.exit(before != now or not before)


def built(revision: str) -> Path:
    """The folder of a commit, built in place."""
    command = ["git", "rev-parse", "--short=12", f"{revision}^{{commit}}"]
    commit = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    folder = ROOT / "build" / "golden" / commit
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        archive = subprocess.Popen(["git", "archive", commit], cwd=ROOT, stdout=subprocess.PIPE)
        subprocess.run(["tar", "-x", "-C", str(folder)], stdin=archive.stdout, check=True)
        subprocess.run([sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"], cwd=folder, check=True)
        (folder / "done").touch()
    return folder


def hashes_of(folder: Path, only: str) -> dict[str, str]:
    """Those of a commit, computed once."""
    key = hashlib.sha256(Path(__file__).read_bytes() + only.encode()).hexdigest()[:12]
    kept = folder / f"hashes-{key}.json"
    if not kept.exists():
        kept.write_text(start(folder, only).communicate()[0])
    return json.loads(kept.read_text())


def start(folder: Path, only: str) -> subprocess.Popen[str]:
    """A process that prints the hashes of all cases, by the package in that folder."""
    code = CODE.format(folder=str(folder), script=str(Path(__file__).resolve()), only=only)
    return subprocess.Popen([sys.executable, "-P", "-c", code], cwd=folder, stdout=subprocess.PIPE, text=True)


# What follows runs in those processes.


def print_hashes(only: str) -> None:
    from fastemb.kernels import step

    hashes = {}
    default = step.implementation()
    for implementation in step.implementations():
        step.choose(implementation)
        hashes |= {f"{implementation} {name}": run() for name, run in cases() if only in f"{implementation} {name}"}
    step.choose(default)
    hashes |= {name: run() for name, run in large_cases() if only in name}
    json.dump(hashes, sys.stdout)


def cases() -> Iterator[tuple[str, Callable[[], str]]]:
    """One worker: every choice of inputs, outputs, pooling, locks and noise."""
    pools = [{"cbow_mean": mean, "corrected_cbow": corrected} for mean in (0, 1) for corrected in (False, True)]
    inputs = [{"sg": 1}, *({"sg": 0} | pool for pool in pools)]
    outputs = [{"negative": 5, "hs": 0}, {"negative": 0, "hs": 1}, {"negative": 3, "hs": 1}]
    rest = itertools.product(outputs, ("word2vec", "fasttext"), (False, True), (False, True), (8, 33, 100))
    for (output, kind, locked, shared, size), given in itertools.product(list(rest), inputs):
        options = {**given, **output, "shared_noise": shared, "vector_size": size}
        yield name_of(kind, locked, options), lambda a=kind, b=locked, c=options: digest(train(a, b, **c))
    for sg, window, kind in itertools.product((0, 1), (1, 40), ("word2vec", "fasttext")):
        options = {"sg": sg, "window": window, "shrink_windows": False, "sample": 0, "compute_loss": True}
        yield name_of(kind, False, options), lambda a=kind, b=options: digest(train(a, False, **b))


def large_cases() -> Iterator[tuple[str, Callable[[], str]]]:
    """By the default kernels: rounds, several parts, frequent rows in copies of one worker after the other; batches."""
    for sg, hs in itertools.product((0, 1), (0, 1)):
        base = {"sg": sg, "hs": hs, "negative": 5 - 5 * hs, "vector_size": 33}
        rounds = base | {"workers": 4, "deterministic": True}
        yield f"rounds {base}", lambda a=rounds: digest(train("word2vec", False, **a))
        parts = base | {"memory_budget": 1, "epochs": 1}
        yield f"parts {base}", lambda a=parts: digest(train("word2vec", False, **a))
        for kind in ("word2vec", "fasttext"):
            hot = base | {"workers": 2, "epochs": 1, "vector_size": 8}
            yield f"hot {kind} {base}", lambda a=kind, b=hot: digest(one_after_the_other(a, **b))
            yield f"batches {kind} {base}", lambda a=kind, b=base: batches(a, **b)


def name_of(kind: str, locked: bool, options: dict[str, Any]) -> str:
    return " ".join([kind, "locked" * locked, *(f"{key}={value}" for key, value in options.items())])


def sentences(words: int, number: int, length: int) -> list[list[str]]:
    """Words by Zipf's law, in sentences of which a few are long; some words are too rare to be kept."""
    import numpy as np

    draw = np.random.default_rng(0)
    shares = 1 / np.arange(1, words + 1)
    drawn = draw.choice(words, number * length, p=shares / shares.sum())
    cuts = np.sort(draw.choice(number * length, number, replace=False))
    return [[f"word{word}" for word in part] for part in np.split(drawn, cuts)]


def train(kind: str, locked: bool, corpus: list[list[str]] | None = None, **options: Any) -> Any:
    import numpy as np

    import fastemb

    given: dict[str, Any] = {"epochs": 2, "workers": 1, "min_count": 2, "sample": 1e-2, "seed": 3, "vector_size": 33}
    if kind == "fasttext":
        given["bucket"] = 500
    model = {"word2vec": fastemb.Word2Vec, "fasttext": fastemb.FastText}[kind](**given | options)
    corpus = corpus or sentences(400, 800, 15)
    model.build_vocab(corpus)
    if locked:
        locks = np.linspace(0, 1, len(model.wv), dtype=np.float32)
        if kind == "word2vec":
            model.wv.vectors_lockf = locks
        else:
            model.wv.vectors_vocab_lockf, model.wv.vectors_ngrams_lockf = (
                locks,
                np.linspace(0, 1, 500, dtype=np.float32),
            )
    model.train(corpus, total_words=sum(map(len, corpus)), epochs=model.epochs, compute_loss=model.compute_loss)
    return model


def digest(model: Any) -> str:
    hashed = hashlib.sha256()
    names = ("vectors", "vectors_vocab", "vectors_ngrams")
    matrices = [getattr(model.wv, name, None) for name in names] + [getattr(model, "syn1neg", None)]
    for matrix in [*matrices, getattr(model, "syn1", None)]:
        if matrix is not None:
            hashed.update(matrix.tobytes())
    hashed.update(repr([float(loss) for loss in model.epoch_losses]).encode())
    return hashed.hexdigest()


def instead_of_threads(replacement: Callable[..., Any]) -> None:
    """Let the modules of the package that run threads run this."""
    for name, module in list(sys.modules.items()):
        if name.startswith("fastemb.training") and hasattr(module, "run_threads"):
            module.run_threads = replacement


def one_after_the_other(kind: str, **options: Any) -> Any:
    """A model whose workers did not train at once; there is enough to do for copies of frequent rows."""
    from fastemb._threads import run_threads

    instead_of_threads(lambda tasks, *others: [task() for task in tasks])
    try:
        return train(kind, False, sentences(6000, 40_000, 16), **options)
    finally:
        instead_of_threads(run_threads)


def batches(kind: str, **options: Any) -> str:
    """The integers of the batches of an epoch."""
    from fastemb._threads import run_threads

    hashed = hashlib.sha256()

    def look(tasks: list[Any], *others: Any) -> list[tuple[int, float, int]]:
        epoch = tasks[0].__self__
        for block in epoch.batches() if hasattr(epoch, "batches") else epoch.blocks():  # their name of old
            numbers = [block["inputs"], block["outputs"], block["positives"].tolist(), bool(block["tree"])]
            hashed.update(repr(numbers).encode())
        return [(1, 0.0, 0) for _ in tasks]

    instead_of_threads(look)
    try:
        train(kind, False, **options)
    finally:
        instead_of_threads(run_threads)
    return hashed.hexdigest()


if __name__ == "__main__":
    main()
