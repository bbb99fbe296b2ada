"""Pickles, read without running anything.

A pickle is a program. This one is run by an unpickler to which no name stands for the real thing: arrays are made
here, from bytes whose number was checked, and all else becomes `Saved`, a bag of attributes that does nothing.
"""

from __future__ import annotations

import io
import math
import os
import pickle
import re
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING  # what names of Python 2 are called now
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.formats.rows import Source
from fastemb.io.textfile import TextFile
from fastemb.kernels.pickled import first_excess

Path = str | os.PathLike[str]
# What gensim's own files ask for.
KNOWN = {
    "gensim.models.keyedvectors": {
        "KeyedVectors", "Word2VecKeyedVectors", "EuclideanKeyedVectors", "BaseKeyedVectors",
        "WordEmbeddingsKeyedVectors", "FastTextKeyedVectors", "Doc2VecKeyedVectors", "Vocab", "CompatVocab",
    },
    "gensim.models.word2vec": {"Word2Vec", "Word2VecVocab", "Word2VecTrainables", "Vocab"},
    "gensim.models.fasttext": {"FastText", "FastTextKeyedVectors", "FastTextVocab", "FastTextTrainables"},
    "gensim.models.wrappers.fasttext": {"FastText", "FastTextKeyedVectors"},
    "gensim.models.doc2vec": {
        "Doc2Vec", "Doc2VecVocab", "Doc2VecTrainables", "DocvecsArray", "Doctag", "Doc2VecKeyedVectors",
    },
    "gensim.utils": {"call_on_class_only"},
    # Of random generators, counts of words, hash functions.
    "numpy.random._pickle": {"__randomstate_ctor", "__bit_generator_ctor", "__generator_ctor"},
    "numpy.random._mt19937": {"MT19937"},
    "numpy.random": {"__RandomState_ctor"},
    "builtins": {"hash", "int", "object", "set", "frozenset"},
    "collections": {"defaultdict"},
}  # fmt: skip
STARTS = (b"\x80\2", b"\x80\3", b"\x80\4", b"\x80\5", b"ccopy_reg\n_reconstructor\n", b"ccopyreg\n_reconstructor\n")
DTYPE = re.compile(r"[<>=|]?(f[248]|[iu][1248]|b1|O8?|[US]\d{1,4})")


class Saved:
    """An object, as the attributes that were saved. What its class would do is not done: see the module."""

    def __init__(self, *_: object, **__: object):
        pass

    def __call__(self, *_: object, **__: object) -> Saved:
        return self

    def __setstate__(self, state: object) -> None:
        for part in state if isinstance(state, tuple) else (state,):  # of slots, too
            if isinstance(part, dict):
                vars(self).update({name: value for name, value in part.items() if isinstance(name, str)})

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def append(self, item: object) -> None:
        pass

    extend = add = append


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


class Unpickler(pickle.Unpickler):
    """An unpickler that makes arrays and `Saved` objects; `unknown` are the names that it met and gensim has not."""

    def __init__(self, file: Any):
        super().__init__(file, encoding="latin1")
        self.classes: dict[tuple[str, str], type[Saved]] = {}
        self.unknown: set[str] = set()

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
        module, name = NAME_MAPPING.get((module, name), (IMPORT_MAPPING.get(module, module), name))
        known: dict[tuple[str, str], Callable[..., Any]] = {
            ("numpy", "dtype"): self.dtype,
            ("numpy", "ndarray"): self.array,
            ("numpy", "memmap"): self.array,
            ("core.multiarray", "_reconstruct"): self.array,
            ("core.multiarray", "scalar"): self.scalar,
            ("core.numeric", "_frombuffer"): self.array_of_buffer,
            ("_codecs", "encode"): self.latin1,
            ("copyreg", "_reconstructor"): self.made,
        }
        function = known.get((re.sub(r"^numpy\._?core\.", "core.", module), name))
        if function is not None:
            return function
        if name not in KNOWN.get(module, ()):
            self.unknown.add(f"{module}.{name}")
        return self.classes.setdefault((module, name), type(name, (Saved,), {"__module__": module}))


def starts_pickle(start: bytes | bytearray) -> bool:
    """Whether a file that begins so is a pickle: of protocol 2 or later, or of an object."""
    return bytes(start[:32]).startswith(STARTS)


def looks_like_pickle(path: Path) -> bool:
    """Whether a file begins as a pickle does."""
    if (file := TextFile(path)).packing is None:
        with file.open() as opened:
            return starts_pickle(opened.read(32))
    with Source(path) as source:
        return starts_pickle(source.peek(32))


def buffered(file: Any) -> Any:
    return io.BufferedReader(file) if isinstance(file, io.RawIOBase) else file


def check_sizes(path: Path) -> None:
    """Refuse a pickle that asks for memory without filling it, or for more stack than there is."""
    file = TextFile(path)
    if file.packing is None:
        data: Any = np.memmap(file.path, np.uint8, "r")
    else:
        with file.open() as packed:
            data = packed.read()
    place = first_excess(data)
    if place >= 0:
        raise pickle.UnpicklingError(f"its byte {place} is damaged, or nests too deeply, or the file is cut short")
