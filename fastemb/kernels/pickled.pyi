from typing import Any

MAKES: int
MADE: dict[str, int]

def first_excess(data: Any, most: int) -> tuple[int, int]: ...
