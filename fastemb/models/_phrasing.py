"""Phrases that models learn and join while they encode."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import whole
from fastemb.corpus import Counted, Limits, Pairs, Source
from fastemb.corpus.joining import Joined, Joins, Pass
from fastemb.formats.native import pack_keys, unpack_keys
from fastemb.io.limits import parse_json
from fastemb.kernels.ragged import check, starts_of
from fastemb.models._phrase_files import as_json, checked, found_scorer
from fastemb.models.parameters import Path, Sentences, as_source
from fastemb.models.phrases import FrozenPhrases, Phrases

logger = logging.getLogger(__name__)

LEARNING = ("min_count", "threshold", "max_vocab_size", "delimiter", "scoring", "connector_words")


class JoinedPhrases(FrozenPhrases):
    """Phrases as a model joins them: by their words, and not by their texts alone.

    Parameters
    ----------
    joins : Joins
    delimiter : str
    phrases : Phrases or FrozenPhrases, optional
        Where they are from.
    """

    def __init__(self, joins: Joins, delimiter: str, phrases: Any = None):
        source = Phrases(delimiter=delimiter, connector_words=joins.connectors) if phrases is None else phrases
        self._given = joins
        self.connector_words, self.delimiter = joins.connectors, delimiter
        self.min_count, self.threshold, self.scoring = source.min_count, source.threshold, source.scoring
        self.phrasegrams = dict(zip(joins.texts, joins.scores, strict=True))

    def _joins(self) -> Joins:
        return self._given


class Phrased(Joined):
    """A source whose phrases are joined, over which one can iterate as over the given one."""

    def __init__(self, source: Source, passes: Sequence[Pass], known: list[Any]):
        super().__init__(source, passes)
        self.known = known

    def __iter__(self) -> Iterator[list[str]]:
        for sentence in self.source:  # type: ignore[attr-defined]
            words = list(sentence)
            for phrases in self.known:
                words = phrases[words] if words else words
            yield words


class Phrasing:
    """The part of models that joins phrases; see `phrases` of Word2Vec."""

    PARAMETERS: ClassVar[tuple[str, ...]]
    phrases: int
    phrasers: list[Any]
    unicode_errors: str
    _to_learn: list[Phrases]

    def _take_phrases(self, given: Any) -> None:
        """What was given as `phrases`."""
        several: Any = [given] if isinstance(given, (Phrases, FrozenPhrases)) else given
        if isinstance(several, Iterable) and not isinstance(several, (str, Mapping)):
            several = list(several)
            if not all(isinstance(each, (Phrases, FrozenPhrases)) for each in several):
                raise TypeError("phrases must be a number, or one or several Phrases or FrozenPhrases")
            learnt = [isinstance(each, FrozenPhrases) or len(each.vocab) > 0 for each in several]
            if sorted(learnt, reverse=True) != learnt:
                raise ValueError("phrases: what is still to be learnt must follow after what is")
            self.phrases = len(several)
            self.phrasers = [of_model(each) for each in several[: sum(learnt)]]
            self._to_learn = several[sum(learnt) :]
        else:
            self.phrases, self.phrasers = whole("phrases", given, 0), []
            self._to_learn = [Phrases() for _ in range(self.phrases)]

    def _take_phrases_of(self, other: Phrasing) -> None:
        """Join words as another model does, whose vocabulary has these phrases."""
        if other.phrases and "phrases" not in self.PARAMETERS:
            raise ValueError(f"{type(self).__name__} joins no phrases, and the vocabulary of the other model has some")
        self.phrases, self.phrasers, self._to_learn = other.phrases, other.phrasers[:], other._to_learn[:]

    def _source(self, corpus_iterable: Sentences | None, corpus_file: Path | None, passes: int = 1) -> Source:
        source = as_source(corpus_iterable, corpus_file, passes, self.unicode_errors)
        context = getattr(self, "context", "before")
        if isinstance(source, Pairs) and context != "before":
            raise ValueError(
                f"context={context!r}, with which contexts would be trained as words are: make the model with "
                "context='before', or with pairs="
            )
        if not self.phrases:
            return source
        if isinstance(source, Pairs):
            raise ValueError("phrases are of sentences, and pairs are none: a word and its context would be joined")
        every = [partial(self._joins_of, number) for number in range(self.phrases)]
        return Phrased(source, every, self.phrasers) if isinstance(source, Iterable) else Joined(source, every)

    def _joins_of(self, number: int, counted: Counted, limits: Limits) -> Joins:
        """The phrases of a pass, which are learnt now if they were not yet."""
        if number == len(self.phrasers):
            given = self._to_learn[number - self.phrases]  # the last of them are those to be learnt
            learning = Phrases(
                min_count=given.min_count, max_vocab_size=given.max_vocab_size, delimiter=given.delimiter,
                connector_words=given.connector_words, workers=limits.readers,
            )  # fmt: skip
            learning.threshold, learning.scoring = given.threshold, given.scoring
            learning._learn(counted)
            self.phrasers.append(of_model(learning))
        joins: Joins = self.phrasers[number]._joins()
        return joins

    def _forget_phrases(self) -> None:
        """Learn anew what was learnt."""
        del self.phrasers[self.phrases - len(self._to_learn) :]

    def _phrases_to_arrays(self) -> dict[str, NDArray[Any]]:
        arrays: dict[str, NDArray[Any]] = {}
        for number, phrases in enumerate(self.phrasers):
            joins = phrases._joins()
            lines = [[first, *between, last] for first, between, last in joins.splits]
            index = dict.fromkeys((*joins.connectors, *(word for line in lines for word in line)), 0)
            index = {word: k for k, word in enumerate(index)}
            own: dict[str, NDArray[Any]] = {
                "words": np.array([index[word] for line in lines for word in line], np.int32),
                "starts": starts_of([len(line) for line in lines]),
                "scores": np.array(joins.scores, np.float64),
                "connectors": np.array(sorted(index[word] for word in joins.connectors), np.int32),
                "delimiter": np.frombuffer(phrases.delimiter.encode("utf-8", "surrogatepass"), np.uint8),
            }
            arrays |= {f"phrases.{number}.{name}": array for name, array in (own | pack_keys(list(index))).items()}
        for number, learning in enumerate(self._to_learn, self.phrases - len(self._to_learn)):
            parameters = as_json({name: getattr(learning, name) for name in LEARNING})
            arrays[f"phrases.{number}.learning"] = np.frombuffer(parameters.encode(), np.uint8)
        return arrays

    def _set_phrases(self, arrays: Mapping[str, NDArray[Any]], name: str) -> None:
        """The opposite of `_phrases_to_arrays`."""
        self.phrasers = []
        learning: list[Phrases] = []
        for number in range(self.phrases):
            prefix = f"phrases.{number}."
            own = {key.removeprefix(prefix): array for key, array in arrays.items() if key.startswith(prefix)}
            given = own.pop("learning", None)
            made = None if given is None else learning_from(given, name, bool(own))
            learning = [] if made is None else [*learning, made]
            if own:
                self.phrasers.append(from_arrays(own, name, made))
        self._to_learn = learning or self._to_learn[len(self.phrasers) :]


def of_model(phrases: Any) -> JoinedPhrases:
    if not phrases._natively():
        raise TypeError(f"phrases: {type(phrases).__name__} says itself what a phrase is: train on phrases[sentences]")
    return JoinedPhrases(phrases._joins(), phrases.delimiter, phrases)


def learning_from(given: NDArray[Any], name: str, learnt: bool) -> Phrases | None:
    """What the phrases of a pass are learnt by; None if they were, and the scorer is not there to learn others."""
    try:
        parameters = parse_json(given.tobytes().decode())
        scorer = str(parameters["scoring"])
        try:
            parameters["scoring"] = found_scorer(scorer)
        except ValueError:
            if not learnt:
                raise
            logger.warning("%s: its phrases stay as they were learnt: the scorer %r is not there", name, scorer)
            return None
        return Phrases(**checked(parameters))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{name}: its phrases are damaged ({error!r})") from None


def from_arrays(arrays: Mapping[str, NDArray[Any]], name: str, learning: Phrases | None = None) -> JoinedPhrases:
    """The phrases of one pass, and what they were learnt by if that is known."""
    words = unpack_keys(arrays, name)
    try:
        ids, starts, scores = arrays["words"], arrays["starts"], arrays["scores"].tolist()
        check(starts, ids, 0, len(words), "phrases")
        connectors = frozenset(str(words[k]) for k in arrays["connectors"].tolist())
        delimiter = arrays["delimiter"].tobytes().decode("utf-8", "surrogatepass")
        if len(scores) != len(starts) - 1 or (len(scores) and np.diff(starts).min() < 2):
            raise ValueError("as many scores as phrases of two words or more")
        lines = [[str(words[k]) for k in ids[a:b].tolist()] for a, b in pairwise(starts.tolist())]
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise ValueError(f"{name}: its phrases are damaged ({error!r})") from None
    splits = [(line[0], tuple(line[1:-1]), line[-1]) for line in lines]
    return JoinedPhrases(Joins(splits, scores, delimiter, connectors), delimiter, learning)
