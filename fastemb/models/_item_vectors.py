"""Vectors of items, which may be made of the rows of what items share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.formats.quantized import unpack_rows
from fastemb.models._arrays import check_vectors, named_arrays, set_locks, unpack_keys
from fastemb.models._attributes import Key
from fastemb.models._item_features import TRAINED, ItemFeatures
from fastemb.models._subword_vectors import FastTextKeyedVectors
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.subwords import Subwords, pack_subwords


class ItemVectors(FastTextKeyedVectors):
    """Vectors of items, each the mean of the item's own row and the rows of its features.

    An item that was never bought has the mean of the rows of its features, if it has any that others have, too.

    Parameters
    ----------
    vector_size : int
    count, dtype
        As of `KeyedVectors`.
    """

    subwords: ItemFeatures  # type: ignore[assignment]

    def __init__(self, vector_size: int, *_: int, count: int = 0, dtype: Any = np.float32):
        super().__init__(vector_size, 0, 0, 0, count, dtype)
        self.subwords = ItemFeatures()

    @property
    def features(self) -> dict[Key, list[str]]:
        """The features of each item that has some, also of those never bought."""
        names, bags = self.subwords.names, self.subwords.of_items
        return {item: [names[row] for row in bags[number]] for item, number in self.subwords.items.items()}

    def feature_vectors(self) -> KeyedVectors:
        """The rows of the features, by their names."""
        return KeyedVectors.from_arrays(self.subwords.names, np.array(self.vectors_ngrams[:], np.float32))

    def with_cold(self) -> KeyedVectors:
        """The vectors of all items, and behind them those of items that are known by their features alone."""
        cold = [item for item in self.subwords.items if item not in self.key_to_index and self.subwords.has(item)]
        keys = [*self.index_to_key, *cold]
        if not cold:
            return KeyedVectors.from_arrays(keys, self.vectors)
        return KeyedVectors.from_arrays(keys, np.concatenate([self.vectors, self._vectors_of_ngrams(cold)]))

    def __contains__(self, key: object) -> bool:
        """Whether an item has a vector: it was bought, or has features."""
        return self.has_index_for(key) or (self._have_ngrams and self.subwords.has(key))

    def _is_row(self, key: Any) -> bool:
        """No: an int that is not among the items is an unknown one, or known by its features alone."""
        return False

    def _vector_of_ngrams(self, key: Any) -> NDArray[np.float32]:
        if not self._have_ngrams or not self.subwords.has(key):
            raise KeyError(f"Key '{key}' not present, and it has no features to make a vector of")
        return super()._vector_of_ngrams(key)

    def _vectors_of_ngrams(self, keys: Sequence[Any]) -> NDArray[np.float32]:
        for key in keys:
            if not self._have_ngrams or not self.subwords.has(key):
                self._vector_of_ngrams(key)
        return super()._vectors_of_ngrams(keys)

    def add_features(self, features: Any) -> int:
        """Take further items that are known by their features alone, as those that are new in the shop.

        Parameters
        ----------
        features : dict of str or int to list of str, or to dict; or table
            As of `Item2Vec`. Features that no item had in training are left out, and items that were trained are, too.

        Returns
        -------
        int
            Items that have a vector by this, and had none.
        """
        given = ItemFeatures.of(features)
        new = [item for item in given.items if item not in self.key_to_index]
        before = sum(map(self.__contains__, new))
        self.subwords = self.subwords.with_others(given, self.key_to_index)
        return sum(map(self.__contains__, new)) - before

    def add_words(self, words: Sequence[Key], seed: int = 0) -> None:
        """As of `FastTextKeyedVectors`."""
        super().add_words(words, seed)
        self.subwords.note(self.index_to_key)

    def plain(self) -> KeyedVectors:
        """The same vectors, without features."""
        return KeyedVectors.from_arrays(list(self.index_to_key), self.vectors, dict(self.expandos))

    def compress(self, *args: Any, **kwargs: Any) -> KeyedVectors:  # type: ignore[override]
        """As of `KeyedVectors`: the vectors of the items alone."""
        return self.plain().compress(*args, **kwargs)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, as arrays for `fastemb.formats.native`."""
        own = self.own_rows()
        rows = {"vectors_vocab": np.asarray(own[:]), "vectors_ngrams": np.asarray(self.vectors_ngrams[:])}
        named = named_arrays(self, "rows of items", own)
        return pack_subwords(Subwords(0, 0, 0)) | rows | self.subwords.to_arrays() | named

    @classmethod
    def from_native(cls, arrays: dict[str, NDArray[Any]], name: str) -> Any:
        """The opposite of `to_arrays`; `name` is the file's, for messages."""
        features = ItemFeatures.from_arrays(arrays, name)
        keys, attributes = unpack_keys(arrays, name)
        try:
            own, shared = (check_vectors(unpack_rows(part, arrays)) for part in ("vectors_vocab", "vectors_ngrams"))
            made = cls.from_bags(keys, own, shared, features, attributes)  # type: ignore[arg-type]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{name}: holds no vectors of items, or damaged ones ({error})") from None
        if TRAINED not in arrays:  # as in earlier files
            features.note(keys)
        set_locks(made, arrays, name)
        return made
