"""Files that commands read and write."""

from __future__ import annotations

import argparse
import os
from typing import Any

from fastemb.cli.options import given_for_reading


def check_output(output: str, *inputs: str | None) -> None:
    """Raise what writing there would raise, before there is anything to write, and spare what is to be read."""
    from fastemb._paths import local
    from fastemb.corpus import PathLineSentences
    from fastemb.io.outputs import check_writable

    if os.path.isfile(output := local(output)):
        for path in inputs:
            if path is not None and any(os.path.samefile(output, file) for file in PathLineSentences(path).paths()):
                raise ValueError(f"{output} is to be read: it cannot be the output as well")
    check_writable(output)


def read(path: str, options: argparse.Namespace, **others: Any) -> Any:
    """Read vectors in any format, as the options say."""
    from fastemb.models import load_vectors

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
