"""Vectors to begin with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def pseudorandom_weak_vector(
    size: int, seed_string: Any = None, hashfxn: Callable[[Any], int] = hash
) -> NDArray[np.float32]:
    """A short random vector, uniform in ±0.5 / size, the same each time for the same `hashfxn(seed_string)`."""
    generator = np.random.Generator(np.random.SFC64(hashfxn(seed_string) & 0xFFFFFFFF if seed_string else None))
    return ((generator.random(size).astype(np.float32) - 0.5) / size).astype(np.float32)
