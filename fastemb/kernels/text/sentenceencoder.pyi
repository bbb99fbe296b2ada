from collections.abc import Iterable, Mapping
from typing import final

from numpy import int64
from numpy.typing import NDArray

from fastemb.kernels.text.encoder import Encoder

@final
class SentenceEncoder(Encoder):
    words: list[str | int]
    def __init__(self, index: Mapping[str | int, int] | None = None) -> None: ...
    def add(self, sentence: Iterable[object]) -> None: ...
    def word_counts(self) -> NDArray[int64]: ...
