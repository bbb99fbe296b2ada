"""Coverage-guided fuzzing of the readers by atheris: `pip install atheris` (CPython on Linux and macOS).

Inputs are the golden files and what libFuzzer and `mutations` make of them; the first byte says what the file is
called, as its name is part of how it is read. What must hold is as in `fuzz_formats`. It is guided by the branches of
Python that are taken: for those of the kernels Clang would have to build them, GCC having no such counters.

    python tests/fuzz_parsers.py --seconds 60 --seed 1

What fails is kept in the current folder as `crash-…`; `python tests/fuzz_parsers.py crash-…` reads it again.
"""

import argparse
import logging
import random
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

try:
    import atheris
except ImportError:
    sys.exit("atheris is not installed: pip install atheris")

with atheris.instrument_imports(include=["fastemb"], enable_loader_override=False):
    from fuzz_formats import GOLDEN, LARGEST, made, mutated, read

    import fastemb.formats.rows


def names_and_contents() -> dict[str, bytes]:
    files = {path.name: path.read_bytes() for path in sorted(GOLDEN.iterdir()) if path.suffix not in (".py", ".npy")}
    with tempfile.TemporaryDirectory() as folder:
        files |= made(Path(folder))
    return files


class Target:
    """Reads an input; libFuzzer calls it in this process again and again."""

    def __init__(self, folder: Path, names: list[str]):
        self.folder, self.names = folder, names

    def __call__(self, data: bytes) -> None:
        if data:
            path = self.folder / self.names[data[0] % len(self.names)]
            path.write_bytes(data[1:])
            read(path, check_finite=len(data) % 2 == 0)
            path.unlink()

    def mutate(self, data: bytes, most: int, seed: int) -> bytes:
        """Change the meaning of a file, or else bytes as libFuzzer does."""
        draw = random.Random(seed)
        if data and draw.random() < 0.5:
            content = mutated(self.names[data[0] % len(self.names)], data[1:], draw)
            if 0 < len(content) < most:
                return data[:1] + content
        return atheris.Mutate(data, most)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("again", nargs="*", help="inputs to read again")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    files = names_and_contents()
    fastemb.formats.rows.BLOCK = 64  # so that rows are cut
    with tempfile.TemporaryDirectory() as corpus, tempfile.TemporaryDirectory() as folder:
        for number, content in enumerate(files.values()):
            Path(corpus, str(number)).write_bytes(bytes([number]) + content)
        for beside in GOLDEN.glob("*.npy"):
            shutil.copy(beside, folder)
        target = Target(Path(folder), [*files])
        arguments = [f"-max_total_time={options.seconds}", f"-seed={options.seed}", f"-max_len={LARGEST}"]
        arguments += ["-rss_limit_mb=4096", "-timeout=300", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], *arguments, *(options.again or [corpus])], target, custom_mutator=target.mutate)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
