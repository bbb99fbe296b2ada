"""Named settings of models, chosen by measurement; see docs/better-vectors.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import signature
from typing import Any, TypeVar, cast

Init = TypeVar("Init", bound=Callable[..., None])

NAMES = ("best", "fast")
Preset = Mapping[str, Any]
WORD2VEC: Mapping[str, Preset] = {
    "best": {
        **{"sg": 0, "corrected_cbow": True, "alpha": 0.15, "epochs": 11, "negative": 18, "sample": 2e-4},
        **{"window": 11, "output": "sum"},
    },
    "fast": {"sg": 0, "alpha": 0.05, "sample": 1e-4, "epochs": 3, "output": "sum"},
}
FASTTEXT: Mapping[str, Preset] = {
    "best": {"sg": 1, "alpha": 0.05, "sample": 1e-4, "epochs": 10, "negative": 10},
    "fast": {"sg": 1, "alpha": 0.05, "sample": 1e-4, "epochs": 2},
}


def preset_name(name: str, value: Any) -> str | None:
    """The name of a preset, or None."""
    if value is not None and value not in NAMES:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, NAMES))}, or None, not {value!r}")
    return None if value is None else str(value)


def with_presets(init: Init) -> Init:
    """A constructor that takes what its caller does not give from the preset that is named, if one is.

    The presets are those of the class, its `PRESETS`.
    """
    names = [*signature(init).parameters][1:]

    @wraps(init)
    def filled(self: Any, /, *args: Any, **named: Any) -> None:
        preset = preset_name("preset", named.get("preset"))
        if preset is not None:
            given = {*names[: len(args)], *named}
            presets: Mapping[str, Preset] = getattr(type(self), "PRESETS", {})
            for name, value in presets[preset].items():
                if name not in given:
                    named[name] = value
        init(self, *args, **named)

    return cast(Init, filled)
