"""The bytes of words, as files hold them and the command prints them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from numbers import Integral
from typing import Any

import numpy as np

from fastemb.kernels.ragged import starts_of

# What words may not hold in one kind of file or another: regular expressions of one character.
BLANKS = "[ \t\n\r\v\f]"
BREAKS = "[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]"
NUL = "\0"


class WordBytes(Sequence[bytes]):
    """The bytes of words, end to end.

    Attributes
    ----------
    text : bytes
    offsets : ndarray of int64, shape (words + 1,)
        Word k is text[offsets[k]:offsets[k + 1]].
    """

    def __init__(self, text: bytes, sizes: Iterable[int], count: int):
        self.text, self.offsets = text, starts_of(np.fromiter(sizes, np.int64, count))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, word: Any) -> Any:
        if isinstance(word, slice):
            return [self[k] for k in range(*word.indices(len(self)))]
        word = range(len(self))[word]
        return self.text[self.offsets[word] : self.offsets[word + 1]]

    def __iter__(self) -> Iterator[bytes]:
        begin = 0
        for end in self.offsets[1:].tolist():
            yield self.text[begin:end]
            begin = end


def texts_of(words: Sequence[object], prefix: str = "") -> tuple[Sequence[str], str]:
    """Words and numbers that are words as texts, each after a prefix, and all of these end to end.

    Raises
    ------
    TypeError
        If a word is neither a str nor an int.
    """
    try:
        joined = "".join(words)  # type: ignore[arg-type]
        texts: Sequence[str] = words  # type: ignore[assignment]
    except TypeError:
        texts = [word if isinstance(word, str) else word_text(word) for word in words]
        joined = "".join(texts)
    if prefix:
        texts = [prefix + text for text in texts]
        joined = "".join(texts)
    return texts, joined


def pack_texts(
    texts: Sequence[str], joined: str, encode: Callable[[str], bytes], utf8: bool = True
) -> tuple[WordBytes, bool]:
    """The bytes of texts, which `joined` holds end to end, and whether these are UTF-8, as is tried first if `utf8`.

    Else, and if there are surrogates, they are what `encode` makes of each.
    """
    try:
        if not utf8:
            raise UnicodeError
        text = joined.encode()
    except UnicodeError:
        encoded = list(map(encode, texts))
        return WordBytes(b"".join(encoded), map(len, encoded), len(encoded)), False
    # Of ASCII, with as many bytes as characters, no word is encoded alone.
    return WordBytes(text, map(len, texts if joined.isascii() else map(str.encode, texts)), len(texts)), True


def check_encoding(encoding: str, name: str) -> None:
    """Raise LookupError, which names the file to be read, if there is no such encoding."""
    try:
        "".encode(encoding)
    except (LookupError, ValueError) as error:
        raise LookupError(f"{name}: {error}") from None


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
    words: Iterable[object],
    files: str,
    unsayable: str,
    prefix: str = "",
    encoding: str = "utf-8",
    empty: bool = False,
) -> WordBytes:
    """The bytes of the words of a file of text.

    Parameters
    ----------
    words : iterable of str or int
    files : str
        What these files are called, for messages.
    unsayable : str
        A regular expression of a character that cannot stand in a word of them.
    prefix : str, default ''
        Put before each word.
    encoding : str, default 'utf-8'
    empty : bool, default False
        Whether a word can be empty.

    Raises
    ------
    TypeError
        If a word is neither a str nor an int.
    ValueError
        If a word cannot be said in such files, or two are the same as text.
    """
    words = words if isinstance(words, list) else list(words)
    texts, joined = texts_of(words, prefix)
    character = re.compile(unsayable)
    if character.search(joined) or not (empty or all(texts)):
        bad = next(text for text in texts if character.search(text) or not (empty or text))
        raise ValueError(f"{files} cannot hold the word {bad!r}; save() can")
    utf8 = codecs.lookup(encoding).name == "utf-8"
    encoded, plain = pack_texts(texts, joined, partial(word_bytes, encoding=encoding), utf8)
    if len(set(texts if plain else encoded)) < len(encoded):
        first: dict[bytes, int] = {}
        one, other = next(
            (words[first[name]], words[k]) for k, name in enumerate(encoded) if first.setdefault(name, k) != k
        )
        raise ValueError(f"{files} cannot hold both {one!r} and {other!r}, which are the same as text; save() can")
    return encoded


# What str.isprintable() refuses and text needs: joiners, of the scripts of Persia and India, and of emoji.
JOINERS = "\u200c\u200d"
# Bytes that could not be decoded, and are surrogates in a str, but for those that are controls.
BYTES = re.compile("[\udca0-\udcff]")


def printable(text: str) -> str:
    """Text as one line of a terminal: what is not seen there, as controls, ends of lines and marks of direction, is
    written as in Python. Bytes that could not be decoded stay as they are, unless they are controls."""
    if text.isprintable():
        return text
    with suppress(UnicodeError):  # bytes that have come to stand together may be a character
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    return "".join(
        letter if letter.isprintable() or letter in JOINERS or BYTES.match(letter) else escaped(letter)
        for letter in text
    )


def escaped(letter: str) -> str:
    """A character as Python writes it; a byte that could not be decoded as such."""
    return f"\\x{ord(letter) & 0xFF:02x}" if "\udc80" <= letter <= "\udcff" else ascii(letter)[1:-1]


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
