"""Sentences whose phrases are joined: what all kinds of phrases share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fastemb.corpus.joining import Joins
from fastemb.corpus.tables import refuse_table
from fastemb.models._lifecycle import Lifecycle
from fastemb.models._phrase_files import Saving
from fastemb.models._transformed import Transformed, is_single


class _PhrasesTransformation(Saving, Lifecycle):
    """What `Phrases` and `FrozenPhrases` share; a subclass may say in `score_candidate` what a phrase is.

    Parameters
    ----------
    connector_words : iterable of str
    """

    connector_words: frozenset[str]

    def __init__(self, connector_words: Iterable[str]):
        self.connector_words = frozenset(connector_words)

    def score_candidate(self, word_a: str, word_b: str, in_between: list[str]) -> tuple[str, float] | tuple[None, None]:
        """The phrase of a first word, connector words and a last word, and its score; None and None if it is none."""
        raise NotImplementedError

    def _joins(self) -> Joins:
        """The phrases, for kernels."""
        raise NotImplementedError

    def _natively(self) -> bool:
        """Whether a phrase is what this module says, and not a subclass."""
        cls, own = type(self), _PhrasesTransformation
        return (
            cls.analyze_sentence is own.analyze_sentence
            and getattr(cls.score_candidate, "__module__", "") == "fastemb.models.phrases"
        )

    def analyze_sentence(self, sentence: Iterable[str]) -> Iterator[tuple[str, float | None]]:
        """The words and phrases of a sentence, in order, with the scores of phrases.

        Parameters
        ----------
        sentence : iterable of str

        Yields
        ------
        tuple of str and float
            A phrase and its score, or a word and None.
        """
        start: str | None = None
        between: list[str] = []
        for word in sentence:
            if word in self.connector_words:
                if start is None:
                    yield word, None
                else:
                    between.append(word)
                continue
            if start is not None:
                phrase, score = self.score_candidate(start, word, between)
                if phrase is not None:
                    yield phrase, score
                    start, between = None, []
                    continue
                yield from ((each, None) for each in (start, *between))
            start, between = word, []
        if start is not None:
            yield from ((each, None) for each in (start, *between))

    def __getitem__(self, sentence: Iterable[Any]) -> Any:
        """A sentence with its phrases joined, or a stream of such sentences for a corpus.

        Parameters
        ----------
        sentence : iterable of str, or iterable of these

        Returns
        -------
        list of str, or iterable of these
            Of a corpus, sentences are read as they are asked for, and again whenever one iterates. Given to a model, or
            to another `Phrases`, files among them are read natively.
        """
        refuse_table(sentence, "a sentence must be a list")
        single, sentence = is_single(sentence)
        if not single:
            return Transformed(self, sentence)
        if self._natively():
            return self._joins().of_lists.join(sentence if type(sentence) is list else list(sentence))
        return [token for token, _ in self.analyze_sentence(sentence)]

    def find_phrases(self, sentences: Iterable[Iterable[str]]) -> dict[str, float]:
        """The phrases that a corpus has, and their scores.

        Parameters
        ----------
        sentences : iterable of iterables of str

        Returns
        -------
        dict of str to float
            In order of first appearance.
        """
        refuse_table(sentences, "sentences must be lists")
        found: dict[str, float] = {}
        joins = self._joins() if self._natively() else None
        for sentence in sentences:
            if joins is None:
                found.update((token, score) for token, score in self.analyze_sentence(sentence) if score is not None)
            else:
                for place in joins.of_lists.places(list(sentence)):
                    if place < 0:
                        found[joins.texts[~place]] = joins.scores[~place]
        return found
