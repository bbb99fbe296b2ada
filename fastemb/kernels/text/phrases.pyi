from typing import final

from numpy import int32, int64, uint8
from numpy.typing import NDArray

from fastemb.kernels.text.pairtable import PairTable

@final
class PhraseTable(PairTable):
    """Numbers from 1 to 4,294,967,295 for pairs of words: counts, say.

    A pair is a first word, a middle and a last word, of which the middle is 0 or a sequence of `Middles`.

    Parameters
    ----------
    expected : int, default 0
        Make room for so many pairs.
    """

    def __init__(self, expected: int = 0) -> None: ...
    def add(
        self, firsts: NDArray[int32], middles: NDArray[int32], lasts: NDArray[int32], values: NDArray[int64]
    ) -> None:
        """Add values to those of pairs, which are 0 where there is no such pair."""

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
