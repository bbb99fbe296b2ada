"""Change the golden files and read them: vectors or a clear error, never anything else.

Half of the changes are of bytes; the others are of what the bytes mean, with checksums made anew (`mutations`), so that
they get past these. What is read takes no more memory than `peak` says; models that are loaded are trained. Without
sanitizers, files that reach something new, and some of the others, are read in a process of their own too, whose peak
memory is measured.

    python tests/fuzz_formats.py --seconds 60

Files that reach lines of fastemb which none before them did, or an error with another message, are changed further.
Best with the kernels built for sanitizers, which `make fuzz` does, and afterwards builds them without. What fails
is written to the current folder, and its traceback is printed; the exit status is then 1.
"""

import argparse
import logging
import math
import os
import random
import re
import resource
import shutil
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fuzz_readers
import numpy as np
from mutations import mutation_of
from peak import UNDER_SANITIZERS, allowed, read_in_child

import fastemb
from fastemb import Classifier, FastText, GloVe, TrainingDiverged, Word2Vec, load_vectors
from fastemb.formats import rows
from fastemb.formats.native import starts_native
from fastemb.models.callbacks import CallbackAny2Vec
from fastemb.models.fasttext import FastTextKeyedVectors, load_facebook_model

PACKAGE = str(Path(fastemb.__file__).parent)
FACEBOOK = (".bin", ".ftz")
LARGEST = 1 << 18  # bytes of a file that is made here
ARENAS = 1 << 28  # address space that threads take beside what they fill
GOLDEN = Path(__file__).parent / "golden"
INTERESTING = [
    b"\0",
    b"\xff",
    b" ",
    b"\n",
    b"-",
    b"9" * 18,
    b"\xff" * 8,
    b"\x7f\xff\xff\xff",
    b"nan",
    b"1e999",
    b"\r\n",
]


def mutated(name: str, data: bytes, draw: random.Random) -> bytes:
    """A file whose meaning is changed; none where it is of no format any more, or it is not drawn."""
    mutation = mutation_of(data, name)
    if mutation is None or draw.random() < 0.3:
        return b""
    try:
        content = mutation(data, draw)
    except Exception:  # it was changed before, and is no longer such a file
        return b""
    return content if len(content) < LARGEST else b""


def changed(data: bytes, draw: random.Random, others: list[bytes]) -> bytes:
    """A few changes of a file: bytes, pieces left out, repeated, put in, or taken from another file."""
    content = bytearray(data)
    for _ in range(draw.choice([1, 1, 1, 2, 3, 8])):
        at = draw.randrange(len(content) + 1)
        length = min(draw.choice([1, 1, 2, 4, 16, 64]), len(content) - at)
        kind = draw.randrange(6)
        if kind == 0 and length:
            content[at] ^= 1 << draw.randrange(8)
        elif kind == 1:
            content[at : at + length] = draw.randbytes(length)
        elif kind == 2:
            del content[at : at + length]
        elif kind == 3:
            content[at:at] = content[at : at + length] * draw.choice([1, 2, 50])
        elif kind == 4:
            content[at : at + draw.randrange(2)] = draw.choice(INTERESTING)
        else:
            other = draw.choice(others)
            start = draw.randrange(len(other))
            content[at : at + length] = other[start : start + draw.choice([8, 64])]
    return bytes(content[: draw.choice([len(content), len(content), draw.randrange(len(content) + 1)])])


SENTENCES = [["the", "cat", "sat"], ["the", "dog", "ran", "home"]] * 3
MODELS = {"word2vec": Word2Vec, "fasttext": FastText, "glove": GloVe}


class AfterOne(CallbackAny2Vec):
    """Saves the model when its first epoch has ended, with how far training has come."""

    def __init__(self, path: Path):
        self.path = path

    def on_epoch_end(self, model: Any) -> None:
        if model.run.progress.epochs == 1:
            model.save(self.path)


def made(folder: Path) -> dict[str, bytes]:
    """Files of models, finished and in the middle of training, of compressed vectors, and of co-occurrences."""
    options: dict[str, Any] = {"vector_size": 3, "min_count": 1, "epochs": 2, "workers": 1}
    for name, kind, more in (
        ("word2vec", Word2Vec, {"hs": 1, "sample": 0}),
        ("word2vec-cbow", Word2Vec, {"position_weights": True, "compute_loss": True, "sample": 0}),
        ("fasttext", FastText, {"bucket": 7, "sg": 1, "sample": 0}),
        ("glove", GloVe, {}),
    ):
        model = kind(SENTENCES, **options, **more, callbacks=[AfterOne(folder / f"{name}.run")])
        model.save(folder / f"{name}.state")
        if kind is FastText:
            model.wv.save(folder / "fasttext-vectors.fastemb")
            for store in ("int8", "product"):
                model.wv.compress(store, buckets=5).save(folder / f"{store}.fastemb")
    Classifier.load(GOLDEN / "classifier-ns.bin").save(folder / "classifier.native")
    GloVe(**options).save_cooccurrences(folder / "cooccurrence.bin", SENTENCES)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    others = folder / "others"
    others.mkdir()
    return files | fuzz_readers.made(others)


def read(path: Path, **options: Any) -> str:
    """Read a file; raise if that does what it must not. The message of the error, without what it quotes."""
    if reader := fuzz_readers.reader_of(path.name):
        return attempt(path, lambda: reader(path))
    if path.suffix in (".state", ".run"):
        return attempt(path, lambda: train(path))
    if path.name == "classifier.native":
        return attempt(path, lambda: Classifier.load(path).predict(["am Rhein", "x"], k=3))
    if path.name == "cooccurrence.bin":
        words = {f"w{k}": 9 - k for k in range(8)}
        return attempt(path, lambda: GloVe(words=words, cooccurrences=path, vector_size=2, epochs=1))
    return attempt(path, lambda: look_at(path, **options))


