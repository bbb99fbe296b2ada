"""Vectors by key: look-up, similarity, and the files that others read."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb import evaluation
from fastemb.formats import native, word2vec
from fastemb.models._random import pseudorandom_weak_vector as pseudorandom_weak_vector

logger = logging.getLogger(__name__)

Key = str | int
Path = str | os.PathLike[str]
KEY_TYPES = (str, int, np.integer)


class KeyedVectors:
    """A map from keys (words, or anything named by a str or an int) to vectors.

    Parameters
    ----------
    vector_size : int
    count : int, default 0
        Make room for that many vectors of zeros, without keys.
    dtype : dtype, default float32

    Attributes
    ----------
    vectors : ndarray, shape (len(self), vector_size)
    index_to_key : list of str or int
    key_to_index : dict
    vectors_lockf : ndarray of float32, shape (any,)
        Training multiplies its changes of row k by vectors_lockf[k % len(vectors_lockf)]: 0 keeps a vector
        as it is. One 1 by default.
    expandos : dict of str to ndarray
        Further attributes of the keys; after training, 'count'.
    """

    def __init__(self, vector_size: int, count: int = 0, dtype: Any = np.float32):
        self.vector_size = int(vector_size)
        self.index_to_key: list[Key] = [None] * count  # type: ignore[list-item]
        self.key_to_index: dict[Key, int] = {}
        self.vectors: NDArray[Any] = np.zeros((count, self.vector_size), dtype)
        self.norms: NDArray[Any] | None = None
        self.next_index = 0
        self.vectors_lockf: NDArray[np.float32] = np.ones(1, np.float32)
        self.expandos: dict[str, NDArray[Any]] = {}

    @classmethod
    def from_arrays(
        cls, keys: Iterable[Key], vectors: NDArray[Any], expandos: dict[str, NDArray[Any]] | None = None
    ) -> KeyedVectors:
        """Vectors with these keys, row by row; the array is not copied.

        Raises
        ------
        ValueError
            If a key occurs twice, or the sizes differ.
        """
        keyed = cls(vectors.shape[1])
        keyed.index_to_key = list(keys)
        keyed.key_to_index = {key: row for row, key in enumerate(keyed.index_to_key)}
        if len(keyed.key_to_index) != len(vectors) or len(keyed.index_to_key) != len(vectors):
            raise ValueError(
                f"{len(keyed.index_to_key)} keys, of which {len(keyed.key_to_index)} differ, for {len(vectors)} vectors"
            )
        keyed.vectors = vectors
        keyed.next_index = len(vectors)
        keyed.expandos = dict(expandos or {})
        return keyed

    def __str__(self) -> str:
        return f"{type(self).__name__}<vector_size={self.vector_size}, {len(self)} keys>"

    def __len__(self) -> int:
        return len(self.index_to_key)

    # Look-up.

    def __contains__(self, key: object) -> bool:
        return self.has_index_for(key)

    def has_index_for(self, key: object) -> bool:
        """Whether `key` has a vector."""
        return self.get_index(key, -1) >= 0

    def get_index(self, key: Any, default: int | None = None) -> int:
        """Row of `key`; an int that is not a key is a row itself, as in gensim.

        Raises
        ------
        KeyError
            If there is no such key and no `default`.
        """
        found = self.key_to_index.get(key, -1)
        if found >= 0:
            return found
        if isinstance(key, Integral) and 0 <= key < len(self.index_to_key):  # type: ignore[operator]
            return int(key)
        if default is not None:
            return default
        raise KeyError(f"Key '{key}' not present")

    def __getitem__(self, key_or_keys: Any) -> NDArray[Any]:
        """The vector of a key, shape (vector_size,); of a list of keys, shape (keys, vector_size)."""
        if isinstance(key_or_keys, KEY_TYPES):
            return self.get_vector(key_or_keys)
        return np.vstack([self.get_vector(key) for key in key_or_keys])

    def get_vector(self, key: Any, norm: bool = False) -> NDArray[Any]:
        """The vector of a key, shape (vector_size,), read-only; with `norm`, divided by its length.

        Raises
        ------
        KeyError
            If there is no such key.
        """
        row = self.get_index(key)
        result = self.vectors[row] / self._norms()[row] if norm else self.vectors[row]
        result.setflags(write=False)
        return result

    def get_vecattr(self, key: Key, attr: str) -> Any:
        """An attribute of a key, for example its 'count'."""
        return self.expandos[attr][self.get_index(key)]

    def set_vecattr(self, key: Key, attr: str, val: Any) -> None:
        """Set an attribute of a key; for the others it begins as zero.

        Raises
        ------
        TypeError
            If the attribute has another type already, that cannot hold `val`.
        """
        row = self.get_index(key)
        dtype = np.asarray(val).dtype
        if dtype.kind in "US":  # which would cut longer ones
            dtype = np.dtype(object)
        values = self.expandos.setdefault(attr, np.zeros(len(self), dtype))
        if not np.can_cast(np.min_scalar_type(val), values.dtype, "same_kind"):
            raise TypeError(f"attribute {attr!r} is of type {values.dtype} and cannot be {val!r}")
        values[row] = val

    # Change.

    def add_vector(self, key: Key, vector: Any) -> int:
        """Add one vector, in a slot made by `count` if there is one; return its row.

        A key that is there already keeps its vector.
        """
        row = self.next_index
        if key in self.key_to_index or row >= len(self) or self.index_to_key[row] is not None:
            self.add_vectors([key], [vector])
            return self.key_to_index[key]
        self.vectors[row] = self._as_rows([vector], 1)[0]
        self.index_to_key[row] = key
        self.key_to_index[key] = row
        self.norms = None
        self.next_index = row + 1
        return row

    def _as_rows(self, weights: Any, count: int) -> NDArray[Any]:
        rows = np.asarray(weights, self.vectors.dtype)
        if rows.shape != (count, self.vector_size):
            raise ValueError(f"{count} keys of size {self.vector_size} need weights of that shape, not {rows.shape}")
        return rows

    def add_vectors(self, keys: Sequence[Key] | Key, weights: Any, replace: bool = False) -> None:
        """Append vectors; a key that is there already keeps its vector unless `replace`.

        Parameters
        ----------
        keys : sequence of str or int
        weights : array_like, shape (keys, vector_size)
        replace : bool, default False

        Raises
        ------
        ValueError
            If the shape of `weights` is another.
        """
        if isinstance(keys, KEY_TYPES):
            keys, weights = [keys], np.reshape(weights, (1, -1))
        if len(keys) == 0:
            return
        rows = self._as_rows(weights, len(keys))
        new: dict[Key, int] = {}
        for number, key in enumerate(keys):
            if key not in self.key_to_index and (replace or key not in new):
                new[key] = number
        old = [number for number, key in enumerate(keys) if key in self.key_to_index]
        if replace and old:
            self.vectors[[self.key_to_index[keys[number]] for number in old]] = rows[old]
        for key in new:
            self.key_to_index[key] = len(self.index_to_key)
            self.index_to_key.append(key)
        self.vectors = np.concatenate([self.vectors, rows[list(new.values())]])
        for name, values in self.expandos.items():
            self.expandos[name] = np.concatenate([values, np.zeros(len(new), values.dtype)])
        if self.next_index == len(self) - len(new):  # no slots were free
            self.next_index = len(self)
        self.norms = None

    def __setitem__(self, keys: Any, weights: Any) -> None:
        """Set the vector of a key, or of each of a list of keys; unknown keys are added."""
        self.add_vectors(keys, weights, replace=True)

    # Similarity.

    def fill_norms(self, force: bool = False) -> None:
        """Compute the lengths of the vectors, if they are not known or with `force`."""
        if self.norms is None or force or len(self.norms) != len(self.vectors):
            norms = np.linalg.norm(self.vectors, axis=1)
            self.norms = np.where(norms == 0, 1, norms).astype(self.vectors.dtype)

    def _norms(self) -> NDArray[Any]:
        self.fill_norms()
        assert self.norms is not None
        return self.norms

    def get_normed_vectors(self) -> NDArray[Any]:
        """All vectors divided by their lengths, shape (len(self), vector_size)."""
        return self.vectors / self._norms()[:, np.newaxis]

    def get_mean_vector(
        self,
        keys: Sequence[Any],
        weights: Any = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
    ) -> NDArray[Any]:
        """Weighted mean of vectors.

        Parameters
        ----------
        keys : sequence of str, int or ndarray
        weights : array_like of float, shape (keys,), optional
            1 each by default. The sum is divided by that of their absolute values.
        pre_normalize : bool, default True
            Divide the vectors of keys by their lengths first.
        post_normalize : bool, default False
            Divide the mean by its length.
        ignore_missing : bool, default True
            Leave out unknown keys instead of raising KeyError.

        Returns
        -------
        ndarray, shape (vector_size,)

        Raises
        ------
        ValueError
            If there are no keys, or not as many weights.
        KeyError
            If a key is unknown and `ignore_missing` is False.
        """
        if len(keys) == 0:
            raise ValueError("cannot compute mean with no input")
        weights = np.ones(len(keys)) if weights is None else np.asarray(weights)
        if len(weights) != len(keys):
            raise ValueError("keys and weights array must have same number of elements")
        mean = np.zeros(self.vector_size, self.vectors.dtype)
        total = 0.0
        for key, weight in zip(keys, weights, strict=True):
            if isinstance(key, np.ndarray):
                vector = key
            elif key in self:
                vector = self.get_vector(key, norm=pre_normalize)
            elif ignore_missing:
                continue
            else:
                raise KeyError(f"Key '{key}' not present in vocabulary")
            mean += weight * vector
            total += abs(weight)
        if total:
            mean /= total
        length = np.linalg.norm(mean)
        return mean / length if post_normalize and length else mean

    def most_similar(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int | None = 10,
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: int | None = None,
        indexer: Any = None,
    ) -> Any:
        """The keys nearest, by cosine, to the mean of some vectors (Mikolov et al. 2013).

        Parameters
        ----------
        positive, negative : key, ndarray, or list of them, optional
            What counts towards the mean, and what counts against it. An item may be a pair
            of it and its weight.
        topn : int or None, default 10
            How many keys to return; None returns the similarities of all.
        clip_start, clip_end : int, optional
            Search only these rows.
        restrict_vocab : int, optional
            Search only the first so many rows.
        indexer : object, optional
            With a method `most_similar(vector, topn)`, which then answers.

        Returns
        -------
        list of (key, float), or ndarray
            The most similar first, without the keys that were given. With `topn=None` an
            array of shape (clip_end - clip_start,).

        Raises
        ------
        KeyError
            If a key is unknown.
        ValueError
            If neither positive nor negative keys are given.
        """
        if isinstance(topn, Integral) and topn < 1:
            return []
        items = [(item, 1.0) for item in as_list(positive)] + [(item, -1.0) for item in as_list(negative)]
        keys = [item if isinstance(item, (*KEY_TYPES, np.ndarray)) else item[0] for item, _ in items]
        weights = [sign if isinstance(item, (*KEY_TYPES, np.ndarray)) else item[1] for item, sign in items]
        mean = self.get_mean_vector(keys, weights, post_normalize=True, ignore_missing=False)
        if indexer is not None and isinstance(topn, int):
            return indexer.most_similar(mean, topn)
        if restrict_vocab:
            clip_start, clip_end = 0, restrict_vocab
        rows = slice(clip_start, clip_end or len(self.vectors))
        similarities = (self.vectors[rows] @ mean) / self._norms()[rows]
        if topn is None:
            return similarities
        given = {self.get_index(key) for key in keys if isinstance(key, KEY_TYPES)}
        result = []
        for place in largest(similarities, topn + len(given)):
            row = int(place) + clip_start
            if row not in given:
                result.append((self.index_to_key[row], float(similarities[place])))
        return result[:topn]

    def similar_by_word(self, word: Key, topn: int | None = 10, restrict_vocab: int | None = None) -> Any:
        """As `similar_by_key`."""
        return self.similar_by_key(word, topn, restrict_vocab)

    def similar_by_key(self, key: Key, topn: int | None = 10, restrict_vocab: int | None = None) -> Any:
        """The keys nearest to a key; see `most_similar`."""
        return self.most_similar([key], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_vector(self, vector: NDArray[Any], topn: int | None = 10, restrict_vocab: int | None = None) -> Any:
        """The keys nearest to a vector; see `most_similar`."""
        return self.most_similar([vector], topn=topn, restrict_vocab=restrict_vocab)

    def similarity(self, w1: Key, w2: Key) -> float:
        """Cosine of the vectors of two keys."""
        return float(np.dot(self.get_vector(w1, norm=True), self.get_vector(w2, norm=True)))

    def distance(self, w1: Key, w2: Key) -> float:
        """1 - similarity."""
        return 1 - self.similarity(w1, w2)

    def distances(self, word_or_vector: Any, other_words: Sequence[Key] | None = ()) -> NDArray[Any]:
        """1 - cosine between a key or vector and each of `other_words`, or all keys."""
        vector = self.get_vector(word_or_vector) if isinstance(word_or_vector, KEY_TYPES) else word_or_vector
        rows: Any = slice(None)
        if other_words is not None and len(other_words):
            rows = [self.get_index(word) for word in other_words]
        return 1 - self.cosine_similarities(vector, self.vectors[rows])

    @staticmethod
    def cosine_similarities(vector_1: NDArray[Any], vectors_all: NDArray[Any]) -> NDArray[Any]:
        """Cosine of one vector with each row, shape (rows,)."""
        return evaluation.unit_rows(vectors_all) @ evaluation.unit_rows(np.asarray(vector_1)[np.newaxis])[0]

    def n_similarity(self, ws1: Sequence[Key], ws2: Sequence[Key]) -> float:
        """Cosine of the means of two lists of keys; unknown keys are left out.

        Raises
        ------
        ZeroDivisionError
            If a list is empty, as in gensim.
        """
        if not (len(ws1) and len(ws2)):
            raise ZeroDivisionError("At least one of the passed list is empty.")
        first, second = (self.get_mean_vector(keys, pre_normalize=False) for keys in (ws1, ws2))
        return float(self.cosine_similarities(first, second[np.newaxis])[0])

    def rank_by_centrality(self, words: Sequence[Key], use_norm: bool = True) -> list[tuple[float, Key]]:
        """Known keys by their similarity to the mean of all of them, the most central first.

        Raises
        ------
        ValueError
            If none of the keys is known.
        """
        known = [word for word in words if word in self]
        if len(known) != len(words):
            logger.warning("vectors for words %s are not present, ignoring", set(words) - set(known))
        if not known:
            raise ValueError("cannot select a word from an empty list")
        vectors = np.vstack([self.get_vector(word, norm=use_norm) for word in known])
        mean = self.get_mean_vector(list(vectors), post_normalize=True)
        return sorted(zip((vectors @ mean).tolist(), known, strict=True), key=lambda pair: -pair[0])

    def doesnt_match(self, words: Sequence[Key]) -> Key:
        """The key furthest from the mean of all; unknown keys are left out."""
        return self.rank_by_centrality(words)[-1][1]

    def closer_than(self, key1: Key, key2: Key) -> list[Key]:
        """All keys that are nearer to `key1` than `key2` is."""
        distances = self.distances(key1)
        nearer = distances < distances[self.get_index(key2)]
        nearer[self.get_index(key1)] = False
        return [self.index_to_key[row] for row in np.flatnonzero(nearer)]

    def rank(self, key1: Key, key2: Key) -> int:
        """Place of `key2` among the keys nearest to `key1`, from 1."""
        return len(self.closer_than(key1, key2)) + 1

    # Quality.

    def evaluate_word_analogies(
        self,
        analogies: Path,
        restrict_vocab: int = 300000,
        case_insensitive: bool = True,
    ) -> tuple[float, list[dict[str, Any]]]:
        """Solve analogies from a file in the layout of questions-words.txt.

        Parameters
        ----------
        analogies : str or os.PathLike
        restrict_vocab : int, default 300000
            Use only the first so many keys.
        case_insensitive : bool, default True

        Returns
        -------
        accuracy : float
            From 0 to 1, over the questions whose words are all known.
        sections : list of dict
            With 'section', 'correct' and 'incorrect'; the last is 'Total accuracy'.
        """
        results = evaluation.word_analogies(
            self.vectors[:restrict_vocab],
            evaluation.folded_index(self.index_to_key[:restrict_vocab], case_insensitive),
            evaluation.read_analogies(analogies),
            case_insensitive,
        )
        total = evaluation.Analogies(
            "Total accuracy",
            [question for result in results for question in result.correct],
            [question for result in results for question in result.incorrect],
        )
        return evaluation.accuracy(results), [result._asdict() for result in [*results, total]]

    def evaluate_word_pairs(
        self,
        pairs: Path,
        delimiter: str = "\t",
        encoding: str = "utf8",
        restrict_vocab: int = 300000,
        case_insensitive: bool = True,
    ) -> tuple[tuple[float, float], tuple[float, float], float]:
        """Correlation with people's judgements of similarity. Needs SciPy.

        Parameters
        ----------
        pairs : str or os.PathLike
            A file of lines: word, word, score.
        delimiter, encoding : str
        restrict_vocab : int, default 300000
            Use only the first so many keys.
        case_insensitive : bool, default True

        Returns
        -------
        pearson, spearman : (float, float)
            Correlation and p-value.
        oov_ratio : float
            Percentage of the pairs that have an unknown word and were left out.
        """
        result = evaluation.word_pairs(
            self.vectors[:restrict_vocab],
            evaluation.folded_index(self.index_to_key[:restrict_vocab], case_insensitive),
            evaluation.read_word_pairs(pairs, delimiter, encoding),
            case_insensitive,
        )
        return result.pearson, result.spearman, 100 * result.skipped / (result.used + result.skipped)

    # Files.

    def save_word2vec_format(
        self,
        fname: Path,
        fvocab: Path | None = None,
        binary: bool = False,
        write_header: bool = True,
        prefix: str = "",
        sort_attr: str = "count",
    ) -> None:
        """Write the vectors in the text or binary format of word2vec.c.

        Parameters
        ----------
        fname : str or os.PathLike
            The file appears whole or not at all.
        fvocab : str or os.PathLike, optional
            Write `word count` lines there.
        binary : bool, default False
        write_header : bool, default True
            Whether the first line gives the sizes.
        prefix : str, default ''
            Written before each word.
        sort_attr : str, default 'count'
            Write the keys in descending order of this attribute, where there is one.

        Raises
        ------
        ValueError
            If a key is empty or holds whitespace, which the format cannot say. Nothing is written then.
        """
        if fvocab is not None and sort_attr not in self.expandos:
            raise ValueError(f"Cannot store vocabulary with '{sort_attr}' because that attribute does not exist")
        order = np.arange(len(self))
        if sort_attr in self.expandos:
            # Descending, equals in their order; a minus would not do, since counts may be unsigned.
            order = len(self) - 1 - np.argsort(self.expandos[sort_attr][::-1], kind="stable")[::-1]
        if None in self.index_to_key:
            raise ValueError("some rows have no key")
        keys = [self.index_to_key[row] for row in order]
        word2vec.write_word2vec(fname, keys, self.vectors[order], binary=binary, header=write_header, prefix=prefix)
        if fvocab is not None:
            word2vec.write_counts(fvocab, keys, self.expandos[sort_attr][order].tolist(), prefix)

    @classmethod
    def load_word2vec_format(
        cls,
        fname: Path,
        fvocab: Path | None = None,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
        limit: int | None = None,
        datatype: Any = np.float32,
        no_header: bool = False,
    ) -> KeyedVectors:
        """Read vectors in the text or binary format of word2vec.c; see `fastemb.formats.word2vec`.

        Parameters
        ----------
        fname : str or os.PathLike
        fvocab : str or os.PathLike, optional
            A file of `word count` lines, for the attribute 'count'.
        binary : bool, default False
        encoding, unicode_errors : str
            Of the words.
        limit : int, optional
            Read only the first so many vectors.
        datatype : dtype, default float32
        no_header : bool, default False
            The file has no line of sizes.

        Raises
        ------
        ValueError
            If the file is not of this format or cut short; the message says where.
        """
        words, vectors = word2vec.read_word2vec(
            fname,
            binary=binary,
            header=not no_header,
            limit=limit,
            encoding=encoding,
            unicode_errors=unicode_errors,
            dtype=datatype,
        )
        first = {word: row for row, word in reversed(list(enumerate(words)))}
        if len(first) < len(words):
            logger.warning("%s: %d words occur again; the first of each is taken", fname, len(words) - len(first))
            rows = sorted(first.values())
            words, vectors = [words[row] for row in rows], vectors[rows]
        counts = None
        if fvocab is not None:
            known = word2vec.read_counts(fvocab, encoding, unicode_errors)
            counts = {"count": np.array([known.get(word, 0) for word in words], np.int64)}
        return cls.from_arrays(words, vectors, counts)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, as arrays for `fastemb.formats.native`."""
        named = {f"attribute.{name}": values for name, values in self.expandos.items()}
        return {"vectors": self.vectors, **native.pack_keys(self.index_to_key), **named}

    @classmethod
    def from_native(cls, arrays: dict[str, NDArray[Any]], name: str) -> KeyedVectors:
        """The opposite of `to_arrays`; `name` is the file's, for messages."""
        if arrays.get("vectors", np.empty(0)).ndim != 2:
            raise ValueError(f"{name}: holds no vectors")
        attributes = {
            key.removeprefix("attribute."): values for key, values in arrays.items() if key.startswith("attribute.")
        }
        keys = native.unpack_keys(arrays, name)
        if any(values.shape[:1] != (len(keys),) for values in attributes.values()):
            raise ValueError(f"{name}: its attributes are not as many as its words")
        try:
            return cls.from_arrays(keys, arrays["vectors"], attributes)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None

    def save(self, fname: Path) -> None:
        """Write everything to one file, in the layout of safetensors; see `fastemb.formats.native`.

        Raises
        ------
        TypeError
            If a key is neither a str nor an int, or an attribute holds objects.
        """
        native.write_native(fname, self.to_arrays(), {"format": "fastemb 1", "class": "KeyedVectors"})

    @classmethod
    def load(cls, fname: Path, mmap: str | None = None) -> KeyedVectors:
        """Read what `save()` wrote, or the vectors of a saved model.

        Parameters
        ----------
        fname : str or os.PathLike
        mmap : {None, 'r'}
            With 'r' the vectors are mapped from the file, read-only, and not read at once.

        Raises
        ------
        ValueError
            If it is another file, or damaged. Pickles are never opened.
        """
        arrays, _ = native.read_native(fname, mmap=check_mmap(mmap))
        return cls.from_native(arrays, os.fspath(fname))


def check_mmap(mmap: str | None) -> bool:
    if mmap not in (None, "r"):
        raise ValueError(f"mmap must be None or 'r', not {mmap!r}")
    return mmap == "r"


def as_list(value: Any) -> list[Any]:
    """A single key or vector as a list of one."""
    if value is None:
        return []
    if isinstance(value, KEY_TYPES) or (isinstance(value, np.ndarray) and value.ndim == 1):
        return [value]
    return list(value)


def largest(values: NDArray[Any], n: int) -> NDArray[np.int64]:
    """Places of the n largest values, descending; NaN comes last."""
    values = np.where(np.isnan(values), -np.inf, values)
    n = min(n, len(values))
    places = np.sort(np.argpartition(-values, n - 1)[:n]) if n else np.empty(0, np.int64)
    return places[np.argsort(-values[places], kind="stable")]


# gensim's other names.
Word2VecKeyedVectors = Doc2VecKeyedVectors = EuclideanKeyedVectors = KeyedVectors
load_word2vec_format = KeyedVectors.load_word2vec_format
