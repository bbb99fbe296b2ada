"""Change bytes of the golden files, at random, and read them: vectors or a clear error, never anything else.

    python tests/fuzz_formats.py --seconds 60

Best with the kernel `text` built with -fsanitize=address, and the sanitiser's library preloaded:

    CFLAGS='-fsanitize=address -fno-omit-frame-pointer' python setup.py build_ext --inplace --force
    LD_PRELOAD=$(gcc -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 python tests/fuzz_formats.py

What fails is written to the current folder, and its traceback is printed; the exit status is then 1.
"""

import argparse
import logging
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from fastemb import load_vectors
from fastemb.formats import rows
from fastemb.models.fasttext import load_facebook_model

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


def read(path: Path) -> None:
    """Read a file; raise if that does what it must not."""
    try:
        if path.suffix in FACEBOOK:
            load_facebook_model(path)  # the output matrix too
        vectors = load_vectors(path, workers=2)
    except (ValueError, OSError) as error:
        if path.name not in str(error):
            raise AssertionError(f"the message does not name the file: {error}") from error
        return
    if hasattr(vectors, "vectors_ngrams"):
        vectors.get_vector("neverseen")
    assert len(vectors) == len(vectors.vectors) == len(vectors.key_to_index)
    float(vectors.vectors.astype("f8").sum())  # looks at every number


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
            try:
                read(path)
            except Exception:
                failures += 1
                kept = Path(f"failure-{failures}-{name}")
                kept.write_bytes(content)
                traceback.print_exc()
                print(f"kept as {kept}", file=sys.stderr)
                if failures >= 10:
                    break
            if len(corpus) < 2000 and draw.random() < 0.01:  # changes add up
                corpus.append((name, content or data))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"{tried} files, {failures} failures; peak memory {peak} MiB")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
