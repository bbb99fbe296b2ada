"""The functions of fastemb.evaluation take KeyedVectors, too."""

import importlib.util

import numpy as np
import pytest

from fastemb import FastText, KeyedVectors, evaluation

WORDS = ["King", "king", "queen", "man", "woman", "rome", "paris"]
NEEDS_SCIPY = pytest.mark.skipif(importlib.util.find_spec("scipy") is None, reason="needs SciPy")
DATA = {
    "word_pairs": [("king", "queen", 9.0), ("King", "rome", 1.0), ("man", "woman", 8.0), ("man", "absent", 2.0)],
    "word_analogies": {"royal": [("man", "king", "woman", "queen"), ("King", "man", "queen", "woman")]},
    "categorization": [("king", "person"), ("queen", "person"), ("rome", "city"), ("paris", "city")],
    "outlier_detection": {"set": (["king", "queen", "man"], ["rome", "absent"])},
}
NAMES = {"word_pairs": "pairs", "word_analogies": "sections", "categorization": "members", "outlier_detection": "sets"}


@pytest.fixture
def vectors():
    return KeyedVectors.from_arrays(WORDS, np.random.default_rng(1).standard_normal((7, 5)).astype(np.float32))


def same(one, other):
    return repr(one) == repr(other)


@pytest.mark.parametrize("name", [pytest.param(name, marks=NEEDS_SCIPY) for name in DATA])
@pytest.mark.parametrize("folds", [True, False])
def test_keyed_vectors_are_their_array_and_their_words(vectors, name, folds):
    function, data = getattr(evaluation, name), DATA[name]
    words = WORDS if name == "word_analogies" else evaluation.folded_index(WORDS, folds)
    expected = function(vectors.vectors, words, data, folds)
    assert same(function(vectors, data, folds), expected)
    assert same(function(vectors, data, case_insensitive=folds), expected)
    assert same(function(vectors, **{NAMES[name]: data}, case_insensitive=folds), expected)
    assert same(function(vectors, words, data, folds), expected)
    second = "words" if name == "word_analogies" else "index"
    assert same(function(vectors, **{second: words, NAMES[name]: data}, case_insensitive=folds), expected)


def test_other_options_are_handed_on(vectors):
    sections = DATA["word_analogies"]
    expected = evaluation.word_analogies(vectors.vectors, WORDS, sections, True, method="mul", workers=1)
    assert evaluation.word_analogies(vectors, sections, method="mul", workers=1) == expected


def test_overlap_of_two(vectors):
    other = KeyedVectors.from_arrays(WORDS[::-1], vectors.vectors[::-1] + 0.1)
    words = [WORDS, WORDS[::-1]]
    expected = evaluation.neighbor_overlap([vectors.vectors, other.vectors], words, 3)
    assert evaluation.neighbor_overlap([vectors, other], k=3) == expected
    assert evaluation.neighbor_overlap([vectors, vectors], k=3).share == 1


def test_vectors_made_of_ngrams():
    vectors = FastText([WORDS] * 5, min_count=1, vector_size=5, bucket=100).wv
    words = evaluation.folded_index(vectors.index_to_key)
    sets = DATA["outlier_detection"]
    assert evaluation.outlier_detection(vectors, sets) == evaluation.outlier_detection(vectors.vectors, words, sets)
