"""Corpora whose phrases are joined to one word each, over numbers of words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._threads import run_threads
from fastemb.corpus.chunks import Chunk, EncodedCorpus, SpilledChunk
from fastemb.corpus.collocations import Split, join
from fastemb.corpus.encode import Counted, Limits, Word
from fastemb.corpus.source import Source
from fastemb.io.spill import SpillFile
from fastemb.kernels.text.joining import Joiner, number_in_order
from fastemb.kernels.text.phrases import Middles, PhraseTable


class Joins:
    """What phrases are made of, and how they are written.

    Parameters
    ----------
    found : iterable of Split
        The phrases: first word, connectors, last word.
    scores : iterable of float
        One for each of them.
    delimiter : str
        Stands between the words of a phrase.
    connectors : frozenset of str

    Attributes
    ----------
    splits : list of Split
    texts : list of str
        How each is written; several may be written alike.
    scores : list of float
    """

    def __init__(self, found: Iterable[Split], scores: Iterable[float], delimiter: str, connectors: frozenset[str]):
        self.connectors = connectors
        self.splits = list(found)
        self.texts = [join(split, delimiter) for split in self.splits]
        self.scores = list(scores)

    def joiner(self, index: Mapping[str, int], words: int, texts: bool = False) -> Joiner:
        """What joins the phrases over so many numbers of words, which `index` has; with `texts`, those of lists too."""
        middles, table = Middles(), PhraseTable()
        parts, places, between = self._parts
        of_parts = np.array([index.get(part, -1) for part in parts], np.int32)
        firsts, lasts = of_parts[places]
        of_middles = np.zeros(len(firsts), np.int32)
        for number, connectors_between in between:
            middle = 0
            for connector in connectors_between:
                middle = middles.longer_than(middle, index[connector]) if middle >= 0 and connector in index else -1
            of_middles[number] = middle
        known = np.flatnonzero((firsts >= 0) & (lasts >= 0) & (of_middles >= 0))
        table.add(firsts[known], of_middles[known], lasts[known], known + 1)
        connectors = np.zeros(words, np.uint8)
        connectors[[index[word] for word in self.connectors if word in index]] = 1
        return Joiner(middles, table, connectors, dict(index) if texts else None, self.texts)

    @cached_property
    def strings(self) -> frozenset[str]:
        """All words that phrases are made of, and what they are written as."""
        parts, _, between = self._parts
        return self.connectors.union(parts, self.texts, *(connectors for _, connectors in between))

    @cached_property
    def _parts(self) -> tuple[list[str], NDArray[np.intp], list[tuple[int, tuple[str, ...]]]]:
        """All outer words once; the first and the last word of each phrase among them; and what has connectors."""
        parts: dict[str, int] = {}
        firsts = [parts.setdefault(first, len(parts)) for first, _, _ in self.splits]
        lasts = [parts.setdefault(last, len(parts)) for _, _, last in self.splits]
        between = [(number, between) for number, (_, between, _) in enumerate(self.splits) if between]
        return list(parts), np.array([firsts, lasts], np.intp), between

    @cached_property
    def of_lists(self) -> Joiner:
        """What joins the phrases of sentences that are lists of str."""
        index: dict[str, int] = {}
        for first, between, last in self.splits:
            for word in (first, *between, last):
                index.setdefault(word, len(index))
        for word in self.connectors:
            index.setdefault(word, len(index))
        return self.joiner(index, len(index), texts=True)

    def __reduce__(self) -> tuple[Any, ...]:
        return _joins, (self.splits, self.texts, self.scores, self.connectors)


def _joins(*parts: Any) -> Joins:
    made = Joins.__new__(Joins)
    made.splits, made.texts, made.scores, made.connectors = parts
    return made


Pass = Callable[[Counted, Limits], Joins]


class Joined:
    """A source whose phrases are joined.

    Parameters
    ----------
    source : Source
    passes : sequence of callables
        Called with what was counted, and the limits, each returns the phrases to be joined, which it may learn from it.
        One joins what the one before has joined.
    """

    def __init__(self, source: Source, passes: Sequence[Pass]):
        self.source, self.passes = source, passes

    def count_and_encode(self, limits: Limits) -> Counted:
        """As of `Source`."""
        counted = self.source.count_and_encode(limits)
        for each in self.passes:
            counted = joined(counted, each(counted, limits), limits)
        return counted

    def encode(self, index: Mapping[Word, int], limits: Limits) -> EncodedCorpus:
        """As of `Source`."""
        counted = self.count_and_encode(replace(limits, vocabulary=None))
        counted.corpus.renumber(np.array([index.get(word, -1) for word in counted.words], np.int32))
        return counted.corpus


def joined(counted: Counted, joins: Joins, limits: Limits) -> Counted:
    """A corpus with its phrases joined, whose words are in order of first appearance."""
    words = counted.words
    wanted = np.fromiter(map(joins.strings.__contains__, words), bool, len(words))
    index: dict[Any, int] = {words[k]: k for k in np.flatnonzero(wanted).tolist()}
    joiner = joins.joiner(index, len(words))
    texts = list(dict.fromkeys(text for text in joins.texts if text not in index))
    index |= zip(texts, range(len(words), len(words) + len(texts)), strict=True)
    of_phrases = np.array([index[text] for text in joins.texts], np.int32)
    every = [*words, *texts]
    numbers, counts = np.full(len(every), -1, np.int32), np.zeros(len(every), np.int64)
    known, file = 0, None
    chunks: list[Chunk] = []
    for part in counted.corpus.parts():
        arrays: list[tuple[NDArray[np.int32], NDArray[np.int64]]] = [
            (forgotten_left_out(ids, counted), starts) for ids, starts in counted.corpus.load(part)
        ]
        tasks = [partial(joiner.join_ids, ids, starts, of_phrases) for ids, starts in arrays]
        results = run_threads(tasks, lambda: None) if len(tasks) > 1 else [task() for task in tasks]
        for (ids, starts), chunk in zip(results, part, strict=True):
            known = number_in_order(ids, numbers, counts, known)
            if chunk.resident:
                chunks.append(Chunk(ids if 4 * len(ids) > 3 * chunk.words else ids.copy(), starts))
            else:
                file = file or SpillFile()
                chunks.append(SpilledChunk(ids, starts, file))
    order = np.empty(known, np.int32)
    order[numbers[numbers >= 0]] = np.flatnonzero(numbers >= 0)
    return Counted(list(map(every.__getitem__, order.tolist())), counts[:known], EncodedCorpus(chunks))


def forgotten_left_out(ids: NDArray[np.int32], counted: Counted) -> NDArray[np.int32]:
    """The numbers of words, with -1 for those that were forgotten while they were counted."""
    if counted.counts.all():
        return ids
    return np.where(counted.counts[ids] > 0, ids, -1).astype(np.int32)
