"""Random walks over a graph, made natively when they are asked for: a source of sentences for models."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from copy import copy
from functools import cached_property
from itertools import pairwise
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import flag, number, positive, whole
from fastemb._paths import Path, is_open_file
from fastemb._threads import run_in_order, run_threads, thread_count
from fastemb._words import word_bytes
from fastemb.corpus import Chunk, Counted, EncodedCorpus, Limits
from fastemb.graphs.foreign import as_graph
from fastemb.graphs.graph import Graph
from fastemb.io.outputs import writing
from fastemb.kernels.graphs.adjacency import Adjacency
from fastemb.kernels.graphs.walker import LEAST, Walker, count
from fastemb.kernels.text.encoder import renumber

CHUNK = 1 << 22  # nodes of walks that are in memory together while models are trained
BATCH = 1 << 18  # and of those that a thread makes at a time
LARGE = 4, 8  # q from which on common neighbours are weighed; where a table of edges makes tries cheap
CALL = 1 << 31  # epochs that a call of `train` may have
PIECES = 16  # for each thread that weighs them, as they take different times
Numbers = NDArray[np.int32]
Made = tuple[Numbers, NDArray[np.int64]]


class Walks:
    """Random walks, none of which is kept: they are made when they are asked for, by several threads.

    It can be given to `Word2Vec` and other models in the place of sentences, and iterated over: each walk is a list of
    names then. Each pass begins a walk from each node, in a random order. What a walk is depends on the seed, the
    epoch, its node and its number there, and not on the number of threads.

    Parameters
    ----------
    graph : Graph, or what `as_graph` takes
    num_walks : int, default 10
        From each node, in each epoch; at most 2**31 - 1.
    walk_length : int, default 80
        Nodes of a walk, unless it comes to a dead end before; at most 2**31 - 1. One that begins at an isolated node
        has only that.
    p, q : float, default 1
        Of node2vec (Grover and Leskovec 2016): the weight of an edge is divided by `p` if it leads back to the node
        before, and by `q` if to a node to which no edge leads from there. From 1e-100 to 1e100.
    extend : bool, default False
        Walk as node2vec+ does (Liu, Hirn and Krishnan 2023), for graphs whose edges all have weights.
    gamma : float, default 0
        Of node2vec+: edges lighter than the mean of a node's edges + `gamma` standard deviations are noise.
    seed : int, default 1
    fresh : bool, default True
        Other walks in each epoch, in each call of `train`, and in each iteration; else the same.
    nodes : sequence of str or int, optional
        From which walks begin, instead of all; each once.
    workers : int, optional
        Threads; by default one for each core. Models use their own number.

    Attributes
    ----------
    graph : Graph

    Raises
    ------
    ValueError
        If a parameter is out of range, or the graph has no node, or one of `nodes` is there twice.
    KeyError
        If one of `nodes` is not in the graph.

    Examples
    --------
    >>> from fastemb.graphs import Graph, Walks
    >>> walks = Walks(Graph.from_edges([0, 1, 2], [1, 2, 0]), num_walks=2, walk_length=5)
    >>> len(walks)
    6
    """

    def __init__(
        self,
        graph: Any,
        num_walks: int = 10,
        walk_length: int = 80,
        p: float = 1.0,
        q: float = 1.0,
        *,
        extend: bool = False,
        gamma: float = 0.0,
        seed: int = 1,
        fresh: bool = True,
        nodes: Sequence[str | int] | None = None,
        workers: int | None = None,
    ):
        self.graph: Graph = as_graph(graph)
        self.num_walks, self.walk_length = whole("num_walks", num_walks, 1), whole("walk_length", walk_length, 1)
        self.p, self.q = bias("p", p), bias("q", q)
        self.extend, self.gamma, self.fresh = flag("extend", extend), number("gamma", gamma), flag("fresh", fresh)
        self.seed, self.workers = whole("seed", seed, 0), thread_count(workers)
        if not self.graph.nodes:
            raise ValueError("the graph has no node, and so no walk")
        self.begins = None if nodes is None else beginnings(self.graph, nodes)
        self._iterations = 0

    def __repr__(self) -> str:
        return f"Walks<{len(self)} of {self.walk_length} nodes, p={self.p:g}, q={self.q:g}, over {self.graph!r}>"

    def __len__(self) -> int:
        """How many walks there are in an epoch."""
        return self.num_walks * (self.graph.nodes if self.begins is None else len(self.begins))

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "adjacency"}

    def __iter__(self) -> Iterator[list[str | int]]:
        epoch, self._iterations = self._iterations, self._iterations + 1
        names = self.graph.names
        for walks in self.batches(epoch):
            for walk in walks.tolist():
                yield [names[node] for node in walk if node >= 0]

    def batches(self, epoch: int = 0, size: int | None = None) -> Iterator[Numbers]:
        """Walks as numbers of nodes, some at a time: for trainers of your own.

        Parameters
        ----------
        epoch : int, default 0
            Each has walks of its own, unless they are not `fresh`.
        size : int, optional
            Walks of a batch; by default as many as take 16 MiB.

        Yields
        ------
        ndarray of int32, shape (walks, walk_length)
            Behind a dead end -1 follows.
        """
        step = max(1, CHUNK // self.walk_length) if size is None else whole("size", size, 1)
        walker = self.walker(epoch)
        for begin in range(0, len(self), step):
            yield self.made(walker, begin, min(begin + step, len(self)), self.workers)

    # Made by the kernel.

    @cached_property
    def adjacency(self) -> Adjacency:
        """What the kernel walks over, made once."""
        second = self.p != 1 or self.q != 1
        gamma = self.gamma if self.extend else None
        made = self.graph.adjacency(second, gamma)
        if self.q >= LARGE[made.tabled] and not self.extend:
            made.keep_common(self.common(made))
        return made

    def common(self, adjacency: Adjacency) -> NDArray[np.float32]:
        """What the two ends of each edge have in common, by several threads: see `Adjacency.weigh_common`."""
        starts, entries = self.graph.starts, len(self.graph.targets)
        found = np.full(entries, np.nan, np.float32)
        cuts = np.searchsorted(starts, np.linspace(0, entries, PIECES * self.workers).astype(np.int64)).tolist()
        remaining = iter(list(pairwise([0, *cuts, self.graph.nodes])))

        def work() -> None:
            while (part := next(remaining, None)) is not None:
                adjacency.weigh_common(*part, found)

        run_threads([work] * self.workers, lambda: deque(remaining, 0).clear())
        return found

    def walker(self, epoch: int) -> Walker:
        """The kernel that makes the walks of an epoch."""
        sequence = np.random.SeedSequence([self.seed, whole("epoch", epoch, 0) if self.fresh else 0])
        seed = int(sequence.generate_state(1, np.uint64)[0])
        return Walker(self.adjacency, self.p, self.q, seed, self.begins)

    def made(self, walker: Walker, begin: int, end: int, workers: int) -> Numbers:
        """The walks of these numbers, by several threads."""
        walks = np.empty((end - begin, self.walk_length), np.int32)
        step = -(-len(walks) // workers) or 1
        tasks = [lambda k=k: walker.walk(begin + k, walks[k : k + step]) for k in range(0, len(walks), step)]
        run_threads(tasks, lambda: None) if len(tasks) > 1 else tasks[0]()
        return walks

    # A source of sentences.

    def count_and_encode(self, limits: Limits) -> Counted:
        """As of `fastemb.corpus.Source`: all nodes are words, in the order of their numbers."""
        counts = self.counts(limits.readers)
        return Counted(list(self.graph.names), counts, WalkCorpus(self, limits.readers))

    def encode(self, index: Mapping[str | int, int], limits: Limits) -> EncodedCorpus:
        """As of `fastemb.corpus.Source`."""
        corpus = WalkCorpus(self, limits.readers)
        names = self.graph.names
        corpus.renumber(np.fromiter((index.get(name, -1) for name in names), np.int32, len(names)))
        return corpus

    def counts(self, workers: int | None = None) -> NDArray[np.int64]:
        """How often each node is in the walks of the first epoch, shape (nodes,)."""
        walker, step = self.walker(0), max(1, BATCH // self.walk_length)
        remaining = iter(range(0, len(self), step))

        def work() -> NDArray[np.int64]:
            found = np.zeros(self.graph.nodes, np.int64)
            walks = np.empty((step, self.walk_length), np.int32)
            while (begin := next(remaining, None)) is not None:
                part = walks[: min(step, len(self) - begin)]
                walker.walk(begin, part)
                count(part, found)
            return found

        tasks = min(workers or self.workers, -(-len(self) // step))
        found = run_threads([work] * tasks, lambda: deque(remaining, 0).clear())
        return np.asarray(np.sum(found, axis=0), np.int64)

    def write(self, fname: Path | IO[bytes], epochs: int = 1) -> None:
        """Write walks as text, one a line, names separated by blanks; the file appears whole or not at all.

        Parameters
        ----------
        fname : str, os.PathLike or file open for bytes
            With a name that ends in .gz, .bz2, .xz or .zst it is packed.
        epochs : int, default 1

        Raises
        ------
        ValueError
            If a name is empty or holds a blank, so that it would not be one word, or a surrogate that is no byte.
        """
        texts = [str(name) for name in self.graph.names]
        if bad := [text for text in texts if text.split() != [text]]:
            raise ValueError(f"the name {bad[0]!r} of a node cannot stand in a text of words")
        words = [word_bytes(text) for text in texts]
        step = max(1, BATCH // self.walk_length)
        given: Any = fname
        with nullcontext(given) if is_open_file(given) else writing(given) as file:
            for epoch in range(whole("epochs", epochs, 1)):
                walker = self.walker(epoch)

                def lines(begin: int, walks: Numbers, walker: Walker = walker) -> bytes:
                    part = walks[: min(step, len(self) - begin)]
                    walker.walk(begin, part)
                    joined = [b" ".join([words[node] for node in walk if node >= 0]) for walk in part.tolist()]
                    return b"\n".join([*joined, b""])

                def scratch() -> Numbers:
                    return np.empty((step, self.walk_length), np.int32)

                run_in_order(range(0, len(self), step), lines, file.write, self.workers, scratch)


def beginnings(graph: Graph, nodes: Sequence[str | int]) -> Numbers:
    """The numbers of the nodes from which walks begin: different ones, as walks of one number from one are the same."""
    if isinstance(nodes, str):
        raise TypeError(f"nodes must be names in a list, not the str {nodes!r:.60}")
    names = list(nodes)
    found = np.array([graph.number(name) for name in names], np.int32)
    if not len(found):
        raise ValueError("nodes must not be empty: there is no walk from nowhere")
    if len(first := np.unique(found, return_index=True)[1]) < len(found):
        twice = names[min({*range(len(names))}.difference(first.tolist()))]
        raise ValueError(f"the node {twice!r} is twice in nodes: num_walks is how many walks begin at each")
    return found


def bias(name: str, value: Any) -> float:
    """`p` or `q`, by which weights of edges are divided."""
    checked = positive(name, value)
    if not LEAST <= checked <= 1 / LEAST:
        raise ValueError(f"{name} must be from {LEAST:g} to {1 / LEAST:g}, not {value!r}")
    return checked


class WalkChunk(Chunk):
    """Some walks of an epoch, which are made whenever they are asked for.

    Parameters
    ----------
    corpus : WalkCorpus
    begin, end : int
        Numbers of walks.
    """

    resident = False

    def __init__(self, corpus: WalkCorpus, begin: int, end: int):
        self.corpus, self.begin = corpus, begin
        self.sentences, self.longest = end - begin, corpus.walks.walk_length
        self.words = self.sentences * self.longest  # -1 behind dead ends included, so that it is known

    def arrays(self) -> Made:
        """`ids` and `starts`."""
        return self.corpus.made(self.begin, self.begin + self.sentences)


class WalkCorpus(EncodedCorpus):
    """The walks of an epoch, in chunks.

    Parameters
    ----------
    walks : Walks
    workers : int
        Threads.
    """

    # F1 of BlogCatalog's groups (p=q=.25, ten seeds) is .3925 ± .0009 so, and .3907 ± .0012 in .75 of the time where
    # two meet no more noise words than one would; .002 less with 3, as in text.
    most_centres = 2

    def __init__(self, walks: Walks, workers: int):
        self.walks, self.workers, self.epoch = walks, workers, 0
        self.numbers: Numbers | None = None  # of the words that nodes are
        self.walker: Walker | None = None
        super().__init__([])
        self.cut()

    def cut(self) -> None:
        step = max(1, CHUNK // self.walks.walk_length)
        cuts = [*range(0, len(self.walks), step), len(self.walks)]
        self.chunks = [WalkChunk(self, begin, end) for begin, end in pairwise(cuts)]

    def of_epoch(self, seed: Sequence[int], number: int) -> WalkCorpus:
        """The walks of another epoch, by the walks' own seed; of `seed` which call of `train` it is counts."""
        epoch = seed[1] * CALL + number
        if epoch == self.epoch or not self.walks.fresh:
            return self
        made = copy(self)
        made.epoch, made.walker = epoch, None
        made.cut()
        return made

    def renumber(self, numbers: Numbers) -> None:
        """Replace each number k by numbers[k], whenever walks are made."""
        before = np.arange(self.walks.graph.nodes, dtype=np.int32) if self.numbers is None else self.numbers.copy()
        renumber(before, np.ascontiguousarray(numbers, np.int32))
        self.numbers = before

    def made(self, begin: int, end: int) -> Made:
        """Walks as ids of words, end to end, and where each begins."""
        if self.walker is None:
            self.walker = self.walks.walker(self.epoch)
        walks = self.walks.made(self.walker, begin, end, self.workers)
        if self.numbers is not None:
            renumber(walks.reshape(-1), self.numbers)
        return walks.reshape(-1), np.arange(len(walks) + 1, dtype=np.int64) * self.walks.walk_length
