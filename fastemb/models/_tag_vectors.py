"""Vectors of tags, which are names or the numbers of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.corpus.documents import INTEGERS, FoundTags
from fastemb.formats import native
from fastemb.models._attributes import Key
from fastemb.models._random import random_vectors
from fastemb.models.keyedvectors import KeyedVectors

PREFIX = "dv."  # begins the names of their arrays in the file of a model
OFFSET = 7919  # to the seed of words, as in gensim


class TagVectors(KeyedVectors):
    """The vectors of tags, as `KeyedVectors`.

    A tag that is a number is the row of its vector, and takes no memory beside: while all are numbers, `index_to_key`
    is a `range`. Names follow after the numbers, and they alone are in `key_to_index`, as in gensim.
    """

    @property
    def numbers(self) -> int:
        """How many tags are the numbers of their rows, which are the first."""
        return len(self) - len(self.key_to_index)

    def take(self, found: FoundTags, seed: int) -> None:
        """Give each tag of a corpus a random vector."""
        names = list(found.names)
        self.key_to_index = {name: found.numbers + k for k, name in enumerate(names)}
        self.index_to_key = keys_of(found.numbers, names)
        self.next_index = len(self.index_to_key)
        self.vectors = random_vectors((len(self), self.vector_size), seed + OFFSET)
        self.expandos = {}
        if names:
            zeros = np.zeros(found.numbers, np.int64)
            self.expandos["word_count"] = np.concatenate([zeros, np.frombuffer(found.words, np.int64)])
            self.expandos["doc_count"] = np.concatenate([zeros, np.frombuffer(found.documents, np.int64)])

    def extend(self, found: FoundTags, seed: int) -> None:
        """Add those of another corpus; a tag that is there keeps its vector."""
        before, old = self.numbers, list(self.key_to_index)
        both = FoundTags(max(before, found.numbers))
        for name in (*old, *found.names):
            both.add(name, 0)
        attributes, vectors, locks = self.expandos, self.vectors, self.vectors_lockf
        kept = np.concatenate([np.arange(before), both.numbers + np.arange(len(old))])
        self.take(both, seed)
        self.vectors[kept] = vectors
        if len(locks) > 1:
            self.vectors_lockf = np.ones(len(self), np.float32)
            self.vectors_lockf[kept] = np.resize(locks, len(kept))
        for name in self.expandos:  # counts, which begin at 0 where there were no names
            self.expandos[name] = np.zeros(len(self), np.int64)
        for name, values in attributes.items():
            self.expandos[name] = np.zeros((len(self), *values.shape[1:]), values.dtype)
            self.expandos[name][kept] = values
        new = [self.key_to_index[name] for name in found.names]
        for name, more in (("word_count", found.words), ("doc_count", found.documents)):
            if name in self.expandos:
                self.expandos[name][new] += np.frombuffer(more, np.int64)

    def _add(self, keys: Sequence[Key], rows: NDArray[Any], attributes: dict[str, NDArray[Any]], replace: bool) -> None:
        own = [k for k, key in enumerate(keys) if self._is_row(key)]
        if own:
            places = [int(keys[k]) for k in own]
            if replace:
                self._editable()[places] = rows[own]
                self.norms = None
                for name, values in attributes.items():
                    self.expandos[name][places] = values[own]
            rest = [k for k, key in enumerate(keys) if not self._is_row(key)]
            keys, rows = [keys[k] for k in rest], rows[rest]
            attributes = {name: values[rest] for name, values in attributes.items()}
        if keys:
            self.index_to_key = list(self.index_to_key)
            super()._add(keys, rows, attributes, replace)

    def _is_row(self, key: Any) -> bool:
        """Whether it is a tag that is the number of its row, or the number of a row whose tag is a name."""
        if not isinstance(key, INTEGERS) or key in self.key_to_index or not 0 <= key < len(self):
            return False
        return bool(key < self.numbers) or isinstance(self.index_to_key[int(key)], str)

    def _row_of(self, key: Any) -> int:
        return int(key) if isinstance(key, INTEGERS) and 0 <= key < self.numbers else super()._row_of(key)

    def plain(self) -> KeyedVectors:
        """The same vectors with all tags as keys."""
        plain = KeyedVectors.from_arrays(list(self.index_to_key), self.vectors, self.expandos)
        plain.vectors_lockf = self.vectors_lockf
        return plain

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """As of `KeyedVectors`."""
        return self.plain().to_arrays()

    def _word2vec_parts(self, *args: Any, **kwargs: Any) -> Any:
        """As of `KeyedVectors`."""
        return self.plain()._word2vec_parts(*args, **kwargs)

    def own_arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, as arrays for the file of a model: of numbers there is but how many they are."""
        arrays: dict[str, NDArray[Any]] = {"numbers": np.array(self.numbers, np.int64)}
        names = KeyedVectors.from_arrays(list(self.key_to_index), self.vectors[: len(self.key_to_index)])
        arrays |= {name: array for name, array in names.to_arrays().items() if name != "vectors"}
        arrays |= {f"attribute.{name}": values for name, values in self.expandos.items()}
        locks = {} if np.array_equal(self.vectors_lockf, [1]) else {"vectors_lockf": self.vectors_lockf}
        return {PREFIX + name: array for name, array in ({"vectors": self.vectors} | arrays | locks).items()}

    @classmethod
    def from_own_arrays(cls, arrays: dict[str, NDArray[Any]], name: str) -> TagVectors:
        """The opposite of `own_arrays`; `name` is the file's, for messages."""
        own = {key.removeprefix(PREFIX): array for key, array in arrays.items() if key.startswith(PREFIX)}
        if {"vectors", "numbers", "keys.utf8", "keys.offsets"} - own.keys() or own["vectors"].ndim != 2:
            raise ValueError(f"{name}: holds no vectors of tags")
        names = native.unpack_keys(own, name)
        try:
            numbers = native.number_in(own, "numbers")
        except ValueError as error:
            raise ValueError(f"{name}: its tags are damaged ({error})") from None
        attributes = {key[10:]: values for key, values in own.items() if key.startswith("attribute.")}
        found = cls.of(numbers, names, own["vectors"], attributes, name)
        if "vectors_lockf" in own:
            found.vectors_lockf = own["vectors_lockf"]
        return found

    @classmethod
    def of(
        cls, numbers: int, names: list[Key], vectors: NDArray[Any], attributes: dict[str, NDArray[Any]], name: str
    ) -> TagVectors:
        """Vectors of so many numbers and of these names; `name` is a file's, for messages."""
        made = cls(vectors.shape[1])
        made.key_to_index = {tag: numbers + k for k, tag in enumerate(names)}
        if numbers < 0 or len(made.key_to_index) != len(names) or numbers + len(names) != len(vectors):
            raise ValueError(f"{name}: {numbers} numbers and {len(names)} names for {len(vectors)} vectors of tags")
        if any(values.shape[:1] != (len(vectors),) for values in attributes.values()):
            raise ValueError(f"{name}: the attributes of tags are not as many as these")
        made.index_to_key = keys_of(numbers, names)
        made.vectors, made.expandos, made.next_index = vectors, attributes, len(vectors)
        return made


def keys_of(numbers: int, names: Sequence[Key]) -> Any:
    """The tags in the order of their rows."""
    return [*range(numbers), *names] if names else range(numbers)
