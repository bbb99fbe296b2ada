"""Vectors of words that are made of their character n-grams (Bojanowski et al. 2017)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import whole
from fastemb.formats import gensim
from fastemb.formats.quantized import Rows, decoded, pack_rows, unpack_rows
from fastemb.models._arrays import check_vectors, named_arrays, set_locks, unpack_keys
from fastemb.models._attributes import Key
from fastemb.models._compression import compressed
from fastemb.models._near import naming_near_parameters
from fastemb.models._random import RandomRows, random_vectors
from fastemb.models._sentences import Labelled, Sentences
from fastemb.models._subword_lookup import BLOCK, FITTING, NgramRows
from fastemb.models.parameters import check_memory
from fastemb.subwords import Subwords, pack_subwords, unpack_subwords

logger = logging.getLogger(__name__)


@naming_near_parameters
class FastTextKeyedVectors(Sentences):
    """Vectors of words, each the mean of the word's own row and the rows of its n-grams.

    A word without a row of its own gets the mean of its n-grams' rows, so that every word has a vector.

    Parameters
    ----------
    vector_size : int
    min_n, max_n : int
        Characters of the shortest and the longest n-gram; `max_n` below `min_n`, or 0, is for none.
    bucket : int
        Rows of n-grams, to which they are hashed; 0 is for none.
    count, dtype
        As of `KeyedVectors`.

    Attributes
    ----------
    vectors : ndarray of float32, shape (len(self), vector_size)
        Made of the rows when they are first asked for, and anew after training and when rows are set; that of a single
        word likewise. Who writes into rows calls `adjust_vectors`.
    vectors_vocab : ndarray of float32, shape (len(self), vector_size)
        The words' own rows. Those of words that were given vectors are fitted to these when they are asked for here.
    vectors_ngrams : ndarray of float32, shape (bucket, vector_size)
        The rows of the n-grams. In a new model only the rows of the words' n-grams are in memory, until all are
        asked for here; callbacks of its training get a copy, read-only, made anew each time. After `compress`, or
        from a quantised file, both matrices may be of other types that give float32 when they are indexed.
    buckets_word : sequence of ndarray of int32
        For each word the rows of its n-grams.
    vectors_vocab_lockf, vectors_ngrams_lockf : ndarray of float32
        As `vectors_lockf`, for the two kinds of rows.
    """

    LOCKS = ("vectors_lockf", "vectors_ngrams_lockf")
    NGRAMS = True

    compatible_hash = True

    def __init__(self, vector_size: int, min_n: int, max_n: int, bucket: int, count: int = 0, dtype: Any = np.float32):
        vector_size, count = whole("vector_size", vector_size, 0), whole("count", count, 0)
        self._given = set()
        self.subwords = Subwords(whole("min_n", min_n, 0), whole("max_n", max_n, 0), whole("bucket", bucket, 0))
        self.vectors_vocab = np.zeros((count, vector_size), dtype)
        self.ngram_rows = np.zeros((0, vector_size), dtype)
        super().__init__(vector_size, count, dtype)
        self.vectors_ngrams_lockf: NDArray[np.float32] = np.ones(1, np.float32)

    @classmethod
    def from_bags(
        cls,
        keys: Iterable[Key],
        vectors_vocab: Rows,
        vectors_ngrams: NgramRows,
        subwords: Subwords,
        expandos: dict[str, NDArray[Any]] | None = None,
        supervised: Labelled | None = None,
    ) -> FastTextKeyedVectors:
        """Vectors of these keys, from their rows and those of their n-grams; nothing is copied.

        Raises
        ------
        ValueError
            If a key occurs twice, sizes differ, or a word is too long for its n-grams.
        """
        keyed = cls(vectors_vocab.shape[1], subwords.min_n, subwords.max_n, subwords.bucket)
        keyed.subwords, keyed.supervised = subwords, supervised
        keyed.index_to_key = list(keys)
        keyed.key_to_index = dict(zip(keyed.index_to_key, range(len(keyed.index_to_key)), strict=True))
        if not len(keyed.key_to_index) == len(keyed.index_to_key) == len(vectors_vocab):
            raise ValueError(
                f"{len(keyed.index_to_key)} keys, of which {len(keyed.key_to_index)} differ, "
                f"for {len(vectors_vocab)} vectors"
            )
        subwords.check_lengths(keyed.index_to_key)
        shape = subwords.rows, vectors_vocab.shape[1]
        unmade = not keyed.index_to_key and not len(vectors_ngrams)  # n-grams get their rows with the first word
        needed = subwords.used or (supervised is not None and supervised.word_ngrams > 1 and subwords.bucket > 0)
        if needed and not unmade and vectors_ngrams.shape != shape:
            raise ValueError(f"the rows of n-grams must be of shape {shape}, not {vectors_ngrams.shape}")
        if len(vectors_ngrams) and vectors_ngrams.shape[1] != shape[1]:
            raise ValueError(f"rows of n-grams have {vectors_ngrams.shape[1]} numbers, and those of words {shape[1]}")
        keyed.next_index = len(vectors_vocab)
        keyed.expandos = dict(expandos or {})
        keyed.vectors_vocab, keyed.ngram_rows = vectors_vocab, vectors_ngrams
        return keyed

    @property
    def min_n(self) -> int:
        """Characters of the shortest n-grams."""
        return self.subwords.min_n

    @property
    def max_n(self) -> int:
        """Characters of the longest n-grams."""
        return self.subwords.max_n

    @property
    def bucket(self) -> int:
        """Numbers to which n-grams are hashed."""
        return self.subwords.bucket

    # Change.

    def _lock(self, rows: Sequence[int], factor: float) -> None:
        """As of `KeyedVectors`; n-grams that other words have, too, are slowed down, but never quickened."""
        super()._lock(rows, factor)
        if len(rows) and self.subwords.used and self.vectors_ngrams_lockf.max() > factor:
            locks = np.resize(self.vectors_ngrams_lockf, self.subwords.rows)
            ids = self.subwords.bags([self.index_to_key[row] for row in rows]).ids
            locks[ids] = np.minimum(locks[ids], factor)
            self.vectors_ngrams_lockf = locks

    def _give(self, vectors: NDArray[Any], rows: Sequence[int]) -> NDArray[Any]:
        """As of `KeyedVectors`; the words' own rows become what gives these vectors together with their n-grams'.

        They do when they are next asked for, those of all such words at once.
        """
        if not isinstance(self._own_rows, np.ndarray):
            raise TypeError("vectors that were compressed cannot be changed")
        self.subwords.check_lengths(self.index_to_key[row] for row in rows)
        if self.subwords.used and not len(self.ngram_rows):
            self.ngram_rows = np.zeros((self.subwords.rows, self.vector_size), np.float32)
        with FITTING:
            self._given.update(rows)
            # At once, and past `__setattr__`, which would fit the own rows now.
            vars(self).update(_vectors=vectors, _bags=None, norms=None, _made={}, _unseen={})
        return vectors

    def _changed(self) -> list[int]:
        """The words whose vectors are not those that the rows give: they were set, or divided by their lengths."""
        if self._vectors is None:
            return []
        vectors = check_vectors(self._vectors, (len(self), self.vector_size))
        (ngrams, bags), found = self.ngrams_in_use(), []
        for begin in range(0, len(self), BLOCK):
            words = np.arange(begin, min(begin + BLOCK, len(self)))
            same = self._mean_of_some(words, ngrams, bags) == vectors[words]
            found += words[~same.all(axis=1)].tolist()
        return found

    def given_vectors(self) -> NDArray[Any] | None:
        """The vectors, if they are others than the rows give."""
        return self._vectors if self._changed() else None

    def own_rows(self) -> Rows:
        """The words' own rows; of vectors that were set, those that give them together with their n-grams'."""
        changed = self._changed()
        if not changed:
            return self.vectors_vocab
        own = np.array(decoded(self.vectors_vocab, slice(None)))
        self._fit(own, changed, self.vectors)
        return own

    def sort_by_descending_frequency(self) -> None:
        """As of `KeyedVectors`."""
        before, given = self.key_to_index, self.given_vectors()
        self.vectors = self.vectors_vocab[:]  # the base class brings these into order
        super().sort_by_descending_frequency()
        self.vectors_vocab, self._bags = self.vectors, None
        if given is not None:
            self.vectors = given[[before[key] for key in self.index_to_key]]

    def add_words(self, words: Sequence[Key], seed: int = 0) -> None:
        """Add words with random rows; see `resize_vectors`."""
        self.subwords.check_lengths(words)
        for word in words:
            self.key_to_index[word] = len(self.index_to_key)
            self.index_to_key.append(word)
        self.next_index = len(self)
        self.resize_vectors(seed)

    def resize_vectors(self, seed: int = 0) -> None:
        """Make rows for all words and buckets; new ones are random, as gensim's are.

        Raises
        ------
        MemoryError
            If the machine has less memory than that; before any is taken.
        """
        rows = self.subwords.rows if self.subwords.used else 0
        check_memory(len(self) + rows, self.vector_size)
        self.vectors_vocab = grown(self.vectors_vocab, len(self), seed)
        if rows and not len(self.ngram_rows):
            self.ngram_rows = RandomRows((rows, self.vector_size), seed + 1)
        elif not isinstance(self.ngram_rows, RandomRows):
            self.ngram_rows = grown(self.ngram_rows, rows, seed + 1)
        self.allocate_vecattrs()
        self.recalc_char_ngram_buckets()
        self.adjust_vectors()
        self.ngrams_in_use()

    def compress(
        self, store: str = "int8", words: int | None = None, buckets: int | None = None, seed: int = 1
    ) -> FastTextKeyedVectors:
        """The same vectors in less memory, nearly.

        The log, and `compression` of what is returned, say how near they are.

        Parameters
        ----------
        store : {'float32', 'float16', 'int8', 'product'}, default 'int8'
            What the rows are kept as: 4, 2 or 1 bytes for each number, or 1 byte for each two (product quantisation, as
            in fastText's .ftz files). They are decoded when they are needed.
        words : int, optional
            Keep the rows of so many words, the first; the others are made of their n-grams alone.
        buckets : int, optional
            Keep the rows of so many buckets: those whose rows are the longest (Joulin et al. 2016), among those that
            n-grams of the vocabulary have. N-grams of others do not count any more.
        seed : int, default 1
            For the sample that product quantisation is fitted to.

        Returns
        -------
        FastTextKeyedVectors
            For look-up and queries, not for training. Its `compression` is a dict: 'bytes', of all rows; 'share', of
            the bytes before; 'cosine', the mean over the words of the cosine between their vectors now and before;
            and 'cosine_unseen', the same with vectors of n-grams alone, as of words never seen.

        Raises
        ------
        ValueError
            If `store` is something else, a number is negative or too large, or with 'int8' and 'product' a row holds
            NaN or infinity.
        """
        return compressed(self, store, words, buckets, seed)

    def without_words(self) -> FastTextKeyedVectors:
        """The n-grams alone: every vector is made as if its word had never been seen."""
        return self.from_bags([], np.empty((0, self.vector_size), np.float32), self.ngram_rows, self.subwords)

    # Files.

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, as arrays for `fastemb.formats.native`."""
        named = named_arrays(self, "rows of vectors_vocab", self.vectors_vocab)
        rows = self.ngram_rows
        ngrams = rows.matrix() if isinstance(rows, RandomRows) else rows
        arrays = pack_rows("vectors_vocab", self.vectors_vocab) | pack_rows("vectors_ngrams", ngrams)
        if (given := self.given_vectors()) is not None:
            arrays["vectors"] = given
        arrays |= pack_subwords(self.subwords)
        if self.supervised is not None:
            arrays |= self.supervised.to_arrays()
        return arrays | named

    @classmethod
    def from_gensim(cls, saved: dict[str, Any], name: str) -> FastTextKeyedVectors:
        """Vectors from the attributes of what gensim saved; `name` is the file's, for messages."""
        inner = gensim.inner_vectors(saved)
        made, own = inner.get("vectors"), inner.get("vectors_vocab")  # gensim 2.3 kept the first alone
        keys, vectors, attributes = gensim.vectors_of(inner | {"vectors": made if own is None else own}, name)
        try:
            parameters, ngrams = gensim.ngrams_of(inner, unpack_rows("vectors_ngrams", inner))
            keyed = cls.from_bags(keys, vectors, ngrams, parameters, attributes)
            if own is None:
                keyed._give(vectors, range(len(keys)))
                keyed._fit_own_rows()
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"{name}: holds no FastText vectors, or damaged ones ({error})") from None
        set_locks(keyed, inner | {"vectors_lockf": inner.get("vectors_vocab_lockf")}, name)
        return keyed

    @classmethod
    def from_native(cls, arrays: dict[str, NDArray[Any]], name: str) -> FastTextKeyedVectors:
        """The opposite of `to_arrays`; `name` is the file's, for messages."""
        if "features.ids" in arrays:
            from fastemb.models._item_vectors import ItemVectors

            return ItemVectors.from_native(arrays, name)
        keys, attributes = unpack_keys(arrays, name)
        try:
            keyed = cls.from_bags(
                keys,
                unpack_rows("vectors_vocab", arrays),
                unpack_rows("vectors_ngrams", arrays),
                unpack_subwords(arrays),
                attributes,
                Labelled.from_arrays(arrays),
            )
            if "vectors" in arrays:
                keyed.vectors = check_vectors(arrays["vectors"], (len(keyed), keyed.vector_size))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{name}: holds no FastText vectors, or damaged ones ({error})") from None
        set_locks(keyed, arrays, name)
        return keyed


def grown(rows: Rows, count: int, seed: int) -> NDArray[np.float32]:
    """A matrix of so many rows, the first of them those given, the others random."""
    if not isinstance(rows, np.ndarray):
        raise TypeError("vectors that were compressed cannot be trained")
    if len(rows) == count:
        return rows
    matrix = random_vectors((count, rows.shape[1]), seed)
    matrix[: len(rows)] = rows
    return matrix
