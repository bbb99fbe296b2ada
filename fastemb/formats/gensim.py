"""What gensim's `save()` wrote: a pickle, with large arrays in .npy files beside it.

A pickle is a program. This one is run by an unpickler that knows the names that gensim's own files hold, and
refuses any other; none of them stands for the real thing. Classes of gensim become `Saved`, a bag of
attributes; arrays are made here, from bytes whose number was checked; random generators are forgotten.
"""

from __future__ import annotations

import io
import math
import os
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.corpus.readers import TextFile
from fastemb.formats.rows import Source
from fastemb.kernels.pickled import first_excess

Path = str | os.PathLike[str]
CLASSES = {
    "gensim.models.keyedvectors": {
        "KeyedVectors", "Word2VecKeyedVectors", "EuclideanKeyedVectors", "BaseKeyedVectors",
        "WordEmbeddingsKeyedVectors", "FastTextKeyedVectors", "Doc2VecKeyedVectors", "Vocab", "CompatVocab",
    },
    "gensim.models.word2vec": {"Word2Vec", "Word2VecVocab", "Word2VecTrainables", "Vocab"},
    "gensim.models.fasttext": {"FastText", "FastTextKeyedVectors", "FastTextVocab", "FastTextTrainables"},
}  # fmt: skip
# Parts of a model's random generator and of the record of its life, and its hash function.
FORGOTTEN = {
    "numpy.random._pickle": {"__randomstate_ctor", "__bit_generator_ctor", "__generator_ctor"},
    "numpy.random._mt19937": {"MT19937"},
    "numpy.random": {"__RandomState_ctor"},
    "builtins": {"hash", "int", "object", "set", "frozenset"},
    "collections": {"defaultdict"},
    "gensim.utils": {"call_on_class_only"},
}
FOR_TRAINING = {"code", "point", "sample_int"}  # attributes of words that we make from the counts when they are needed
DTYPE = re.compile(r"[<>=|]?(f[248]|[iu][1248]|b1|O8?|[US]\d{1,4})")


class Saved:
    """An object of gensim, as the attributes that were saved."""

    def __init__(self, *_: object):
        pass


class Forgotten(Saved):
    """An object that nothing here is interested in."""

    def __setstate__(self, state: object) -> None:
        pass

    def __setitem__(self, key: object, value: object) -> None:
        pass


class Dtype:
    """The type of an array, as NumPy pickles it."""

    def __init__(self, code: object):
        if not isinstance(code, str) or not DTYPE.fullmatch(code):
            raise ValueError(f"an array of type {code!r:.30}")
        self.dtype = np.dtype(code)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if state[1] not in ("<", ">", "=", "|") or any(part is not None for part in state[2:5]):
            raise ValueError("an array of a type made of several")
        self.dtype = self.dtype.newbyteorder(state[1])


class Array:
    """An array, as NumPy pickles it."""

    def __init__(self, *_: object):
        self.value: NDArray[Any] = np.empty(0)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, dtype, by_columns, data = state
        self.value = array_from(data, dtype, shape, by_columns)


def array_from(data: Any, dtype: Any, shape: Any, by_columns: bool = False) -> NDArray[Any]:
    """An array of these bytes, or of a list of objects."""
    if not isinstance(dtype, Dtype) or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError("an array without type or shape")
    if dtype.dtype == object:
        array = np.empty(len(data), object)
        array[:] = data
    else:
        data = data.encode("latin-1") if isinstance(data, str) else data
        array = np.frombuffer(data, dtype.dtype) if len(data) else np.empty(0, dtype.dtype)
    if math.prod(shape) != len(array):
        raise ValueError(f"an array of {len(array)} elements with shape {shape}")
    return np.array(array.reshape(tuple(shape), order="F" if by_columns else "C"))


class GensimUnpickler(pickle.Unpickler):
    """An unpickler of the names above, and no others."""

    def __init__(self, file: Any):
        super().__init__(file, encoding="latin1")
        self.classes: dict[tuple[str, str], type] = {}

    # Methods, not functions: a pickle can set attributes of what it is given.

    def dtype(self, code: object, *_: object) -> Dtype:
        return Dtype(code)

    def array(self, *_: object) -> Array:
        return Array()

    def array_of_buffer(self, data: Any, dtype: Any, shape: Any, order: Any) -> NDArray[Any]:
        return array_from(bytes(data), dtype, shape, order == "F")

    def scalar(self, dtype: Any, data: Any = b"") -> Any:
        return array_from(data, dtype, (1,))[0]

    def latin1(self, text: str, _encoding: object = None) -> bytes:
        return text.encode("latin-1")

    def made(self, kind: Any, *_: object) -> Any:
        return kind()

    def find_class(self, module: str, name: str) -> Any:
        module = {"__builtin__": "builtins", "copy_reg": "copyreg"}.get(module, module)  # of Python 2
        known: dict[tuple[str, str], Callable[..., Any]] = {
            ("numpy", "dtype"): self.dtype,
            ("numpy", "ndarray"): self.array,
            ("core.multiarray", "_reconstruct"): self.array,
            ("core.multiarray", "scalar"): self.scalar,
            ("core.numeric", "_frombuffer"): self.array_of_buffer,
            ("_codecs", "encode"): self.latin1,
            ("copyreg", "_reconstructor"): self.made,
        }
        function = known.get((re.sub(r"^numpy\._?core\.", "core.", module), name))
        if function is not None:
            return function
        kinds = [base for base, names in ((Saved, CLASSES), (Forgotten, FORGOTTEN)) if name in names.get(module, ())]
        if kinds:
            return self.classes.setdefault((module, name), type(name, (kinds[0],), {}))
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no vectors need")


