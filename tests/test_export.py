"""Vectors for pandas, PyTorch and Keras, where they are installed."""

import numpy as np
import pytest

from fastemb import KeyedVectors
from fastemb.models.export import to_keras, to_pandas, to_torch


@pytest.fixture
def vectors():
    return KeyedVectors.from_arrays(["a", "b", "c"], np.arange(6, dtype=np.float32).reshape(3, 2))


def test_pandas(vectors):
    pytest.importorskip("pandas", reason="needs pandas")
    frame = to_pandas(vectors)
    assert frame.loc["b"].tolist() == [2, 3]
    assert list(frame.index) == vectors.index_to_key
    frame.iloc[0] = 9
    assert vectors["a"].tolist() == [0, 1]


@pytest.mark.parametrize("freeze", [True, False])
def test_torch(vectors, freeze):
    torch = pytest.importorskip("torch", reason="needs PyTorch")
    layer = to_torch(vectors, freeze=freeze)
    assert layer(torch.tensor([vectors.get_index("c")])).tolist() == [[4, 5]]
    assert layer.weight.requires_grad is not freeze


def test_keras(vectors):
    pytest.importorskip("keras", reason="needs Keras")
    layer = to_keras(vectors)
    np.testing.assert_array_equal(layer.get_weights()[0], vectors.vectors)
    assert not layer.trainable
