"""What a file may ask for before it is believed."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

MOST_DIMENSIONS = 32
LARGEST = 2**63 - 1
MOST_NUMBERS = LARGEST >> 8
MOST_VALUES = 500_000  # of a JSON text: they take some hundred bytes each


def elements(shape: Sequence[Any]) -> int:
    """How many numbers an array of that shape has.

    Raises
    ------
    ValueError
        If a size is no whole number from 0 to 2⁶³ - 1, there are more than 32 of them, or those that are not 0 are
        more together than an array of NumPy's may have, be it empty.
    """
    if len(shape) > MOST_DIMENSIONS:
        raise ValueError(f"an array of {len(shape)} dimensions")
    check_sizes(shape)
    if math.prod(n or 1 for n in shape) > MOST_NUMBERS:
        raise ValueError("huge sizes")
    return math.prod(shape)


def check_sizes(sizes: Sequence[Any]) -> None:
    """Raise ValueError unless these are whole numbers from 0 to 2⁶³ - 1."""
    if not all(type(n) is int and 0 <= n <= LARGEST for n in sizes):
        raise ValueError("negative, fractional or huge sizes")


def parse_json(text: str | bytes) -> Any:
    """What a JSON text says.

    Raises
    ------
    ValueError
        If it is no JSON, or may have more values than `MOST_VALUES`.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if sum(map(data.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise ValueError(f"more than {MOST_VALUES} values")
    return json.loads(data)
