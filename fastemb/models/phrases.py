"""Phrases: words that stand together more often than chance has it, joined to one (Mikolov et al. 2013).

Behind the names of gensim 4's `gensim.models.phrases`. Pairs are counted and joined natively, over numbers of words.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._absent import refusing
from fastemb._numbers import positive, whole
from fastemb.corpus import Counted, Limits
from fastemb.corpus.collocations import Collocations, Merged, splits
from fastemb.corpus.joining import Joins
from fastemb.corpus.source import most_words
from fastemb.formats.native import pack_keys, unpack_keys
from fastemb.models._phrase_counts import Phrasegrams, Scoring, Vocabulary, phrases_of, texts_of_phrases
from fastemb.models._phrase_files import counts_from_arrays, counts_to_arrays
from fastemb.models._phrase_sentences import _PhrasesTransformation
from fastemb.models._scorers import Scorer, checked_scorer, npmi_scorer, original_scorer
from fastemb.models.parameters import Path, Sentences, as_source, error_handler, threads

__all__ = [
    "ENGLISH_CONNECTOR_WORDS",
    "FrozenPhrases",
    "Phraser",
    "Phrases",
    "npmi_scorer",
    "original_scorer",
]

__getattr__ = refusing("gensim.models.phrases")

logger = logging.getLogger(__name__)

PARAMETERS_OF_FROZEN = ("min_count", "threshold", "delimiter", "scoring", "connector_words")
PARAMETERS = (*PARAMETERS_OF_FROZEN, "max_vocab_size", "progress_per", "min_reduce", "corpus_word_count")
ENGLISH_CONNECTOR_WORDS = frozenset(
    ("a", "an", "the", "for", "of", "with", "without", "at", "from", "to", "in", "on", "by", "and", "or")
)


class Phrases(_PhrasesTransformation):
    """Learn phrases from counts of words and of pairs, and join them.

    Parameters
    ----------
    sentences : iterable of iterables of str, optional
        Sentences; text files, given as `LineSentence`, are read natively. Without them add some by `add_vocab`.
    min_count : float, default 5
        Pairs that were counted so often or less are no phrases (with 'npmi': less often).
    threshold : float, default 10
        A pair whose score is above it is a phrase.
    max_vocab_size : int, default 40,000,000
        When there are more different words and pairs than this, those seen only once are forgotten, then those seen at
        most twice, and so on, until no more than this are left. Words are counted over the whole corpus first, and
        pairs are looked at after each 2 million words, not after each sentence as in gensim: fewer are forgotten.
    delimiter : str, default '_'
        Stands between the words of a phrase.
    progress_per : int
        Accepted for gensim's sake, without effect.
    scoring : {'default', 'npmi'} or callable
        `original_scorer`, `npmi_scorer`, or a function with parameters of their names, all of which it is given. It
        must be picklable, is called once for each pair of words, and must return the same for the same counts.
    connector_words : iterable of str, optional
        Words that may stand in the middle of a phrase, of which the outer words alone are scored:
        `ENGLISH_CONNECTOR_WORDS`, say.
    corpus_file : str or os.PathLike, optional
        A text file, or a folder of them, in the place of sentences; as of `Word2Vec`.
    workers : int, optional
        Threads; by default one for each core. The result does not depend on it.
    memory_budget : int, default 2**30
        Bytes that the encoded sentences may take, as of `Word2Vec`. Each different pair takes 11 to 22 bytes beside;
        with `connector_words`, 22 to 43.
    unicode_errors : {'strict', 'ignore', 'replace'}
        As of `Word2Vec`.

    Attributes
    ----------
    vocab : mapping of str to int
        Counts of all words and phrases, by their texts; what is changed is another mapping that is set.
    corpus_word_count : int
        All words of the corpus.
    min_reduce : int
        What was counted less often was forgotten.

    Raises
    ------
    ValueError
        If `min_count` is not positive, or `threshold` is out of the range of the scorer, or a scorer lacks a parameter.
    TypeError
        If a word is no str.
    OverflowError
        If a pair occurs more than 4,294,967,295 times.

    Examples
    --------
    >>> from fastemb.models.phrases import Phrases
    >>> phrases = Phrases([["new", "york"], ["in", "new", "york"], ["new", "cars"]], min_count=1, threshold=0.5)
    >>> phrases[["to", "new", "york"]]
    ['to', 'new_york']
    """

    def __init__(
        self,
        sentences: Sentences | None = None,
        min_count: float = 5,
        threshold: float = 10.0,
        max_vocab_size: int = 40000000,
        delimiter: str = "_",
        progress_per: int = 10000,
        scoring: str | Scorer = "default",
        connector_words: Iterable[str] = frozenset(),
        *,
        corpus_file: Path | None = None,
        workers: int | None = None,
        memory_budget: int = 2**30,
        unicode_errors: str = "strict",
    ):
        super().__init__(connector_words)
        positive("min_count", min_count)
        if not isinstance(delimiter, str) or not delimiter:
            raise ValueError(f"delimiter must be a str that is not empty, not {delimiter!r}")
        self.scoring = checked_scorer(scoring, threshold)
        self.min_count, self.threshold = min_count, threshold
        self.max_vocab_size = whole("max_vocab_size", max_vocab_size, 1)
        self.delimiter, self.progress_per = delimiter, progress_per
        self.workers, self.memory_budget = threads("workers", workers), whole("memory_budget", memory_budget, 0)
        self.unicode_errors = error_handler("unicode_errors", unicode_errors)
        self.min_reduce, self.corpus_word_count = 1, 0
        self._set_counts(Collocations([], [], self.connector_words))
        if sentences is not None or corpus_file is not None:
            self.add_vocab(sentences, corpus_file=corpus_file)
            self.add_lifecycle_event("created", msg=f"built {self}")

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<{len(self.vocab)} vocab, min_count={self.min_count}, threshold={self.threshold}, "
            f"max_vocab_size={self.max_vocab_size}>"
        )

    @property
    def vocab(self) -> Mapping[str, int]:
        """Counts of all words and phrases, by their texts."""
        return Vocabulary(self._counts, self.delimiter, self._merged().texts)

    @vocab.setter
    def vocab(self, counts: Mapping[str, int]) -> None:
        self._set_counts(Collocations(list(counts), list(counts.values()), self.connector_words))

    @property
    def connector_words(self) -> frozenset[str]:
        """Words that may stand inside of phrases. Others hold for what is counted and looked for from then on."""
        return self._connector_words

    @connector_words.setter
    def connector_words(self, words: Iterable[str]) -> None:
        words, before = frozenset(words), vars(self).get("_connector_words")
        counts = None if before is None or before == words else dict(self.vocab)
        self._connector_words = words
        if counts is not None:  # pairs that were counted may be none by these: their texts stay what they are
            self.vocab = counts

    def _set_counts(self, counts: Collocations) -> None:
        self._counts = counts
        self._made: dict[str, Any] = {}  # of the counts and parameters, with what it was made of

    def _kept(self, name: str, of: Any, make: Any) -> Any:
        """What `make` makes, unless it was made of the same before."""
        if name not in self._made or self._made[name][0] != of:
            self._made[name] = of, make()
        return self._made[name][1]

    def add_vocab(self, sentences: Sentences | None = None, *, corpus_file: Path | None = None) -> None:
        """Count more sentences.

        Parameters
        ----------
        sentences, corpus_file
            As of the class.
        """
        source = as_source(sentences, corpus_file, 1, self.unicode_errors)
        limited = most_words(source) > self.max_vocab_size
        limits = Limits(self.workers, self.memory_budget, self.max_vocab_size if limited else None)
        self._learn(source.count_and_encode(limits))

    def _learn(self, counted: Counted) -> None:
        """Count the pairs of an encoded corpus."""
        new = Collocations(counted.words, counted.counts, self.connector_words)
        least = new.count(counted.corpus, self.workers, self.max_vocab_size)
        if len(self._counts.words):
            self._counts.add(new)
            least = self._counts.prune(self.max_vocab_size, max(least, self.min_reduce))
            new = self._counts
        self.min_reduce = max(self.min_reduce, least)
        self.corpus_word_count += counted.corpus.words
        self._set_counts(new)
        logger.info("%d words and %d pairs in a corpus of %d words", len(new.words), new.pairs, counted.corpus.words)

    def _scoring(self) -> Scoring:
        return Scoring(self.scoring, self.threshold, self.min_count, self.delimiter, self.corpus_word_count)

    def _merged(self) -> Merged:
        least = self._scoring().least
        return self._kept("merged", (self.delimiter, least), lambda: self._counts.merged(self.delimiter, least))

    def _joins(self) -> Joins:
        def make() -> Joins:
            found = phrases_of(self._counts, self._merged(), self._scoring())
            return Joins(*found, self.delimiter, self.connector_words)

        return self._kept("joins", (self._scoring(), self.connector_words), make)

    def score_candidate(self, word_a: str, word_b: str, in_between: list[str]) -> tuple[str, float] | tuple[None, None]:
        """The phrase of a first word, connector words and a last word, and its score; None and None if it is none."""
        phrase = self.delimiter.join([word_a, *in_between, word_b])
        first, last, both = (self.vocab.get(text, 0) for text in (word_a, word_b, phrase))
        if 0 in (first, last, both):
            return None, None
        score = self._scoring().score(first, last, both, len(self.vocab))
        return (phrase, score) if score > self.threshold else (None, None)

    def export_phrases(self) -> dict[str, float]:
        """All phrases and their scores.

        Of a text with several delimiters it is the words before the first and after the last that are scored, as in
        gensim; phrases of phrases can have other scores in sentences.

        Returns
        -------
        dict of str to float
        """
        return texts_of_phrases(self._counts, self._merged(), self._scoring())

    def freeze(self) -> FrozenPhrases:
        """The phrases alone, without the counts."""
        return FrozenPhrases(self)

    # What is saved, and pickled.

    def _state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        return counts_to_arrays(self._counts), {name: getattr(self, name) for name in PARAMETERS}

    def _set_state(self, arrays: Mapping[str, NDArray[Any]], parameters: dict[str, Any], name: str) -> None:
        Phrases.__init__(self, connector_words=parameters.pop("connector_words"))
        vars(self).update(parameters)
        self._set_counts(counts_from_arrays(arrays, self.connector_words, name))


class FrozenPhrases(_PhrasesTransformation):
    """The phrases of a `Phrases`, without the counts.

    Parameters
    ----------
    phrases_model : Phrases

    Attributes
    ----------
    phrasegrams : dict of str to float
        Texts of phrases and their scores. What a sentence has of them is joined, in whatever words it has it. It may be
        changed; another dict that is set is copied.
    threshold, min_count, delimiter, scoring, connector_words
        Of the `Phrases`.
    """

    _phrasegrams: Phrasegrams
    _made: tuple[Any, Joins] | None = None

    def __init__(self, phrases_model: Phrases):
        super().__init__(phrases_model.connector_words)
        self.threshold, self.min_count = phrases_model.threshold, phrases_model.min_count
        self.delimiter, self.scoring = phrases_model.delimiter, phrases_model.scoring
        self.phrasegrams = phrases_model.export_phrases()
        self.add_lifecycle_event("created", msg=f"exported {self} from {type(phrases_model).__name__}")

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<{len(self.phrasegrams)} phrases, min_count={self.min_count}, "
            f"threshold={self.threshold}>"
        )

    def score_candidate(self, word_a: str, word_b: str, in_between: list[str]) -> tuple[str, float] | tuple[None, None]:
        """The phrase of a first word, connector words and a last word, and its score; None and None if it is none."""
        phrase = self.delimiter.join([word_a, *in_between, word_b])
        score = self.phrasegrams.get(phrase, float("-inf"))
        return (phrase, score) if score > self.threshold else (None, None)

    @property
    def phrasegrams(self) -> dict[str, float]:
        """Texts of phrases and their scores."""
        return self._phrasegrams

    @phrasegrams.setter
    def phrasegrams(self, scores: Mapping[str, float]) -> None:
        self._phrasegrams, self._made = Phrasegrams(scores), None

    def _joins(self) -> Joins:
        of = self._phrasegrams.changes, self.threshold, self.delimiter, self.connector_words
        if self._made is None or self._made[0] != of:
            given, connectors = self.phrasegrams.items(), self.connector_words
            texts = [(text, score) for text, score in given if score > self.threshold]
            found = [(each, score) for text, score in texts for each in splits(text, self.delimiter, connectors)]
            self._made = of, Joins((each for each, _ in found), (s for _, s in found), self.delimiter, connectors)
        return self._made[1]

    def _state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        arrays = pack_keys(list(self.phrasegrams)) | {"scores": np.array(list(self.phrasegrams.values()), np.float64)}
        return arrays, {name: getattr(self, name) for name in PARAMETERS_OF_FROZEN}

    def _set_state(self, arrays: Mapping[str, NDArray[Any]], parameters: dict[str, Any], name: str) -> None:
        vars(self).update(parameters)
        self.phrasegrams = dict(zip(map(str, unpack_keys(arrays, name)), arrays["scores"].tolist(), strict=True))


Phraser = FrozenPhrases  # its older name
