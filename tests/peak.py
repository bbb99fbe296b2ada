"""What reading a file takes: its peak memory, in a process of its own."""

import json
import mmap
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

UNDER_SANITIZERS = "asan" in os.environ.get("LD_PRELOAD", "")  # whose memory is not that of the library
MARGIN = 64 << 20
FACTOR = 64  # what reading may take beyond the margin: so many times the bytes of the files
COPIES = 3  # and of the rows of buckets, which parameters ask for: a call holds them, and what it makes of them

CHILD = """
import resource, sys
def peak():
    try:
        with open("/proc/self/status") as status:  # ru_maxrss begins with that of the process before exec
            return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
import json, logging, zipfile, tempfile, lzma, bz2, gzip
import fastemb
from fastemb import *
from fastemb import evaluation
from fastemb.models.fasttext import load_facebook_model, load_facebook_vectors
from fastemb.formats.native import read_native
from fastemb.formats.npz import read_npz
from fastemb.formats.word2vec import read_counts
logging.disable(logging.CRITICAL)
path, written = sys.argv[1], int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (written, written))
before = peak()
try:
    result, said = eval(sys.argv[2]), ""
except (ValueError, OSError) as error:
    result, said = None, f"{type(error).__name__}: {error}"
print(json.dumps([said, peak() - before]))
"""


def allowed(files: int, things: Iterable[Any] = ()) -> int:
    """The bytes that a call may take which reads so many, or works on one of these models and vectors."""
    rows = [getattr(thing, "wv", thing) for thing in things]
    buckets = [4 * wv.bucket * wv.vector_size for wv in rows if hasattr(wv, "bucket")]
    return FACTOR * files + COPIES * max(buckets, default=0) + MARGIN


def is_mapped(array: np.ndarray) -> bool:
    """Whether an array's memory is that of a file."""
    base: object = array
    while isinstance(base, (np.ndarray, memoryview)):
        base = base.base if isinstance(base, np.ndarray) else base.obj
    return isinstance(base, mmap.mmap)


class Read(NamedTuple):
    """What came of reading a file.

    Attributes
    ----------
    said : str
        The kind of the error and its message, or '' if there was none.
    peak : int
        Bytes of memory at most, beyond those before.
    """

    said: str
    peak: int


def read_in_child(
    path: Path, call: str, beside: tuple[Path, ...] = (), factor: float = FACTOR, margin: int = MARGIN
) -> Read:
    """Evaluate `call`, in which `path` stands for the file, and see that it takes neither memory nor disk for more than
    `factor` times the bytes of the file and those beside it, and `margin` bytes."""
    size = sum(os.path.getsize(file) for file in (path, *beside))
    most = int(size * factor) + margin
    command = [sys.executable, "-c", CHILD, str(path), call, str(most)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    read = Read(*json.loads(done.stdout))
    assert UNDER_SANITIZERS or read.peak <= most, f"{read.peak >> 20} MiB for {size} bytes; {read.said}"
    assert not read.said or path.name in read.said
    return read
