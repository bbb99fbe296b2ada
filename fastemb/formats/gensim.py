"""What gensim's `save()` wrote: a pickle, with large arrays in .npy files beside it."""

from __future__ import annotations

import logging
import os
import pickle
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import local
from fastemb.formats.gensim_layouts import as_in_gensim_4, inner_vectors, ngrams_of
from fastemb.formats.npy import read_npy
from fastemb.formats.npz import read_npz
from fastemb.formats.pickles import (
    KNOWN,
    Array,
    Saved,
    looks_like_pickle,
    starts_pickle,
    unpickled,
)
from fastemb.io.packing import TooLarge

__all__ = ["Saved", "inner_vectors", "looks_like_pickle", "ngrams_of", "read_gensim", "starts_pickle", "vectors_of"]

logger = logging.getLogger(__name__)

Path = str | os.PathLike[str]
FOR_TRAINING = {"code", "point", "sample_int"}  # attributes of words that we make from the counts when they are needed
MOST_OBJECTS = 100  # that may have arrays in files of their own; a model has four


def read_gensim(path: Path, mmap: str | None = None) -> dict[str, Any]:
    """The attributes of a saved object of gensim; those that are such objects themselves are of class `Saved`.

    Parameters
    ----------
    path : str or os.PathLike
    mmap : {None, 'r', 'c'}
        How to map the arrays that lie in files of their own, instead of reading them.

    Raises
    ------
    ValueError
        If the file is damaged or holds anything but what gensim saves; nothing in it is ever run.
    OSError
        If a file beside it is missing.
    """
    name = local(path)
    saved, unknown = saved_object(name)
    add_arrays(saved, name, mmap, set())
    attributes = vars(saved)
    check_kind(saved, name, unknown)
    try:
        as_in_gensim_4(attributes)
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        raise ValueError(f"{name}: damaged, or not what gensim saves ({type(error).__name__}: {error})") from None
    if unknown:
        logger.warning("%s: asks for %s, which is not gensim's: it was not run, and is left out", name, listed(unknown))
    return attributes


def read_phrases(path: Path) -> dict[str, Any]:
    """The attributes of gensim's saved Phrases or FrozenPhrases; a scorer is a class of its name.

    Raises
    ------
    ValueError
        If the file is damaged or holds something else; nothing in it is ever run.
    """
    name = local(path)
    saved, _ = saved_object(name)
    if type(saved).__module__ != "gensim.models.phrases" or not {"vocab", "phrasegrams"} & vars(saved).keys():
        raise ValueError(f"{name}: not phrases that gensim saved, but a {type(saved).__name__}")
    return vars(saved)


def saved_object(name: str) -> tuple[Saved, set[str]]:
    """The object in a pickle, and the names in it that gensim has not."""
    try:
        saved, unknown = unpickled(name)
    except TooLarge:
        raise
    except OSError as error:
        if error.errno is not None:
            raise
        raise ValueError(f"{name}: damaged ({error})") from None
    except pickle.UnpicklingError as error:
        raise ValueError(f"{name}: not vectors that gensim saved: {error}") from None
    except Exception as error:
        raise ValueError(f"{name}: damaged, or not what gensim saves ({type(error).__name__}: {error})") from None
    if not isinstance(saved, Saved):
        raise ValueError(f"{name}: holds no object of gensim but a {type(saved).__name__}")
    return saved, unknown


def listed(names: set[str]) -> str:
    return ", ".join(sorted(names)[:5]) + (", …" if len(names) > 5 else "")


def add_arrays(saved: Saved, name: str, mmap: str | None, done: set[int]) -> None:
    """Give an object the arrays that are stored beside its file, and so the objects in it."""
    done.add(id(saved))
    attributes = vars(saved)
    own = {
        key: attributes.pop(key, None) or [] for key in ("__numpys", "__scipys", "__ignoreds", "__recursive_saveloads")
    }
    if not all(isinstance(parts, (list, tuple, set)) for parts in own.values()) or not all(
        isinstance(part, str) and re.fullmatch(r"\w{1,60}", part) for parts in own.values() for part in parts
    ):
        raise ValueError(f"{name}: damaged: its list of files is not one")
    first = set(own["__recursive_saveloads"])  # whose files are named after this way to them, and no other
    for key, value in sorted(attributes.items(), key=lambda item: item[0] not in first):
        if isinstance(value, Array):
            attributes[key] = value.value
        elif isinstance(value, dict):
            attributes[key] = {k: v.value if isinstance(v, Array) else v for k, v in value.items()}
        elif isinstance(value, Saved) and id(value) not in done and len(done) < MOST_OBJECTS:
            add_arrays(value, f"{name}.{key}", mmap, done)
    for key in own["__ignoreds"]:
        attributes[key] = None
    for key in dict.fromkeys(own["__numpys"]):
        attributes[key] = load_array(name, key, mmap)


