from collections.abc import Sequence
from typing import Any, final

from numpy import float32, int32
from numpy.typing import NDArray

from fastemb.kernels.sgd.chunks import Chunks
from fastemb.kernels.sgd.specs import Inputs, Objective, Sampling, Team

@final
class Epoch:
    words: int
    @property
    def chunks(self) -> Chunks: ...
    def __init__(
        self,
        chunks: Sequence[tuple[Any, ...]] | Chunks,
        inputs: Inputs,
        objectives: Sequence[Objective],
        sampling: Sampling,
        rates: tuple[float, float],
        team: Team,
        measure: bool = False,
        whole_texts: bool = False,
    ) -> None: ...
    @property
    def workers(self) -> int: ...
    @property
    def spans(self) -> int: ...
    @property
    def claimed_words(self) -> int: ...
    def stop(self) -> None: ...
    def pause(self) -> None: ...
    def begin_at(self, position: int) -> None: ...
    def work(self) -> tuple[int, float, int]: ...
    def deltas(self, begin: int, end: int) -> list[tuple[NDArray[int32], NDArray[float32], NDArray[int32]]]: ...
    def batches(self) -> list[dict[str, Any]]: ...
