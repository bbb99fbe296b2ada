"""Mean vectors of many texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.kernels.text.batch import weighted_means
from fastemb.kernels.text.encoder import renumber
from fastemb.models._attributes import Key
from fastemb.models._lookup import first_missing
from fastemb.models._means import Means
from fastemb.queries import at_least_single, normalize
from fastemb.texts import Encoded, Index, rows_of_texts


class TextMeans(Means):
    """The part of KeyedVectors that makes a vector of each of many texts; see there."""

    _index: Index | None = None

    def get_mean_vectors(
        self,
        texts: Iterable[str | Sequence[Key]],
        weights: Mapping[Any, float] | NDArray[Any] | Sequence[float] | None = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
        workers: int | None = None,
    ) -> NDArray[np.float32]:
        """Weighted mean of the vectors of each text's words: for each what `get_mean_vector` gives, by native threads.

        Parameters
        ----------
        texts : iterable of str, or of sequences of str or int
            A str is split where ``str.split()`` splits it: at blanks and ends of lines, those of Unicode, as U+00A0 and
            U+3000, too, and nowhere else; a list holds keys as they are, or numbers of rows. An iterator is read as its
            texts are needed.
        weights : mapping of keys to float, or array_like of float, shape (len(self),), optional
            What each occurrence of a key counts, as tf-idf's ``{word: idf}``; 1 by default. A key that is not in the
            mapping, as the text has it, weighs 1, and so does, with an array, which has a weight for each row, a word
            without a row, whose vector is made of n-grams. The sum is divided by that of the weights' absolute values.
        pre_normalize : bool, default True
            Divide the vectors of words by their lengths first.
        post_normalize : bool, default False
            Divide the means by their lengths.
        ignore_missing : bool, default True
            Leave out unknown words instead of raising KeyError.
        workers : int, optional
            Threads; one for each core by default, and with -1. The result does not depend on it.

        Returns
        -------
        ndarray of float32, shape (texts, vector_size)
            Computed in single precision. Zeros for a text without words, or none of whose words has a vector.

        Raises
        ------
        TypeError
            If `texts` is a single str, or a text is neither a str nor a sequence of str or int.
        ValueError
            If there are not as many weights as rows, a weight is not finite, or `workers` is less than 1 and not -1.
        KeyError
            If a word is unknown and `ignore_missing` is False; it names the first.
        """
        if weights is not None and not hasattr(weights, "get"):
            weights = np.asarray(weights, np.float64)
            if weights.shape != (len(self),):
                raise ValueError(f"an array of weights must be of shape ({len(self)},), not {weights.shape}")

        if self._index is None:
            self._index = Index()
        index = self._index

        def fill(some: Encoded, means: NDArray[np.float32]) -> None:
            vectors, rows, places = self._vectors_of_words(some, index)
            if places is not None and not ignore_missing:
                from fastemb.models._near import unknown_key

                raise unknown_key(some.words[first_missing(places.tolist())], self.key_to_index)
            if pre_normalize:
                normalize(vectors)
            sizes = self._weights_of(some.words, rows, places, weights)
            if weights is not None:
                vectors *= sizes.astype(vectors.dtype)[:, np.newaxis]
            weighted_means(np.ascontiguousarray(vectors, np.float32), sizes, some.ids, some.starts, means)
            if post_normalize:
                normalize(means)

        return rows_of_texts(texts, self.vector_size, fill, workers)

    def _vectors_of_words(
        self, some: Encoded, index: Index
    ) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.intp] | None]:
        """The vectors of the words that have one, in single precision at least; the rows of all; and the words' places.

        Places are None if all have a vector. The numbers of the texts are those of these vectors then; -1 for none.
        """
        rows = self._rows_of_words(some.words, index)
        self._will_find(len(rows))
        vectors, places = self._find_rows(some.words, rows)
        if places is not None:
            numbers = np.full(len(rows), -1, np.int32)
            numbers[places] = np.arange(len(places), dtype=np.int32)
            renumber(some.ids, numbers)
        return at_least_single(vectors), rows, places

    def _rows_of_words(self, words: Sequence[Any], index: Index) -> NDArray[Any]:
        """The row of each, -1 for those that have none; numbers that are no keys are rows."""
        rows = index.rows(words, self.key_to_index)
        if isinstance(words, list):
            for place in np.flatnonzero(rows < 0).tolist():
                rows[place] = self.get_index(words[place], -1)
        return rows

    def _weights_of(
        self, keys: Sequence[Any], rows: NDArray[Any], places: NDArray[Any] | None, weights: Any
    ) -> NDArray[np.float64]:
        """The weights of the keys at those places, or of all; see `get_mean_vectors`."""
        numbers = np.arange(len(rows)) if places is None else places
        found = np.ones(len(numbers))
        if isinstance(weights, np.ndarray):
            known = rows[numbers]
            found[known >= 0] = weights[known[known >= 0]]
        elif weights is not None:
            found[:] = [weights.get(keys[number], 1) for number in numbers.tolist()]
        finite = np.isfinite(found)
        if not finite.all():
            wrong = int(np.argmin(finite))
            raise ValueError(f"the weight of {keys[numbers[wrong]]!r} is {found[wrong]}, which is not finite")
        return found
