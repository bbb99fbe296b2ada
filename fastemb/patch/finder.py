"""What the import system is told of gensim when it is not installed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from importlib import metadata
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from fastemb._absent import instead, only_asked

VERSION = "4.4.0"  # of gensim, whose interface this is


class Distribution(metadata.Distribution):
    """gensim, for those who ask for its version."""

    def read_text(self, filename: str) -> str | None:
        if filename == "METADATA":
            return f"Metadata-Version: 2.1\nName: gensim\nVersion: {VERSION}\nSummary: fastemb, in its place\n"
        return None

    def locate_file(self, path: str | os.PathLike[str]) -> Path:
        return Path(__file__).parents[1] / path


class Finder:
    """At the end of `sys.meta_path`: refuses modules of gensim that nobody else has found, and gives its version."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname.startswith("gensim.") and not only_asked():
            last = fullname.rpartition(".")[2]
            raise ModuleNotFoundError(f"{fullname}: gensim is not installed. {instead(last)}", name=fullname)
        return None

    def find_distributions(self, context: metadata.DistributionFinder.Context | None = None) -> Iterator[Distribution]:
        name = None if context is None or context.name is None else context.name.lower()
        found: Iterable[Distribution] = [Distribution()] if name in (None, "gensim") else []
        return iter(found)
