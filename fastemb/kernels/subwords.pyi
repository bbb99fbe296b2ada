from typing import Any

from numpy import float32, int32, int64
from numpy.typing import NDArray

def hash_bytes(text: Any) -> int: ...
def hash_words(text: Any, offsets: NDArray[int64]) -> NDArray[int32]: ...
def ngram_ids(
    text: Any, offsets: NDArray[int64], min_n: int, max_n: int, buckets: int, code_points: bool = False
) -> tuple[NDArray[int64], NDArray[int32]]: ...
def ngram_ids_of_word(
    word: bytes, min_n: int, max_n: int, buckets: int, code_points: bool = False
) -> NDArray[int32]: ...
def ngrams(word: Any, min_n: int, max_n: int) -> list[bytes]: ...
def mean_rows(
    means: NDArray[float32],
    words: NDArray[float32] | None,
    ngrams: NDArray[float32],
    starts: NDArray[int64],
    ids: NDArray[int32],
    begin: int,
    end: int,
) -> None: ...
def mean_row(rows: NDArray[float32]) -> NDArray[float32]: ...
