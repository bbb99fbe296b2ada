"""Which keys are near to which, by the cosine of their vectors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from fastemb import queries
from fastemb.models._attributes import Key
from fastemb.models._lookup import INTEGERS, KEY_TYPES
from fastemb.models._texts import TextMeans

ASKED = (*KEY_TYPES, np.ndarray)
Neighbors = list[tuple[Key, float]]


class Similarity(TextMeans):
    """The part of KeyedVectors that compares vectors; see there."""

    def _query(self, positive: list[Any], negative: list[Any]) -> tuple[NDArray[Any], set[int]]:
        """The mean of what was given, each item perhaps with its weight, and the rows of the keys among it."""
        items = [weighted(item, 1.0) for item in positive] + [weighted(item, -1.0) for item in negative]
        keys, weights = [key for key, _ in items], [weight for _, weight in items]
        given = None if weights == [1] else weights
        mean = self.get_mean_vector(keys, given, post_normalize=True, ignore_missing=False)
        return mean, {self.get_index(key, -1) for key in keys if not isinstance(key, np.ndarray)} - {-1}

    def _named(self, rows: Iterable[Any], similarities: Iterable[Any], given: set[int], topn: int) -> list[Any]:
        """Pairs of key and similarity, at most `topn`, without the rows that were `given`, and those without a key."""
        found = [
            (self.index_to_key[row], similarity)
            for row, similarity in zip(rows, similarities, strict=True)
            if row not in given and self.index_to_key[row] is not None
        ]
        return found[:topn]

    def _unnamed(self, given: set[int]) -> int:
        """How many rows `_named` leaves out, at most."""
        return len(given) + max(0, len(self) - self.next_index)

    @overload
    def most_similar(
        self,
        positive: Any = ...,
        negative: Any = ...,
        topn: int = ...,
        clip_start: int = ...,
        clip_end: int | None = ...,
        restrict_vocab: int | None = ...,
        indexer: None = ...,
    ) -> Neighbors: ...
    @overload
    def most_similar(
        self,
        positive: Any = ...,
        negative: Any = ...,
        *,
        topn: None,
        clip_start: int = ...,
        clip_end: int | None = ...,
        restrict_vocab: int | None = ...,
        indexer: Any = ...,
    ) -> NDArray[Any]: ...
    @overload
    def most_similar(
        self,
        positive: Any,
        negative: Any,
        topn: None,
        clip_start: int = ...,
        clip_end: int | None = ...,
        restrict_vocab: int | None = ...,
        indexer: Any = ...,
    ) -> NDArray[Any]: ...
    @overload
    def most_similar(
        self,
        positive: Any = ...,
        negative: Any = ...,
        topn: int | None = ...,
        clip_start: int = ...,
        clip_end: int | None = ...,
        restrict_vocab: int | None = ...,
        indexer: Any = ...,
    ) -> Any: ...
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
            If a key is unknown; the message names words that are near it but for a letter or case.
        ValueError
            If neither positive nor negative keys are given.

        See Also
        --------
        most_similar_batch : for many queries at once, many times as fast.
        """
        if isinstance(topn, INTEGERS) and topn < 1:
            return []
        mean, given = self._query(as_list(positive), as_list(negative))
        if indexer is not None and isinstance(topn, int):
            return indexer.most_similar(mean, topn)
        if restrict_vocab:
            clip_start, clip_end = 0, restrict_vocab
        vectors, norms = self._with_norms()
        rows = slice(*slice(clip_start, clip_end or None).indices(len(vectors))[:2])
        similarities = queries.dots(vectors[rows], mean)
        similarities /= queries.divisors(norms[rows])
        if topn is None:
            return similarities
        places = queries.largest(similarities, topn + self._unnamed(given))
        return self._named((places + rows.start).tolist(), similarities[places].tolist(), given, topn)

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
            Threads; one for each core by default, and with -1.

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
            If a query is empty, or `workers` is less than 1 and not -1.

        Notes
        -----
        Beside the answers this takes a few MiB for each thread, however many vectors and queries there are.
        `fastemb.queries.nearest` gives the rows and similarities as arrays.
        """
        asked = [self._query(as_list(positive), []) for positive in as_list(positives)]
        if topn < 1 or not asked:
            return [[] for _ in asked]
        vectors, norms = (array[: restrict_vocab or None] for array in self._with_norms())
        means, most = np.array([mean for mean, _ in asked]), topn + max(self._unnamed(given) for _, given in asked)
        rows, similarities = queries.nearest(vectors, means, most, norms, workers)
        return [
            self._named(found, scores, given, topn)
            for found, scores, (_, given) in zip(rows.tolist(), similarities.tolist(), asked, strict=True)
        ]

    @overload
    def most_similar_cosmul(
        self, positive: Any = ..., negative: Any = ..., topn: int = ..., restrict_vocab: int | None = ...
    ) -> Neighbors: ...
    @overload
    def most_similar_cosmul(
        self, positive: Any = ..., negative: Any = ..., *, topn: None, restrict_vocab: int | None = ...
    ) -> NDArray[Any]: ...
    @overload
    def most_similar_cosmul(
        self, positive: Any, negative: Any, topn: None, restrict_vocab: int | None = ...
    ) -> NDArray[Any]: ...
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
        if isinstance(topn, INTEGERS) and topn < 1:
            return []
        positive, negative = as_list(positive), as_list(negative)
        if not positive:
            raise ValueError("give at least one positive key")
        _, given = self._query(positive, negative)
        vectors, norms = (array[: restrict_vocab or None] for array in self._with_norms())
        norms = queries.divisors(norms)

        def product(items: list[Any]) -> Any:
            scores = 1
            for item in items:
                term = item if isinstance(item, np.ndarray) else self.get_vector(item, norm=True)
                scores *= (queries.dots(vectors, term) / norms + 1) / 2
            return scores

        scores = product(positive) / (product(negative) + 0.000001)
        if topn is None:
            return scores
        places = queries.largest(scores, topn + self._unnamed(given))
        return self._named(places.tolist(), scores[places].tolist(), given, topn)

    @overload
    def similar_by_word(self, word: Key, topn: int = ..., restrict_vocab: int | None = ...) -> Neighbors: ...
    @overload
    def similar_by_word(self, word: Key, topn: None, restrict_vocab: int | None = ...) -> NDArray[Any]: ...
    def similar_by_word(self, word: Key, topn: int | None = 10, restrict_vocab: int | None = None) -> Any:
        """As `similar_by_key`."""
        return self.similar_by_key(word, topn, restrict_vocab)

    @overload
    def similar_by_key(self, key: Key, topn: int = ..., restrict_vocab: int | None = ...) -> Neighbors: ...
    @overload
    def similar_by_key(self, key: Key, topn: None, restrict_vocab: int | None = ...) -> NDArray[Any]: ...
    def similar_by_key(self, key: Key, topn: int | None = 10, restrict_vocab: int | None = None) -> Any:
        """The keys nearest to a key; see `most_similar`."""
        return self.most_similar([key], topn=topn, restrict_vocab=restrict_vocab)

    @overload
    def similar_by_vector(
        self, vector: NDArray[Any], topn: int = ..., restrict_vocab: int | None = ...
    ) -> Neighbors: ...
    @overload
    def similar_by_vector(self, vector: NDArray[Any], topn: None, restrict_vocab: int | None = ...) -> NDArray[Any]: ...
    def similar_by_vector(self, vector: NDArray[Any], topn: int | None = 10, restrict_vocab: int | None = None) -> Any:
        """The keys nearest to a vector; see `most_similar`."""
        return self.most_similar([vector], topn=topn, restrict_vocab=restrict_vocab)

    def similarity(self, w1: Key, w2: Key) -> float:
        """Cosine of the vectors of two keys."""
        return queries.cosine(self.get_vector(w1), self.get_vector(w2))

    def distance(self, w1: Key, w2: Key) -> float:
        """1 - similarity."""
        similarity = self.similarity(w1, w2)
        return np.float64(0) if w1 == w2 and self[w1].any() else 1 - similarity

    def distances(self, word_or_vector: Any, other_words: Sequence[Key] | None = ()) -> NDArray[Any]:
        """1 - cosine between a key or vector and each of `other_words`, or all keys.

        Raises
        ------
        KeyError, ValueError
            If a key is unknown; or what is no key is no vector of this size.
        """
        vector = self.get_vector(word_or_vector) if isinstance(word_or_vector, KEY_TYPES) else word_or_vector
        others = [] if other_words is None else list(other_words)
        vectors, norms = (self[others], None) if others else self._with_norms()
        return 1 - queries.cosines(np.asarray(vectors), np.asarray(vector), norms)

    @staticmethod
    def cosine_similarities(vector_1: NDArray[Any], vectors_all: NDArray[Any]) -> NDArray[Any]:
        """Cosine of one vector with each row, shape (rows,)."""
        return queries.cosines(np.asarray(vectors_all), np.asarray(vector_1))

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
        return keys_list[int(queries.cosines(self[list(keys_list)], self.get_vector(key1)).argmax())]

    def closer_than(self, key1: Key, key2: Key) -> list[Key]:
        """All keys that are nearer to `key1` than `key2` is."""
        distances = self.distances(key1)
        first, second = self.get_index(key1, -1), self.get_index(key2, -1)
        nearer = distances < (distances[second] if second >= 0 else self.distance(key1, key2))
        if first >= 0:
            nearer[first] = False
        keys = (self.index_to_key[row] for row in np.flatnonzero(nearer))
        return [key for key in keys if key is not None]

    def rank(self, key1: Key, key2: Key) -> int:
        """Place of `key2` among the keys nearest to `key1`, from 1."""
        return len(self.closer_than(key1, key2)) + 1


def as_list(value: Any) -> list[Any]:
    """A single key or vector as a list of one."""
    if value is None:
        return []
    if isinstance(value, KEY_TYPES) or (isinstance(value, np.ndarray) and value.ndim == 1):
        return [value]
    return list(value)


def weighted(item: Any, weight: float) -> tuple[Any, float]:
    """A key or vector and its weight, which may come with it."""
    if isinstance(item, ASKED):
        return item, weight
    if isinstance(item, (tuple, list)) and len(item) == 2 and isinstance(item[1], Real):
        return item[0], float(item[1])
    raise TypeError(f"neither a key, nor a vector, nor one of these with a weight: {item!r}")
