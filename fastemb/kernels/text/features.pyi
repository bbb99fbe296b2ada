from collections.abc import Sequence
from typing import final

from numpy import int32, int64
from numpy.typing import NDArray

@final
class Features:
    """What rows a text of a classifier has: first those of words, then those of n-grams.

    Parameters
    ----------
    words, labels : sequence of str
        No str twice. Labels have no rows.
    prefix : str
        Words that begin so are labels, too.
    min_n, max_n : int
        Characters of the shortest and the longest n-gram; a `max_n` of 0 is for none.
    buckets : int
        N-grams are hashed to so many numbers; 0 is for none.
    word_ngrams : int
        Words of the longest n-grams of words; 1 for none.
    kept : ndarray of int32, shape (n, 2), optional
        The buckets that have rows, and which; by default all have, in their order.
    """

    n_words: int
    rows: int
    def __init__(
        self,
        words: Sequence[str],
        labels: Sequence[str],
        prefix: str,
        min_n: int,
        max_n: int,
        buckets: int,
        word_ngrams: int,
        kept: NDArray[int32] | None = None,
    ) -> None: ...
    def bags(self, texts: list[str]) -> tuple[NDArray[int32], NDArray[int64]]:
        """The rows of text k are ids[starts[k]:starts[k + 1]]; returns ids and starts."""
