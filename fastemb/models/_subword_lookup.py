"""Look-up of words that are made of their n-grams: each vector is made when it is first asked for, and then kept."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb import queries, subwords
from fastemb._threads import run_threads, usable_cores
from fastemb.formats.quantized import Rows, decoded
from fastemb.models._attributes import Key
from fastemb.models._lookup import KEY_TYPES
from fastemb.models._random import RandomRows
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.subwords import Bags, Subwords

logger = logging.getLogger(__name__)

BLOCK = 4096  # words whose vectors are made at a time
FEW = 16  # words, below which each is looked up or made by itself
MANY = 256  # words that are made together, and not kept
SHARE = 8  # if 1 / SHARE of all words is asked for by texts, all are made, and kept
MAKING = threading.Lock()  # so that one thread makes all
FITTING = threading.RLock()  # for own rows of words whose vectors were given
NgramRows = Rows | RandomRows
MOST_UNSEEN = 4096  # words without a row whose vectors are kept
SOURCES = frozenset(("vectors_vocab", "ngram_rows", "subwords"))  # what vectors are made of
BEFORE = frozenset(("vectors", "ngram_rows", "subwords", "index_to_key"))  # own rows are fitted to what these were


class SubwordLookup(KeyedVectors):
    """The part of FastTextKeyedVectors that makes vectors of rows; see there."""

    subwords: Subwords
    _own_rows: Rows  # those of words that are in `_given` are not fitted yet
    _given: set[int]  # the rows of words whose vectors were given since the own rows were last asked for
    ngram_rows: NgramRows = np.empty((0, 0), np.float32)
    _have_ngrams: bool
    _vectors: NDArray[Any] | None = None  # of all words, once they were asked for; until then
    _made: dict[int, NDArray[np.float32]]  # those of single words, by their rows
    _unseen: dict[str, NDArray[np.float32]]  # those of words without a row, if rows of n-grams are not all in memory
    _bags: tuple[list[Key], Bags] | None = None  # of which keys, and theirs

    def __setattr__(self, name: str, value: Any) -> None:
        if name in BEFORE and self._given:
            self._fit_own_rows()
        super().__setattr__(name, value)
        if name in SOURCES:
            self._have_ngrams = self.subwords.used and len(self.ngram_rows) > 0
            self.adjust_vectors()
        elif name == "index_to_key":  # other words have other n-grams
            self._forget()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_made": {}, "_unseen": {}, "_given": set(self._given)}

    @property
    def vectors_vocab(self) -> Rows:
        """The words' own rows, shape (len(self), vector_size)."""
        if self._given:
            self._fit_own_rows()
        return self._own_rows

    @vectors_vocab.setter
    def vectors_vocab(self, rows: Rows) -> None:
        self._own_rows, self._given = rows, set()

    def _fit_own_rows(self) -> None:
        """Solve for the own rows of words whose vectors were given; the vectors stay, to the bit."""
        with FITTING:
            if not self._given:  # another thread has
                return
            assert self._vectors is not None
            if not self.subwords.used:  # the vectors are the own rows
                self._own_rows, self._given = np.asarray(self._vectors, np.float32), set()
                return
            new = np.zeros((len(self._vectors) - len(self._own_rows), self.vector_size), np.float32)
            own = np.concatenate([self._own_rows, new], dtype=np.float32)  # type: ignore[list-item]
            self._fit(own, sorted(self._given), self._vectors)
            self._own_rows, self._given = own, set()  # in this order, for other threads

    def _fit(self, own: NDArray[np.float32], rows: Sequence[int], vectors: NDArray[Any]) -> None:
        """Put those rows of words into `own` that give their vectors together with their n-grams'.

        These are (n + 1)·vector - Σ n-grams.
        """
        bags = self.subwords.bags([self.index_to_key[row] for row in rows])
        for row, ids in zip(rows, bags, strict=True):
            own[row] = (len(ids) + 1) * vectors[row] - decoded(self.ngram_rows, ids).sum(axis=0)

    def _forget(self) -> None:
        """Let the vectors of single words be made anew."""
        self._made, self._unseen = {}, {}

    @property
    def vectors_ngrams(self) -> Any:
        """The rows of the n-grams, shape (bucket, vector_size)."""
        rows = self.ngram_rows
        if not isinstance(rows, RandomRows):
            return rows
        rows.hold_all()
        self._unseen = {}  # who asks may write to the rows
        matrix = rows.matrix()
        if matrix is not rows.rows:
            matrix.setflags(write=False)
        return matrix

    @vectors_ngrams.setter
    def vectors_ngrams(self, rows: NgramRows) -> None:
        self.ngram_rows = rows

    def ngrams_in_memory(self) -> Rows:
        """The rows of n-grams that are in memory."""
        return self.ngram_rows.rows if isinstance(self.ngram_rows, RandomRows) else self.ngram_rows

    def ngrams_in_use(self) -> tuple[Rows, Bags]:
        """The rows of n-grams that are in memory, and which of them each word has."""
        bags = self.buckets_word
        if isinstance(self.ngram_rows, RandomRows):
            bags = Bags(bags.starts, self.ngram_rows.hold(bags.ids))
        return self.ngrams_in_memory(), bags

    @property
    def vectors_vocab_lockf(self) -> NDArray[np.float32]:
        """`vectors_lockf`: training multiplies its changes of the words' own rows by it."""
        return self.vectors_lockf

    @vectors_vocab_lockf.setter
    def vectors_vocab_lockf(self, locks: NDArray[np.float32]) -> None:
        self.vectors_lockf = locks

    @property
    def buckets_word(self) -> Bags:
        """For each word the rows of its n-grams."""
        if self._bags is None or self._bags[0] is not self.index_to_key or len(self._bags[1]) != len(self):
            self._bags = self.index_to_key, self.subwords.bags(self.index_to_key)
        return self._bags[1]

    @property
    def vectors(self) -> NDArray[Any]:
        """The vectors of all words, shape (len(self), vector_size)."""
        vectors = self._vectors
        if vectors is None:
            if not self.subwords.used and isinstance(self.vectors_vocab, np.ndarray):
                return self.vectors_vocab
            vectors = self._vectors = self._mean_of_rows()
            self._made = {}  # they are all there
        return vectors

    @vectors.setter
    def vectors(self, vectors: NDArray[Any]) -> None:
        self._vectors = vectors
        self._forget()

    @property
    def _dtype(self) -> np.dtype[Any]:
        return np.dtype(np.float32) if self._vectors is None else self._vectors.dtype

    def adjust_vectors(self) -> None:
        """Let the vectors be made anew of the rows, after numbers of these have changed."""
        if self._given:
            self._fit_own_rows()
        self._vectors = self.norms = None
        self._forget()

    def recalc_char_ngram_buckets(self) -> None:
        """Let the n-grams of the words be found anew."""
        self._bags = None

    def _mean_of_rows(self) -> NDArray[np.float32]:
        """The mean of each word's own row and those of its n-grams."""
        if len(self.vectors_vocab) != len(self):
            raise ValueError(
                f"{len(self)} keys and {len(self.vectors_vocab)} rows of vectors_vocab, of which their vectors are made"
            )
        vectors = np.empty((len(self), self.vector_size), np.float32)
        ngrams, bags = self.ngrams_in_use()
        if is_plain(self.vectors_vocab) and is_plain(ngrams):
            workers = min(usable_cores(), 1 + len(self) // BLOCK)
            cuts = [len(self) * worker // workers for worker in range(workers + 1)]
            given: Any = (vectors, self.vectors_vocab, ngrams, bags.starts, bags.ids)
            mean: Any = functools.partial(subwords.mean_rows, *given)
            run_threads([functools.partial(mean, *cut) for cut in pairwise(cuts)], lambda: None)
            return vectors
        for begin in range(0, len(self), BLOCK):
            end = min(begin + BLOCK, len(self))
            vectors[begin:end] = self._mean_of_some(np.arange(begin, end), ngrams, bags)
        return vectors

    def _mean_of_some(self, words: NDArray[Any], ngrams: Rows, bags: Bags) -> NDArray[np.float32]:
        """The same for some words, one after another; decodes rows that are not plain arrays."""
        first, last = int(words[0]), int(words[-1]) + 1
        starts = bags.starts[first : last + 1] - bags.starts[first]
        some = Bags(starts, bags.ids[bags.starts[first] : bags.starts[last]])
        return mean_of_bags(decoded(self.vectors_vocab, words), ngrams, some)

    # Look-up.

    def __contains__(self, key: object) -> bool:
        """Whether `key` has a vector: with n-grams, all have; those with a row of their own are in `key_to_index`."""
        return self._have_ngrams or self.has_index_for(key)

    def get_vector(self, key: Any, norm: bool = False) -> NDArray[Any]:
        """The vector of a key, shape (vector_size,), read-only; with `norm`, divided by its length.

        Raises
        ------
        KeyError
            If the key has no row, and words have no n-grams.
        """
        row = self.key_to_index.get(key, -1)
        vector, vectors = self._made.get(row) if row >= 0 else self._unseen.get(key), self._vectors
        if vector is not None:
            if not norm:
                return vector[:]  # a view, which no one can make writeable
        elif row < 0 and (row := self.get_index(key, -1)) < 0:
            vector = self._vector_of_ngrams(key)
        else:
            vector = self._vector_of_row(row) if vectors is None else vectors[row]
        if norm:
            vector = queries.unit(vector)
        vector.setflags(write=False)
        return vector

    def _find_each(self, keys: Sequence[Any]) -> tuple[NDArray[Any], list[int] | None]:
        if not self._have_ngrams:
            return super()._find_each(keys)
        if len(keys) < FEW:
            return np.array([self.get_vector(key) for key in keys]), None
        return self._find_rows(keys, np.array([self.get_index(key, -1) for key in keys]))[0], None

    def _find_rows(self, keys: Any, rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any] | None]:
        if not self._have_ngrams:
            return super()._find_rows(keys, rows)
        known, unknown = np.flatnonzero(rows >= 0), np.flatnonzero(rows < 0).tolist()
        those, others = self._vectors_of(rows[known]), self._vectors_of_ngrams([keys[k] for k in unknown])
        vectors = np.empty((len(rows), self.vector_size), np.result_type(those, others))
        vectors[known], vectors[unknown] = those, others
        return vectors, None

    def _will_find(self, count: int) -> None:
        if self._vectors is None and count * SHARE >= len(self) and is_plain(self.vectors_vocab):
            with MAKING:
                self.vectors  # noqa: B018  # makes all, and keeps them

    def _vectors_of(self, rows: Sequence[int] | NDArray[Any]) -> NDArray[Any]:
        if self._vectors is not None or not len(rows):
            return super()._vectors_of(rows)
        if len(rows) < MANY:
            return np.array([self._vector_of_row(int(row)) for row in rows])
        bags = self.subwords.bags([self.index_to_key[row] for row in rows])
        return mean_of_bags(decoded(self.vectors_vocab, rows), self.ngram_rows, bags)

    def _vector_of_row(self, row: int) -> NDArray[np.float32]:
        """The vector of a word, made of its rows unless it was before."""
        if not self.subwords.used:
            return decoded(self.vectors_vocab, [row])[0]
        made = self._made
        vector = made.get(row)
        if vector is None:
            own, ids = decoded(self.vectors_vocab, [row]), self.subwords.of_word(self.index_to_key[row])
            vector = subwords.mean_row(np.concatenate([own, decoded(self.ngram_rows, ids)]))
            vector.setflags(write=False)
            made[row] = vector
        return vector[:]  # a view, which no one can make writeable

    def _vector_of_ngrams(self, key: Any) -> NDArray[np.float32]:
        if not self._have_ngrams or not isinstance(key, KEY_TYPES):
            raise KeyError(f"Key '{key}' not present, and there are no n-grams of it to make a vector of")
        ids, rows = self.subwords.of_unseen(key if isinstance(key, str) else int(key)), self.ngram_rows
        if not len(ids):
            logger.warning("%r has no n-grams: its vector is zero", key)
            return np.zeros(self.vector_size, np.float32)
        vector = subwords.mean_row(decoded(rows, ids))
        if isinstance(rows, RandomRows) and rows.places is not None and not rows.on_loan and type(key) is str:
            if len(self._unseen) >= MOST_UNSEEN:
                self._unseen = {}
            vector.setflags(write=False)
            self._unseen[key] = vector
            return vector[:]  # a view, which no one can make writeable
        return vector

    def _vectors_of_ngrams(self, keys: Sequence[Any]) -> NDArray[np.float32]:
        """The same for several keys, which are made together where they are many."""
        alike = all(isinstance(key, KEY_TYPES) for key in keys) and self.subwords.labels.keys().isdisjoint(keys)
        if len(keys) < FEW or not alike:
            vectors = [self._vector_of_ngrams(key) for key in keys]
            return np.array(vectors, np.float32).reshape(len(keys), self.vector_size)
        bags = self.subwords.bags([key if isinstance(key, str) else int(key) for key in keys])
        for k in np.flatnonzero(np.diff(bags.starts) == 0).tolist():
            logger.warning("%r has no n-grams: its vector is zero", keys[k])
        return mean_of_bags(None, self.ngram_rows, bags)


def mean_of_bags(own: NDArray[np.float32] | None, ngrams: NgramRows, bags: Bags) -> NDArray[np.float32]:
    """The mean of the rows of each bag, and of a row of its own if there are such; decodes no others."""
    rows: Any = ngrams
    ids = bags.ids
    if not is_plain(ngrams):
        numbers, places = np.unique(ids, return_inverse=True)
        rows, ids = decoded(ngrams, numbers), places.astype(np.int32).reshape(-1)
    vectors = np.empty((len(bags), rows.shape[1]), np.float32)
    subwords.mean_rows(vectors, own, rows, bags.starts, ids, 0, len(bags))
    return vectors


def is_plain(rows: Any) -> bool:
    """Whether rows are an array that kernels can read as it stands."""
    return isinstance(rows, np.ndarray) and rows.dtype == np.float32 and rows.flags.c_contiguous and rows.flags.aligned
