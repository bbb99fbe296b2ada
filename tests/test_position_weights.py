"""CBOW with a learnt weight for each offset from the centre."""

import numpy as np
import pytest

from fastemb import FastText, Word2Vec

KINDS = {"word2vec": Word2Vec, "fasttext": lambda *given, **options: FastText(*given, bucket=200, **options)}


@pytest.fixture(params=KINDS, name="make")
def each_kind(request):
    options = {"min_count": 1, "vector_size": 16, "epochs": 2, "workers": 1, "position_weights": True}
    return lambda corpus, **changes: KINDS[request.param](corpus, **options | changes)


def sentences(longest, seed=0):
    draw = np.random.default_rng(seed)
    return [[f"w{k}" for k in draw.integers(0, 40, draw.integers(2, longest + 1))] for _ in range(200)] + [
        [f"w{k}" for k in range(longest)]
    ]


def test_there_are_as_many_as_the_data_need(make):
    model = make(sentences(9), window=10**9)
    assert model.position_vectors.shape == (18, 16)
    assert model.position_vectors.dtype == np.float32
    assert np.all(model.position_vectors[:2] != 1)
    before = model.position_vectors[:4].copy()
    model.train(sentences(20), total_examples=201, epochs=1, start_alpha=0.01)
    assert model.position_vectors.shape == (40, 16)
    assert np.abs(model.position_vectors[:4] - before).max() < 0.1  # went on from there
    assert make(sentences(9), window=2).position_vectors.shape == (4, 16)


def test_without_them_vectors_are_others(make):
    one, other = make(sentences(9)), make(sentences(9), position_weights=False)
    assert other.position_vectors is None
    assert not np.array_equal(one.wv.vectors, other.wv.vectors)


def test_an_offset_that_tells_is_weighed_more():
    # The word before the centre decides it, all others are noise.
    draw = np.random.default_rng(0)
    corpus = []
    for _ in range(3000):
        noise = [f"n{k}" for k in draw.integers(0, 30, 6)]
        k = draw.integers(0, 20)
        corpus.append([*noise[:3], f"a{k}", f"b{k}", *noise[3:]])
    options = {"min_count": 1, "vector_size": 24, "epochs": 15, "sample": 0, "alpha": 0.05, "window": 3, "workers": 1}
    model = Word2Vec(corpus, position_weights=True, shrink_windows=False, **options)
    lengths = np.linalg.norm(model.position_vectors, axis=1)  # of -1, 1, -2, 2, -3, 3
    assert lengths[:2].min() > lengths[2:].max()


def test_a_file_whose_weights_do_not_fit_is_refused(make, tmp_path):
    model = make(sentences(9))
    model.position_vectors = model.position_vectors[:, :3]
    model.save(tmp_path / "model")
    with pytest.raises(ValueError, match="position_vectors is of shape"):
        type(model).load(tmp_path / "model")


def test_several_workers_can_give_the_same():
    options = {"min_count": 1, "vector_size": 16, "workers": 3, "deterministic": True, "position_weights": True}
    one, other = (Word2Vec(sentences(9), **options) for _ in range(2))
    np.testing.assert_array_equal(one.position_vectors, other.position_vectors)
    np.testing.assert_array_equal(one.wv.vectors, other.wv.vectors)


def test_iterables_that_are_read_anew_may_become_longer():
    class Growing:
        longest = 3

        def __iter__(self):
            Growing.longest += 2
            return iter(sentences(Growing.longest))

    options = {"min_count": 1, "vector_size": 8, "epochs": 3, "window": 6, "workers": 1}
    model = Word2Vec(Growing(), reread=True, position_weights=True, **options)
    assert model.position_vectors.shape == (12, 8)


def test_skip_gram_has_none():
    with pytest.raises(ValueError, match="position_weights=True is for CBOW"):
        Word2Vec(sg=1, position_weights=True)
