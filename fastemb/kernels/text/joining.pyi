from typing import final

from numpy import int32, int64, uint8
from numpy.typing import NDArray

from fastemb.kernels.text.phrases import Middles, PhraseTable

@final
class Joiner:
    """Joins the phrases of sentences, from left to right: a word that ends a phrase begins no other.

    Parameters
    ----------
    middles : Middles
    phrases : PhraseTable
        One more than the number of each phrase.
    connectors : ndarray of uint8, shape (words,)
        1 for connectors, which neither begin nor end a phrase.
    index : dict of str to int, optional
        Numbers of words, for sentences that are lists of str.
    texts : list of str, optional
        Of the phrases, for the same.
    """

    def __init__(
        self,
        middles: Middles,
        phrases: PhraseTable,
        connectors: NDArray[uint8],
        index: dict[str, int] | None = None,
        texts: list[str] | None = None,
    ) -> None: ...
    def join_ids(
        self, ids: NDArray[int32], starts: NDArray[int64], numbers: NDArray[int32]
    ) -> tuple[NDArray[int32], NDArray[int64]]:
        """The numbers and starts of sentences with their phrases joined.

        Parameters
        ----------
        ids : ndarray of int32
            The sentences end to end; -1 is in no phrase.
        starts : ndarray of int64, shape (sentences + 1,)
        numbers : ndarray of int32, shape (phrases,)
            What stands for each phrase.
        """

    def places(self, sentence: list[str]) -> list[int]: ...
    def join(self, sentence: list[str]) -> list[str]: ...

def number_in_order(ids: NDArray[int32], numbers: NDArray[int32], counts: NDArray[int64], next: int) -> int:
    """Let ids[i] = numbers[ids[i]], in place, and count these; -1 stays.

    Parameters
    ----------
    ids : ndarray of int32
    numbers : ndarray of int32
        -1 for what was not met yet, which gets the number `next`, and so on.
    counts : ndarray of int64
        At least as many.
    next : int

    Returns
    -------
    int
        The next number.
    """
