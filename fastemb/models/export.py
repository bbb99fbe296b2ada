"""Vectors for other libraries, which are imported when these functions are called.

Tested with pandas 3.1, PyTorch 2.13 and Keras 3.15 (on TensorFlow 2.21).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.models.keyedvectors import KeyedVectors


def to_pandas(vectors: KeyedVectors) -> Any:
    """A pandas DataFrame with a row for each key, by which it is indexed; the numbers are copied.

    Raises
    ------
    ImportError
        If pandas is not installed.
    """
    import pandas

    return pandas.DataFrame(vectors.vectors.copy(), index=vectors.index_to_key)


def to_torch(
    vectors: KeyedVectors, freeze: bool = True, *, padding: bool = False, unknown: bool = False, **options: Any
) -> Any:
    """A `torch.nn.Embedding` with a copy of the vectors; the row of a key is ``vectors.get_index(key)``.

    Parameters
    ----------
    vectors : KeyedVectors
    freeze : bool, default True
        Whether training leaves them as they are.
    padding : bool, default False
        Add a row of zeros behind those of the keys, which is never trained: `padding_idx` of the layer.
    unknown : bool, default False
        Add a row, the last, for words without a vector: the mean of all vectors. The attribute `unknown_idx` of the
        layer is its number, as ``vectors.get_index(word, layer.unknown_idx)`` wants it.
    **options
        Of `torch.nn.Embedding.from_pretrained`, as `padding_idx`.

    Raises
    ------
    ImportError
        If PyTorch is not installed.
    TypeError
        If both `padding` and `padding_idx` are given.
    """
    import torch

    if padding and options.get("padding_idx") is not None:
        raise TypeError("give either padding or padding_idx, and not both")
    matrix = with_rows(vectors, last=padding * ["zeros"] + unknown * ["mean"])
    options |= {"padding_idx": len(vectors)} if padding else {}
    layer = torch.nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=freeze, **options)
    if unknown:
        layer.unknown_idx = len(matrix) - 1
    return layer


def to_keras(
    vectors: KeyedVectors, trainable: bool = False, *, padding: bool = False, unknown: bool = False, **options: Any
) -> Any:
    """A `keras.layers.Embedding` with a copy of the vectors; the row of a key is ``vectors.get_index(key)``.

    Parameters
    ----------
    vectors : KeyedVectors
    trainable : bool, default False
        Whether training changes them.
    padding : bool, default False
        Put a row of zeros before all others, and let layers that follow pass over it (`mask_zero`): the row of a key is
        ``vectors.get_index(key) + 1`` then.
    unknown : bool, default False
        Add a row, the last, for words without a vector: the mean of all vectors.
    **options
        Of the layer, as `name`; `mask_zero` masks the first row, which is the first key's without `padding`.

    Raises
    ------
    ImportError
        If Keras is not installed.
    """
    import keras

    matrix = with_rows(vectors, first=padding * ["zeros"], last=unknown * ["mean"])
    options = ({"mask_zero": True} if padding else {}) | options
    layer = keras.layers.Embedding(*matrix.shape, trainable=trainable, **options)
    layer.build((None,))
    layer.set_weights([matrix])
    return layer


def with_rows(vectors: KeyedVectors, first: Sequence[str] = (), last: Sequence[str] = ()) -> NDArray[Any]:
    """A copy of the vectors with more rows before and behind them, which are of zeros, or the mean of all."""
    matrix = vectors.vectors
    made = np.zeros((len(first) + len(matrix) + len(last), matrix.shape[1]), matrix.dtype)
    made[len(first) : len(first) + len(matrix)] = matrix
    for row, kind in [*enumerate(first), *enumerate(last, len(first) + len(matrix))]:
        if kind == "mean" and len(matrix):
            made[row] = matrix.mean(axis=0, dtype=np.float64)
    return made
