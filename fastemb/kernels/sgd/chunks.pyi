from typing import final

from numpy import int32, int64
from numpy.typing import NDArray

@final
class Chunks:
    def __init__(
        self, chunks: list[tuple[NDArray[int32], NDArray[int64]]], end: int, span: int, texts: int
    ) -> None: ...
