"""Vectors for pandas, PyTorch and Keras, where they are installed."""

import numpy as np
import pytest

from fastemb import KeyedVectors
from fastemb.models.export import to_keras, to_pandas, to_torch, with_rows


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


def test_rows_for_padding_and_for_unknown_words_in_torch(vectors):
    torch = pytest.importorskip("torch", reason="needs PyTorch")
    layer = to_torch(vectors, padding=True, unknown=True)
    assert (layer.num_embeddings, layer.padding_idx, layer.unknown_idx) == (5, 3, 4)
    rows = [vectors.get_index(word, layer.unknown_idx) for word in ("c", "never seen")] + [layer.padding_idx]
    assert layer(torch.tensor(rows)).tolist() == [[4, 5], [2, 3], [0, 0]]
    assert to_torch(vectors, unknown=True).unknown_idx == 3
    assert to_torch(vectors, padding_idx=0).padding_idx == 0
    with pytest.raises(TypeError, match="either padding or padding_idx"):
        to_torch(vectors, padding=True, padding_idx=0)


def test_rows_for_padding_and_for_unknown_words_in_keras(vectors):
    pytest.importorskip("keras", reason="needs Keras")
    layer = to_keras(vectors, padding=True, unknown=True)
    assert layer.get_weights()[0].tolist() == [[0, 0], [0, 1], [2, 3], [4, 5], [2, 3]]
    assert layer.mask_zero
    assert not to_keras(vectors, unknown=True).mask_zero


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_more_rows_are_of_the_type_of_the_others(dtype):
    vectors = KeyedVectors.from_arrays(["a", "b"], np.array([[60000, 1], [60000, 2]], dtype))
    made = with_rows(vectors, ["zeros"], ["zeros", "mean"])
    assert made.dtype == dtype
    assert made.tolist() == [[0, 0], [60000, 1], [60000, 2], [0, 0], [60000, 1.5]]
    assert with_rows(KeyedVectors(2), last=["mean"]).tolist() == [[0, 0]]


def test_keras(vectors):
    pytest.importorskip("keras", reason="needs Keras")
    layer = to_keras(vectors)
    np.testing.assert_array_equal(layer.get_weights()[0], vectors.vectors)
    assert not layer.trainable
