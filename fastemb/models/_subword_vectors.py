"""Vectors of words that are made of their character n-grams (Bojanowski et al. 2017)."""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb import subwords
from fastemb._threads import run_threads, usable_cores
from fastemb.formats import gensim
from fastemb.formats.quantized import Rows, decoded, pack_rows, unpack_rows
from fastemb.models._compression import encoder, longest_buckets, mean_cosine
from fastemb.models._lookup import KEY_TYPES, Key
from fastemb.models._random import RandomRows, random_vectors
from fastemb.models.keyedvectors import KeyedVectors, unpack_keys
from fastemb.subwords import Bags, Subwords, unpack_subwords

logger = logging.getLogger(__name__)

BLOCK = 4096  # words whose vectors are made at a time
NgramRows = Rows | RandomRows


class FastTextKeyedVectors(KeyedVectors):
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
        Made of the rows when they are first asked for, and anew after training.
    vectors_vocab : ndarray of float32, shape (len(self), vector_size)
        The words' own rows.
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
    compression: dict[str, float]  # see `compress`

    def __init__(self, vector_size: int, min_n: int, max_n: int, bucket: int, count: int = 0, dtype: Any = np.float32):
        if min(min_n, max_n, bucket) < 0 or bucket > subwords.MOST_BUCKETS:
            raise ValueError(f"min_n={min_n}, max_n={max_n} and bucket={bucket} must be from 0 to 2³¹ - 1")
        self.subwords = Subwords(int(min_n), int(max_n), int(bucket))
        self._vectors: NDArray[Any] | None = None
        self._bags: Bags | None = None
        super().__init__(vector_size, count, dtype)
        self.vectors_vocab: Rows = self.vectors
        self.ngram_rows: NgramRows = np.zeros((0, self.vector_size), dtype)
        self.vectors_ngrams_lockf: NDArray[np.float32] = np.ones(1, np.float32)

    @classmethod
    def from_bags(
        cls,
        keys: Iterable[Key],
        vectors_vocab: Rows,
        vectors_ngrams: NgramRows,
        subwords: Subwords,
        expandos: dict[str, NDArray[Any]] | None = None,
    ) -> FastTextKeyedVectors:
        """Vectors of these keys, from their rows and those of their n-grams; nothing is copied.

        Raises
        ------
        ValueError
            If a key occurs twice, or sizes differ.
        """
        keyed = cls(vectors_vocab.shape[1], subwords.min_n, subwords.max_n, subwords.bucket)
        keyed.subwords = subwords
        keyed.index_to_key = list(keys)
        keyed.key_to_index = {key: row for row, key in enumerate(keyed.index_to_key)}
        if not len(keyed.key_to_index) == len(keyed.index_to_key) == len(vectors_vocab):
            raise ValueError(
                f"{len(keyed.index_to_key)} keys, of which {len(keyed.key_to_index)} differ, "
                f"for {len(vectors_vocab)} vectors"
            )
        shape = subwords.rows, vectors_vocab.shape[1]
        unmade = not keyed.index_to_key and not len(vectors_ngrams)  # n-grams get their rows with the first word
        if subwords.used and not unmade and vectors_ngrams.shape != shape:
            raise ValueError(f"the rows of n-grams must be of shape {shape}, not {vectors_ngrams.shape}")
        keyed.next_index = len(vectors_vocab)
        keyed.expandos = dict(expandos or {})
        keyed.vectors_vocab, keyed.ngram_rows = vectors_vocab, vectors_ngrams
        keyed._vectors = None
        return keyed

    @property
    def vectors_ngrams(self) -> Any:
        """The rows of the n-grams, shape (bucket, vector_size)."""
        rows = self.ngram_rows
        if not isinstance(rows, RandomRows):
            return rows
        rows.hold_all()
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

    @property
    def buckets_word(self) -> Bags:
        """For each word the rows of its n-grams."""
        if self._bags is None or len(self._bags) != len(self):
            self._bags = self.subwords.bags(self.index_to_key)
        return self._bags

    @property
    def vectors(self) -> NDArray[Any]:
        """The vectors of all words, shape (len(self), vector_size)."""
        if self._vectors is None:
            if not self.subwords.used and isinstance(self.vectors_vocab, np.ndarray):
                return self.vectors_vocab
            self._vectors = self._mean_of_rows()
        return self._vectors

    @vectors.setter
    def vectors(self, vectors: NDArray[Any]) -> None:
        self._vectors = vectors

    def adjust_vectors(self) -> None:
        """Let the vectors be made anew of the rows, after these have changed."""
        self._vectors = self.norms = None

    def recalc_char_ngram_buckets(self) -> None:
        """Let the n-grams of the words be found anew."""
        self._bags = None

    def _mean_of_rows(self) -> NDArray[np.float32]:
        """The mean of each word's own row and those of its n-grams."""
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
        ids, places = np.unique(bags.ids[bags.starts[first] : bags.starts[last]], return_inverse=True)
        own, others = decoded(self.vectors_vocab, words), decoded(ngrams, ids)
        vectors = np.empty_like(own)
        subwords.mean_rows(vectors, own, others, starts, places.astype(np.int32).reshape(-1), 0, len(words))
        return vectors

    # Look-up.

    def __contains__(self, key: object) -> bool:
        """Whether `key` has a vector: with n-grams, all have; those with a row of their own are in `key_to_index`."""
        return self._have_ngrams or self.has_index_for(key)

    @property
    def _have_ngrams(self) -> bool:
        return self.subwords.used and len(self.ngram_rows) > 0

    def get_vector(self, key: Any, norm: bool = False) -> NDArray[Any]:
        """The vector of a key, shape (vector_size,), read-only; with `norm`, divided by its length.

        Raises
        ------
        KeyError
            If the key has no row, and words have no n-grams.
        """
        row = self.get_index(key, -1)
        if row >= 0 and (self._vectors is not None or not self.subwords.used):
            return super().get_vector(key, norm=norm)
        if row >= 0:
            bags = self.subwords.bags([self.index_to_key[row]])
            vector = self._mean(decoded(self.vectors_vocab, [row]), bags.ids)
        else:
            vector = self._vector_of_ngrams(key)
        if norm:
            vector /= np.linalg.norm(vector) or np.float32(1)
        vector.setflags(write=False)
        return vector

    def _vector_of_ngrams(self, key: Any) -> NDArray[np.float32]:
        if not self._have_ngrams or not isinstance(key, (str, int, np.integer)):
            raise KeyError(f"Key '{key}' not present, and there are no n-grams of it to make a vector of")
        ids = self.subwords.bags([key if isinstance(key, str) else int(key)]).ids
        if not len(ids):
            logger.warning("%r has no n-grams: its vector is zero", key)
            return np.zeros(self.vector_size, np.float32)
        return self._mean(decoded(self.ngram_rows, ids[:1]), ids[1:])

    def _mean(self, first: NDArray[np.float32], ids: NDArray[np.int32]) -> NDArray[np.float32]:
        """The mean of one row and the rows of some n-grams."""
        vector = np.empty((1, self.vector_size), np.float32)
        rows = decoded(self.ngram_rows, ids)
        count = len(ids)
        subwords.mean_rows(vector, first, rows, np.array([0, count]), np.arange(count, dtype=np.int32), 0, 1)
        return vector[0]

    def get_sentence_vector(self, sentence: str | Sequence[Key]) -> NDArray[np.float32]:
        """The mean of the vectors of words, each divided by its length; of those that are not zero (fastText).

        Parameters
        ----------
        sentence : str, or sequence of str or int
            A str is split at whitespace.

        Returns
        -------
        ndarray of float32, shape (vector_size,)
            Zeros if there are no words.
        """
        words = sentence.split() if isinstance(sentence, str) else sentence
        vectors = np.array([self.get_vector(word, norm=True) for word in words], np.float32)
        vectors = vectors.reshape(-1, self.vector_size)
        return vectors.sum(axis=0) / max(1, int(np.count_nonzero(vectors.any(axis=1))))

    # Change.

    def add_vector(self, key: Key, vector: Any) -> int:
        """As of `KeyedVectors`; the word's own row becomes what gives this vector together with its n-grams'."""
        known = self.vectors, key in self.key_to_index
        row = super().add_vector(key, vector)
        if not known[1]:
            self._fit_rows([row])
        return row

    def add_vectors(
        self,
        keys: Sequence[Key] | Key,
        weights: Any,
        extras: Mapping[str, NDArray[Any]] | None = None,
        replace: bool = False,
    ) -> None:
        """As of `KeyedVectors`; the words' own rows become what gives these vectors together with their n-grams'."""
        before = len(self)
        self.vectors = self.vectors
        super().add_vectors(keys, weights, extras, replace)
        given = [keys] if isinstance(keys, KEY_TYPES) else keys
        rows = sorted({self.key_to_index[key] for key in given})
        self._fit_rows([row for row in rows if replace or row >= before])

    def _fit_rows(self, rows: list[int]) -> None:
        """Solve for the own rows of words whose vectors were given: (n + 1)·vector - Σ n-grams."""
        if not isinstance(self.vectors_vocab, np.ndarray):
            raise TypeError("vectors that were compressed cannot be changed")
        vectors, self._bags = self.vectors, None
        if self.subwords.used and not len(self.ngram_rows):
            self.ngram_rows = np.zeros((self.subwords.rows, self.vector_size), np.float32)
        own = np.zeros((len(vectors), self.vector_size), np.float32)
        own[: len(self.vectors_vocab)] = self.vectors_vocab
        bags = self.subwords.bags([self.index_to_key[row] for row in rows])
        for row, ids in zip(rows, bags, strict=True):
            own[row] = (len(ids) + 1) * vectors[row] - decoded(self.ngram_rows, ids).sum(axis=0)
        self.vectors_vocab = own
        if not self.subwords.used:
            self._vectors = None

    def sort_by_descending_frequency(self) -> None:
        """As of `KeyedVectors`."""
        self._vectors = self.vectors_vocab[:]  # the base class brings these into order
        super().sort_by_descending_frequency()
        self.vectors_vocab, self._vectors, self._bags = self._vectors, None, None

    def add_words(self, words: Sequence[Key], seed: int = 0) -> None:
        """Add words with random rows; see `resize_vectors`."""
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
            If `store` is something else, or a number is negative.
        """
        encode = encoder(store, seed)
        if min(words or 0, buckets or 0) < 0:
            raise ValueError(f"words={words} and buckets={buckets} must not be negative")
        count = len(self) if words is None else min(words, len(self))
        ngrams, parameters = self.ngram_rows, self.subwords
        if buckets is not None and parameters.used:
            ngrams, parameters = longest_buckets(buckets, ngrams, parameters, self.buckets_word)
        compressed = FastTextKeyedVectors.from_bags(
            self.index_to_key[:count],
            encode(decoded(self.vectors_vocab, slice(0, count))),
            encode(decoded(ngrams, slice(None))),
            parameters,
            {name: values[:count] for name, values in self.expandos.items()},
        )
        size = compressed.vectors_vocab.nbytes + compressed.vectors_ngrams.nbytes
        compressed.compression = {
            "bytes": size,
            "share": size / max(1, self.vectors_vocab.nbytes + self.ngram_rows.nbytes),
            "cosine": mean_cosine(self, compressed, self.index_to_key),
            "cosine_unseen": mean_cosine(self.without_words(), compressed.without_words(), self.index_to_key),
        }
        logger.info("compressed: %s", compressed.compression)
        return compressed

    def without_words(self) -> FastTextKeyedVectors:
        """The n-grams alone: every vector is made as if its word had never been seen."""
        return FastTextKeyedVectors.from_bags(
            [], np.empty((0, self.vector_size), np.float32), self.ngram_rows, self.subwords
        )

    # Files.

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, as arrays for `fastemb.formats.native`."""
        rows = self.ngram_rows
        ngrams = rows.matrix() if isinstance(rows, RandomRows) else rows
        arrays = pack_rows("vectors_vocab", self.vectors_vocab) | pack_rows("vectors_ngrams", ngrams)
        arrays["subwords"] = np.array([self.min_n, self.max_n, self.bucket], np.int64)
        arrays["subwords.encoding"] = np.frombuffer(self.subwords.encoding.encode(), np.uint8)
        if self.subwords.kept is not None:
            arrays["subwords.kept"] = self.subwords.kept
        return arrays | self._named_arrays()

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
                keyed.vectors = vectors
                keyed._fit_rows(list(range(len(keys))))
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"{name}: holds no FastText vectors, or damaged ones ({error})") from None
        keyed._set_locks(inner | {"vectors_lockf": inner.get("vectors_vocab_lockf")}, name)
        return keyed

    @classmethod
    def from_native(cls, arrays: dict[str, NDArray[Any]], name: str) -> FastTextKeyedVectors:
        """The opposite of `to_arrays`; `name` is the file's, for messages."""
        keys, attributes = unpack_keys(arrays, name)
        try:
            keyed = cls.from_bags(
                keys,
                unpack_rows("vectors_vocab", arrays),
                unpack_rows("vectors_ngrams", arrays),
                unpack_subwords(arrays),
                attributes,
            )
        except (KeyError, ValueError) as error:
            raise ValueError(f"{name}: holds no FastText vectors, or damaged ones ({error})") from None
        keyed._set_locks(arrays, name)
        return keyed


def is_plain(rows: Rows) -> bool:
    """Whether rows are an array that kernels can read as it stands."""
    return isinstance(rows, np.ndarray) and rows.dtype == np.float32 and rows.flags.c_contiguous and rows.flags.aligned


def grown(rows: Rows, count: int, seed: int) -> NDArray[np.float32]:
    """A matrix of so many rows, the first of them those given, the others random."""
    if not isinstance(rows, np.ndarray):
        raise TypeError("vectors that were compressed cannot be trained")
    if len(rows) == count:
        return rows
    matrix = random_vectors((count, rows.shape[1]), seed)
    matrix[: len(rows)] = rows
    return matrix


def check_memory(rows: int, columns: int) -> None:
    """Raise MemoryError if a matrix is larger than the machine's memory."""
    needed = 4 * rows * columns
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return
    if needed > memory > 0:
        raise MemoryError(
            f"{rows} rows of words and n-grams of {columns} numbers take {needed / 2**30:.1f} GiB, and this machine "
            f"has {memory / 2**30:.1f} GiB of memory: take a smaller bucket or vector_size"
        )
