from typing import final

from numpy import float32, int32, int64, uint8
from numpy.typing import NDArray

# A matrix; or codes (rows × groups), centroids (groups × 256 × width), norms (rows), and the number of columns.
_Rows = NDArray[float32] | tuple[NDArray[uint8], NDArray[float32], NDArray[float32], int]

@final
class Inputs:
    """Rows of words and, behind them, of n-grams; either may be product-quantised."""

    n_rows: int
    size: int
    def __init__(self, words: _Rows, ngrams: _Rows) -> None: ...
    def means(self, ids: NDArray[int32], starts: NDArray[int64], to: NDArray[float32]) -> None:
        """to[k] = the mean of the rows ids[starts[k]:starts[k + 1]]; zeros, where there are none."""
