from collections.abc import Sequence

from numpy import float32
from numpy.typing import NDArray

IN_C: tuple[str, ...]
VARIABLE: str

def implementations() -> list[str]: ...
def implementation() -> str: ...
def choose(name: str | None = None) -> None: ...
def train(
    vectors: NDArray[float32],
    inputs: Sequence[int],
    output_vectors: NDArray[float32],
    outputs: Sequence[int],
    positives: NDArray[float32],
    weights: NDArray[float32],
    alpha: float,
    scales: NDArray[float32] | None = None,
    replace: bool = False,
    measure: bool = False,
    softmax: bool = False,
    in_turn: bool = False,
) -> float: ...
