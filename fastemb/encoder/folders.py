"""Folders of encoders, as model2vec and sentence-transformers write and read them.

    model.safetensors     embeddings (tokens or fewer rows); weights and mapping of model2vec's reduced vocabularies,
                          or weights as the scales of int8
    tokenizer.json
    config.json           of model2vec: normalize, max_length
    modules.json          of sentence-transformers: StaticEmbedding, and Normalize where vectors are divided by lengths
    README.md

A folder whose array is called embedding.weight, or lies in 0_StaticEmbedding, is sentence-transformers' own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import Path, local
from fastemb.encoder.tokenizing import checked_length, read_text
from fastemb.formats import native
from fastemb.io.limits import parse_json

NAMES = {
    *("model.safetensors", "tokenizer.json", "config.json", "modules.json", "README.md", "1_Normalize"),
    *("config_sentence_transformers.json", ".gitattributes"),
}
PREFIX = "sentence_transformers."
OWN = "fastemb"  # entry of config.json
UNFOLDED = 32  # times the bytes of a file that vectors may have which its mapping repeats, and a little
CUT = 512  # tokens, of which model2vec keeps so many where config.json says nothing


class Folder(NamedTuple):
    """What a folder holds.

    Attributes
    ----------
    vectors : ndarray, shape (tokens, d)
        float32, multiplied by what the tokens weigh.
    tokenizer : str
        The text of tokenizer.json.
    normalize : bool
    of_model2vec : bool
        Whether unknown tokens are left out, and texts cut, as model2vec does.
    max_length : int or None
        As model2vec takes it; None for no limit.
    about : mapping
        What fastemb wrote of it.
    """

    vectors: NDArray[np.float32]
    tokenizer: str
    normalize: bool
    of_model2vec: bool
    max_length: int | None
    about: Mapping[str, Any]


def read_folder(path: Path) -> Folder:
    """Read a folder.

    Raises
    ------
    FileNotFoundError, NotADirectoryError
        If it, or a file of it, is not there.
    ValueError
        If it is of another architecture, or damaged; the message names the file.
    """
    name = local(path)
    if not os.path.isdir(name):
        raise (NotADirectoryError if os.path.exists(name) else FileNotFoundError)(f"{name}: no folder of an encoder")
    modules = read_json(os.path.join(name, "modules.json"), list)
    place, normalize = places(modules, os.path.join(name, "modules.json"))
    if not modules and os.path.isdir(os.path.join(name, "0_StaticEmbedding")):
        place = "0_StaticEmbedding"
    inner = os.path.join(name, place)
    for file in ("model.safetensors", "tokenizer.json"):
        if not os.path.isfile(os.path.join(inner, file)):
            raise FileNotFoundError(f"{os.path.join(inner, file)}: is missing in the folder of an encoder")
    arrays, _ = native.read_native(os.path.join(inner, "model.safetensors"))
    config = read_json(os.path.join(name, "config.json"), dict)
    of_model2vec = "embeddings" in arrays and bool(config)
    tokenizer = read_text(os.path.join(inner, "tokenizer.json"))
    vectors = vectors_of(arrays, os.path.join(inner, "model.safetensors"))
    if not of_model2vec:
        return Folder(vectors, tokenizer, normalize, False, None, {})
    file_name = os.path.join(name, "config.json")
    length = config.get("max_length", CUT)
    try:
        length = None if length is None else checked_length(length)
    except ValueError as error:
        raise ValueError(f"{file_name}: {error}") from None
    normalize, about = config.get("normalize") or False, config.get(OWN)
    if not isinstance(normalize, bool):
        raise ValueError(f"{file_name}: normalize is {normalize!r:.50}")
    return Folder(vectors, tokenizer, normalize, True, length, about if isinstance(about, dict) else {})


def read_json(path: str, kind: type) -> Any:
    """What a file says, which must be of that kind; an empty one of it where there is no file."""
    if not os.path.isfile(path):
        return kind()
    with open(path, "rb") as file:
        data = file.read()
    try:
        said = parse_json(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: damaged ({error})") from None
    if not isinstance(said, kind):
        raise ValueError(f"{path}: damaged: holds {type(said).__name__}, not {kind.__name__}")
    return said


def places(modules: list[Any], name: str) -> tuple[str, bool]:
    """Where the static vectors are, and whether means are divided by their lengths."""
    place, normalize = "", False
    for module in modules:
        kind = str(module.get("type", "")).rpartition(".")[2] if isinstance(module, dict) else ""
        if kind not in ("StaticEmbedding", "Normalize"):
            raise ValueError(f"{name}: has a module {kind or module!r:.50}, which encoders of static vectors lack")
        if kind == "StaticEmbedding":
            place = module.get("path", "")
        normalize |= kind == "Normalize"
    if not isinstance(place, str) or os.path.isabs(place) or ".." in place.split("/"):
        raise ValueError(f"{name}: the path {place!r:.50} leads out of the folder")
    return place, normalize


def vectors_of(arrays: Mapping[str, NDArray[Any]], name: str) -> NDArray[np.float32]:
    """The vector of each token, multiplied by what it weighs."""
    found = next((arrays[key] for key in ("embeddings", "embedding.weight") if key in arrays), None)
    if found is None or found.ndim != 2:
        raise ValueError(f"{name}: of another architecture: no matrix of embeddings among {sorted(arrays)[:3]}")
    if found.dtype.kind not in "fi":
        raise ValueError(f"{name}: embeddings of {found.dtype}")
    vectors = np.ascontiguousarray(found, np.float32)
    mapping, weights = arrays.get("mapping"), arrays.get("weights")
    if mapping is not None:
        if mapping.ndim != 1 or mapping.dtype.kind not in "iu":
            raise ValueError(f"{name}: mapping is of {mapping.dtype} and shape {mapping.shape}")
        if len(mapping) and not 0 <= mapping.min() <= mapping.max() < len(vectors):
            raise ValueError(f"{name}: mapping leads out of the {len(vectors)} rows")
        size = len(mapping) * vectors.shape[1] * vectors.itemsize
        if size > UNFOLDED * (found.nbytes + mapping.nbytes) + (1 << 20):
            raise ValueError(f"{name}: mapping makes {size} bytes of vectors, of {found.nbytes}")
        vectors = vectors[mapping]
    if weights is not None:
        if weights.shape != (len(vectors),):
            raise ValueError(f"{name}: {len(vectors)} tokens have weights of shape {weights.shape}")
        vectors = multiplied(vectors, weights)
    if not np.isfinite(vectors).all():
        raise ValueError(f"{name}: has vectors that are not finite")
    return np.ascontiguousarray(vectors)


Numbers = tuple[NDArray[Any], NDArray[np.float32] | None]  # of tokens, and what each row is multiplied by


def quantized(vectors: NDArray[np.float32], dtype: str) -> Numbers:
    """The same in another type, and for int8 what each vector is multiplied by: its largest number is 127 before."""
    if dtype == "float32":
        return vectors, None
    if dtype == "int8":
        scales = np.maximum(np.abs(vectors).max(axis=1, initial=0), np.float32(1e-30)) / np.float32(127)
        return np.rint(vectors / scales[:, np.newaxis]).astype(np.int8), scales
    if dtype != "float16":
        raise ValueError(f"dtype must be 'float32', 'float16' or 'int8', not {dtype!r}")
    with np.errstate(over="ignore"):
        halves = vectors.astype(np.float16)
    if not np.isfinite(halves).all():
        raise ValueError("vectors are too long for float16: the largest number is 65,504")
    return halves, None


def multiplied(vectors: NDArray[Any], weights: NDArray[Any] | None) -> NDArray[np.float32]:
    """Vectors as they are read again, multiplied by what they weigh."""
    numbers = np.asarray(vectors, np.float32)
    return numbers if weights is None else numbers * np.asarray(weights, np.float32)[:, np.newaxis]


def check_place(path: Path) -> str:
    """The folder to write, if it can be: see `write_folder`."""
    target = os.path.realpath(local(path))
    if os.path.lexists(target) and not os.path.isdir(target):
        raise FileExistsError(f"{target}: is no folder")
    found = set(os.listdir(target)) if os.path.isdir(target) else set()
    if strange := sorted(found - NAMES):
        raise FileExistsError(f"{target}: holds {strange[0]}, which is not an encoder's; give another folder")
    if found and not found.issuperset(("model.safetensors", "tokenizer.json")):
        raise FileExistsError(f"{target}: holds {min(found)}, and is no encoder; give another folder")
    if not os.path.isdir(os.path.dirname(target)):
        raise FileNotFoundError(f"{os.path.dirname(target)}: is no folder, in which {path} could be made")
    if os.path.isdir(target) and os.path.join(os.path.realpath("."), "").startswith(os.path.join(target, "")):
        raise FileExistsError(f"{target}: this process works in it, so that it cannot be replaced; give another folder")
    return target


def write_folder(path: Path, numbers: Numbers, folder: Folder, card: str) -> None:
    """Write a folder, which appears whole, in the place of one of an encoder.

    Raises
    ------
    FileExistsError
        If something else is there.
    """
    import shutil  # slow to import

    target = check_place(path)
    mark = os.urandom(8).hex()
    beside = os.path.join(os.path.dirname(target), f".{os.path.basename(target)[:32]}.{mark}")
    os.mkdir(f"{beside}.tmp")
    try:
        write_files(f"{beside}.tmp", numbers, folder, card)
        if os.path.isdir(target) and exchanged(f"{beside}.tmp", target):
            return
        if os.path.isdir(target):
            os.rename(target, f"{beside}.old")
        try:
            os.rename(f"{beside}.tmp", target)
        except BaseException:
            if os.path.isdir(f"{beside}.old"):
                os.rename(f"{beside}.old", target)
            raise
    finally:
        for ending in ("tmp", "old"):
            shutil.rmtree(f"{beside}.{ending}", ignore_errors=True)


def exchanged(one: str, other: str) -> bool:
    """Give two folders each other's names in one step, so that no kill leaves neither; False where that cannot be."""
    try:
        import ctypes

        exchange = ctypes.CDLL(None).renameat2  # of Linux
    except (ImportError, OSError, AttributeError, TypeError):
        return False
    here, exchanging = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return bool(exchange(here, os.fsencode(one), here, os.fsencode(other), exchanging) == 0)


