"""Words and contexts that users pair themselves (Levy and Goldberg 2014, "word2vecf")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from fastemb.corpus.encode import Counted, Limits
from fastemb.corpus.source import Sentences


class Pairs(Sentences):
    """Pairs of a word and a context, in place of sentences: `Word2Vec(pairs=...)` is trained on them.

    Each is a sentence of two words, of which the second is predicted from the first; a model must have
    ``context="before"``, as ``pairs=`` sets it.

    Parameters
    ----------
    pairs : iterable of (word, context)
        Both str or int. A context may be whatever tells something of a word: another word, a syntactic relation with
        one, the place where it was seen.

    Attributes
    ----------
    contexts : Counter
        How often each context was met when the pairs were counted last.

    Raises
    ------
    TypeError, ValueError
        While they are read: if one is no pair; it is named by its number, from 0.
    """

    def __init__(self, pairs: Iterable[Any]):
        if isinstance(pairs, (str, bytes)) or not hasattr(pairs, "__iter__"):
            raise TypeError(f"pairs must be an iterable of (word, context), not {type(pairs).__name__}")
        super().__init__(pairs)
        self.contexts: Counter[Any] = Counter()
        self.counts = False

    def __iter__(self) -> Iterator[Any]:
        for number, pair in enumerate(self.sentences):
            if isinstance(pair, (str, bytes)) or not hasattr(pair, "__iter__"):
                raise TypeError(f"pair {number} is {pair!r:.60}, not (word, context)")
            both = tuple(pair)
            if len(both) != 2:
                raise ValueError(f"pair {number} has {len(both)} parts, and not a word and a context: {both!r:.60}")
            if self.counts:
                self.contexts[both[1]] += 1
            yield both

    def count_and_encode(self, limits: Limits) -> Counted:
        """As of `Source`."""
        self.contexts.clear()
        self.counts = True
        try:
            counted = super().count_and_encode(limits)
            counted.contexts = self.contexts
            return counted
        finally:
            self.counts = False
