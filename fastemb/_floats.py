"""Floating-point numbers: of another type, with none that becomes infinite on the way; and what is but rounding."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def in_dtype(matrix: NDArray[Any], dtype: Any, first: int = 0) -> NDArray[Any]:
    """Rows, of which the first has this number, as numbers of another type; ValueError if one is too large for it."""
    with np.errstate(over="ignore", invalid="ignore"):
        made = matrix.astype(dtype, copy=False)
    if made.dtype.itemsize < matrix.dtype.itemsize:
        bad = (np.isinf(made) & np.isfinite(matrix)).any(axis=1)
        if bad.any():
            raise ValueError(f"row {first + bad.argmax()} holds a number too large for {made.dtype}")
    return made


def as_dtype(name: str, given: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
    """What is given under a name as an array of such numbers; ValueError if one is too large, TypeError if complex."""
    array = np.asarray(given)
    if array.dtype == dtype:  # as mostly
        return array
    if array.dtype.kind == "c":
        raise TypeError(f"{name}: numbers must be real, not complex")
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            made = np.asarray(array if np.can_cast(array.dtype, dtype, "same_kind") else given, dtype)
        except OverflowError as error:  # of a whole number
            raise ValueError(f"{name}: {error}") from None
        if not np.isfinite(made.sum()) and (np.isinf(made) & np.isfinite(array.astype(np.float64))).any():
            raise ValueError(f"{name}: a number is too large for {dtype}")
    return made


def rank_of(squares: NDArray[np.float64]) -> int:
    """How many of the squares of the singular values of a matrix are more than rounding errors."""
    return int(np.count_nonzero(squares > 1e-12 * squares.max(initial=1e-300)))
