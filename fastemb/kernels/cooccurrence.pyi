from typing import Any, TypeAlias, final

from numpy import int32, int64
from numpy.typing import NDArray

_Rows: TypeAlias = tuple[NDArray[int64], NDArray[int32], NDArray[int64]]

@final
class Sums:
    def __init__(self, columns: int): ...

def separate(ids: NDArray[int32], starts: NDArray[int64], across: bool) -> NDArray[int32]: ...

@final
class Segment:
    starts: NDArray[int64]
    def __init__(self, text: NDArray[int32], before: NDArray[int32], words: int): ...
    def count(self, first: int, last: int, weights: NDArray[int64], symmetric: bool, sums: Sums) -> _Rows: ...

def add_rows(runs: list[Any], rows: int, sums: Sums) -> _Rows: ...
