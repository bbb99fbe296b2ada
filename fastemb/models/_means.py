"""What is made of several vectors at once: means, and what compares them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb import queries
from fastemb._floats import as_dtype
from fastemb.models._attributes import Key
from fastemb.models._lookup import Lookup, first_missing

logger = logging.getLogger(__name__)

MANY = 1 << 12  # keys whose vectors are copied at a time


class NoKeys(ValueError, ZeroDivisionError):
    """Nothing was given to make a vector of. (gensim raises ValueError or, from n_similarity, ZeroDivisionError.)"""


class Means(Lookup):
    """The part of KeyedVectors that makes one vector of several; see there."""

    def get_mean_vector(
        self,
        keys: Sequence[Any],
        weights: Any = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
    ) -> NDArray[Any]:
        """Weighted mean of vectors; zeros, which are similar to nothing, if no key is known.

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
            If no keys are given, or not as many weights, or a vector has another size.
        KeyError
            If a key is unknown and `ignore_missing` is False.
        """
        if len(keys) == 0:
            raise NoKeys("give at least one key")
        keys = keys if isinstance(keys, np.ndarray) else list(keys)
        weights = None if weights is None else np.asarray(weights, np.float64)
        if weights is not None and len(weights) != len(keys):
            raise ValueError(f"{len(keys)} keys need as many weights, not {len(weights)}")
        options = pre_normalize, ignore_missing
        mean, total = self._weighted_sum(keys[:MANY], None if weights is None else weights[:MANY], *options)
        for begin in range(MANY, len(keys), MANY):
            some = slice(begin, begin + MANY)
            more, weight = self._weighted_sum(keys[some], None if weights is None else weights[some], *options)
            mean += more
            total += weight
        if total:
            mean /= total
        return queries.unit(mean) if post_normalize else mean

    def _weighted_sum(
        self, keys: Sequence[Any], weights: NDArray[np.float64] | None, norm: bool, ignore_missing: bool
    ) -> tuple[NDArray[Any], float]:
        """The sum of the vectors of keys, each times its weight, and the sum of the weights' absolute values."""
        vectors, places = self._terms(keys, norm)
        if places is not None:
            if not ignore_missing:
                from fastemb.models._near import unknown_key

                raise unknown_key(keys[first_missing(places)], self.key_to_index)
            weights = None if weights is None else weights[places]
        if weights is None:
            return np.add.reduce(vectors, axis=0), float(len(vectors))
        return weights.astype(vectors.dtype).dot(vectors), sum(map(abs, weights.tolist()))

    def _terms(self, keys: Sequence[Any], norm: bool) -> tuple[NDArray[Any], list[int] | None]:
        """The vectors of keys as of `_find`, in single precision at least; an array among the keys is one itself."""
        if isinstance(keys, np.ndarray) and keys.ndim == 2:
            if keys.shape[1] != self.vector_size:
                raise ValueError(f"a vector here has the shape {(self.vector_size,)}, not {keys.shape[1:]}")
            return queries.at_least_single(as_dtype("a vector", keys, self._dtype)), None
        try:
            vectors, places = self._find(keys)
        except TypeError:  # arrays are no keys of dicts
            vectors, places = self._find_mixed(keys, norm)
            norm = False
        vectors = queries.at_least_single(vectors)
        if norm:
            queries.normalize(vectors)
        return vectors, places

    def _find_mixed(self, keys: Sequence[Any], norm: bool) -> tuple[NDArray[Any], list[int] | None]:
        """As `_find`, of keys and arrays; `norm` is for the vectors of keys alone."""
        vectors, places = [], []
        for place, key in enumerate(keys):
            if isinstance(key, np.ndarray):
                if key.shape != (self.vector_size,):
                    raise ValueError(f"a vector here has the shape {(self.vector_size,)}, not {key.shape}")
                vectors.append(key)
            elif key in self:
                vectors.append(self.get_vector(key, norm=norm))
            else:
                continue
            places.append(place)
        found = as_dtype("a vector", vectors, self._dtype).reshape(len(vectors), self.vector_size)
        return found, None if len(places) == len(keys) else places

    def n_similarity(self, ws1: Sequence[Key], ws2: Sequence[Key]) -> float:
        """Cosine of the means of two lists of keys; unknown keys are left out.

        Raises
        ------
        ValueError
            If a list is empty; it is a ZeroDivisionError, too, which gensim raises.
        """
        first, second = (self.get_mean_vector(keys, pre_normalize=False) for keys in (ws1, ws2))
        return queries.cosine(first, second)

    def rank_by_centrality(self, words: Sequence[Key], use_norm: bool = True) -> list[tuple[float, Key]]:
        """Known keys by their similarity to the mean of all of them, the most central first.

        Parameters
        ----------
        words : sequence of str or int
        use_norm : bool, default True
            Divide the vectors by their lengths first.

        Returns
        -------
        list of (float, key)

        Raises
        ------
        ValueError
            If none of the keys is known.
        """
        known = list(words)
        vectors, places = self._terms(known, use_norm)
        if places is not None:
            known = [known[place] for place in places]
            logger.warning("left out, since they have no vectors: %s", sorted(map(str, set(words) - set(known))))
        if not known:
            raise ValueError("none of the words has a vector")
        similarities = vectors.dot(queries.unit(np.add.reduce(vectors, axis=0))).tolist()
        # Of equals the last by name, as in gensim.
        return sorted(zip(similarities, known, strict=True), key=lambda pair: (pair[0], str(pair[1])), reverse=True)

    def doesnt_match(self, words: Sequence[Key]) -> Key:
        """The key furthest from the mean of all; unknown keys are left out."""
        return self.rank_by_centrality(words)[-1][1]

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
                self._terms(list(counts), norm)[0],
                np.array(list(counts.values())) / counts.total(),
            )
            for counts in documents
        )
        return queries.movers_distance(first, first_weights, second, second_weights)
