"""Words that begin alike, and mean much the same, lend each other their vectors: forms of one word, above all."""

from __future__ import annotations

from bisect import bisect_left
from unicodedata import category

import numpy as np
from numpy.typing import NDArray

from fastemb.kernels.text.batch import weighted_means

LEAST = 3  # letters in which kin begin alike
MARKS = ("\u2581", "\u0120")  # of where a word begins: SentencePiece's and that of byte-level tokenizers
LAST = "\U0010ffff"  # after all that words go on with
BLOCK = 1024  # words, whose kin are looked for at a time
Rows = NDArray[np.int64]


def with_kin(
    units: NDArray[np.float32], words: list[str], counts: NDArray[np.float64], share: float, alike: float = 0.2
) -> NDArray[np.float32]:
    """Vectors of words, and `share` of the mean of those of their kin, by their counts.

    Two words are kin if they have the same beginning, all but the last three letters of the longer one, three fifths of
    it and three letters at least, and a cosine above `alike`. What is not of letters alone has no kin. Vowel signs and
    accents that are characters of their own count as letters. A mark of where a word begins (``▁`` of SentencePiece,
    ``Ġ`` of byte-level tokenizers) does not, but both words have it or neither. Byte-level tokenizers write letters
    beyond ASCII as several characters, some of which are no letters: many such words have no kin.

    Parameters
    ----------
    units : ndarray, shape (words, d)
        Of length 1.
    words : list of str
        Each once.
    counts : ndarray, shape (words,)
        Kin that were all never counted lend as much as each other.
    share : float
    alike : float, default 0.2
    """
    first, second = kin_of(units, words, alike)
    order = np.argsort(first, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(first, minlength=len(words)))]).astype(np.int64)
    ids = second[order].astype(np.int32)
    means = np.empty_like(units)
    counted = np.bincount(first, counts[second], len(words)) > 0
    lent = np.where(counted[first[order]], counts[ids], 1.0)
    weighted_means(units, np.ones(len(units)), ids, starts, means, lent)
    return units + np.float32(share) * means


def letters_of(word: str) -> int:
    """How many letters a word has without the mark of its beginning; 0 if it has anything else."""
    bare = word[1:] if word[:1] in MARKS else word
    if bare.isalpha():
        return len(bare)
    signs = bare[:1].isalpha() and all(letter.isalpha() or category(letter) in ("Mn", "Mc") for letter in bare)
    return len(bare) if signs else 0


def stem_of(length: int, letters: int) -> int:
    """In how many of its characters the kin of a word that are no longer begin like it."""
    return length - letters + max(LEAST, letters - 3, -(-3 * letters // 5))


def kin_of(units: NDArray[np.float32], words: list[str], alike: float) -> tuple[Rows, Rows]:
    """The rows of words that are kin: each pair, and the other way round."""
    letters = (row for row, word in enumerate(words) if letters_of(word) >= LEAST)
    rows = np.array(sorted(letters, key=words.__getitem__), np.int64)
    ordered = [words[row] for row in rows]
    lengths = np.array([len(word) for word in ordered], np.int64)
    stems = [word[: stem_of(len(word), letters_of(word))] for word in ordered]
    found = []
    for begin in range(0, len(rows), BLOCK):
        begins = np.array([bisect_left(ordered, stem) for stem in stems[begin : begin + BLOCK]])
        sizes = np.array([bisect_left(ordered, stem + LAST) for stem in stems[begin : begin + BLOCK]]) - begins
        one = np.repeat(np.arange(begin, begin + len(sizes)), sizes)
        other = np.arange(len(one)) + np.repeat(begins - np.cumsum(sizes) + sizes, sizes)
        # The longer one looks for the shorter one; of one length, the later one for the earlier.
        kept = (lengths[other] < lengths[one]) | ((lengths[other] == lengths[one]) & (other < one))
        pairs = rows[np.stack([one[kept], other[kept]])]
        cosines = np.einsum("ij,ij->i", units[pairs[0]], units[pairs[1]])
        found.append(pairs[:, cosines > alike])
    first, second = np.concatenate([np.empty((2, 0), np.int64), *found], axis=1)
    return np.concatenate([first, second]), np.concatenate([second, first])
