from typing import final

from fastemb.kernels.text.pairtable import PairTable

@final
class Tally(PairTable):
    """Counts of pairs of words, none with a middle, from 1 to 4,294,967,295.

    Parameters
    ----------
    words : int
        The numbers of words are below this, which is 2**28 at most.
    expected : int, default 0
        Make room for so many pairs.
    """

    def __init__(self, words: int, expected: int = 0) -> None: ...
    def prune(self, least: int) -> None: ...