def write_files(path: str, numbers: Numbers, folder: Folder, card: str) -> None:
    """Write the files of a folder."""
    vectors, scales = numbers
    modules = [{"idx": 0, "name": "0", "path": "", "type": f"{PREFIX}models.StaticEmbedding"}]
    if folder.normalize:
        modules.append({"idx": 1, "name": "1", "path": "1_Normalize", "type": f"{PREFIX}models.Normalize"})
        os.mkdir(os.path.join(path, "1_Normalize"))
    texts = {
        "tokenizer.json": folder.tokenizer,
        "modules.json": json.dumps(modules, indent=2),
        "README.md": card,
        "config_sentence_transformers.json": json.dumps({"similarity_fn_name": "cosine"}, indent=2),
    }
    if folder.of_model2vec:
        config = {
            "model_type": "model2vec", "architectures": ["StaticModel"], "normalize": folder.normalize,
            "max_length": folder.max_length, "embedding_dtype": vectors.dtype.name, OWN: dict(folder.about),
        }  # fmt: skip
        texts["config.json"] = json.dumps(config, indent=2, ensure_ascii=False)
    arrays = {"embeddings" if folder.of_model2vec or scales is not None else "embedding.weight": vectors}
    if scales is not None:
        arrays["weights"] = scales
    native.write_native(os.path.join(path, "model.safetensors"), arrays, {})
    for name, text in texts.items():
        with open(os.path.join(path, name), "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
