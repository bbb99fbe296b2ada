"""Change bytes of the golden files and read them: vectors or a clear error, never anything else.

    python tests/fuzz_formats.py --seconds 60

Files that reach lines of fastemb which none before them did, or an error with another message, are changed further.
Best with the kernels built for sanitizers, which `make fuzz` does, and afterwards builds them without. What fails
is written to the current folder, and its traceback is printed; the exit status is then 1.
"""

import argparse
import logging
import math
import random
import re
import resource
import shutil
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np

import fastemb
from fastemb import load_vectors
from fastemb.formats import rows
from fastemb.models.fasttext import FastTextKeyedVectors, load_facebook_model

PACKAGE = str(Path(fastemb.__file__).parent)
FACEBOOK = (".bin", ".ftz")
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


def read(path: Path, **options: Any) -> str:
    """Read a file; raise if that does what it must not. The message of the error, without what it quotes."""
    try:
        vectors = load_vectors(path, workers=2, **options)
        if path.suffix in FACEBOOK and isinstance(vectors, FastTextKeyedVectors):
            load_facebook_model(path)  # the output matrix too
    except (ValueError, OSError) as error:
        if path.name not in str(error):
            raise AssertionError(f"the message does not name the file: {error}") from error
        return re.sub(r"\d+|b?(['\"]).*\1", "", str(error))
    if "neverseen" in vectors:
        vectors.get_vector("neverseen")
    assert len(vectors) == len(vectors.vectors) == len(vectors.key_to_index)
    assert all(vectors.key_to_index[key] == row for row, key in enumerate(vectors.index_to_key))
    with np.errstate(over="ignore", invalid="ignore"):
        total = float(vectors.vectors.astype("f8").sum())  # looks at every number
    saved = isinstance(vectors, FastTextKeyedVectors) or path.suffix not in (".txt", ".vec", ".bin", ".xz", ".npz")
    assert saved or not options.get("check_finite", True) or math.isfinite(total)
    return ""


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
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    draw = random.Random(options.seed)
    files = {path.name: path.read_bytes() for path in sorted(GOLDEN.iterdir()) if path.suffix not in (".py", ".npy")}
    corpus = list(files.items())
    rows.BLOCK = 64  # so that rows are cut
    failures = tried = 0
    reached = Reached()
    end = time.monotonic() + options.seconds
    with tempfile.TemporaryDirectory() as folder:
        for beside in GOLDEN.glob("*.npy"):
            shutil.copy(beside, folder)
        while time.monotonic() < end:
            name, data = draw.choice(corpus)
            content = changed(data, draw, [other for _, other in corpus[: len(files)]])
            path = Path(folder, name)
            path.write_bytes(content)
            tried += 1
            before = len(reached.places)
            try:
                reached.places.add(read(path, check_finite=draw.random() < 0.5))
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
    print(f"{tried} files, {len(corpus)} kept to change further, {failures} failures; peak memory {peak} MiB")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
