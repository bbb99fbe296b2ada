"""Vectors of texts, as fastText makes them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.formats.native import number_in
from fastemb.formats.quantized import decoded
from fastemb.kernels.topk import normalize
from fastemb.models._attributes import Key
from fastemb.models._lookup import KEY_TYPES
from fastemb.models._subword_lookup import SubwordLookup
from fastemb.subwords import END_OF_SENTENCE

LABEL = "__label__"  # begins labels; fastText's files do not say when a model had another prefix
PREFIX = "supervised.prefix"
BLANKS = re.compile(r"[ \t\n\r\v\f]")
WORDS = re.compile(r"[^ \t\n\r\v\f]+")
WORDS_OF_LABELLED = re.compile(r"[^ \t\n\r\v\f\0]+")  # its dictionary splits at NUL, too


@dataclass(frozen=True)
class Labelled:
    """What a supervised model's texts are made of, beside their words.

    Attributes
    ----------
    word_ngrams : int
        Words of the longest n-grams of words; 1 for none.
    labels : frozenset of str
        They are no words.
    prefix : str
        Of words that are labels, too.
    """

    word_ngrams: int
    labels: frozenset[str]
    prefix: str = LABEL

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        labels, prefix = (
            np.frombuffer(text.encode("utf-8", "surrogateescape"), np.uint8)
            for text in ("\n".join(sorted(self.labels)), self.prefix)
        )
        return {
            "supervised.word_ngrams": np.array(self.word_ngrams, np.int64),
            "supervised.labels": labels,
            PREFIX: prefix,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Labelled | None:
        """The opposite of `to_arrays`; None if the arrays are of another model."""
        if "supervised.word_ngrams" not in arrays:
            return None
        texts = {name: array.tobytes() for name, array in arrays.items() if name in ("supervised.labels", PREFIX)}
        labels = texts["supervised.labels"].decode("utf-8", "surrogateescape")
        prefix = texts.get(PREFIX, LABEL.encode()).decode("utf-8", "surrogateescape")
        word_ngrams = number_in(arrays, "supervised.word_ngrams")
        if word_ngrams < 1:
            raise ValueError(f"n-grams of {word_ngrams} words")
        if not prefix:
            raise ValueError("an empty prefix of labels")
        return cls(word_ngrams, frozenset(labels.split("\n")) - {""}, prefix)

    def is_label(self, word: str, known: bool) -> bool:
        """Whether it is a label; what begins as one is none if it is `known` as a word."""
        return word in self.labels or (not known and word.startswith(self.prefix))


class Sentences(SubwordLookup):
    """The part of FastTextKeyedVectors that makes vectors of texts; see there."""

    supervised: Labelled | None = None

    def get_sentence_vector(self, sentence: str | Sequence[Key]) -> NDArray[np.float32]:
        """The vector of a text, as of fastText's ``print-sentence-vectors``.

        It is the mean of the vectors of the words, each divided by its length, of those that are not zero. Of a
        supervised model it is the mean of all rows of the text instead: those of its words and of the end of the
        sentence, of their n-grams, and of its n-grams of words; labels are left out.

        Parameters
        ----------
        sentence : str, or sequence of str or int
            A text, or its words. A str is split where fastText splits it: at ASCII blanks alone, so that U+00A0,
            U+3000 and other blanks of Unicode are parts of words. An end of line is a blank.

        Returns
        -------
        ndarray of float32, shape (vector_size,)
            Zeros if there are no words, or none of them has a vector. (In a supervised model the end of the
            sentence has one, also that of an empty text.)

        Raises
        ------
        ValueError
            If a word holds blanks: it is a text, of several. Give one at a time.
        TypeError
            If a word is neither a str nor an int.
        """
        if isinstance(sentence, str):
            words: Sequence[Key] = (WORDS if self.supervised is None else WORDS_OF_LABELLED).findall(sentence)
        else:
            words = list(sentence)
            for word in words:
                if not isinstance(word, KEY_TYPES) or word not in self.key_to_index:
                    check_word(word)
        if self.supervised is not None:
            return self._mean_of_features(words, self.supervised)
        if not words:
            return np.zeros(self.vector_size, np.float32)
        vectors = np.ascontiguousarray(self._find(words)[0], np.float32)
        known = normalize(vectors)
        return np.add.reduce(vectors, axis=0) / np.float32(known or 1)

    def _mean_of_features(self, words: Sequence[Key], supervised: Labelled) -> NDArray[np.float32]:
        """The mean of the rows of a text of a supervised model (`FastText::getSentenceVector`)."""
        texts = [str(word) for word in words]
        texts = [word for word in before_end(texts) if not supervised.is_label(word, word in self.key_to_index)]
        texts.append(END_OF_SENTENCE)
        rows = [self.key_to_index[word] for word in texts if word in self.key_to_index]
        ids = [self.subwords.of_word(word) for word in texts]
        ids.append(self.subwords.of_text(texts, supervised.word_ngrams))
        ngrams = np.concatenate(ids)
        total = decoded(self.vectors_vocab, rows).sum(axis=0) if rows else np.zeros(self.vector_size, np.float32)
        if len(ngrams):
            total = total + decoded(self.ngram_rows, ngrams).sum(axis=0)
        return total / np.float32(max(1, len(rows) + len(ngrams)))


def before_end(words: list[str]) -> list[str]:
    """The words before one that ends a line, if there is one."""
    return words[: words.index(END_OF_SENTENCE)] if END_OF_SENTENCE in words else words


def check_word(word: Any) -> None:
    """Raise an error if this is no word."""
    if not isinstance(word, KEY_TYPES):
        raise TypeError(f"a word is a str or an int, not {type(word).__name__}: give one text, or the words of one")
    if isinstance(word, str) and BLANKS.search(word):
        raise ValueError(f"{word!r} is a text, not a word: give one text at a time, or the words of one")
