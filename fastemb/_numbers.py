"""Checks of numbers and other small values, whether users give them or a file holds them."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from numbers import Integral
from typing import Any

import numpy as np

Check = Callable[[str, Any], Any]

LARGEST = 2**63 - 1
# Above these a parameter is no wish but a slip: memory and time would not do, or kernels could not count so far.
MOST = {
    **dict.fromkeys(("vector_size", "window", "epochs", "workers", "batch_words"), 2**31 - 1),
    **dict.fromkeys(("min_n", "max_n", "bucket", "num_walks", "walk_length"), 2**31 - 1),
    **dict.fromkeys(("negative", "samples", "repeats"), 10**6),
    "phrases": 100,
    "seed": 2**64 - 1,
}


def whole(name: str, value: Any, least: int) -> int:
    """A whole number that is at least `least`, and at most what `MOST` says of it, or 2⁶³ - 1."""
    try:
        checked = operator.index(value)
    except TypeError:
        if not isinstance(value, float) or not value.is_integer():
            raise TypeError(f"{name} must be a whole number, not {value!r}") from None
        checked = int(value)
    if checked < least:
        raise ValueError(f"{name} must be at least {least}, not {checked}")
    if checked > MOST.get(name, LARGEST):
        raise ValueError(f"{name} must be at most {MOST.get(name, LARGEST)}, not {shortened(checked)}")
    return checked


def shortened(value: int) -> str:
    """A number for messages, which need not show thousands of digits."""
    return str(value) if value.bit_length() < 200 else f"a number of {value.bit_length()} bits"


def number(name: str, value: Any) -> float:
    """A finite number."""
    checked = measure(name, value)
    if not math.isfinite(checked):
        raise ValueError(f"{name} must be finite, not {value!r}")
    return checked


def rate(name: str, value: Any) -> float:
    """A finite number that is not negative."""
    checked = number(name, value)
    if checked < 0:
        raise ValueError(f"{name} must not be negative, not {value!r}")
    return checked


def positive(name: str, value: Any) -> float:
    """A finite number above 0."""
    checked = number(name, value)
    if checked <= 0:
        raise ValueError(f"{name} must be positive, not {value!r}")
    return checked


def measure(name: str, value: Any) -> float:
    """Any number, NaN and infinity too."""
    if not isinstance(value, (str, bytes)):
        try:
            return float(value)
        except OverflowError:
            raise ValueError(f"{name} is too large") from None
        except (TypeError, ValueError):
            pass
    raise TypeError(f"{name} must be a number, not {value!r}")


def measures(name: str, values: Any) -> list[float]:
    """Numbers, in a list."""
    if not isinstance(values, Iterable) or isinstance(values, (str, bytes, Mapping)):
        raise TypeError(f"{name} must be a list of numbers, not {values!r}")
    return [measure(name, value) for value in values]


def text(name: str, value: Any) -> str | None:
    """A str, or None."""
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} must be a str or None, not {value!r}")
    return value


def flag(name: str, value: Any) -> bool:
    """True or false; also 1, 0 and None."""
    known = value is None or isinstance(value, (bool, np.bool_)) or (isinstance(value, Integral) and value in (0, 1))
    if not known:
        raise TypeError(f"{name} must be True or False, not {value!r}")
    return bool(value)


def or_none(check: Check, name: str, value: Any) -> Any:
    """None, or what `check` takes."""
    return None if value is None else check(name, value)


def fields(checks: Mapping[str, Check], given: Any) -> dict[str, Any]:
    """What a file says of an object, each entry as its check gives it back.

    Raises
    ------
    TypeError, ValueError
        If it is no mapping, or has an entry that there is not, or one that its check refuses; it is named.
    """
    if not isinstance(given, Mapping):
        raise TypeError(f"not entries and their values, but {given!r:.60}")
    if unknown := given.keys() - checks.keys():
        raise ValueError(f"no {min(unknown)!r} is known")
    return {name: checks[name](name, value) for name, value in given.items()}
