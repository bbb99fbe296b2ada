"""Baskets and sessions of items: read from lists or columns, and laid out anew for each epoch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import number, positive
from fastemb.corpus.chunks import Chunk, EncodedCorpus, Ids, SpilledChunk, Starts
from fastemb.corpus.columns import codes_of, flags_of, in_seconds, numbers_of, seconds_of
from fastemb.corpus.encode import Counted, Limits, Word
from fastemb.corpus.source import Sentences, Source
from fastemb.corpus.tables import refuse_events
from fastemb.io.spill import SpillFile
from fastemb.kernels.text.baskets import arrange, distinct
from fastemb.kernels.text.encoder import renumber

GOLDEN = 0x9E3779B97F4A7C15  # by which random numbers go from place to place


class BasketChunk(Chunk):
    """Some baskets, as integers.

    Parameters
    ----------
    chunk : Chunk
        Their items.
    weights : ndarray of float32, shape (items,), optional
        The probability of each to be there in an epoch.
    goals : ndarray of int32, shape (baskets,), optional
        An item that all others of a basket meet; -1 for none.
    shuffle : bool
        The order of the items means nothing.
    key : int
        64 random bits, from which an epoch is drawn.
    """

    resident = False

    def __init__(
        self,
        chunk: Chunk,
        weights: NDArray[np.float32] | None,
        goals: Ids | None,
        shuffle: bool = False,
        key: int = 0,
    ):
        self.chunk, self.weights, self.goals, self.shuffle, self.key = chunk, weights, goals, shuffle, key
        self.longest = chunk.longest
        self._pairs = int(self.pairs().sum())

    def pairs(self) -> NDArray[np.int64]:
        """Of each basket, the items that meet a goal; none where no basket has one."""
        if self.goals is None:
            return np.zeros(0, np.int64)
        return np.where(self.goals >= 0, np.diff(self.chunk.arrays()[1]), 0)

    @property
    def words(self) -> int:  # type: ignore[override]
        """Items, and twice as many of those that meet a goal."""
        return self.chunk.words + 2 * self._pairs

    @property
    def sentences(self) -> int:  # type: ignore[override]
        """Baskets, and the pairs of items and goals."""
        return self.chunk.sentences + self._pairs

    def renumber(self, numbers: NDArray[np.int32]) -> None:
        """As of `Chunk`."""
        self.chunk.renumber(numbers)
        if self.goals is not None:
            self.goals = self.goals.copy()
            renumber(self.goals, numbers)
            self._pairs = int(self.pairs().sum())

    def arrays(self) -> tuple[Ids, Starts]:
        """`ids` and `starts` of an epoch."""
        ids, starts = self.chunk.arrays()
        return arrange(starts, ids, self.shuffle, self.key, self.weights, self.goals)


class BasketCorpus(EncodedCorpus):
    """Baskets, each epoch of which is drawn anew."""

    chunks: list[BasketChunk]  # type: ignore[assignment]

    def of_epoch(self, seed: Sequence[int], number: int) -> EncodedCorpus:
        """As of `EncodedCorpus`; random numbers depend on the place of an item alone, not on how chunks were cut."""
        key, place = int(np.random.SeedSequence([*seed, number]).generate_state(1, np.uint64)[0]), 0
        drawn: list[Chunk] = []
        for chunk in self.chunks:
            own = (key + place * GOLDEN) % 2**64
            drawn.append(BasketChunk(chunk.chunk, chunk.weights, chunk.goals, chunk.shuffle, own))
            place += chunk.chunk.words
        return EncodedCorpus(drawn)

    def weights_of_all(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of weights of baskets those of all sentences: a pair of an item and a goal weighs what its basket does.

        Raises
        ------
        ValueError
            If there are not as many as baskets, nor as sentences: those are spread already.
        """
        if len(weights) == self.sentences:
            return weights
        baskets = [chunk.chunk.sentences for chunk in self.chunks]
        if len(weights) != sum(baskets):
            raise ValueError(f"there are {len(weights)} sentence_weights, and {sum(baskets)} baskets")
        spread: list[NDArray[np.float32]] = []
        for chunk, own in zip(self.chunks, np.split(weights, np.cumsum(baskets)[:-1]), strict=True):
            spread += [own, np.repeat(own, chunk.pairs())] if chunk.goals is not None else [own]
        return np.concatenate(spread)


