"""Corpora whose sentences are changed as they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from fastemb.corpus import Counted, EncodedCorpus, Limits, Source, source_of
from fastemb.corpus.encode import Word
from fastemb.corpus.joining import Joined
from fastemb.corpus.source import Sentences


def is_single(given: Iterable[Any]) -> tuple[bool, Any]:
    """Whether this is one sentence and not a corpus, by its first element; and the same with that element."""
    iterator = iter(given)
    nothing = object()
    first = next(iterator, nothing)
    if first is nothing:
        return True, given
    whole = chain([first], iterator)
    if isinstance(first, str):
        return True, given if iterator is not given else whole
    return False, whole if iterator is given else given


class Transformed:
    """The sentences of a corpus with their phrases joined; a source of words for models, too.

    Parameters
    ----------
    phrases : Phrases or FrozenPhrases
    corpus : iterable of iterables of str
        Read anew whenever this is iterated over.
    """

    def __init__(self, phrases: Any, corpus: Iterable[Any]):
        self.obj, self.corpus = phrases, corpus

    def __len__(self) -> int:
        return len(self.corpus)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[list[str]]:
        if not self.obj._natively():
            for sentence in self.corpus:
                yield self.obj[sentence]
            return
        join = self.obj._joins().of_lists.join
        for sentence in self.corpus:
            yield join(sentence if type(sentence) is list else list(sentence))

    def __getitem__(self, place: Any) -> Any:
        return self.obj[self.corpus[place]]  # type: ignore[index]

    def count_and_encode(self, limits: Limits) -> Counted:
        """As of `fastemb.corpus.Source`."""
        return self._source().count_and_encode(limits)

    def encode(self, index: Mapping[Word, int], limits: Limits) -> EncodedCorpus:
        """As of `fastemb.corpus.Source`."""
        return self._source().encode(index, limits)

    def _source(self) -> Source:
        if not self.obj._natively():
            return Sentences(self)
        return Joined(source_of(self.corpus), [lambda counted, limits: self.obj._joins()])