def check_kind(saved: Saved, name: str, unknown: set[str]) -> None:
    """Refuse what holds no vectors, or vectors that mean something else."""
    for part in (saved, vars(saved).get("wv")):
        module, kind = type(part).__module__, type(part).__name__
        if module.startswith("gensim.") and kind not in KNOWN.get(module, ()):
            raise ValueError(
                f"{name}: not vectors that gensim saved: it asks for {module}.{kind}, which fastemb has not"
            )
    if not {"wv", "vocab", "index_to_key", "index2word", "index2entity"} & vars(saved).keys():
        reason = f"it asks for {listed(unknown)}, which no vectors need" if unknown else "it has no words"
        raise ValueError(f"{name}: not vectors that gensim saved: {reason}")


def load_array(name: str, key: str, mmap: str | None) -> NDArray[Any]:
    if not name.endswith((".gz", ".bz2")):
        return read_npy(f"{name}.{key}.npy", mmap)
    path = f"{name}.{key}.npz"
    arrays = read_npz(path)
    if "val" not in arrays:
        raise ValueError(f"{path}: damaged: no array 'val' in it")
    return arrays["val"]


def null_words_apart(keys: list[Any]) -> list[Any]:
    """gensim adds its null word again in each update of a vocabulary: all but the last get further NULs here."""
    places = [row for row, key in enumerate(keys) if key == "\0"]
    kept = list(keys) if len(places) > 1 else keys
    for number, row in enumerate(places[-2::-1], 2):
        kept[row] = "\0" * number
    return kept


def vectors_of(attributes: dict[str, Any], name: str) -> tuple[list[Any], NDArray[Any], dict[str, NDArray[Any]]]:
    """Keys, vectors and further attributes of the keys, of saved vectors or of a model's.

    Raises
    ------
    ValueError
        If these are no vectors, or not as many as keys.
    """
    if "docvecs" in attributes or "dv" in attributes:
        if attributes.get("sg") and not attributes.get("dbow_words"):
            raise ValueError(f"{name}: a Doc2Vec model that trained vectors of documents alone, and none of words")
        logger.warning("%s: a Doc2Vec model: these are the vectors of its words, without those of documents", name)
    attributes = inner_vectors(attributes)
    keys, vectors = attributes.get("index_to_key"), attributes.get("vectors")
    expandos = attributes.get("expandos", {})
    if vectors is None and "vectors_ngrams" in attributes:
        raise ValueError(
            f"{name}: gensim's fastText: its vectors are made of those of n-grams: use FastTextKeyedVectors.load()"
        )
    if (
        not isinstance(keys, list)
        or not isinstance(vectors, np.ndarray)
        or vectors.ndim != 2
        or vectors.dtype.kind != "f"
    ):
        raise ValueError(f"{name}: holds no keys and vectors")
    if not all(isinstance(key, (str, int, np.integer)) for key in keys) or not isinstance(expandos, dict):
        raise ValueError(f"{name}: damaged: its keys are neither str nor int")
    keys = null_words_apart(keys)
    for attribute, values in expandos.items():
        if not isinstance(attribute, str) or not isinstance(values, np.ndarray) or values.shape[:1] != (len(keys),):
            raise ValueError(f"{name}: its attributes are not as many as its words")
    if len(keys) != len(vectors) or len(set(keys)) != len(keys):
        raise ValueError(f"{name}: {len(keys)} words, of which {len(set(keys))} differ, for {len(vectors)} vectors")
    return keys, vectors, {key: values for key, values in expandos.items() if key not in FOR_TRAINING}
