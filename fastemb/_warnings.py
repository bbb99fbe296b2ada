"""Warnings that name the line of the program, and not one of fastemb."""

from __future__ import annotations

import sys
import warnings


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line that called fastemb, however deep inside it this is."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == "fastemb":
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
