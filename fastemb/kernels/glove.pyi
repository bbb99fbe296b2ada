from typing import Any

from numpy import dtype, float32, float64, int32, int64
from numpy.typing import NDArray

CELL: dtype[Any]
PADDING: int

def scatter(
    rows: NDArray[int32],
    columns: NDArray[int32],
    values: NDArray[float64],
    words: int,
    key: int,
    band: int,
    parts: int,
) -> tuple[NDArray[Any], NDArray[int64]]: ...
def describe(row: int, column: int, value: float, words: int) -> str: ...
def arrange(
    cells: NDArray[Any], begins: NDArray[int64], ends: NDArray[int64], key: int, words: int
) -> NDArray[Any]: ...
def train(
    cells: NDArray[Any],
    rows: NDArray[float32],
    biases: NDArray[float32],
    eta: float,
    alpha: float,
    x_max: float,
    clip: float,
) -> float: ...
