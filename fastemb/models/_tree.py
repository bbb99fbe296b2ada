"""The Huffman tree of hierarchical softmax, and the attributes of words that gensim makes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fastemb import inference, vocabulary
from fastemb.kernels.ragged import starts_of

if TYPE_CHECKING:
    from fastemb.models._frequencies import Frequencies

ATTRIBUTES = ("code", "point")


class OfTheTree:
    """The part of KeyedVectors that knows the paths to the keys in the tree of the model that they belong to."""

    _counts: Callable[[], NDArray[Any]]
    tree: inference.Paths | bool = False  # that of the counts if True, none if False
    _made_of: tuple[Any, inference.Paths] | None = None  # of these counts

    def path(self, row: int, attr: str) -> NDArray[Any]:
        """'code', uint8: to which side the path to a key turns; 'point', uint32: the nodes where it does."""
        starts, nodes, labels = self.paths()
        place = slice(starts[row], starts[row + 1])
        return nodes[place].astype(np.uint32) if attr == "point" else (1 - labels[place]).astype(np.uint8)

    def paths(self) -> inference.Paths:
        """The tree, which is made when it is asked for, and again when there are other counts."""
        if isinstance(self.tree, tuple):
            return self.tree
        counts = self._counts()
        if self._made_of is None or self._made_of[0] is not counts:
            self._made_of = counts, vocabulary.huffman_paths(counts)
        return self._made_of[1]

    def tree_of(self, rows: NDArray[np.int64]) -> inference.Paths:
        """The paths to some keys, for vectors of these alone; none where there is no row, but -1."""
        starts, nodes, labels = self.paths()
        sizes, known = np.zeros(len(rows), np.int64), rows >= 0
        sizes[known] = np.diff(starts)[rows[known]]
        ends = starts_of(sizes)
        begins = np.zeros(len(rows), np.int64)
        begins[known] = starts[rows[known]]
        places = np.repeat(begins - ends[:-1], sizes) + np.arange(ends[-1])
        return ends, nodes[places], labels[places]


class WithTree:
    """The part of Word2Vec that has a tree."""

    wv: Any
    hs: int
    _frequencies: Callable[[], Frequencies]

    @property
    def tree(self) -> inference.Paths | None:
        """gensim's tree, if the model was its; else None, for that of the counts."""
        tree = self.wv.tree
        return tree if isinstance(tree, tuple) else None

    @tree.setter
    def tree(self, tree: inference.Paths | None) -> None:
        self.wv.tree = tree or bool(self.hs)

    def _paths(self) -> inference.Paths:
        """The Huffman tree."""
        return self.tree or self._frequencies().paths

    def create_binary_tree(self) -> None:
        """Nothing is left to do: whatever needs the Huffman tree makes it from the counts."""
