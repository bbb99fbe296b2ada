from typing import final

from numpy import int32, int64, uint8
from numpy.typing import NDArray

@final
class PhraseTable:
    """Numbers from 1 to 4,294,967,295 for pairs of words: counts, say.

    A pair is a first word, a middle and a last word, of which the middle is 0 or a sequence of `Middles`.

    Parameters
    ----------
    expected : int, default 0
        Make room for so many pairs.
    """

    def __init__(self, expected: int = 0) -> None: ...
    def __len__(self) -> int: ...
    def add(
        self, firsts: NDArray[int32], middles: NDArray[int32], lasts: NDArray[int32], values: NDArray[int64]
    ) -> None:
        """Add values to those of pairs, which are 0 where there is no such pair."""

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

    def prune(self, least: int) -> None: ...

@final
class Middles:
    """Sequences of connector words and their numbers, from 1 on; 0 is the empty one."""

    def __len__(self) -> int: ...
    def longer_than(self, middle: int, connector: int) -> int: ...
    def parts(self) -> tuple[NDArray[int32], NDArray[int32]]:
        """Of each number the sequence without its last connector, and that connector; both 0 of the empty one.

        A sequence has a higher number than the one that it goes on from.
        """

    def leave_out(
        self, ids: NDArray[int32], starts: NDArray[int64], connectors: NDArray[uint8]
    ) -> tuple[NDArray[int32], NDArray[int32], NDArray[int64]]:
        """Sentences without their connectors.

        Parameters
        ----------
        ids : ndarray of int32
            The sentences end to end; -1 is no connector.
        starts : ndarray of int64, shape (sentences + 1,)
        connectors : ndarray of uint8, shape (words,)
            1 for connectors.

        Returns
        -------
        words, middles, starts : ndarray
            What `PhraseTable.count` takes.
        """
