from typing import final

from typing_extensions import disjoint_base

from fastemb.kernels.sgd.specs import Inputs, Rows

@disjoint_base
class Documents(Inputs):
    tags: Rows
    def __init__(self, words: Rows, rows: int, tags: Rows) -> None: ...

@final
class Dbow(Documents):
    def __init__(self, words: Rows, rows: int, tags: Rows, with_words: bool = False) -> None: ...

@final
class Dm(Documents):
    def __init__(self, words: Rows, rows: int, tags: Rows, mean: bool, divide_gradient: bool) -> None: ...

@final
class DmConcat(Documents):
    def __init__(self, words: Rows, rows: int, tags: Rows, slots: int, nobody: int) -> None: ...
