"""Time phrases by fastemb and by gensim, in turn, in one process: learning them, and joining those of a text.

    python bench/phrases.py corpus.txt --runs 3

Everything but importing is timed. Files are read by gensim's LineSentence, and natively by fastemb; lists are sentences
of str in memory. "Joined and encoded" is what training begins with: the text's words joined, counted and numbered;
gensim's part of it is only joining. With `--check` it is seen that both find the same phrases.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from fastemb import Phrases
from fastemb.corpus import Limits, LineSentence, count_and_encode


def steps(module: Any, corpus: Any, lists: list[list[str]], workers: int) -> dict[str, Callable[[], Any]]:
    """What is timed, of either program."""
    ours = module is Phrases
    options: dict[str, Any] = {"workers": workers} if ours else {}
    learnt = module(corpus, **options)
    frozen = learnt.freeze()

    def encoded(phrases: Any) -> Any:
        return count_and_encode(phrases[corpus], Limits(workers)) if ours else deque(phrases[corpus], maxlen=0)

    return {
        "learn, from a file": lambda: module(corpus, **options),
        "learn, from lists": lambda: module(lists, **options),
        "freeze": learnt.freeze,
        "joined and encoded, from a file": lambda: encoded(learnt),
        "joined and encoded, from a file, frozen": lambda: encoded(frozen),
        "joined, lists to lists": lambda: deque(learnt[lists], maxlen=0),
        "joined, lists to lists, frozen": lambda: deque(frozen[lists], maxlen=0),
    }


def seconds(call: Callable[[], Any]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor, in all threads."""
    begin, busy = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - begin, time.process_time() - busy


def shown(found: list[float]) -> str:
    return f"{statistics.median(found):7.3f} ({min(found):.3f} to {max(found):.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    from gensim.models.phrases import Phrases as Theirs
    from gensim.models.word2vec import LineSentence as TheirLines

    lists = list(LineSentence(given.corpus))
    if given.check:
        assert Phrases(lists).export_phrases() == Theirs(lists).export_phrases()
    programs = {
        "fastemb": steps(Phrases, LineSentence(given.corpus), lists, given.workers),
        "gensim": steps(Theirs, TheirLines(given.corpus, max_sentence_length=1 << 30), lists, given.workers),
    }
    times: dict[str, dict[str, list[tuple[float, float]]]] = {name: {} for name in programs}
    for _ in range(given.runs):
        for step in programs["fastemb"]:
            for name, calls in programs.items():
                times[name].setdefault(step, []).append(seconds(calls[step]))
    for number, kind in enumerate(("by the clock", "of the processor, all threads")):
        print(f"{sum(map(len, lists)):,} words; seconds {kind}, medians of {given.runs} (lowest to highest)")
        for step in programs["fastemb"]:
            ours, theirs = ([pair[number] for pair in times[name][step]] for name in programs)
            ratio = statistics.median(theirs) / statistics.median(ours)
            print(f"{step:42} {shown(ours):30} {shown(theirs):30} {ratio:6.1f} times")


if __name__ == "__main__":
    main()