class Arranged:
    """A source whose sentences are baskets.

    Parameters
    ----------
    source : Source
    sets : bool
        They have each item once, in no order.
    """

    def __init__(self, source: Source, sets: bool):
        self.source, self.sets = source, sets

    def count_and_encode(self, limits: Limits) -> Counted:
        """As of `Source`."""
        counted = self.source.count_and_encode(limits)
        if any(chunk.sentences and isinstance(chunk, BasketChunk) for chunk in counted.corpus.chunks):
            raise TypeError("these baskets are arranged already")
        chunks, counts = [], np.zeros(len(counted.words), np.int64)
        file = None
        for chunk in counted.corpus.chunks:
            weights, goals = getattr(chunk, "weights", None), getattr(chunk, "goals", None)
            if self.sets:
                ids, starts = chunk.arrays()
                starts, ids, weights = distinct(starts, ids, weights)
                counts += np.bincount(ids[ids >= 0], minlength=len(counts))
                if not chunk.resident:
                    file = file or SpillFile()
                chunk = Chunk(ids, starts) if chunk.resident else SpilledChunk(ids, starts, file)  # type: ignore[arg-type]
            chunks.append(BasketChunk(chunk, weights, goals, shuffle=self.sets))
        counts = np.where(counted.counts > 0, counts, 0) if self.sets else counted.counts
        return Counted(counted.words, counts, BasketCorpus(list(chunks)))

    def encode(self, index: Mapping[Word, int], limits: Limits) -> EncodedCorpus:
        """As of `Source`."""
        counted = self.count_and_encode(Limits(limits.readers, limits.memory))
        counted.corpus.renumber(np.array([index.get(word, -1) for word in counted.words], np.int32))
        return counted.corpus


class Events(Chunk):
    """A chunk whose items have weights and goals."""

    weights: NDArray[np.float32] | None = None
    goals: Ids | None = None


