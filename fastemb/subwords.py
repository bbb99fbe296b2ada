"""Words as bags of rows: the character n-grams that belong to each (Bojanowski et al. 2017)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.kernels import subwords as kernels
from fastemb.kernels.ragged import starts_of
from fastemb.kernels.subwords import check_ngrams, mean_row, mean_rows, ngrams

__all__ = ["Bags", "Subwords", "check_ngrams", "mean_row", "mean_rows", "ngrams"]

END_OF_SENTENCE = "</s>"  # a word of fastText's without n-grams
MOST_BUCKETS = 2**31 - 1
CODE_POINTS = "code points"  # instead of an encoding: these are hashed, as by gensim before 3.7.2
NEVER_TOO_LONG = 64  # n-grams, and words of so many characters
BLOCK = 4096  # words whose n-grams are looked at together


class Bags(Sequence[NDArray[np.int32]]):
    """For each word the rows of its n-grams.

    Attributes
    ----------
    starts : ndarray of int64, shape (words + 1,)
    ids : ndarray of int32
        The rows of word k are ids[starts[k]:starts[k + 1]], which is also bags[k].
    """

    def __init__(self, starts: NDArray[np.int64], ids: NDArray[np.int32]):
        self.starts, self.ids = starts, ids

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, word: Any) -> Any:
        if isinstance(word, slice):
            return [self[k] for k in range(*word.indices(len(self)))]
        word = range(len(self))[word]
        return self.ids[self.starts[word] : self.starts[word + 1]]


@dataclass(frozen=True)
class Subwords:
    """Which n-grams words have, and where their rows are.

    Attributes
    ----------
    min_n, max_n : int
        Characters of the shortest and the longest n-gram; `max_n` below `min_n`, or 0, is for none.
    bucket : int
        N-grams are hashed to so many numbers; 0 is for none.
    kept : ndarray of int32, shape (n, 2), optional
        If buckets were left out: those that are left, in ascending order, and their rows. N-grams of
        others are as if they were not there.
    encoding : str, default 'utf-8'
        Of words, whose bytes are hashed; or `CODE_POINTS`.
    labels : mapping of str to int, optional
        Words that fastText's program took for labels of a corpus without any, and so has no rows of, numbered: to the
        n-grams of the k-th it adds bucket k, which is where its row would be.
    """

    min_n: int
    max_n: int
    bucket: int
    kept: NDArray[np.int32] | None = None
    encoding: str = "utf-8"
    labels: Mapping[str, int] = field(default_factory=dict)

    @property
    def used(self) -> bool:
        """Whether words have n-grams at all."""
        return self.bucket > 0 and self.max_n >= max(self.min_n, 1)

    @property
    def rows(self) -> int:
        """How many rows n-grams have."""
        return self.bucket if self.kept is None else len(self.kept)

    @property
    def as_in_fasttext(self) -> bool:
        """Whether fastText's program would number n-grams so."""
        return self.kept is None and self.encoding != CODE_POINTS

    def same_as(self, others: Subwords) -> bool:
        """Whether words have the same n-grams, in the same rows; not if buckets were left out."""
        sizes = (self.min_n, self.max_n, self.bucket, self.encoding)
        return (
            sizes == (others.min_n, others.max_n, others.bucket, others.encoding) and self.kept is others.kept is None
        )

    def bags(self, keys: Sequence[str | int | None]) -> Bags:
        """The rows of the n-grams of each key, in arrays that are read-only, since training checks them but once."""
        starts, ids = self._bags(keys)
        starts.setflags(write=False)
        ids.setflags(write=False)
        return Bags(starts, ids)

    def _bags(self, keys: Sequence[str | int | None]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        if not self.used:
            return np.zeros(len(keys) + 1, np.int64), np.empty(0, np.int32)
        words = [self.between_marks(key) for key in keys]
        offsets = starts_of([len(word) for word in words])
        text = np.frombuffer(b"".join(words), np.uint8)
        sizes = self.min_n, self.max_n, self.bucket, self.encoding == CODE_POINTS
        starts, ids = kernels.ngram_ids(text, offsets, *sizes)
        if self.kept is None:
            return starts, ids
        found, rows = self._rows_left(ids)
        return starts_of(found)[starts], rows

    def check_lengths(self, keys: Iterable[str | int]) -> None:
        """Raise ValueError if a word is too long for n-grams of up to `max_n` characters."""
        for key in keys if self.used and self.max_n > NEVER_TOO_LONG else ():
            if isinstance(key, str) and len(key) > NEVER_TOO_LONG:
                self.of_word(key)

    def of_word(self, key: str | int) -> NDArray[np.int32]:
        """As `bags`, of one key."""
        if not self.used:
            return np.empty(0, np.int32)
        sizes = self.min_n, self.max_n, self.bucket, self.encoding == CODE_POINTS
        ids = kernels.ngram_ids_of_word(self.between_marks(key), *sizes)
        return ids if self.kept is None else self._rows_left(ids)[1]

    def of_unseen(self, key: str | int) -> NDArray[np.int32]:
        """As `of_word`, of a key that has no row of its own; so it is where fastText makes the vector of a label."""
        ids = self.of_word(key)
        number = self.labels.get(key, self.bucket) if isinstance(key, str) else self.bucket
        if number >= self.bucket or not self.used:
            return ids
        bucket = np.array([number], np.int32)
        return np.concatenate([bucket if self.kept is None else self._rows_left(bucket)[1], ids])

    def of_text(self, words: Sequence[str], longest: int) -> NDArray[np.int32]:
        """The rows of a text's n-grams of words, of 2 to `longest` words, as fastText's classifiers number them."""
        if longest < 2 or not self.bucket:
            return np.empty(0, np.int32)
        check_ngrams(len(words), longest, f"the text of {len(words)} words", "word_ngrams")
        hashes = [kernels.hash_bytes(encode_word(word, self.encoding)) for word in words]
        signed = [number - (number >> 31 << 32) for number in hashes]
        ids = []
        for begin, number in enumerate(signed):
            for following in signed[begin + 1 : begin + longest]:
                number = (number * 116049371 + following) % 2**64
                ids.append(number % self.bucket)
        numbers = np.array(ids, np.int32)
        return numbers if self.kept is None else self._rows_left(numbers)[1]

    def _rows_left(self, ids: NDArray[np.int32]) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
        """Which of these buckets are left, and the rows of those."""
        assert self.kept is not None
        places = np.searchsorted(self.kept[:, 0], ids)
        found = places < len(self.kept)
        found[found] = self.kept[places[found], 0] == ids[found]
        return found, self.kept[places[found], 1]

    def between_marks(self, key: str | int | None) -> bytes:
        """The bytes whose n-grams are those of a key; none for what has no n-grams."""
        if key is None or key == END_OF_SENTENCE:
            return b""
        return b"<%b>" % encode_word(key, self.encoding)


def overlap(bags: Bags, shares: NDArray[np.float64]) -> float:
    """The share of its rows that a word is expected to have in common with another word of the corpus.

    Parameters
    ----------
    bags : Bags
    shares : ndarray of float64, shape (words,)
        Of the words in the corpus.
    """
    uses = np.zeros(int(bags.ids.max(initial=0)) + 1)
    sizes = np.diff(bags.starts)
    for begin in range(0, len(bags), BLOCK):
        end = min(begin + BLOCK, len(bags))
        np.add.at(uses, bags.ids[bags.starts[begin] : bags.starts[end]], np.repeat(shares[begin:end], sizes[begin:end]))
    return float((uses @ uses + shares @ shares) / (uses.sum() + shares.sum()))


def encode_word(key: str | int, encoding: str = "utf-8") -> bytes:
    """The bytes of a word; those that could not be decoded are as they were."""
    text = key if isinstance(key, str) else str(int(key))
    try:
        return text.encode("utf-8" if encoding == CODE_POINTS else encoding, "surrogateescape")
    except UnicodeError:  # not UnicodeEncodeError alone: there are encodings of names of hosts
        return text.encode("utf-8", "surrogatepass")


def hash_word(text: bytes) -> int:
    """fastText's hash: 32-bit FNV-1a, in which bytes have a sign."""
    return kernels.hash_bytes(text)


def pack_subwords(subwords: Subwords) -> dict[str, NDArray[Any]]:
    """What `unpack_subwords` reads."""
    arrays: dict[str, NDArray[Any]] = {
        "subwords": np.array([subwords.min_n, subwords.max_n, subwords.bucket], np.int64),
        "subwords.encoding": np.frombuffer(subwords.encoding.encode(), np.uint8),
    }
    if subwords.kept is not None:
        arrays["subwords.kept"] = subwords.kept
    if subwords.labels:
        labels = "\n".join(subwords.labels).encode("utf-8", "surrogateescape")
        arrays["subwords.labels"] = np.frombuffer(labels, np.uint8)
    return arrays


def numbered(labels: Iterable[str]) -> dict[str, int]:
    return {label: number for number, label in enumerate(labels)}


def unpack_subwords(arrays: Mapping[str, NDArray[Any]]) -> Subwords:
    """What the arrays of a file of ours say of the n-grams."""
    min_n, max_n, bucket = (int(number) for number in arrays["subwords"])
    encoding = arrays["subwords.encoding"].tobytes().decode("ascii")
    kept = arrays.get("subwords.kept")
    if not 0 <= bucket <= MOST_BUCKETS:
        raise ValueError(f"bucket={bucket} must be from 0 to 2³¹ - 1")
    if kept is not None:
        fits = kept.ndim == 2 and kept.shape[1] == 2 and kept.dtype == np.int32
        if not fits or np.any(np.diff(kept[:, 0]) <= 0) or np.any(kept[:, 1] < 0) or np.any(kept[:, 1] >= len(kept)):
            raise ValueError("the buckets that are left are damaged")
    try:
        encode_word("", encoding)
    except LookupError as error:
        raise ValueError(str(error)) from None
    labels = arrays.get("subwords.labels", np.empty(0, np.uint8)).tobytes().decode("utf-8", "surrogateescape")
    return Subwords(min_n, max_n, bucket, kept, encoding, numbered(labels.split("\n") if labels else []))
