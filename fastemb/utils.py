"""Helpers of gensim.utils that programs with word vectors use, with the same results."""

from __future__ import annotations

import heapq
import logging
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from fastemb._absent import refusing
from fastemb._threads import usable_cores
from fastemb._words import word_bytes
from fastemb.corpus.tables import refuse_columns
from fastemb.io.outputs import writing
from fastemb.vocabulary import RULE_DEFAULT, RULE_DISCARD, RULE_KEEP, TrimRule

__all__ = [
    "RULE_DEFAULT",
    "RULE_DISCARD",
    "RULE_KEEP",
    "any2unicode",
    "any2utf8",
    "deaccent",
    "effective_n_jobs",
    "keep_vocab_item",
    "merge_counts",
    "prune_vocab",
    "save_as_line_sentence",
    "simple_preprocess",
    "simple_tokenize",
    "to_unicode",
    "to_utf8",
    "tokenize",
    "trim_vocab_by_freq",
]

__getattr__ = refusing("gensim.utils")

logger = logging.getLogger(__name__)

Path = str | os.PathLike[str]
LETTERS = re.compile(r"[^\W\d]+")  # and the underscore

# Text.


def any2unicode(text: str | bytes, encoding: str = "utf8", errors: str = "strict") -> str:
    """The text as a str; bytes are decoded.

    Raises
    ------
    UnicodeDecodeError
        If ``errors='strict'`` and the bytes are not of that encoding.
    """
    return text if isinstance(text, str) else str(text, encoding, errors=errors)


def any2utf8(text: str | bytes, errors: str = "strict", encoding: str = "utf8") -> bytes:
    """The text as UTF-8; bytes are taken to be of `encoding`."""
    return any2unicode(text, encoding, errors).encode()


to_unicode, to_utf8 = any2unicode, any2utf8


def deaccent(text: str | bytes) -> str:
    """The text without the marks on its letters: 'Šéf' becomes 'Sef'."""
    apart = unicodedata.normalize("NFD", any2unicode(text))
    return unicodedata.normalize("NFC", "".join(char for char in apart if unicodedata.category(char) != "Mn"))


def simple_tokenize(text: str) -> Iterator[str]:
    """The runs of letters and underscores in a text; digits, combining marks and everything else separate them."""
    return (match.group() for match in LETTERS.finditer(text))


def tokenize(
    text: str | bytes,
    lowercase: bool = False,
    deacc: bool = False,
    encoding: str = "utf8",
    errors: str = "strict",
    to_lower: bool = False,
    lower: bool = False,
) -> Iterator[str]:
    """The words of a text, by `simple_tokenize`.

    Parameters
    ----------
    text : str or bytes
    lowercase, to_lower, lower : bool, default False
        In lower case; these three are the same.
    deacc : bool, default False
        Without accents.
    encoding, errors : str
        Of a text in bytes.
    """
    text = any2unicode(text, encoding, errors)
    if lowercase or to_lower or lower:
        text = text.lower()
    return simple_tokenize(deaccent(text) if deacc else text)


def simple_preprocess(doc: str | bytes, deacc: bool = False, min_len: int = 2, max_len: int = 15) -> list[str]:
    """The words of a document in lower case, but for those that begin with an underscore.

    Parameters
    ----------
    doc : str or bytes
        Bytes are UTF-8; those that are not are passed over.
    deacc : bool, default False
        Without accents.
    min_len, max_len : int, default 2 and 15
        Leave out shorter and longer words.
    """
    words = tokenize(doc, lower=True, deacc=deacc, errors="ignore")
    return [word for word in words if min_len <= len(word) <= max_len and not word.startswith("_")]


def save_as_line_sentence(corpus: Iterable[Iterable[str]], filename: Path) -> None:
    """Write a corpus as text in UTF-8: a sentence a line, its words with spaces between. All of it, or no file.

    Parameters
    ----------
    corpus : iterable of iterables of str
    filename : str or os.PathLike
        Names that end in .gz, .bz2, .xz or .zst become compressed files.
    """
    refuse_columns(corpus)
    with writing(filename) as file:
        for sentence in corpus:
            file.write(word_bytes(" ".join(sentence)) + b"\n")


# Vocabularies.


def keep_vocab_item(word: Any, count: int, min_count: int, trim_rule: TrimRule | None = None) -> bool:
    """Whether to keep a word: as `trim_rule(word, count, min_count)` says, else if it occurs `min_count` times."""
    rule = RULE_DEFAULT if trim_rule is None else trim_rule(word, count, min_count)
    return rule == RULE_KEEP if rule in (RULE_KEEP, RULE_DISCARD) else count >= min_count


def prune_vocab(vocab: dict[Any, int], min_reduce: int, trim_rule: TrimRule | None = None) -> int:
    """Remove from a dict of counts the words that `keep_vocab_item` would not keep; return the sum of their counts."""
    dropped = [word for word, count in vocab.items() if not keep_vocab_item(word, count, min_reduce, trim_rule)]
    logger.info("%d of %d words occur less than %d times and are dropped", len(dropped), len(vocab), min_reduce)
    return sum(vocab.pop(word) for word in dropped)


def trim_vocab_by_freq(vocab: dict[Any, int], topk: int, trim_rule: TrimRule | None = None) -> None:
    """Remove from a dict of counts all but the `topk` most frequent words, and those as frequent as the last."""
    if topk < len(vocab):
        prune_vocab(vocab, heapq.nlargest(topk, vocab.values())[-1], trim_rule)


def merge_counts(dict1: dict[Any, int], dict2: dict[Any, int]) -> dict[Any, int]:
    """Add the counts of `dict2` to `dict1`, and return it."""
    for word, count in dict2.items():
        dict1[word] = dict1.get(word, 0) + count
    return dict1


# The rest.


def effective_n_jobs(n_jobs: int | None) -> int:
    """How many jobs that means: None is 1, -1 all processors, -2 all but one.

    Raises
    ------
    ValueError
        If it is 0.
    """
    if n_jobs == 0:
        raise ValueError("n_jobs must not be 0")
    if n_jobs is None:
        return 1
    return n_jobs if n_jobs > 0 else max(usable_cores() + 1 + n_jobs, 1)
