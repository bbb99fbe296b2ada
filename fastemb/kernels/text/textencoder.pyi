from typing import Any, final

from fastemb.kernels.text.encoder import Encoder
from fastemb.kernels.text.wordtable import WordTable

@final
class TextEncoder(Encoder):
    bytes_done: int
    def __init__(
        self, vocabulary: WordTable | None = None, as_fasttext: bool = False, every_line: bool = False
    ) -> None: ...
    def feed(self, block: Any, last: bool = False) -> None: ...
    def add_texts(self, texts: list[str]) -> None: ...
