"""The vectors of documents in what gensim's `save()` wrote."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

import numpy as np

from fastemb.formats.gensim import Saved
from fastemb.models._arrays import checked_lock
from fastemb.models._tag_vectors import TagVectors

VECTORS = ("vectors", "vectors_docs", "doctag_syn0")  # since 4.0, 3.3, and before
NAMES = ("offset2doctag", "index2doctag")


def has_tags(saved: dict[str, Any]) -> bool:
    """Whether what was saved is a Doc2Vec model."""
    return "dv" in saved or "docvecs" in saved


def tags_of(saved: dict[str, Any], name: str) -> TagVectors:
    """The vectors of tags of a saved model; `name` is the file's, for messages.

    Raises
    ------
    ValueError
        If they are damaged.
    """
    inner = saved.get("dv", saved.get("docvecs"))
    own: dict[str, Any] = vars(inner) if isinstance(inner, Saved) else {}
    vectors = next((own[key] for key in VECTORS if isinstance(own.get(key), np.ndarray)), None)
    if vectors is None or vectors.ndim != 2 or vectors.dtype.kind != "f":
        raise ValueError(f"{name}: a Doc2Vec model without vectors of documents")
    numbers, names = tags_since_4(own) if "index_to_key" in own else tags_before(own)
    if not all(isinstance(tag, str) for tag in names):
        raise ValueError(f"{name}: a Doc2Vec model with a tag that is neither a str nor a number of a row")
    given = own.get("expandos")
    expandos = {key: values for key, values in given.items() if isinstance(values, np.ndarray)} if given else {}
    made = TagVectors.of(numbers, names, np.asarray(vectors, np.float32), expandos, name)
    locks = own.get("vectors_lockf")
    if isinstance(locks, np.ndarray):
        made.vectors_lockf = checked_lock(f"{name}: damaged: its vectors_lockf of tags", locks)
    return made


def tags_since_4(own: dict[str, Any]) -> tuple[int, list[Any]]:
    """How many tags are numbers, and the others."""
    keys = own["index_to_key"]
    if not isinstance(keys, list):
        raise ValueError("its tags are no list")
    numbers = sum(1 for _ in takewhile(lambda pair: type(pair[1]) is not str and pair[0] == pair[1], enumerate(keys)))
    return numbers, keys[numbers:]


def tags_before(own: dict[str, Any]) -> tuple[int, list[Any]]:
    names: list[Any] = next((own[key] for key in NAMES if isinstance(own.get(key), list)), [])
    return int(own.get("max_rawint", -1)) + 1, names
