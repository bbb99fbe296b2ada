"""What the import system is told of a package that is not installed, and whose place fastemb takes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib import metadata
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from fastemb._absent import only_asked


class Distribution(metadata.Distribution):
    """The package, for those who ask for its version."""

    def __init__(self, package: str, number: str):
        self.package, self.number = package, number

    def read_text(self, filename: str) -> str | None:
        if filename == "METADATA":
            return (
                f"Metadata-Version: 2.1\nName: {self.package}\nVersion: {self.number}\nSummary: fastemb, in its place\n"
            )
        return None

    def locate_file(self, path: str | os.PathLike[str]) -> Path:
        return Path(__file__).parents[1] / path


class Finder:
    """At the end of `sys.meta_path`: refuses modules of the package that nobody else has found, and gives its version.

    Parameters
    ----------
    package, number : str
        The name of the package, and the version whose interface fastemb has.
    instead : callable
        Says of the last part of the name of a module what fastemb has in its place.
    """

    def __init__(self, package: str, number: str, instead: Callable[[str], str]):
        self.package, self.number, self.instead = package, number, instead

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname.startswith(f"{self.package}.") and not only_asked():
            hint = self.instead(fullname.rpartition(".")[2])
            raise ModuleNotFoundError(f"{fullname}: {self.package} is not installed. {hint}", name=fullname)
        return None

    def find_distributions(self, context: metadata.DistributionFinder.Context | None = None) -> Iterator[Distribution]:
        name = None if context is None or context.name is None else context.name.lower()
        asked = name in (None, self.package)
        return iter([Distribution(self.package, self.number)] if asked else [])
