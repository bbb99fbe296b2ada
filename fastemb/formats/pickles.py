"""Pickles, read without running anything.

A pickle is a program. This one is run by an unpickler to which no name stands for the real thing: arrays are made
here, from bytes whose number was checked, and all else becomes `Saved`, a bag of attributes that does nothing.
"""

from __future__ import annotations

import io
import os
import pickle
import re
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING  # what names of Python 2 are called now
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.formats.rows import Source
from fastemb.io.limits import elements
from fastemb.io.mapping import map_file
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
    "gensim.models.phrases": {"Phrases", "FrozenPhrases", "Phraser", "original_scorer", "npmi_scorer"},
    "gensim.utils": {"call_on_class_only"},
    # Of random generators, counts of words, hash functions.
    "numpy.random._pickle": {"__randomstate_ctor", "__bit_generator_ctor", "__generator_ctor"},
    "numpy.random._mt19937": {"MT19937"},
    "numpy.random": {"__RandomState_ctor"},
    "builtins": {"hash", "int", "object", "set"},
}  # fmt: skip
STARTS = (b"\x80\2", b"\x80\3", b"\x80\4", b"\x80\5", b"ccopy_reg\n_reconstructor\n", b"ccopyreg\n_reconstructor\n")
# What a pickle may make: so many times its own bytes, and so many beyond that; gensim's make 7 to 40 times theirs.
FACTOR, CONSTANT = 64, 1 << 25
OBJECT_BYTES = 400  # of an array with what is around it, or of a bag of attributes
CLASS_BYTES = 4000
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

    __slots__ = ("dtype",)

    def __init__(self, code: object):
        if not isinstance(code, str) or not DTYPE.fullmatch(code):
            raise ValueError(f"an array of type {code!r:.30}")
        self.dtype = np.dtype(code)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if state[1] not in ("<", ">", "=", "|") or any(part is not None for part in state[2:5]):
            raise ValueError("an array of a type made of several")
        self.dtype = self.dtype.newbyteorder(state[1])


NONE = np.empty(0)
NONE.setflags(write=False)


class Array:
    """An array, as NumPy pickles it."""

    __slots__ = ("budget", "value")

    def __init__(self, budget: Budget):
        self.budget = budget
        self.value: NDArray[Any] = NONE

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, dtype, by_columns, data = state
        self.budget.spend(2 * size_of(data))
        self.value = array_from(data, dtype, shape, by_columns)


def array_from(data: Any, dtype: Any, shape: Any, by_columns: bool = False) -> NDArray[Any]:
    """An array of these bytes, or of a list of objects."""
    if not isinstance(dtype, Dtype) or not isinstance(shape, tuple) or not isinstance(data, (str, bytes, list)):
        raise ValueError("an array without type, shape or data")
    if isinstance(data, list) is not (dtype.dtype == object):
        raise ValueError(f"an array of {dtype.dtype} out of a {type(data).__name__}")
    if isinstance(data, list):
        array = objects(data)
    else:
        data = data.encode("latin-1") if isinstance(data, str) else data
        array = np.frombuffer(data, dtype.dtype) if len(data) else np.empty(0, dtype.dtype)
    if elements(shape) != len(array):
        raise ValueError(f"an array of {len(array)} elements with shape {shape}")
    return np.array(array.reshape(shape, order="F" if by_columns else "C"))


def objects(values: Sequence[Any]) -> NDArray[Any]:
    """An array of objects, also where these are lists or arrays, which NumPy would take for its rows."""
    array = np.empty(len(values), object)
    for place, value in enumerate(values):
        array[place] = value
    return array


class Budget:
    """How many bytes a pickle may still make."""

    def __init__(self, left: int):
        self.left = left

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise pickle.UnpicklingError("it would take far more memory than it has bytes")


