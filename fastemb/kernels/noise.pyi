from typing import final

from numpy import int32
from numpy.typing import ArrayLike, NDArray

@final
class NoiseTable:
    size: int
    def __init__(self, probabilities: ArrayLike) -> None: ...
    def sample(self, n: int, key: int = 0) -> NDArray[int32]: ...
