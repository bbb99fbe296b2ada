"""English that every Python installation has: the standard library's documentation."""

from __future__ import annotations

import ast
import os
import re
import sysconfig
import warnings
from collections.abc import Iterator
from contextlib import suppress

# Packages that are not documentation of the library to its users.
LEFT_OUT = {"site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3", "turtledemo", "__pycache__"}
WORD = re.compile(r"[^\W\d_]+")


def texts() -> Iterator[str]:
    """The topics of `help()`, and the docstrings of modules, classes and functions, which are read and not run."""
    with suppress(ImportError):  # some distributions leave it out
        from pydoc_data.topics import topics

        yield from topics.values()
    for folder, subfolders, files in os.walk(sysconfig.get_path("stdlib")):
        subfolders[:] = sorted(set(subfolders) - LEFT_OUT)
        for name in sorted(files):
            if name.endswith(".py"):
                yield from docstrings(os.path.join(folder, name))


def docstrings(path: str) -> Iterator[str]:
    """The docstrings in a Python file; none if it cannot be parsed."""
    try:
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            text = ast.get_docstring(node)
            if text:
                yield text


def sentences() -> list[list[str]]:
    """Each text as the list of its words, in lower case."""
    found = ([word.lower() for word in WORD.findall(text)] for text in texts())
    return [words for words in found if words]
