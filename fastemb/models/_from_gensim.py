"""What `save()` of gensim's Word2Vec, FastText and Doc2Vec wrote, said as `fastemb.models.base` would."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import local
from fastemb.formats import gensim
from fastemb.kernels.ragged import starts_of
from fastemb.models._subword_vectors import FastTextKeyedVectors
from fastemb.models._tags_of_gensim import has_tags, tags_of
from fastemb.models.keyedvectors import KeyedVectors

Path = str | os.PathLike[str]
STATE = {
    "train_count": int, "total_train_time": float, "corpus_count": int, "corpus_total_words": int,
    "effective_min_count": int, "min_alpha_yet_reached": float, "running_training_loss": float,
}  # fmt: skip
# What stands for them in older files.
SINCE = {"effective_min_count": "min_count", "min_alpha_yet_reached": "alpha"}
OUTPUTS = {"syn1neg": "negative", "syn1": "hs"}


def read_model(path: Path, mmap: str | None) -> tuple[dict[str, NDArray[Any]], str, dict[str, Any]]:
    """Arrays, the name of the class, and the parameters and state of a model that gensim saved.

    Raises
    ------
    ValueError
        If the file is damaged, or holds anything but a model; nothing in it is ever run.
    """
    name = local(path)
    saved = gensim.read_gensim(path, mmap)
    if not isinstance(saved.get("wv"), gensim.Saved) or "hs" not in saved:
        return {}, "KeyedVectors", {}
    missing = [key for key, wanted in OUTPUTS.items() if saved.get(wanted) and saved.get(key) is None]
    if missing:
        raise ValueError(
            f"{name}: without {' and '.join(missing)} it cannot be trained further; "
            "KeyedVectors.load() reads its vectors"
        )
    tags = tags_of(saved, name).own_arrays() if has_tags(saved) else {}
    # Of a parameter that was an object of the user's nothing is left.
    saved = {key: value for key, value in saved.items() if key == "wv" or not isinstance(value, gensim.Saved)}
    saved = {key: value for key, value in saved.items() if key not in ("dv", "docvecs")}
    fasttext = "vectors_ngrams" in gensim.inner_vectors(saved)
    try:
        wv = (FastTextKeyedVectors if fasttext else KeyedVectors).from_gensim(saved, name)
        arrays = wv.to_arrays() | {key: saved[key] for key in OUTPUTS if isinstance(saved.get(key), np.ndarray)}
        state: dict[str, Any] = {}
        for key, number in STATE.items():
            value = saved.get(key)
            state[key] = number(saved.get(SINCE.get(key, ""), 0) if value is None else value)
        if saved.get("corpus_total_words") is None:
            state["corpus_total_words"] = None  # as gensim 4 has it
        if isinstance(wv, FastTextKeyedVectors):
            state |= {"min_n": wv.min_n, "max_n": wv.max_n, "bucket": wv.bucket}
        if saved.get("hs"):
            attributes = gensim.inner_vectors(saved)["expandos"]
            arrays |= tree(attributes["code"], attributes["point"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{name}: a damaged model of gensim's ({error!r})") from None
    if tags:
        state |= {"dm": not saved["sg"], "dm_mean": saved["cbow_mean"]}
    kind = "Doc2Vec" if tags else "FastText" if fasttext else "Word2Vec"
    return arrays | tags, kind, saved | state | {"epoch_losses": []}


def tree(codes: Any, points: Any) -> dict[str, NDArray[Any]]:
    """gensim's Huffman tree: another than ours where words are equally frequent."""
    codes, points = ([np.asarray(getattr(array, "value", array)) for array in arrays] for arrays in (codes, points))
    if [code.shape for code in codes] != [nodes.shape for nodes in points]:
        raise ValueError("the paths through its tree are of different lengths")
    return {
        "tree.starts": starts_of([len(code) for code in codes]),
        "tree.nodes": np.concatenate(points).astype(np.int32),
        "tree.labels": 1 - np.concatenate(codes).astype(np.float32),
    }