class Baskets:
    """Baskets or sessions of items, for `Item2Vec`; read once, and kept as 4 bytes an item.

    Parameters
    ----------
    baskets : iterable of iterables of str or int
    weights : sequence, optional
        What each basket weighs, or a list for each, of what its items weigh; say, less for what is long ago. An item
        is trained, in each epoch, with a probability of its weight divided by the largest; twice in a set, it has the
        larger one.
    goals : sequence of str, int or None, optional
        An item of each basket, as that which was bought at the end of a session, that all its items meet however far
        they are away (the global context of Grbovic and Cheng 2018); None for none.

    Raises
    ------
    TypeError
        If an item is neither a str nor an int, or a basket is not iterable.
    ValueError
        If weights or goals are not as many as baskets, weights are negative or not finite or all 0, or a goal is in no
        basket.

    Examples
    --------
    >>> from fastemb.corpus.baskets import Baskets
    >>> Baskets.from_columns([7, 7, 8, 7], ["milk", "bread", "milk", "tea"], [1, 2, 2, 90], gap=30).lists()
    [['milk', 'bread'], ['tea'], ['milk']]
    """

    def __init__(self, baskets: Iterable[Iterable[object]], weights: Any = None, goals: Any = None):
        refuse_events(baskets)
        counted = Sentences(baskets).count_and_encode(Limits())
        self.items: list[Any] = counted.words
        loaded = [chunk.arrays() for chunk in counted.corpus.chunks]
        self.ids = np.concatenate([np.empty(0, np.int32), *(ids for ids, _ in loaded)])
        lengths = [np.diff(starts) for _, starts in loaded]
        self.starts = np.concatenate([[0], *lengths]).astype(np.int64).cumsum()
        self.weights = None if weights is None else probabilities(self._flat(weights))
        self.goals: Ids | None = None
        if goals is not None:
            index = {item: k for k, item in enumerate(self.items)} | {None: -1}
            goals = list(goals)
            if absent := [goal for goal in goals if goal not in index]:
                raise ValueError(f"the goal {absent[0]!r} is in no basket")
            self.goals = np.array([index[goal] for goal in goals], np.int32)
            self._check("goals", len(goals))

    @classmethod
    def from_columns(
        cls,
        users: Any,
        items: Any,
        times: Any = None,
        *,
        weights: Any = None,
        goals: Any = None,
        gap: float | timedelta | None = None,
        half_life: float | timedelta | None = None,
    ) -> Baskets:
        """Baskets from columns of events: lists, or those of NumPy, pandas, polars or Arrow.

        Parameters
        ----------
        users : column of str or int
            Whose event it is: of a person, a session, a receipt. Each is a basket.
        items : column of str or int
        times : column of numbers or of dates and times, optional
            Orders the items of each user; equal times, and all without times, are left in the order of the rows. In
            lists dates may also be texts by ISO 8601; all or none have a time zone.
        weights : column of numbers, optional
            What each event weighs, as 1 for a view and 5 for a purchase; see `Baskets`.
        goals : column of bool, optional
            Which events are goals, as purchases; the last one of a basket is what its items meet.
        gap : float or timedelta, optional
            Begin a new session where an event is more than so much later than the one before: seconds where times are
            dates, as of a timedelta, else the unit of the numbers.
        half_life : float or timedelta, optional
            Halve the weight of an event for each time of this length by which it is before the last of all.

        Raises
        ------
        TypeError
            If a column is of another type.
        ValueError
            If columns differ in length, a value is missing (the row is named), or a number is out of range; or there is
            a `gap` or a `half_life` without times.
        """
        owners, _ = codes_of("users", users)
        ids, names = codes_of("items", items)
        when = None if times is None else seconds_of("times", times)
        heavy = None if weights is None else numbers_of("weights", weights)
        flags = None if goals is None else flags_of("goals", goals)
        for name, column in (("items", ids), ("times", when), ("weights", heavy), ("goals", flags)):
            if column is not None and len(column) != len(owners):
                raise ValueError(f"there are {len(owners)} users and {len(column)} {name}")
        if when is None and (gap is not None or half_life is not None):
            raise ValueError("gap and half_life need times")
        order = np.lexsort((owners,) if when is None else (when, owners))
        owners, ids = owners[order], ids[order]
        begins = np.append(True, owners[1:] != owners[:-1])[: len(owners)]
        if when is not None and gap is not None:
            begins[1:] |= np.diff(when[order]) > positive("gap", in_seconds(gap))
        if when is not None and half_life is not None and len(when):
            aged = 0.5 ** ((when.max() - when) / positive("half_life", in_seconds(half_life)))
            heavy = aged if heavy is None else heavy * aged
        made = cls([])
        made.items, made.ids = names, ids.astype(np.int32)
        made.starts = np.append(np.flatnonzero(begins), len(ids)).astype(np.int64)
        made.weights = None if heavy is None else probabilities(heavy[order])
        if flags is not None:
            made.goals = last_goals(made.ids, np.cumsum(begins) - 1, flags[order])
        return made

    def _flat(self, weights: Any) -> NDArray[np.float64]:
        """A weight for each item."""
        weights = list(weights)
        self._check("weights", len(weights))
        lengths = np.diff(self.starts)
        if not any(isinstance(each, Iterable) for each in weights):
            return np.repeat(np.array([number("weights", each) for each in weights], np.float64), lengths)
        found = [np.asarray(each, np.float64) for each in weights]
        for place, (each, length) in enumerate(zip(found, lengths.tolist(), strict=True)):
            if each.shape != (length,):
                raise ValueError(f"basket {place} has {length} items, and weights of shape {each.shape}")
        return np.concatenate([np.empty(0), *found])

    def _check(self, name: str, found: int) -> None:
        if found != len(self):
            raise ValueError(f"there are {len(self)} baskets and {found} {name}")

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __repr__(self) -> str:
        return f"Baskets<{len(self)} baskets, {len(self.ids)} events, {len(self.items)} items>"

    def lists(self) -> list[list[Any]]:
        """The baskets as lists of their items."""
        names = [self.items[k] for k in self.ids.tolist()]
        starts = self.starts.tolist()
        return [names[begin:end] for begin, end in pairwise(starts)]

    def count_and_encode(self, limits: Limits) -> Counted:
        """As of `Source`."""
        chunk = Events(self.ids.copy(), self.starts)
        chunk.weights, chunk.goals = self.weights, self.goals
        counts = np.bincount(self.ids, minlength=len(self.items)).astype(np.int64)
        return Counted(list(self.items), counts, EncodedCorpus([chunk]))

    def encode(self, index: Mapping[Word, int], limits: Limits) -> EncodedCorpus:
        """As of `Source`."""
        counted = self.count_and_encode(limits)
        counted.corpus.renumber(np.array([index.get(word, -1) for word in counted.words], np.int32))
        return counted.corpus


def probabilities(weights: NDArray[np.float64]) -> NDArray[np.float32]:
    """Weights divided by the largest."""
    if not np.isfinite(weights).all() or (weights < 0).any():
        place = int((~(weights >= 0) | ~np.isfinite(weights)).argmax())
        raise ValueError(f"weights must be finite and not negative, not {weights[place]}")
    largest = weights.max(initial=0)
    if len(weights) and not largest > 0:
        raise ValueError("all weights are 0")
    return (weights / (largest or 1)).astype(np.float32)


def last_goals(ids: Ids, baskets: NDArray[np.int64], flags: NDArray[np.bool_]) -> Ids:
    """Of each basket the last item that is a goal; -1 for none."""
    found = np.full(int(baskets[-1]) + 1 if len(baskets) else 0, -1, np.int32)
    places = np.flatnonzero(flags)[::-1]
    of, first = np.unique(baskets[places], return_index=True)
    found[of] = ids[places[first]]
    return found
