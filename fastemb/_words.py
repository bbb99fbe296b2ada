"""The bytes of words, as files hold them and the command prints them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from numbers import Integral

# What words may not hold, or be, in one kind of file or another: regular expressions.
BLANKS = "^$|[ \t\n\r\v\f]"
BREAKS = "^$|[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]"
NUL = "\0"


def word_text(word: object) -> str:
    """A word, or a number that is one, as text.

    Raises
    ------
    TypeError
        If it is neither a str nor an int.
    """
    if isinstance(word, str):
        return word
    if isinstance(word, Integral):
        return str(int(word))
    raise TypeError(f"a key that is neither str nor int cannot be written: {word!r}")


def word_bytes(word: object, encoding: str = "utf-8") -> bytes:
    """The bytes of a word; those that could not be decoded, and are surrogates in it, as they were.

    Raises
    ------
    TypeError
        If it is neither a str nor an int.
    UnicodeEncodeError
        If it holds a surrogate that stands for no byte, or a character that the encoding lacks; the word is named.
    """
    text = word_text(word)
    try:
        return text.encode(encoding, "surrogateescape")
    except UnicodeEncodeError as error:
        error.reason += f" (in {text!r})"
        raise


def bytes_of_words(
    words: Iterable[object], files: str, unsayable: str, prefix: str = "", encoding: str = "utf-8"
) -> list[bytes]:
    """The bytes of the words of a file of text.

    Parameters
    ----------
    words : iterable of str or int
    files : str
        What these files are called, for messages.
    unsayable : str
        A regular expression of what cannot stand in a word of them.
    prefix : str, default ''
        Put before each word.
    encoding : str, default 'utf-8'

    Raises
    ------
    TypeError
        If a word is neither a str nor an int.
    ValueError
        If a word cannot be said in such files, or two are the same as text.
    """
    words = list(words)
    texts = [prefix + (word if type(word) is str else word_text(word)) for word in words]
    bad = next(filter(re.compile(unsayable).search, texts), None)
    if bad is not None:
        raise ValueError(f"{files} cannot hold the word {bad!r}; save() can")
    encoded = [word_bytes(text, encoding) for text in texts]
    if len(set(encoded)) < len(encoded):
        first: dict[bytes, int] = {}
        one, other = next(
            (words[first[name]], words[k]) for k, name in enumerate(encoded) if first.setdefault(name, k) != k
        )
        raise ValueError(f"{files} cannot hold both {one!r} and {other!r}, which are the same as text; save() can")
    return encoded


def bytes_or_escapes(error: UnicodeError) -> tuple[str | bytes, int]:
    """A handler of errors, for `codecs.register_error`, that prints any word.

    Bytes that could not be decoded are as they were; what else an encoding lacks is escaped. To read, it escapes bytes.
    """
    if isinstance(error, UnicodeEncodeError):
        character = error.object[error.start]
        if "\udc80" <= character <= "\udcff":
            return bytes([ord(character) & 0xFF]), error.start + 1
        error.end = error.start + 1  # others in a row may be bytes
    return codecs.backslashreplace_errors(error)
