from collections.abc import Sequence
from typing import Any, final

@final
class Chunks:
    def __init__(self, chunks: Sequence[tuple[Any, ...]], end: int, span: int, texts: int, tags: int = 0) -> None: ...
