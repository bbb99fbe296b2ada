from typing import final

from numpy import int64, uint8
from numpy.typing import NDArray

from fastemb.kernels.text.encoder import Encoder
from fastemb.kernels.text.wordtable import WordTable

@final
class ColumnEncoder(Encoder):
    def __init__(self, vocabulary: WordTable | None = None) -> None: ...
    def add(self, lists: NDArray[int64], ends: NDArray[int64], text: NDArray[uint8]) -> None: ...
    @staticmethod
    def word_of(entry: str) -> str: ...
    @staticmethod
    def entry_of(word: str) -> str: ...
