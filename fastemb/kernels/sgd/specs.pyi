from typing import final

from numpy import float32, int32, int64, uint32
from numpy.typing import NDArray
from typing_extensions import disjoint_base

from fastemb.kernels.noise import NoiseTable

@final
class Sampling:
    def __init__(
        self,
        keep: NDArray[uint32] | None,
        window: int,
        shrink_windows: bool,
        seed: int,
        first_position: int = 0,
        before: bool = True,
        after: bool = True,
        importance: NDArray[float32] | None = None,
    ) -> None: ...

@disjoint_base
class Rows:
    matrix: NDArray[float32]
    def __init__(self, vectors: NDArray[float32], locks: NDArray[float32]) -> None: ...

@final
class Ngrams:
    rows: int
    def __init__(self, starts: NDArray[int64], ids: NDArray[int32], rows: int) -> None: ...

@final
class Bags(Rows):
    def __init__(
        self,
        vectors: NDArray[float32],
        locks: NDArray[float32],
        ngram_vectors: NDArray[float32],
        ngram_locks: NDArray[float32],
        ngrams: Ngrams,
        lasting: bool = True,
    ) -> None: ...

@disjoint_base
class Inputs:
    words: Rows
    def __init__(self, words: Rows, rows: int, *, distances: NDArray[float32] | None = None) -> None: ...

@final
class SkipGram(Inputs): ...

@final
class Cbow(Inputs):
    def __init__(
        self,
        words: Rows,
        rows: int,
        mean: bool,
        divide_gradient: bool,
        offsets: NDArray[float32] | None = None,
        *,
        distances: NDArray[float32] | None = None,
    ) -> None: ...

@final
class Texts(Inputs):
    labels: int
    def __init__(
        self,
        words: Rows,
        rows: int,
        labels: int,
        starts: NDArray[int64],
        ids: NDArray[int32],
        text_weights: NDArray[float32] | None = None,
        label_weights: NDArray[float32] | None = None,
    ) -> None: ...

@disjoint_base
class Objective:
    matrix: NDArray[float32]
    def __init__(self, vectors: NDArray[float32]) -> None: ...

@final
class Negatives(Objective):
    def __init__(
        self, vectors: NDArray[float32], noise: NoiseTable, negative: int, noise_words: int, centres: int
    ) -> None: ...

@final
class Paths:
    def __init__(self, starts: NDArray[int64], nodes: NDArray[int32], labels: NDArray[float32]) -> None: ...

@final
class Tree(Objective):
    def __init__(self, vectors: NDArray[float32], paths: Paths) -> None: ...

@final
class Labels(Objective):
    def __init__(self, vectors: NDArray[float32], loss: str, centres: int = 1) -> None: ...

@final
class Team:
    workers: int
    rounds: bool
    patient: bool
    def __init__(self, workers: int, rounds: bool = False, patient: bool = False) -> None: ...
