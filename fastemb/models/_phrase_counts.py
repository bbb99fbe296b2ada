"""Counts of words and phrases as a mapping, and which phrases their scores make."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from math import ceil, floor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import LARGEST
from fastemb.corpus.collocations import Collocations, Merged, Pairs, Split, join
from fastemb.models._scorers import Scorer, npmi_scorer, original_scorer


class Vocabulary(Mapping[str, int]):
    """Counts of words and phrases by their texts, looked up one at a time; to iterate takes a str for each.

    Parameters
    ----------
    counts : Collocations
    delimiter : str
    size : int
    """

    def __init__(self, counts: Collocations, delimiter: str, size: int):
        self._counts, self._delimiter, self._size = counts, delimiter, size
        self._all: dict[str, int] | None = None  # once it was iterated over

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, text: str) -> int:
        if self._all is not None:
            return self._all[text]
        if isinstance(text, str) and (count := self._counts.count_of(text, self._delimiter)):
            return count
        raise KeyError(text)

    def __iter__(self) -> Iterator[str]:
        return iter(self._dict())

    def items(self) -> Any:
        """All texts and counts."""
        return self._dict().items()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._dict()!r})"

    def _dict(self) -> dict[str, int]:
        if self._all is None:
            self._all = self._texts()
        return self._all

    def _texts(self) -> dict[str, int]:
        counts = self._counts
        found = {word: n for word, n in zip(counts.words, counts.counts.tolist(), strict=True) if n}
        for *key, count in zip(*(array.tolist() for array in counts.items()), strict=True):
            text = join(counts.split_of(*key), self._delimiter)
            found[text] = found.get(text, 0) + count
        return found


class Phrasegrams(dict[str, float]):
    """Scores of phrases by their texts, which counts how often it was changed."""

    changes = 0


def counted(name: str) -> Callable[..., Any]:
    """The method of that name, which counts."""
    method: Callable[..., Any] = getattr(dict, name)

    @wraps(method)
    def change(self: Phrasegrams, *args: Any, **kwargs: Any) -> Any:
        self.changes += 1
        return method(self, *args, **kwargs)

    return change


for name in ("__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem", "setdefault", "update"):
    setattr(Phrasegrams, name, counted(name))


class Scoring(NamedTuple):
    """How phrases are scored.

    Attributes
    ----------
    scorer : callable
    threshold, min_count : float
    delimiter : str
    words : int
        Of the corpus.
    """

    scorer: Scorer
    threshold: float
    min_count: float
    delimiter: str
    words: int

    @property
    def least(self) -> int:
        """The least count that a phrase can have."""
        if self.scorer is original_scorer and self.threshold >= 0:
            return min(max(1, floor(self.min_count) + 1), LARGEST)
        return min(max(1, ceil(self.min_count)), LARGEST) if self.scorer is npmi_scorer else 1

    def scores(
        self, firsts: NDArray[np.int64], lasts: NDArray[np.int64], both: NDArray[np.int64], texts: int
    ) -> NDArray[np.float64]:
        """The scores of phrases, by the counts of the first word, the last, and both; `texts` are in the vocabulary."""
        if self.scorer is original_scorer:  # the same operations, and so the same bits
            return (both - float(self.min_count)) / (firsts.astype(np.float64) * lasts) * float(texts)
        given = {"len_vocab": texts, "min_count": self.min_count, "corpus_word_count": self.words}
        counts = zip(firsts.tolist(), lasts.tolist(), both.tolist(), strict=True)
        scores = [self.scorer(worda_count=a, wordb_count=b, bigram_count=ab, **given) for a, b, ab in counts]
        return np.array(scores, np.float64)

    def score(self, first: int, last: int, both: int, texts: int) -> float:
        """As `scores`, of one."""
        a, b, ab = (np.array([count], np.int64) for count in (first, last, both))
        return float(self.scores(a, b, ab, texts)[0])


def candidates(counts: Collocations, merged: Merged, least: int) -> Pairs:
    """Pairs that may be phrases: those of words that were counted, with the counts of their texts."""
    pairs = counts.items(least)
    if merged.pairs:
        keys = zip(pairs.firsts.tolist(), pairs.middles.tolist(), pairs.lasts.tolist(), strict=True)
        others = np.fromiter((key not in merged.pairs for key in keys), bool, len(pairs.firsts))
        more = np.array([(*key, count) for key, count in merged.pairs.items() if count >= least], np.int64)
        a, middle, b, both = more.reshape(-1, 4).T
        mine = pairs.at(others)
        pairs = Pairs(
            np.append(mine.firsts, a.astype(np.int32)),
            np.append(mine.middles, middle.astype(np.int32)),
            np.append(mine.lasts, b.astype(np.int32)),
            np.append(mine.counts, both),
        )
    wanted = (merged.counts[pairs.firsts] > 0) & (merged.counts[pairs.lasts] > 0)
    order = np.lexsort((pairs.lasts, pairs.middles, pairs.firsts))
    order = order[wanted[order]]
    return pairs.at(order)


def phrases_of(counts: Collocations, merged: Merged, scoring: Scoring) -> tuple[list[Split], list[float]]:
    """The phrases, each as its words, and their scores."""
    pairs = candidates(counts, merged, scoring.least)
    scores = scoring.scores(merged.counts[pairs.firsts], merged.counts[pairs.lasts], pairs.counts, merged.texts)
    found = np.flatnonzero(scores > scoring.threshold)
    keys = zip(*(array[found].tolist() for array in pairs[:3]), strict=True)
    return [counts.split_of(*key) for key in keys], scores[found].tolist()


def texts_of_phrases(counts: Collocations, merged: Merged, scoring: Scoring) -> dict[str, float]:
    """Texts of phrases and their scores, as gensim exports them: by the words before the first delimiter and after the
    last.

    For the phrase of "new_york" and "city" these are "new" and "city".
    """
    found: dict[str, float] = {}
    for split, score in zip(*phrases_of(counts, merged, scoring), strict=True):
        found.setdefault(join(split, scoring.delimiter), score)
    index = counts.index
    of_words = merged.counts.tolist()
    for text, count in merged.totals.items():
        found.pop(text, None)
        parts = text.split(scoring.delimiter)
        first, last = (of_words[index[part]] if part in index else 0 for part in (parts[0], parts[-1]))
        if count >= scoring.least and len(parts) > 1 and first and last:
            score = scoring.score(first, last, count, merged.texts)
            if score > scoring.threshold:
                found[text] = score
    return found
