from typing import Any, final

from numpy import float32, int32, int64, uint32
from numpy.typing import NDArray

from fastemb.kernels.noise import NoiseTable

@final
class Epoch:
    words: int
    def __init__(
        self,
        chunks: list[tuple[NDArray[int32], NDArray[int64]]],
        vectors: NDArray[float32],
        keep: NDArray[uint32],
        locks: NDArray[float32],
        *,
        output_vectors: NDArray[float32] | None = None,
        noise: NoiseTable | None = None,
        node_vectors: NDArray[float32] | None = None,
        paths: tuple[NDArray[int64], NDArray[int32], NDArray[float32]] | None = None,
        sg: bool,
        window: int,
        shrink_windows: bool,
        negative: int,
        cbow_mean: bool,
        divide_gradient: bool,
        compute_loss: bool,
        centres: int,
        rows: int,
        noise_words: int,
        rounds: bool,
        workers: int,
        seed: int,
        start_alpha: float,
        end_alpha: float,
        first_position: int = 0,
        ngram_vectors: NDArray[float32] | None = None,
        bags: tuple[NDArray[int64], NDArray[int32]] | None = None,
        ngram_locks: NDArray[float32] | None = None,
        lasting: bool = True,
    ) -> None: ...
    @property
    def claimed_words(self) -> int: ...
    @property
    def stretches(self) -> int: ...
    def stop(self) -> None: ...
    def pause(self) -> None: ...
    def begin_at(self, position: int) -> None: ...
    def work(self) -> tuple[int, float, int]: ...
    def blocks(self) -> list[dict[str, Any]]: ...
