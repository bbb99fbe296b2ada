"""How often words stand together, counted over an encoded corpus.

Words and pairs of them are two tables here, and one dict of texts in gensim, where the word "new_york" and the pair of
"new" and "york" are the same entry. What has the same text as something else is found by the words that hold a part of
the delimiter, which are few, and is put together here, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastemb._threads import run_threads
from fastemb.corpus.chunks import EncodedCorpus, cut_sentences
from fastemb.kernels.text.phrases import Middles, PhraseTable
from fastemb.kernels.text.tally import Tally

Numbers = NDArray[np.int32]
Split = tuple[str, tuple[str, ...], str]  # first word, connectors, last word

SPAN = 1 << 21  # words that are counted between two looks at the size of the tables
SMALL = 1 << 15  # words that are worth a thread
MOST_EXPECTED = 1 << 22  # pairs for which there is room before they are counted
MOST_TALLIED = 1 << 28  # different words
MOST_COUNTED = 2**32 - 1  # of a pair
MANY = 1000  # delimiters in a text, none of which is taken for a part of a word


class Pairs(NamedTuple):
    """Pairs of words and their counts: four arrays of the same length.

    Attributes
    ----------
    firsts, middles, lasts : ndarray of int32
        Numbers of words, and of the connectors between them (see `fastemb.kernels.text.phrases`).
    counts : ndarray of int64
    """

    firsts: Numbers
    middles: Numbers
    lasts: Numbers
    counts: NDArray[np.int64]

    def at(self, places: NDArray[Any]) -> Pairs:
        """Those at these places, or where it is true."""
        return Pairs(self.firsts[places], self.middles[places], self.lasts[places], self.counts[places])


class Merged(NamedTuple):
    """Counts by texts.

    Attributes
    ----------
    texts : int
        How many different ones there are.
    counts : ndarray of int64, shape (words,)
        Of words.
    pairs : dict of (int, int, int) to int
        Counts of pairs whose text is that of something else, too; those that are not in the tables among them.
    totals : dict of str to int
        Counts of all texts of words, or of pairs of words, that hold a part of the delimiter.
    """

    texts: int
    counts: NDArray[np.int64]
    pairs: dict[tuple[int, int, int], int]
    totals: dict[str, int]


class Collocations:
    """Counts of words, and of pairs of words with connector words between them.

    Parameters
    ----------
    words : list of str, or None
        None stands for one that was forgotten.
    counts : ndarray of int64, shape (words,)
    connectors : frozenset of str
        They may stand in the middle of phrases only, and `count` does not count them.

    Attributes
    ----------
    tables : list of PhraseTable or Tally
        Each pair is in one of them.
    middles : Middles
    """

    def __init__(self, words: Sequence[Any], counts: NDArray[np.int64] | Sequence[int], connectors: frozenset[str]):
        kinds = set(map(type, words)) - {str, type(None)}
        if kinds:
            wrong = next(word for word in words if type(word) in kinds)
            raise TypeError(f"phrases are made of words that are str, not {type(wrong).__name__} ({wrong!r:.50})")
        self.connectors = connectors
        self.middles = Middles()
        self._parts: tuple[list[int], list[int]] | None = None
        self.tables: list[PhraseTable | Tally] = [PhraseTable()]
        self.grows: PhraseTable | None = None
        if connectors and (missing := sorted(connectors.difference(words))):  # texts of words may hold them
            words = [*words, *missing]
            counts = np.append(np.asarray(counts, np.int64), np.zeros(len(missing), np.int64))
        self.words: Any = words
        self.flags, self.counts = np.zeros(len(words), np.uint8), np.array(counts, np.int64)
        if self.connectors:
            self.flags = np.fromiter(map(self.connectors.__contains__, words), np.uint8, len(words))

    # Counting.

    def count(self, corpus: EncodedCorpus, workers: int, most: int) -> int:
        """Count the pairs of a corpus; return what was forgotten at last: pairs seen less often than so many times.

        Words that were forgotten while they were counted are in no pair: nothing says what they were.
        """
        least, numbers = 1, None
        self.counts[self.flags > 0] = 0
        if None in self.words:
            known = np.fromiter((word is not None for word in self.words), bool, len(self.words))
            numbers = np.append(np.where(known, np.arange(len(known)), -1), -1).astype(np.int32)  # -1 stays -1
        parts = max(1, min(workers, 1 + corpus.words // SMALL))
        expected = min(corpus.words // 3, MOST_EXPECTED, most) // parts
        small = not self.connectors and len(self.words) <= MOST_TALLIED
        self.tables = [Tally(len(self.words), expected) if small else PhraseTable(expected) for _ in range(parts)]
        for ids, starts in spans(corpus):
            ids, middles = ids if numbers is None else numbers[ids], np.empty(0, np.int32)
            if self.connectors:
                ids, middles, starts = self.middles.leave_out(ids, starts, self.flags)
            tasks: list[Callable[[], None]] = [
                partial(table.count, ids, middles, starts, part, parts) for part, table in enumerate(self.tables)
            ]
            if parts == 1:
                tasks[0]()
            else:
                run_threads(tasks, lambda: None)
            least = self.prune(most, least)
        return least

    def prune(self, most: int, least: int) -> int:
        """Forget what is rarer than `least`, then than one more, and so on, until no more than `most` are left."""
        while np.count_nonzero(self.counts) + self.pairs > most:
            self.counts[self.counts < least] = 0
            for table in self.tables:
                table.prune(least)
            least += 1
        return least

    def add(self, other: Collocations) -> None:
        """Add the counts of others, of the same connectors. After the first time it takes as long as they are many."""
        table, theirs, numbers = self.growing(), other.items(), self.numbers_of(other.words)
        theirs = theirs.at(np.random.default_rng(0).permutation(len(theirs.counts)))  # else by hashes: see growing()
        middles = [0]
        for shorter, last in zip(*(array.tolist()[1:] for array in other.middles.parts()), strict=True):
            middles.append(self.middles.longer_than(middles[shorter], numbers[last]))
        firsts, lasts = numbers[theirs.firsts], numbers[theirs.lasts]
        keys = firsts, np.array(middles, np.int32)[theirs.middles], lasts
        if (table.values(*keys) + theirs.counts).max(initial=0) > MOST_COUNTED:
            raise OverflowError(f"a pair of words was counted more than {MOST_COUNTED:,} times")
        table.add(*keys, theirs.counts)
        np.add.at(self.counts, numbers[numbers >= 0], other.counts[numbers >= 0])

    def growing(self) -> PhraseTable:
        """The one table of all pairs; words and table are made such that they can grow."""
        if self.grows is None:
            table = PhraseTable(self.pairs)  # with room for all: in the order of their hashes they would meet in less
            table.add(*self.items())
            self.tables, self.words, self.grows = [table], [*self.words], table
        return self.grows

    def numbers_of(self, words: Sequence[Any]) -> Numbers:
        """The numbers of words, of which those that are new are added, with counts of 0; -1 for a forgotten one."""
        index = self.index
        new = [word for word in words if word is not None and word not in index]
        self.flags = np.append(self.flags, np.array([word in self.connectors for word in new], np.uint8))
        self.counts = np.append(self.counts, np.zeros(len(new), np.int64))
        index |= zip(new, range(len(self.words), len(self.words) + len(new)), strict=True)
        self.words += new
        return np.array([-1 if word is None else index[word] for word in words], np.int32)

    # Asking.

    @property
    def pairs(self) -> int:
        """Different pairs."""
        return sum(map(len, self.tables))

    def items(self, least: int = 1, marked: NDArray[np.uint8] | None = None) -> Pairs:
        """The pairs that were counted `least` times or more; with `marked`, of those words, or with a middle, alone."""
        return Pairs(*map(np.concatenate, zip(*(table.items(least, marked) for table in self.tables), strict=True)))

    def counts_of(self, keys: Sequence[tuple[int, int, int]]) -> NDArray[np.int64]:
        """Of pairs, each as first word, middle and last word."""
        columns = np.array(keys, np.int32).reshape(-1, 3).T.copy()
        return np.sum([table.values(*columns) for table in self.tables], axis=0, dtype=np.int64)

    @cached_property
    def index(self) -> dict[str, int]:
        """The words and their numbers."""
        return {word: k for k, word in enumerate(self.words) if word is not None}

    def _chain(self) -> tuple[list[int], list[int]]:
        """Of each middle the one without its last connector, and that connector."""
        if self._parts is None or len(self._parts[0]) != len(self.middles) + 1:
            shorter, last = self.middles.parts()
            self._parts = shorter.tolist(), last.tolist()
        return self._parts

    def middle_words(self, middle: int) -> tuple[str, ...]:
        """The connectors of a middle."""
        found = []
        shorter, last = self._chain()
        while middle:
            found.append(self.words[last[middle]])
            middle = shorter[middle]
        return tuple(reversed(found))

    def split_of(self, first: int, middle: int, last: int) -> Split:
        """The words of a pair."""
        return self.words[first], self.middle_words(middle) if middle else (), self.words[last]

    def key_of(self, split: Split) -> tuple[int, int, int] | None:
        """The numbers of such words, the opposite of `split_of`; None if there are no such words in the corpus."""
        first, last = self.index.get(split[0]), self.index.get(split[2])
        middle: int | None = 0
        for connector in split[1]:
            number = self.index.get(connector)
            middle = None if middle is None or number is None else self.middles.longer_than(middle, number)
        return None if first is None or middle is None or last is None else (first, middle, last)

    def count_of(self, text: str, delimiter: str) -> int:
        """How often a word or phrase was counted; 0 for what is neither."""
        number = self.index.get(text)
        keys = [self.key_of(split) for split in splits(text, delimiter, self.connectors)]
        known = [key for key in keys if key is not None]
        own = 0 if number is None else int(self.counts[number])
        return own + (int(self.counts_of(known).sum()) if known else 0)

    def merged(self, delimiter: str, least: int) -> Merged:
        """Counts by texts; pairs that are in no table, but have the text of something else, only from `least` on."""
        marked = self._marked(delimiter)
        words = int(np.count_nonzero(self.counts))
        if not marked.any():
            return Merged(words + self.pairs, self.counts, {}, {})
        totals: dict[str, int] = {}
        own: dict[str, list[tuple[int, int, int]]] = {}
        for k in np.flatnonzero(marked & (self.counts > 0)).tolist():
            totals[self.words[k]] = int(self.counts[k])
        for *key, count in zip(*(array.tolist() for array in self._of_marked(marked)), strict=True):
            text = join(self.split_of(*key), delimiter)
            own.setdefault(text, []).append(tuple(key))
            totals[text] = totals.get(text, 0) + count
        texts = words + self.pairs - int(np.count_nonzero(marked & (self.counts > 0))) - sum(map(len, own.values()))
        texts += len(totals)
        pairs: dict[tuple[int, int, int], int] = {}
        for text in totals:
            if text in own and not self.connectors and totals[text] < least:
                continue  # no pair of other words has this text
            found = [self.key_of(split) for split in splits(text, delimiter, self.connectors)]
            keys = [key for key in found if key is not None]
            plain = [key for key in keys if not (marked[key[0]] or marked[key[2]] or self._is_marked(key[1], marked))]
            if plain:
                counts = self.counts_of(plain)
                totals[text] += int(counts.sum())
                texts -= int(np.count_nonzero(counts))
            pairs |= dict.fromkeys(keys, totals[text])
        counts = self.counts.copy()
        for k in np.flatnonzero(marked & (counts > 0)).tolist():
            counts[k] = totals[self.words[k]]
        for text, keys in own.items():
            if totals[text] >= least:
                pairs |= dict.fromkeys(keys, totals[text])
        return Merged(texts, counts, pairs, totals)

    def _marked(self, delimiter: str) -> NDArray[np.uint8]:
        """Which words hold a part of the delimiter, and so may be the text of several."""
        parts, text = set(delimiter), "".join(filter(None, self.words))
        if parts and not any(part in text for part in parts):
            return np.zeros(len(self.words), np.uint8)
        holds = (word is not None and (not parts or not parts.isdisjoint(word)) for word in self.words)
        return np.fromiter(holds, np.uint8, len(self.words))

    def _is_marked(self, middle: int, marked: NDArray[np.uint8]) -> bool:
        shorter, last = self._chain()
        while middle:
            if marked[last[middle]]:
                return True
            middle = shorter[middle]
        return False

    def _of_marked(self, marked: NDArray[np.uint8]) -> Pairs:
        """The pairs that have a marked word."""
        found = self.items(1, marked)
        wanted = (marked[found.firsts] | marked[found.lasts]).astype(bool)
        if marked[np.flatnonzero(self.flags)].any():
            of_middles = np.array([self._is_marked(k, marked) for k in range(len(self.middles) + 1)], bool)
            wanted |= of_middles[found.middles]
        return found.at(wanted)


def join(split: Split, delimiter: str) -> str:
    """The text of a phrase."""
    return delimiter.join((split[0], *split[1], split[2]))


def splits(text: str, delimiter: str, connectors: frozenset[str]) -> Iterator[Split]:
    """All ways in which a text is a first word, connectors, and a last word; the outer two are no connectors."""
    step, longest = len(delimiter), max(map(len, connectors), default=0)
    if text.count(delimiter) > MANY:
        first, *between, last = text.split(delimiter)
        if first and last and not {first, last} & connectors and connectors.issuperset(between):
            yield first, tuple(between), last
        return
    for place in range(1, len(text) - step):
        if not text.startswith(delimiter, place) or text[:place] in connectors:
            continue
        waiting: list[tuple[int, tuple[str, ...]]] = [(place + step, ())]
        while waiting:
            begin, middle = waiting.pop()
            if text[begin:] not in connectors:
                yield text[:place], middle, text[begin:]
            for end in range(begin + 1, min(begin + longest + 1, len(text) - step)):
                if text[begin:end] in connectors and text.startswith(delimiter, end):
                    waiting.append((end + step, (*middle, text[begin:end])))


def spans(corpus: EncodedCorpus) -> Iterator[tuple[Numbers, NDArray[np.int64]]]:
    """The sentences of a corpus, some at a time."""
    for chunk in corpus.chunks:
        ids, starts = chunk.arrays()
        if corpus.max_sentence_length is not None:
            starts = cut_sentences(starts, corpus.max_sentence_length)
        begin = 0
        while begin < len(starts) - 1:
            end = max(begin + 1, int(np.searchsorted(starts, starts[begin] + SPAN, "right")) - 1)
            yield ids[starts[begin] : starts[end]], starts[begin : end + 1] - starts[begin]
            begin = end