def attempt(path: Path, work: Any) -> str:
    try:
        work()
    except TrainingDiverged:
        return "diverged"
    except (ValueError, OSError) as error:
        if path.name not in str(error):
            raise AssertionError(f"the message does not name the file: {error}") from error
        return re.sub(r"\d+|b?(['\"]).*\1", "", str(error))
    return ""


def train(path: Path) -> None:
    """Load a model and train it, or go on with its training; where that is not too much."""
    kind = MODELS[path.name.split(".")[0].split("-")[0]]
    model = kind.load(path)
    if not len(model.wv) or getattr(model, "negative", 0) > 50 or model.window > 50 or model.epochs > 9:
        return
    if path.suffix == ".run":
        with suppress_refusals():
            kind.resume(path, SENTENCES, workers=1)
    model.workers = 1
    with suppress_refusals():
        model.train(SENTENCES, epochs=1)


@contextmanager
def suppress_refusals() -> Iterator[None]:
    """Training may refuse what is not finite, for files may hold it; or find none of the words of the file."""
    try:
        yield
    except ValueError as error:
        if "NaN" not in str(error) and "nothing to train on" not in str(error):
            raise


def look_at(path: Path, **options: Any) -> None:
    """Read vectors, and look at all of them."""
    vectors = load_vectors(path, workers=2, **options)
    if path.suffix in FACEBOOK and isinstance(vectors, FastTextKeyedVectors):
        if vectors.supervised is None:
            load_facebook_model(path)  # the output matrix too
        else:
            Classifier.load(path).predict(["am Rhein", "x"], k=3)
    if "neverseen" in vectors:
        vectors.get_vector("neverseen")
    assert len(vectors) == len(vectors.vectors) == len(vectors.key_to_index)
    assert all(vectors.key_to_index[key] == row for row, key in enumerate(vectors.index_to_key))
    with np.errstate(over="ignore", invalid="ignore"):
        total = float(vectors.vectors.astype("f8").sum())  # looks at every number
    with open(path, "rb") as file:
        taken = starts_native(file.read(9)) or path.suffix not in (".txt", ".vec", ".bin", ".xz", ".npz")
    taken |= isinstance(vectors, FastTextKeyedVectors)
    assert taken or not options.get("check_finite", True) or math.isfinite(total)


@contextmanager
def bounded(path: Path) -> Iterator[None]:
    """Let memory end where reading this file should not come to; not under sanitizers, whose own map is vast."""
    if UNDER_SANITIZERS or not os.path.exists("/proc/self/statm"):
        yield
        return
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    size = sum(each.stat().st_size for each in path.parent.iterdir())
    most = pages * resource.getpagesize() + allowed(size) + ARENAS
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def measure(path: Path) -> None:
    """Read a file in a process of its own, and see that this takes no more memory than it may."""
    if fuzz_readers.reader_of(path.name):
        return
    kind = "Classifier" if path.name.startswith("classifier") else MODELS.get(re.split(r"\W", path.name)[0])
    call = f"{getattr(kind, '__name__', kind)}.load(path)"
    if not isinstance(kind, str) and path.suffix not in (".state", ".run"):
        call = "load_vectors(path, check_finite=False)"
    if path.name != "cooccurrence.bin":
        read_in_child(path, call, tuple(path.parent.glob("*.npy")))


class Reached:
    """The lines of fastemb that have run, in all threads, and the messages that there were."""

    def __init__(self) -> None:
        self.places: set[object] = set()
        threading.settrace(self.trace)
        sys.settrace(self.trace)

    def trace(self, frame: Any, event: str, _: object) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        if event == "line":
            self.places.add((frame.f_code, frame.f_lineno))
        return self.trace


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--measured", type=float, default=0.01, help="the share of files that a child reads too")
    parser.add_argument("--only", default="", help="a regular expression of the names of files")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    draw = random.Random(options.seed)
    files = {path.name: path.read_bytes() for path in sorted(GOLDEN.iterdir()) if path.suffix not in (".py", ".npy")}
    with tempfile.TemporaryDirectory() as folder:
        files |= made(Path(folder))
    files = {name: data for name, data in files.items() if re.search(options.only, name)}
    corpus = list(files.items())
    rows.BLOCK = 64  # so that rows are cut
    failures = tried = children = 0
    reached = Reached()
    end = time.monotonic() + options.seconds
    with tempfile.TemporaryDirectory() as folder:
        for beside in GOLDEN.glob("*.npy"):
            shutil.copy(beside, folder)
        while time.monotonic() < end:
            name, data = draw.choice(corpus)
            content = mutated(name, data, draw) or changed(data, draw, [other for _, other in corpus[: len(files)]])
            path = Path(folder, name)
            path.write_bytes(content)
            tried += 1
            before = len(reached.places)
            try:
                with bounded(path):
                    reached.places.add(read(path, check_finite=draw.random() < 0.5))
                if not UNDER_SANITIZERS and (len(reached.places) > before or draw.random() < options.measured):
                    measure(path)
                    children += 1
            except Exception:
                failures += 1
                kept = Path(f"failure-{failures}-{name}")
                kept.write_bytes(content)
                traceback.print_exc()
                print(f"kept as {kept}", file=sys.stderr)
                if failures >= 10:
                    break
            if content and len(reached.places) > before:
                corpus.append((name, content))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    said = f"{tried} files, {children} of them measured, {len(corpus)} kept to change further, {failures} failures"
    print(f"{said}; peak memory {peak} MiB")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
