"""Texts as scikit-learn's users have them, and what models read of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from fastemb.texts import keys_of

Tokenizer = Callable[[str], Iterable[str]]
Text = str | list[str]


def texts_of(given: Any, tokenizer: Tokenizer | None = None) -> list[Text]:
    """Texts, each a str or a list of words.

    Parameters
    ----------
    given : iterable of str, or of iterables of str; table or array of one column
    tokenizer : callable, optional
        ``tokenizer(text)`` gives the words of a str.

    Raises
    ------
    TypeError
        If `given` is a single text or a sparse matrix, or a text is neither a str nor an iterable of str.
    ValueError
        If a table has several columns, or an iterator gives no texts, as one that was read before.
    """
    column = column_of(given)
    texts = list(column)
    if not texts and isinstance(column, Iterator):
        raise ValueError("there are no texts in an iterator, which can be read but once: give a list")
    for number, text in enumerate(texts):
        if isinstance(text, str):
            if tokenizer is not None:
                texts[number] = words_of(tokenizer(text), number)
        else:
            texts[number] = words_of(text, number)
    return texts


def column_of(given: Any) -> Iterable[Any]:
    """The texts themselves, of a table or an array of one column."""
    if isinstance(given, (str, bytes, bytearray)):
        raise TypeError(f"texts must be several texts, not one {type(given).__name__}: put it into a list, [text]")
    if hasattr(given, "tocsr"):
        raise TypeError("texts must be str or lists of words, not a sparse matrix: its columns do not say their words")
    shape = getattr(given, "shape", None)
    if hasattr(given, "columns") and shape is not None:
        if shape[1] != 1:
            raise ValueError(f"a table of {shape[1]} columns: give one of them, as ColumnTransformer does by its name")
        given = given[0 if hasattr(given, "to_pylist") else given.columns[0]]
    elif isinstance(given, np.ndarray) and given.ndim == 2 and given.shape[1] == 1:
        given = given[:, 0]
    if hasattr(given, "to_pylist"):  # Arrow's
        given = given.to_pylist()
    if not isinstance(given, Iterable) or isinstance(given, Mapping) or (shape is not None and not len(shape)):
        raise TypeError(f"texts must be an iterable of str or of lists of words, not {type(given).__name__}")
    return given


def words_of(text: Any, number: int) -> list[str]:
    """The words of a text that is a sequence of them; `number` is that of the text, for messages."""
    if isinstance(text, Mapping):
        raise TypeError(f"text {number} must be a str or a list of words, not {type(text).__name__}: give its text")
    words = keys_of(text, number)
    if {str}.issuperset(map(type, words)):
        return words
    for word in words:
        if not isinstance(word, str):
            raise TypeError(f"text {number}: its words must be str, not {type(word).__name__} ({word!r:.50})")
    return list(map(str, words))


def line_of(text: Text, number: int) -> str:
    """A text in one line, for classifiers, which split at ASCII blanks; `number` is its own, for messages.

    Raises
    ------
    ValueError
        If a word is empty, or holds an ASCII blank, and so would be none or several.
    """
    if isinstance(text, str):
        return text.replace("\n", " ")
    line = " ".join(text)
    if split(line) != [word.encode("utf-8", "surrogatepass") for word in text]:
        wrong = next(word for word in text if split(word) != [word.encode("utf-8", "surrogatepass")])
        raise ValueError(
            f"text {number}: a classifier cannot have the word {wrong!r:.50}, which is empty or has blanks"
        )
    return line


def split(line: str) -> list[bytes]:
    """Where fastText splits."""
    return line.encode("utf-8", "surrogatepass").replace(b"\0", b" ").split()


class Words:
    """The words of each text, made when they are read.

    Parameters
    ----------
    texts : list of str, or of lists of str
        A str is split where ``str.split()`` splits it.
    """

    def __init__(self, texts: list[Text]):
        self.texts = texts

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[list[str]]:
        for text in self.texts:
            yield text.split() if isinstance(text, str) else text
