from numpy import float32, int32, int64
from numpy.typing import NDArray

def random_rows(state: int, increment: int, rows: NDArray[int64], vectors: NDArray[float32]) -> None: ...
def random_or_held_rows(
    state: int,
    increment: int,
    rows: NDArray[int64],
    places: NDArray[int32],
    held: NDArray[float32],
    vectors: NDArray[float32],
) -> None: ...
def give_places(rows: NDArray[int32], places: NDArray[int32], held: int) -> tuple[NDArray[int32], NDArray[int32]]: ...
