from collections.abc import Sequence
from typing import final

from numpy import float32, int32, int64
from numpy.typing import NDArray

from fastemb.kernels.sgd.specs import Objective, Rows, Sampling

@final
class Inference:
    def __init__(
        self,
        words: Rows,
        objectives: Sequence[Objective],
        sampling: Sampling,
        rates: tuple[float, float],
        passes: int,
        noise: NDArray[int32] | None = None,
        shares: NDArray[float32] | None = None,
        context: bool = False,
        mean: bool = False,
        divide_gradient: bool = False,
        nobody: int = -1,
    ) -> None: ...
    def stop(self) -> None: ...
    def infer(self, ids: NDArray[int32], starts: NDArray[int64]) -> NDArray[float32]: ...
