from numpy import int32, int64, uint8
from numpy.typing import NDArray
from typing_extensions import disjoint_base

@disjoint_base
class PairTable:
    """What tables of numbers for pairs share."""

    def __len__(self) -> int: ...
    def count(
        self,
        words: NDArray[int32],
        middles: NDArray[int32],
        starts: NDArray[int64],
        part: int = 0,
        parts: int = 1,
    ) -> None:
        """Add 1 for each pair of neighbours.

        Parameters
        ----------
        words : ndarray of int32
            The sentences end to end; -1 is in no pair.
        middles : ndarray of int32, shape (words,) or (0,)
            The middle before each word; by default 0.
        starts : ndarray of int64, shape (sentences + 1,)
            Where each sentence begins, and the last one ends.
        part, parts : int
            Count one part of all pairs alone, those of some hashes: several tables may count in as many threads.

        Raises
        ------
        OverflowError
            If a pair is counted too often.
        """

    def values(self, firsts: NDArray[int32], middles: NDArray[int32], lasts: NDArray[int32]) -> NDArray[int64]: ...
    def items(
        self, least: int = 1, marked: NDArray[uint8] | None = None
    ) -> tuple[NDArray[int32], NDArray[int32], NDArray[int32], NDArray[int64]]:
        """First words, middles, last words and values of the pairs with a value of `least` or more, in no order.

        With `marked`, of shape (words,), they are only those with a marked word first or last, or with a middle.
        """
