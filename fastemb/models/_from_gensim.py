"""What `save()` of gensim's Word2Vec and FastText wrote, said as `fastemb.models.base` would."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.formats import gensim
from fastemb.models._subword_vectors import FastTextKeyedVectors
from fastemb.models.keyedvectors import KeyedVectors

Path = str | os.PathLike[str]
STATE = {
    "train_count": int, "total_train_time": float, "corpus_count": int, "corpus_total_words": int,
    "effective_min_count": int, "min_alpha_yet_reached": float, "running_training_loss": float,
}  # fmt: skip


def read_model(path: Path, mmap: str | None) -> tuple[dict[str, NDArray[Any]], str, dict[str, Any]]:
    """Arrays, the name of the class, and the parameters and state of a model that gensim saved.

    Raises
    ------
    ValueError
        If the file is damaged, or holds anything but a model; nothing in it is ever run.
    """
    name = os.fspath(path)
    saved = gensim.read_gensim(path, mmap)
    kind = type(saved.get("wv")).__name__
    if kind not in ("KeyedVectors", "Word2VecKeyedVectors", "FastTextKeyedVectors"):
        return {}, "KeyedVectors", {}
    for part in ("vocabulary", "trainables"):  # before gensim 4.0
        saved = vars(saved[part]) | saved if isinstance(saved.get(part), gensim.Saved) else saved
    try:
        state = {key: kind(saved.get(key, 0)) for key, kind in STATE.items()} | {"epoch_losses": []}
        if kind == "FastTextKeyedVectors":
            fasttext = FastTextKeyedVectors.from_gensim(saved, name)
            state |= {"min_n": fasttext.min_n, "max_n": fasttext.max_n, "bucket": fasttext.bucket}
            arrays = fasttext.to_arrays()
        else:
            arrays = KeyedVectors.from_gensim(saved, name).to_arrays()
        arrays |= {key: saved[key] for key in ("syn1neg", "syn1") if isinstance(saved.get(key), np.ndarray)}
        if saved.get("hs"):
            attributes = gensim.inner_vectors(saved)["expandos"]
            arrays |= tree(attributes["code"], attributes["point"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{name}: a damaged model of gensim's ({error!r})") from None
    return arrays, "FastText" if kind == "FastTextKeyedVectors" else "Word2Vec", saved | state


def tree(codes: Any, points: Any) -> dict[str, NDArray[Any]]:
    """gensim's Huffman tree: another than ours where words are equally frequent."""
    codes, points = ([np.asarray(getattr(array, "value", array)) for array in arrays] for arrays in (codes, points))
    if [code.shape for code in codes] != [nodes.shape for nodes in points]:
        raise ValueError("the ways through its tree are of different lengths")
    starts = np.zeros(len(codes) + 1, np.int64)
    np.cumsum([len(code) for code in codes], out=starts[1:])
    return {
        "tree.starts": starts,
        "tree.nodes": np.concatenate(points).astype(np.int32),
        "tree.labels": 1 - np.concatenate(codes).astype(np.float32),
    }
