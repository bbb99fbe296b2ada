"""Files that commands read and write."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from fastemb.cli.options import given_for_reading
from fastemb.cli.shown import show

STANDARD = "-"  # in the place of a path: the standard input or output


def train_and_write(train: Callable[[], Any], write: Callable[[Any, str], None], path: str) -> Any:
    """The model that `train` makes, after it was written; at an interrupt, which goes on, so is what was trained."""
    try:
        model = train()
    except KeyboardInterrupt as interrupt:
        if hasattr(interrupt, "model"):
            write(interrupt.model, path)
            with suppress(OSError):  # the terminal may be gone
                show(f"fastemb: wrote what was trained so far to {path}", error=True)
        raise
    write(model, path)
    return model


def unless_standard(path: str | None) -> str | None:
    """The path, for `check_roles`, where - will do as well."""
    return None if path == STANDARD else path


def file_of(path: str) -> Any:
    """The path, or the standard input as an open file."""
    return sys.stdin.buffer if path == STANDARD else path


def standard_lines(options: argparse.Namespace) -> Any:
    """The lines of the standard input as sentences, which are read once."""
    from fastemb.corpus import LineSentence

    return LineSentence(sys.stdin.buffer, unicode_errors=options.unicode_errors)


def corpus_of(options: argparse.Namespace) -> tuple[Any, str | None]:
    """The corpus as models take it: sentences, or a path."""
    return (standard_lines(options), None) if options.corpus == STANDARD else (None, options.corpus)


def refuse_standard(role: str, path: str | None, stream: str) -> None:
    if path == STANDARD:
        raise ValueError(f"{role} cannot be {STANDARD}, the standard {stream}: give a file")


def files_in(folder: str) -> dict[str, str]:
    """All files of a folder and of those in it, for `check_roles`."""
    from fastemb._paths import local

    paths = [os.path.join(at, name) for at, _, names in os.walk(local(folder)) for name in names]
    return {f"part of {folder} ({os.path.relpath(path, local(folder))})": path for path in paths}


def check_roles(written: Mapping[str, str | None], read: Mapping[str, str | None]) -> None:
    """See before any work that no file of a command is two things, and that those to be written can be.

    Parameters
    ----------
    written, read : mapping of str to str
        Paths, by what they are to the user; None for what was not given. A folder that is read is all its files.

    Raises
    ------
    ValueError
        If two are the same file, or one is -; it says which.
    OSError
        That writing there would raise.
    """
    from fastemb._paths import local
    from fastemb.corpus import PathLineSentences
    from fastemb.io.outputs import check_writable

    for paths, stream in ((read, "input"), (written, "output")):
        for role, path in paths.items():
            refuse_standard(role, path, stream)
    known: list[tuple[str, str]] = []
    for role, path in read.items():
        known += [(file, role) for file in (PathLineSentences(path).paths() if path is not None else ())]
    outputs = [(role, local(path)) for role, path in written.items() if path is not None]
    for role, path in outputs:
        for other, its_role in known:
            if os.path.realpath(path) == os.path.realpath(other) or (
                os.path.isfile(path) and os.path.isfile(other) and os.path.samefile(path, other)
            ):
                raise ValueError(f"{path}: is {its_role}; it cannot be {role} as well")
        known.append((path, role))
    for _, path in outputs:
        check_writable(path)


def check_ending(path: str, written: str, *endings: str, packed: bool = True) -> None:
    """Refuse a name that ends as those of other formats do; without an ending that is known, any will do.

    Parameters
    ----------
    path : str
    written : str
        What is written, and how, for the message.
    *endings : str
        Those of known formats that are right.
    packed : bool
        Whether .gz and the like behind are, too.

    Raises
    ------
    ValueError
        If it is of another format.
    """
    from fastemb.io.packing import PACKINGS
    from fastemb.models.files import EXTENSIONS, UNWRITTEN, ending_of

    last = os.path.splitext(path.lower())[1]
    ending = ending_of(path) if packed else last
    if ending not in endings and ending in (*EXTENSIONS, *UNWRITTEN, *PACKINGS):
        raise ValueError(f"{path}: {written}, not as {ending}")


def read(path: str, options: argparse.Namespace, **others: Any) -> Any:
    """Read vectors in any format, as the options say."""
    from fastemb.models import load_vectors

    refuse_standard("vectors", path, "input")
    return load_vectors(path, **given_for_reading(options), **others)


def write(model: Any, path: str) -> None:
    """Write a model in the format that the name of the file says."""
    from fastemb.models.fasttext import FastText, save_facebook_model
    from fastemb.models.files import format_of, save_vectors

    kind = format_of(path)
    if kind == "word2vec-binary" and isinstance(model, FastText):
        save_facebook_model(model, path)
    elif kind == "native":
        model.save(path)
    else:
        save_vectors(model.wv, path)
