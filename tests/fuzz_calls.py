"""Call the public API in random sequences, with right and wrong arguments: each call must keep what is promised.

A call returns, or raises an exception of a kind that the documentation names, with words; after it the words, rows and
attributes of everything there fit together; what is saved is loaded as it was. The process does not end, and takes no
more memory at a time than `peak` says of files (not looked at under sanitizers).

    python tests/fuzz_calls.py --seconds 60 --seed 1

Sequences are run in a process of their own. Sequence N of a seed is always the same calls: `--seed S --only N` runs it
again. One that fails is written to the current folder, call by call; the exit status is then 1.
"""

import argparse
import logging
import resource
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from asked import ASKED
from asked_others import OTHERS
from calls import FILES, MODELS, Case, check
from peak import UNDER_SANITIZERS, allowed

from fastemb import KeyedVectors

ACTIONS = [*MODELS, *FILES, *ASKED, *OTHERS]
CALLS = 40  # of a sequence, at most
SEQUENCES = 200  # of a process
MOST_MEMORY = 6 << 30  # of its address space


class Peak:
    """The memory that a call takes at most, beyond what was taken before."""

    def __init__(self, case: Case) -> None:
        self.case, self.things = case, [*case.models, *case.vectors]  # a call may drop some
        self.before = self.taken("VmRSS") if self.reset() else None

    @staticmethod
    def reset() -> bool:
        try:
            Path("/proc/self/clear_refs").write_text("5")
        except OSError:
            return False
        return not UNDER_SANITIZERS

    @staticmethod
    def taken(name: str) -> int:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith(name))

    def check(self) -> None:
        if self.before is not None:
            size = sum(path.stat().st_size for path in self.case.folder.iterdir())
            grown = self.taken("VmHWM") - self.before
            most = allowed(size, [*self.things, *self.case.models, *self.case.vectors])
            assert grown <= most, f"{grown >> 20} MiB more, and the files have {size} bytes"


def run(seed: int, number: int, log: Any) -> None:
    """One sequence; raises where something does not hold."""
    with tempfile.TemporaryDirectory() as name:
        case = Case(f"{seed}:{number}", Path(name), log)
        for _ in range(case.draw.randrange(4, CALLS)):
            peak = Peak(case)
            case.draw.choice(ACTIONS)(case)
            for thing in (*case.models, *case.vectors, *case.classifiers):
                check(thing)
            peak.check()


def sequences(options: argparse.Namespace) -> int:
    """What the child does: sequences one after another, each written to `options.child` as it is run."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    if not UNDER_SANITIZERS:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    with suppress(ImportError):  # what it imports is no memory of a call
        KeyedVectors.from_arrays(["a", "b"], np.eye(2)).wmdistance(["a"], ["b"])
    end = time.monotonic() + options.seconds
    for number in range(options.first, options.first + options.count):
        if time.monotonic() > end:
            return 0
        with open(options.child, "w", encoding="utf-8", errors="backslashreplace") as file:
            print(f"# python tests/fuzz_calls.py --seed {options.seed} --only {number}", file=file)
            try:
                run(options.seed, number, lambda text, file=file: print(text, file=file, flush=True))
            except Exception:
                traceback.print_exc(file=file)
                traceback.print_exc()
                return 1
        print(number, flush=True)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="the number of one sequence, to run that alone")
    parser.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, default=SEQUENCES, help=argparse.SUPPRESS)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return sequences(options)
    end, number, failures = time.monotonic() + options.seconds, options.only or 0, 0
    while (left := end - time.monotonic()) > 0 and failures < 10:
        kept = Path(f"failure-calls-{options.seed}-{number}.txt").absolute()
        count = SEQUENCES if options.only is None else 1
        command = [sys.executable, __file__, "--seed", options.seed, "--first", number, "--count", count]
        command += ["--seconds", left, "--child", kept]
        done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=False)
        ran = [int(line) for line in done.stdout.split()]
        number = ran[-1] + 1 if ran else number
        if done.returncode:
            failures += 1
            failed = kept.with_name(f"failure-calls-{options.seed}-{number}.txt")
            kept.rename(failed)
            print(f"exit status {done.returncode}: kept as {failed.name}", file=sys.stderr)
            number += 1
        else:
            kept.unlink(missing_ok=True)
        if options.only is not None:
            break
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    print(f"{number} sequences, {failures} failures; peak memory {peak} MiB")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
