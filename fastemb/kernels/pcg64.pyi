from numpy import float32, int64
from numpy.typing import NDArray

def random_rows(state: int, increment: int, rows: NDArray[int64], vectors: NDArray[float32]) -> None: ...
