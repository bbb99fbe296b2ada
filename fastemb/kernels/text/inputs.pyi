from typing import final

from numpy import float32, int32, int64, uint8
from numpy.typing import NDArray

# A matrix; or its bytes (rows × 4·columns), of any address, and the number of columns; or codes (rows × groups),
# centroids (groups × 256 × width), norms (rows), and the columns; or some rows, the place of each among them or -1,
# state and increment of the generator of the others, and the columns.
_Rows = (
    NDArray[float32]
    | tuple[NDArray[uint8], int]
    | tuple[NDArray[uint8], NDArray[float32], NDArray[float32], int]
    | tuple[NDArray[float32], NDArray[int32], int, int, int]
)

@final
class Inputs:
    """Rows of words and, behind them, of n-grams; either may be product-quantised, and n-grams random."""

    n_rows: int
    size: int
    def __init__(self, words: _Rows, ngrams: _Rows) -> None: ...
    def means(self, ids: NDArray[int32], starts: NDArray[int64], to: NDArray[float32]) -> None:
        """to[k] = the mean of the rows ids[starts[k]:starts[k + 1]]; zeros, where there are none."""
