from typing import Any, final

from numpy import int32
from numpy.typing import NDArray

from fastemb.kernels.text.wordtable import WordTable

@final
class Vocabulary:
    def __init__(self, index: dict[Any, int]) -> None: ...
    def is_of(self, index: dict[Any, int]) -> bool: ...
    def rows_of(self, words: WordTable) -> NDArray[int32]: ...
