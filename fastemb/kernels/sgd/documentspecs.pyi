from typing import final

from numpy import int32
from numpy.typing import NDArray
from typing_extensions import disjoint_base

from fastemb.kernels.sgd.specs import Inputs, Rows

@disjoint_base
class Documents(Inputs):
    tags: Rows
    def __init__(
        self, words: Rows, rows: int, tags: Rows, passes: int = 0, *, quantiles: NDArray[int32] | None = None
    ) -> None: ...

@final
class Dbow(Documents):
    def __init__(
        self,
        words: Rows,
        rows: int,
        tags: Rows,
        passes: int = 0,
        with_words: bool = False,
        *,
        quantiles: NDArray[int32] | None = None,
    ) -> None: ...

@final
class Dm(Documents):
    def __init__(
        self,
        words: Rows,
        rows: int,
        tags: Rows,
        passes: int,
        mean: bool,
        divide_gradient: bool,
        *,
        quantiles: NDArray[int32] | None = None,
    ) -> None: ...

@final
class DmConcat(Documents):
    def __init__(
        self,
        words: Rows,
        rows: int,
        tags: Rows,
        passes: int,
        slots: int,
        nobody: int,
        *,
        quantiles: NDArray[int32] | None = None,
    ) -> None: ...