def starts_pickle(start: bytes | bytearray) -> bool:
    """Whether a file that begins so is a pickle."""
    return start[:1] == b"\x80" and start[1:2] in (b"\2", b"\3", b"\4", b"\5")


def looks_like_pickle(path: Path) -> bool:
    """Whether a file begins as a pickle does."""
    with Source(path) as source:
        return starts_pickle(source.peek(2))


def buffered(file: Any) -> Any:
    return io.BufferedReader(file) if isinstance(file, io.RawIOBase) else file


def check_sizes(path: Path) -> None:
    """Refuse a pickle that asks for memory without filling it, or for more stack than there is."""
    file = TextFile(path)
    if file.unpacker is None:
        data: Any = np.memmap(path, np.uint8, "r")
    else:
        with file.open() as packed:
            data = packed.read()
    place = first_excess(data)
    if place >= 0:
        raise pickle.UnpicklingError(f"its byte {place} is damaged, or nests too deeply, or the file is cut short")


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
    name = os.fspath(path)
    try:
        check_sizes(path)
        with buffered(TextFile(path).open()) as file:
            saved = GensimUnpickler(file).load()
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
    return attributes_of(saved, name, mmap)


def attributes_of(saved: Saved, name: str, mmap: str | None, depth: int = 0) -> dict[str, Any]:
    """The attributes of an object, with the arrays stored beside its file, and so those of the objects in it."""
    attributes = saved.__dict__
    own = {
        key: attributes.pop(key, None) or [] for key in ("__numpys", "__scipys", "__ignoreds", "__recursive_saveloads")
    }
    if not all(isinstance(part, str) and re.fullmatch(r"\w{1,60}", part) for parts in own.values() for part in parts):
        raise ValueError(f"{name}: damaged: its list of files is not one")
    for key, value in list(attributes.items()):
        if isinstance(value, Array):
            attributes[key] = value.value
        elif isinstance(value, dict):
            attributes[key] = {k: v.value if isinstance(v, Array) else v for k, v in value.items()}
        elif isinstance(value, Saved) and depth < 4:
            attributes_of(value, f"{name}.{key}", mmap, depth + 1)
    for key in own["__ignoreds"]:
        attributes[key] = None
    for key in own["__numpys"]:
        attributes[key] = load_array(name, key, mmap)
    return attributes


def load_array(name: str, key: str, mmap: str | None) -> NDArray[Any]:
    packed = name.endswith((".gz", ".bz2"))
    path = f"{name}.{key}.{'npz' if packed else 'npy'}"
    try:
        array = np.load(path, mmap_mode=None if packed else mmap, allow_pickle=False)  # type: ignore[arg-type]
        array = array["val"] if packed else array
    except (ValueError, EOFError, KeyError, MemoryError) as error:
        raise ValueError(f"{path}: damaged ({error})") from None
    return np.asarray(array)


def inner_vectors(attributes: dict[str, Any]) -> dict[str, Any]:
    """The attributes of saved vectors: a model's, or these themselves."""
    inner = attributes.get("wv")
    return inner.__dict__ if isinstance(inner, Saved) else attributes


def vectors_of(attributes: dict[str, Any], name: str) -> tuple[list[Any], NDArray[Any], dict[str, NDArray[Any]]]:
    """Keys, vectors and further attributes of the keys, of saved vectors or of a model's.

    Raises
    ------
    ValueError
        If these are no vectors, or not as many as keys.
    """
    attributes = inner_vectors(attributes)
    keys = attributes.get("index_to_key", attributes.get("index2word", attributes.get("index2entity")))
    vectors = attributes.get("vectors", attributes.get("syn0"))
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
    old = attributes.get("vocab")
    if isinstance(old, dict) and not expandos:  # gensim before 4.0
        counts = [getattr(old.get(key), "count", 0) for key in keys]
        expandos = {"count": np.array(counts, np.int64)} if all(type(count) is int for count in counts) else {}
    for attribute, values in expandos.items():
        if not isinstance(attribute, str) or not isinstance(values, np.ndarray) or values.shape[:1] != (len(keys),):
            raise ValueError(f"{name}: its attributes are not as many as its words")
    if len(keys) != len(vectors) or len(set(keys)) != len(keys):
        raise ValueError(f"{name}: {len(keys)} words, of which {len(set(keys))} differ, for {len(vectors)} vectors")
    return keys, vectors, {key: values for key, values in expandos.items() if key not in FOR_TRAINING}
