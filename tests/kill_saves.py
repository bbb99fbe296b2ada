"""Kill a process while it saves a model, again and again, and see that no file is lost.

    python tests/kill_saves.py --kills 1000

A child process saves one model after another to the same path, each with its own number in every
array; it is killed (SIGKILL) after a random time. The file must then be whole, and be that of the
last save that was complete, or of the one after it. It needs fork, so it does not run on Windows.
"""

import argparse
import os
import random
import signal
import tempfile
import time
from pathlib import Path

from fastemb import Word2Vec


def numbered(model, number):
    """The model, with a number in every array."""
    model.wv.vectors[:] = model.syn1neg[:] = model.corpus_count = number
    return model


def save_forever(model, path, number, pipe):
    while True:
        number += 1
        numbered(model, number).save(path)
        os.write(pipe, number.to_bytes(8, "little"))


def kill_once(model, path, number, seconds):
    """Kill a child that saves, after a while; return the number of the last save that it knew to be complete."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            save_forever(model, path, number, writing)
        finally:
            os._exit(1)
    os.close(writing)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    assert os.WTERMSIG(status) == signal.SIGKILL, f"the child ended by itself: {status}"
    with open(reading, "rb") as pipe:
        told = pipe.read()
    return int.from_bytes(told[-8:], "little") if told else number


def kill_saves(folder, kills, words=5_000, seed=None):
    """Kill so many children that save to a folder; return how many saves were complete."""
    path = Path(folder) / "model"
    draw = random.Random(seed)
    model = Word2Vec(vector_size=50, min_count=1)
    model.build_vocab([range(words)])
    started = time.perf_counter()
    numbered(model, 0).save(path)
    longest = 4 * (time.perf_counter() - started)
    number = 0
    for _ in range(kills):
        complete = kill_once(model, path, number, draw.uniform(0, longest))
        found = Word2Vec.load(path)
        number = found.corpus_count
        assert complete <= number <= complete + 1, f"save {complete} was complete, but the file is of save {number}"
        for array in (found.wv.vectors, found.syn1neg):
            assert (array == number).all(), f"the arrays of save {number} are of different saves"
        for name in os.listdir(folder):
            if name != path.name:  # where there are no files without names, what was killed stays beside
                os.unlink(Path(folder) / name)
    return number


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        saves = kill_saves(folder, options.kills, seed=options.seed)
    print(f"{options.kills} kills, {saves} complete saves, no file lost")