class Stub:
    """What a name of a function stands for: it can be called, and not changed."""

    __slots__ = ("_function",)
    _function: Callable[..., Any]

    def __init__(self, function: Callable[..., Any]):
        object.__setattr__(self, "_function", function)

    def __call__(self, *arguments: Any) -> Any:
        return self._function(*arguments)

    def __setattr__(self, name: str, value: object) -> None:
        raise pickle.UnpicklingError("it changes a function")

    def __setstate__(self, state: object) -> None:
        raise pickle.UnpicklingError("it changes a function")


class Unpickler(pickle.Unpickler):
    """An unpickler that makes arrays and `Saved` objects; `unknown` are the names that it met and gensim has not."""

    def __init__(self, file: Any, budget: Budget):
        super().__init__(file, encoding="latin1")
        self.budget = budget
        self.classes: dict[tuple[str, str], type[Saved]] = {}
        self.unknown: set[str] = set()

    def dtype(self, code: object, *_: object) -> Dtype:
        return Dtype(code)

    def array(self, *_: object) -> Array:
        return Array(self.budget)

    def array_of_buffer(self, data: Any, dtype: Any, shape: Any, order: Any) -> Array:
        self.budget.spend(2 * size_of(data))
        array = Array(self.budget)
        array.value = array_from(bytes(data), dtype, shape, order == "F")
        return array

    def scalar(self, dtype: Any, data: Any = b"") -> Any:
        self.budget.spend(OBJECT_BYTES + size_of(data))
        return array_from(data, dtype, (1,))[0]

    def latin1(self, text: str, _encoding: object = None) -> bytes:
        self.budget.spend(size_of(text))
        return text.encode("latin-1")

    def counts(self, *_: object) -> dict[Any, Any]:
        return {}

    def frozen(self, words: Any = ()) -> frozenset[str]:
        if not isinstance(words, list) or not all(isinstance(word, (str, bytes)) for word in words):
            raise ValueError("a set of something else than words")
        return frozenset(words)

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
            ("collections", "defaultdict"): self.counts,
            ("builtins", "frozenset"): self.frozen,
        }
        function = known.get((re.sub(r"^numpy\._?core\.", "core.", module), name))
        if function is not None:
            return Stub(function)
        if name not in KNOWN.get(module, ()):
            self.unknown.add(f"{module}.{name}")
        if (module, name) not in self.classes:
            self.budget.spend(CLASS_BYTES + 4 * len(module) + 8 * len(name))
            self.classes[module, name] = type(name, (Saved,), {"__module__": module})
        return self.classes[module, name]


def size_of(data: Any) -> int:
    """About how many bytes a copy of this takes."""
    if not isinstance(data, (str, bytes, bytearray, list)):
        raise ValueError(f"an array out of a {type(data).__name__}")
    return len(data) * (8 if isinstance(data, list) else 1) + 40


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


def unpickled(path: Path) -> tuple[Any, set[str]]:
    """What a pickle makes, and the names in it that gensim has not.

    Raises
    ------
    UnpicklingError
        If it asks for memory without filling it, or for more stack than there is; other exceptions where it is damaged
        otherwise.
    """
    file = TextFile(path, kept=True)
    if file.packing is None:
        with open(file.path, "rb") as plain:
            data: Any = map_file(plain)
            plain.seek(0)
            return unpickled_from(plain, data)
    blocks = b"".join(bytes(block) for block in file.raw_blocks(0, None))
    return unpickled_from(io.BytesIO(blocks), blocks)


def unpickled_from(file: Any, data: Any) -> tuple[Any, set[str]]:
    most = FACTOR * len(data) + CONSTANT
    place, made = first_excess(data, most)
    if place >= 0:
        reason = "makes far more than it has bytes" if made > most else "is damaged, or nests too deeply"
        raise pickle.UnpicklingError(f"its byte {place} {reason}, or the file is cut short")
    unpickler = Unpickler(file, Budget(most - made))
    return unpickler.load(), unpickler.unknown
