"""What this copy of fastemb was built with, and what it chose on this machine."""

from __future__ import annotations

import os
import platform
from typing import Any

import numpy as np


def show_config(mode: str = "stdout") -> dict[str, Any] | None:
    """Say which kernels were chosen on this machine, and which BLAS there is; as `numpy.show_config`.

    Parameters
    ----------
    mode : {'stdout', 'dicts'}
        Print it, or return it.

    Returns
    -------
    dict or None
        With ``mode='dicts'``: `fastemb`, `python`, `numpy` and `machine` are versions and names;
        `kernels` holds `chosen`, the implementation in use, `available`, those that this processor
        can run, the fastest first, and `forced`, what the environment variable FASTEMB_IMPLEMENTATION
        says, or None; `blas` holds the `core` whose kernels OpenBLAS chose and its `build`.

    Raises
    ------
    ValueError
        If the mode is another.
    """
    import fastemb
    from fastemb.kernels import blas, step

    if mode not in ("stdout", "dicts"):
        raise ValueError(f"mode must be 'stdout' or 'dicts', not {mode!r}")
    config = {
        "fastemb": fastemb.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": f"{platform.system()} {platform.machine()}",
        "kernels": {
            "chosen": step.implementation(),
            "available": step.implementations(),
            "forced": os.environ.get(step.VARIABLE) or None,
        },
        "blas": {"core": blas.core(), "build": blas.config()},
    }
    if mode == "dicts":
        return config
    for name, value in config.items():
        if not isinstance(value, dict):
            print(f"{name}: {value}")
            continue
        print(f"{name}:")
        for key, item in value.items():
            print(f"  {key}: {', '.join(item) if isinstance(item, list) else item}")
    return None
