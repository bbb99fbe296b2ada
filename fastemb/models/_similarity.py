"""Which keys are near to which, by the cosine of their vectors."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb import queries
from fastemb.models._lookup import KEY_TYPES, Key, Lookup

logger = logging.getLogger(__name__)


class Similarity(Lookup):
    """The part of KeyedVectors that compares vectors; see there."""

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
            In single precision at least.

        Raises
        ------
        ValueError
            If there are no keys, or not as many weights, or a vector has another size.
        KeyError
            If a key is unknown and `ignore_missing` is False.
        """
        if len(keys) == 0:
            raise ValueError("give at least one key")
        weights = np.ones(len(keys)) if weights is None else np.asarray(weights)
        if len(weights) != len(keys):
            raise ValueError(f"{len(keys)} keys need as many weights, not {len(weights)}")
        mean = np.zeros(self.vector_size, np.result_type(self.vectors.dtype, np.float32))
        total = 0.0
        for key, weight in zip(keys, weights, strict=True):
            if isinstance(key, np.ndarray):
                vector = key
                if vector.shape != mean.shape:
                    raise ValueError(f"a vector here has the shape {mean.shape}, not {vector.shape}")
            elif key in self:
                vector = self.get_vector(key, norm=pre_normalize)
            elif ignore_missing:
                continue
            else:
                raise KeyError(f"Key '{key}' not present")
            mean += weight * vector
            total += abs(weight)
        if total:
            mean /= total
        length = np.linalg.norm(mean)
        return mean / length if post_normalize and length else mean

    def _query(self, positive: list[Any], negative: list[Any]) -> tuple[NDArray[Any], set[int]]:
        """The mean of what was given, each item perhaps with its weight, and the rows of the keys among it."""
        items = [weighted(item, 1.0) for item in positive] + [weighted(item, -1.0) for item in negative]
        keys = [key for key, _ in items]
        weights = [weight for _, weight in items]
        mean = self.get_mean_vector(keys, weights, post_normalize=True, ignore_missing=False)
        return mean, {
            self.get_index(key) for key in keys if not isinstance(key, np.ndarray) and self.has_index_for(key)
        }

    def _named(self, rows: Iterable[Any], similarities: Iterable[Any], given: set[int], topn: int) -> list[Any]:
        """Pairs of key and similarity, at most `topn`, without the rows that were `given`."""
        found = [
            (self.index_to_key[row], similarity)
            for row, similarity in zip(rows, similarities, strict=True)
            if row not in given
        ]
        return found[:topn]

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

        See Also
        --------
        most_similar_batch : for many queries at once, many times as fast.
        """
        if isinstance(topn, Integral) and topn < 1:
            return []
        mean, given = self._query(as_list(positive), as_list(negative))
        if indexer is not None and isinstance(topn, int):
            return indexer.most_similar(mean, topn)
        if restrict_vocab:
            clip_start, clip_end = 0, restrict_vocab
        rows = slice(clip_start, clip_end or len(self.vectors))
        similarities = queries.dots(self.vectors[rows], mean) / queries.divisors(self._norms()[rows])
        if topn is None:
            return similarities
        places = queries.largest(similarities, topn + len(given))
        return self._named((places + clip_start).tolist(), similarities[places].tolist(), given, topn)

    def most_similar_batch(
        self,
        positives: Any,
        topn: int = 10,
        restrict_vocab: int | None = None,
        workers: int | None = None,
    ) -> list[list[tuple[Key, float]]]:
        """`most_similar` for many queries at once: the vectors are read once for hundreds of them.

        Parameters
        ----------
        positives : sequence, or ndarray of shape (queries, vector_size)
            Each item is one query, and anything that `most_similar` takes as `positive`: a key, a vector, or a
            list of them, where an item may be a pair of it and its weight, also a negative one. A single key or
            vector is one query.
        topn : int, default 10
        restrict_vocab : int, optional
            Search only the first so many rows.
        workers : int, optional
            Threads; as many as there are cores by default.

        Returns
        -------
        list of list of (key, float)
            One list for each query, as `most_similar` returns it. Similarities are computed in single precision,
            those of vectors of another type too.

        Raises
        ------
        KeyError
            If a key is unknown.
        ValueError
            If a query is empty, or `workers` is less than 1.

        Notes
        -----
        Beside the answers this takes a few MiB for each thread, however many vectors and queries there are.
        `fastemb.queries.nearest` gives the rows and similarities as arrays.
        """
        asked = [self._query(as_list(positive), []) for positive in as_list(positives)]
        if topn < 1 or not asked:
            return [[] for _ in asked]
        searched = slice(restrict_vocab or None)
        rows, similarities = queries.nearest(
            self.vectors[searched],
            np.array([mean for mean, _ in asked]),
            topn + max(len(given) for _, given in asked),
            self._norms()[searched],
            workers,
        )
        return [
            self._named(found, scores, given, topn)
            for found, scores, (_, given) in zip(rows.tolist(), similarities.tolist(), asked, strict=True)
        ]

    def most_similar_cosmul(
        self, positive: Any = None, negative: Any = None, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """The keys with the largest product of similarities, 3CosMul (Levy and Goldberg 2014, equation 4).

        Similarities are moved to 0…1; those to what is positive are multiplied, and divided by those to what is
        negative.

        Parameters
        ----------
        positive, negative : key, ndarray, or list of them, optional
            Vectors are not divided by their lengths, as in gensim.
        topn : int or None, default 10
            How many keys to return; None returns the scores of all.
        restrict_vocab : int, optional
            Search only the first so many rows. (gensim ignores this.)

        Returns
        -------
        list of (key, float), or ndarray

        Raises
        ------
        KeyError
            If a key is unknown.
        ValueError
            If nothing positive is given.
        """
        if isinstance(topn, Integral) and topn < 1:
            return []
        positive, negative = as_list(positive), as_list(negative)
        if not positive:
            raise ValueError("give at least one positive key")
        searched = slice(restrict_vocab or None)
        vectors, norms = self.vectors[searched], queries.divisors(self._norms()[searched])

        def product(items: list[Any]) -> Any:
            terms = [item if isinstance(item, np.ndarray) else self.get_vector(item, norm=True) for item in items]
            return np.prod([(1 + queries.dots(vectors, term) / norms) / 2 for term in terms], axis=0)

        scores = product(positive) / (product(negative) + 0.000001)
        if topn is None:
            return scores
        keys = [item for item in positive + negative if not isinstance(item, np.ndarray)]
        given = {self.get_index(key) for key in keys if self.has_index_for(key)}
        places = queries.largest(scores, topn + len(given))
        return self._named(places.tolist(), scores[places].tolist(), given, topn)

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
        return np.float64(np.dot(unit(self[w1]), unit(self[w2])))  # a float that also has NumPy's methods, as gensim's

    def distance(self, w1: Key, w2: Key) -> float:
        """1 - similarity."""
        return np.float64(0) if w1 == w2 and self[w1].any() else 1 - self.similarity(w1, w2)

    def distances(self, word_or_vector: Any, other_words: Sequence[Key] | None = ()) -> NDArray[Any]:
        """1 - cosine between a key or vector and each of `other_words`, or all keys.

        Raises
        ------
        KeyError
            If a key is unknown.
        """
        vector = self.get_vector(word_or_vector) if isinstance(word_or_vector, KEY_TYPES) else word_or_vector
        if other_words is None or not len(other_words):
            return 1 - queries.cosines(self.vectors, np.asarray(vector), self._norms())
        return 1 - self.cosine_similarities(vector, self.vectors[[self.get_index(word) for word in other_words]])

    @staticmethod
    def cosine_similarities(vector_1: NDArray[Any], vectors_all: NDArray[Any]) -> NDArray[Any]:
        """Cosine of one vector with each row, shape (rows,)."""
        return queries.cosines(np.asarray(vectors_all), np.asarray(vector_1))

    def n_similarity(self, ws1: Sequence[Key], ws2: Sequence[Key]) -> float:
        """Cosine of the means of two lists of keys; unknown keys are left out.

        Raises
        ------
        ZeroDivisionError
            If a list is empty, as in gensim.
        """
        if not (len(ws1) and len(ws2)):
            raise ZeroDivisionError("give at least one key in each list")
        first, second = (self.get_mean_vector(keys, pre_normalize=False) for keys in (ws1, ws2))
        return np.float64(np.dot(unit(first), unit(second)))

    def relative_cosine_similarity(self, wa: Key, wb: Key, topn: int = 10) -> float:
        """Similarity of two keys, divided by the sum of those of the `topn` nearest to the first.

        Above 1 / topn, the two are nearer than most neighbours are: perhaps synonyms (Leeuwenberg et al. 2016).

        Raises
        ------
        ValueError
            If `wa` has no neighbours.
        """
        neighbors = self.similar_by_word(wa, topn)
        if not neighbors:
            raise ValueError(f"{wa!r} has no neighbours to compare with: give topn of at least 1")
        return self.similarity(wa, wb) / sum(similarity for _, similarity in neighbors)

    def most_similar_to_given(self, key1: Key, keys_list: Sequence[Key]) -> Key:
        """Which key of a list is the nearest to `key1`.

        Raises
        ------
        ValueError
            If the list is empty.
        """
        return keys_list[int(np.argmax([self.similarity(key1, key) for key in keys_list]))]

    def rank_by_centrality(self, words: Sequence[Key], use_norm: bool = True) -> list[tuple[float, Key]]:
        """Known keys by their similarity to the mean of all of them, the most central first.

        Raises
        ------
        ValueError
            If none of the keys is known.
        """
        known = [word for word in words if word in self]
        if len(known) != len(words):
            logger.warning("left out, since they have no vectors: %s", sorted(map(str, set(words) - set(known))))
        if not known:
            raise ValueError("none of the words has a vector")
        vectors = np.vstack([self.get_vector(word, norm=use_norm) for word in known])
        mean = self.get_mean_vector(list(vectors), post_normalize=True)
        similarities = queries.dots(vectors, mean).tolist()
        # Of equals the last by name, as in gensim.
        return sorted(zip(similarities, known, strict=True), key=lambda pair: (pair[0], str(pair[1])), reverse=True)

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

    def wmdistance(self, document1: Sequence[Key], document2: Sequence[Key], norm: bool = True) -> float:
        """Word mover's distance of two documents (Kusner et al. 2015). Needs the extra `wmd`, which is POT.

        Parameters
        ----------
        document1, document2 : sequence of str
            Unknown words are left out.
        norm : bool, default True
            Divide the vectors by their lengths first.

        Returns
        -------
        float
            Infinity if a document has no known word.

        Raises
        ------
        ImportError
            If POT is not installed.
        """
        queries.require_transport()
        documents = [Counter(word for word in document if word in self) for document in (document1, document2)]
        if not all(documents):
            logger.warning("a document has no word with a vector: the distance is infinite")
            return float("inf")
        if len(documents[0].keys() | documents[1].keys()) == 1:
            return 0.0
        (first, first_weights), (second, second_weights) = (
            (
                np.array([self.get_vector(word, norm=norm) for word in counts]),
                np.array(list(counts.values())) / counts.total(),
            )
            for counts in documents
        )
        return queries.movers_distance(first, first_weights, second, second_weights)


def as_list(value: Any) -> list[Any]:
    """A single key or vector as a list of one."""
    if value is None:
        return []
    if isinstance(value, KEY_TYPES) or (isinstance(value, np.ndarray) and value.ndim == 1):
        return [value]
    return list(value)


def weighted(item: Any, weight: float) -> tuple[Any, float]:
    """A key or vector and its weight, which may come with it."""
    if isinstance(item, (*KEY_TYPES, np.ndarray)):
        return item, weight
    if isinstance(item, (tuple, list)) and len(item) == 2 and isinstance(item[1], Real):
        return item[0], float(item[1])
    raise TypeError(f"neither a key, nor a vector, nor one of these with a weight: {item!r}")


def unit(vector: NDArray[Any]) -> NDArray[Any]:
    """A vector divided by its length, in single precision at least; zeros stay."""
    return queries.unit_rows(np.atleast_2d(vector))[0]
