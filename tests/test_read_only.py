"""Models whose arrays are read-only, as pickle and joblib hand them out between processes, train as others do."""

import copy
import pickle

import numpy as np
import pytest

from fastemb import FastText, GloVe, Word2Vec

SENTENCES = [["a", "b", "c", "d"], ["b", "c", "e"]] * 50
MORE = [*SENTENCES, *[["new", "e", "a"]] * 5]


def read_only(model):
    """A copy that shares no memory, and whose arrays cannot be written to."""
    buffers = []
    data = pickle.dumps(model, protocol=5, buffer_callback=buffers.append)
    return pickle.loads(data, buffers=[bytes(buffer) for buffer in buffers])


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Word2Vec, {"sample": 0}),
        (Word2Vec, {"sample": 0, "hs": 1, "sg": 1}),
        (FastText, {"sample": 0, "bucket": 100}),
        (FastText, {"sample": 0, "bucket": 100, "hs": 1, "sg": 1, "negative": 0}),
        (FastText, {"sample": 0, "max_n": 0}),
        (GloVe, {}),
        (GloVe, {"output": "both"}),
    ],
)
@pytest.mark.parametrize("all_rows", [False, True])
def test_they_train_and_grow(kind, options, all_rows):
    model = kind(SENTENCES, min_count=1, vector_size=8, workers=1, **options)
    if all_rows and kind is FastText:
        assert len(model.wv.vectors_ngrams) == model.bucket or not model.max_n  # all in memory from here on
    locked, before = read_only(model), copy.deepcopy(model.to_arrays())
    assert not locked.wv.vectors.flags.writeable or kind is FastText
    for each in (model, locked):
        each.train(SENTENCES, **({} if kind is GloVe else {"total_examples": 100, "epochs": 2}))
        each.build_vocab(MORE, update=True)
        each.train(MORE, **({} if kind is GloVe else {"total_examples": 105, "epochs": 2}))
    after, expected = locked.to_arrays(), model.to_arrays()
    assert after.keys() == expected.keys()
    assert all(np.array_equal(after[name], expected[name]) for name in after)
    assert any(len(after[name]) != len(before[name]) for name in before)


def test_glove_trains_in_the_arrays_that_it_has():
    model = GloVe(SENTENCES, min_count=1, vector_size=8, workers=1)
    vectors, before = model.word_vectors, model.word_vectors.copy()
    model.train(SENTENCES)
    assert vectors.base is model.word_vectors.base
    assert (vectors != before).any()


@pytest.mark.parametrize("kind", [Word2Vec, FastText])
def test_vectors_are_given_to_no_word_where_none_is_new(kind):
    model = kind(SENTENCES, vector_size=8, min_count=1, workers=1)
    other = read_only(model)
    other.init_from = model
    other.build_vocab([["a", "b"]], update=True)
    assert other.wv.get_vecattr("a", "count") == model.wv.get_vecattr("a", "count") + 1
    np.testing.assert_array_equal(other.wv.vectors, model.wv.vectors)
