"""Vectors for other libraries, which are imported when these functions are called.

Tested with pandas 3.1, PyTorch 2.13 and Keras 3.15 (on TensorFlow 2.21).
"""

from __future__ import annotations

from typing import Any

import numpy as np

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


def to_torch(vectors: KeyedVectors, freeze: bool = True, **options: Any) -> Any:
    """A `torch.nn.Embedding` with a copy of the vectors; the row of a key is ``vectors.get_index(key)``.

    Parameters
    ----------
    vectors : KeyedVectors
    freeze : bool, default True
        Whether training leaves them as they are.
    **options
        Of `torch.nn.Embedding.from_pretrained`, as `padding_idx`.

    Raises
    ------
    ImportError
        If PyTorch is not installed.
    """
    import torch

    weights = torch.from_numpy(np.array(vectors.vectors, order="C"))
    return torch.nn.Embedding.from_pretrained(weights, freeze=freeze, **options)


def to_keras(vectors: KeyedVectors, trainable: bool = False, **options: Any) -> Any:
    """A `keras.layers.Embedding` with a copy of the vectors; the row of a key is ``vectors.get_index(key)``.

    Parameters
    ----------
    vectors : KeyedVectors
    trainable : bool, default False
        Whether training changes them.
    **options
        Of the layer, as `mask_zero` or `name`.

    Raises
    ------
    ImportError
        If Keras is not installed.
    """
    import keras

    layer = keras.layers.Embedding(len(vectors), vectors.vector_size, trainable=trainable, **options)
    layer.build((None,))
    layer.set_weights([np.array(vectors.vectors)])
    return layer
